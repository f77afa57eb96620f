"""How far the campaign has come: its Actions as steps, with planned, plus and minus works, and conversion."""

from __future__ import annotations

import frappe

from rule24_crm.parties.next_work import OPEN
from rule24_crm.work.campaigns import members


def ladder(campaign: str) -> dict:
	"""The steps of a campaign in the order its process goes through them.

	Works are counted in `planned`, `plus`, `minus`, `neutral` (closed without a sign) and `total`, each the number of
	rows in the list of works it stands for. Conversion counts clients, not works: a client called three times is one.

	:return: `{"members": counts of `members.counts`, "reached": clients who have had a work, "deals": {...}, "steps": [{"action", "color", "planned", "plus",
		"minus", "neutral", "total", "parties", "plus_parties", "conversion", "from_first"}]}`; both conversions in per
		cent, None while nothing is closed.
	"""
	doc = frappe.get_doc("Work Campaign", campaign)
	rows = _sums(campaign)
	order = _order(doc.first_action, rows)
	colors = dict(
		frappe.get_all(
			"Work Action", {"name": ("in", order or [""])}, ["name", "color"], as_list=True, order_by=None
		)
	)
	first = rows[order[0]]["parties"] if order and order[0] in rows else 0
	steps = []
	for action in order:
		row = rows[action]
		steps.append(
			{
				"action": action,
				"color": colors.get(action),
				**row,
				"conversion": _percent(row["plus_parties"], row["closed_parties"]),
				"from_first": _percent(row["plus_parties"], first) if row["closed_parties"] else None,
			}
		)
	return {
		"members": members.counts(campaign),
		"reached": _reached(campaign),
		"deals": deals(campaign),
		"steps": steps,
	}


def deals(campaign: str) -> dict[str, int]:
	"""Deals that have come of the campaign: open, won and lost."""
	deal = frappe.qb.DocType("Opportunity")
	rows = (
		frappe.qb.from_(deal)
		.select(deal.status, frappe.query_builder.functions.Count("*"))
		.where(deal.rule24_work_campaign == campaign)
		.groupby(deal.status)
		.run()
	)
	sums = {"open": 0, "won": 0, "lost": 0}
	for status, count in rows:
		sums["won" if status in ("Converted", "Closed") else "lost" if status == "Lost" else "open"] += count
	return sums


def _reached(campaign: str) -> int:
	# distinct pairs are beyond the query builder; the value is bound
	return frappe.db.sql(
		"""select count(distinct party_type, party) from `tabWork`
		where campaign = %s and status != 'Cancelled' and party is not null and party != ''""",
		campaign,
	)[0][0]


def _sums(campaign: str) -> dict[str, dict[str, int]]:
	# One pass over the index (campaign, action, status, sign). The head's own work has no client and is no step.
	rows = frappe.db.sql(
		"""select action,
			sum(status in %(open)s) as planned,
			sum(status = 'Closed' and sign = 'Plus') as plus,
			sum(status = 'Closed' and sign = 'Minus') as minus,
			sum(status = 'Closed' and coalesce(sign, '') = '') as neutral,
			count(*) as total,
			count(distinct party_type, party) as parties,
			count(distinct if(status = 'Closed' and sign = 'Plus', concat(party_type, '/', party), null)) as plus_parties,
			count(distinct if(status = 'Closed' and sign != '', concat(party_type, '/', party), null)) as closed_parties,
			min(creation) as first_made
		from `tabWork`
		where campaign = %(campaign)s and status != 'Cancelled' and party is not null and party != ''
		group by action""",
		{"campaign": campaign, "open": OPEN},
		as_dict=True,
	)
	rows.sort(key=lambda row: (row.pop("first_made"), row.action))
	return {row.pop("action"): {key: int(value or 0) for key, value in row.items()} for row in rows}


def _order(first_action: str | None, rows: dict[str, dict]) -> list[str]:
	"""Actions as the matrix leads from one to the next by a plus; those it does not lead to, by their first work."""
	follows: dict[str, list[str]] = {}
	for row in frappe.get_all(
		"Work Action Result",
		{"parent": ("in", list(rows) or [""]), "parenttype": "Work Action", "next_action": ("is", "set")},
		["parent", "sign", "next_action"],
		order_by="parent asc, idx asc",
	):
		if row.sign == "Plus" and row.next_action != row.parent:
			follows.setdefault(row.parent, []).append(row.next_action)
	order: list[str] = []
	waiting = [first_action] if first_action in rows else []
	for start in [*waiting, *rows]:
		queue = [start]
		while queue:
			action = queue.pop(0)
			if action in rows and action not in order:
				order.append(action)
				queue += follows.get(action, [])
	return order


def _percent(part: int, whole: int) -> float | None:
	return round(100 * part / whole, 1) if whole else None

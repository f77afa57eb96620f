"""`rule24_next_work_on`: the day of a client's nearest open work, kept on the client.

It answers "who has no next work" with an index instead of a search through all works (measured: 0.9 ms against 2 ms for
the first 20, 5 ms for a count over 50,000 clients).
"""

from collections import defaultdict
from collections.abc import Iterable

import frappe
from frappe.query_builder.functions import Min

from rule24_crm.parties.kinds import PARTY_TYPES

OPEN = ("Planned", "In Progress")
CHUNK = 5000


def refresh(parties: Iterable[tuple[str | None, str | None]]) -> None:
	"""Bring the column up to date for these clients, one statement for each kind and chunk.

	:param parties: pairs (party_type, party); incomplete pairs are passed over. `modified` is left alone: nobody who has
		the client open should be told that it changed.
	"""
	by_type = defaultdict(set)
	for party_type, party in parties:
		if party and party_type in PARTY_TYPES:
			by_type[party_type].add(party)
	for party_type, names in by_type.items():
		ordered = sorted(names)
		if len(ordered) == 1:
			_update_one(party_type, ordered[0])
		else:
			for start in range(0, len(ordered), CHUNK):
				_update(party_type, ordered[start : start + CHUNK])
		if len(ordered) <= CHUNK:
			for name in ordered:
				frappe.clear_document_cache(party_type, name)
		else:
			frappe.clear_cache(doctype=party_type)


def rebuild() -> None:
	"""Compute the column anew for every client, for a patch or after a restore."""
	for party_type in PARTY_TYPES:
		_update(party_type, None)


def _update_one(party_type: str, name: str) -> None:
	"""As `_update`. Runs whenever a work is saved: to put the query together would take longer than to ask."""
	frappe.db.sql(
		f"update `tab{party_type}` set rule24_next_work_on = (select min(planned_on) from `tabWork` "
		"where party_type = %(party_type)s and party = %(name)s and status in %(open)s) where name = %(name)s",
		{"party_type": party_type, "name": name, "open": OPEN},
	)


def _update(party_type: str, names: list[str] | None) -> None:
	party, work = frappe.qb.DocType(party_type), frappe.qb.DocType("Work")
	nearest = (
		frappe.qb.from_(work)
		.select(work.party, Min(work.planned_on).as_("day"))
		.where((work.party_type == party_type) & work.status.isin(OPEN))
		.groupby(work.party)
	)
	if names is not None:
		nearest = nearest.where(work.party.isin(names))
	query = (
		frappe.qb.update(party)
		.left_join(nearest)
		.on(nearest.party == party.name)
		.set(party.rule24_next_work_on, nearest.day)
	)
	if names is not None:
		query = query.where(party.name.isin(names))
	query.run()

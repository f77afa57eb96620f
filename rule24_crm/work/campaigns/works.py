"""Works of a campaign: its first Action for everybody on the list, spread over the managers."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict

import frappe
from frappe import _
from frappe.utils import getdate, now, nowdate

from rule24_crm.exceptions import CampaignError
from rule24_crm.parties import managers
from rule24_crm.parties.kinds import OWNER_FIELD, responsibles
from rule24_crm.parties.next_work import OPEN
from rule24_crm.work import bulk, links, working_days
from rule24_crm.work.campaigns import members

#: the Action of the head's own work, in order of preference
HEADS_ACTIONS = ("Task",)


def create_works(campaign: str) -> dict[str, int]:
	"""Make the campaign's first work for every member who has not had one yet, and spread them over the managers.

	A member who has his manager among those of the campaign stays with him; the others are dealt out evenly, or by
	daily capacity where that differs. Running it again makes nothing twice: a member whose works of this campaign are
	all closed has been through it and is not started again.

	:return: `{"created", "open", "finished"}`: works made, members with an open work, members who have been through.
	:raises CampaignError: managers or the first Action are missing, the list is empty, or the campaign is finished.
	"""
	doc = frappe.get_doc("Work Campaign", campaign, for_update=True)  # one at a time
	doc.check_open()
	if not doc.first_action:
		raise CampaignError(_("Set the First Action of the campaign: it is what managers begin with."))
	capacities = manager_capacities(doc)
	rows = frappe.get_all(
		members.MEMBER,
		{"campaign": campaign},
		["name", "party_type", "party", "contact", "assigned_to"],
		order_by="party_type asc, party_name asc, name asc",
	)
	if not rows:
		raise CampaignError(_("There is nobody on the list yet. Add members first."))

	had = _works_of(campaign)
	new = [row for row in rows if (row.party_type, row.party) not in had]
	states = Counter(had[row.party_type, row.party] for row in rows if (row.party_type, row.party) in had)
	result = {"created": len(new), "open": states["open"], "finished": states["finished"]}
	if not new:
		return result

	parent = ensure_parent_work(doc)
	owners = _responsible(new)
	chosen = deal_out(
		[row.assigned_to or owners.get((row.party_type, row.party)) for row in new],
		capacities,
		_open_counts(campaign),
	)
	begins = max(getdate(doc.starts_on or nowdate()), getdate(nowdate()))
	planned_on = working_days.for_company(doc.company).on_or_after(begins)
	bulk.create_works(
		[
			{
				"action": doc.first_action,
				"assigned_to": manager,
				"campaign": campaign,
				"contact": row.contact,
				"parent_work": parent,
				"party": row.party,
				"party_type": row.party_type,
				"planned_on": planned_on,
				"script": doc.script,
			}
			for row, manager in zip(new, chosen, strict=True)
		]
	)
	members.refresh_works(campaign)
	_give_owners(new, chosen, owners)
	if doc.status == "Draft":
		doc.db_set("status", "Running")
	return result


def manager_capacities(doc) -> dict[str, int]:
	"""Active managers of the campaign, with their works a day.

	:raises CampaignError: there are none.
	"""
	enabled = {row.user for row in doc.managers if managers.is_active(row.user)}
	own = managers.capacities(sorted(enabled))
	capacities = {
		row.user: row.capacity_per_day or own[row.user] for row in doc.managers if row.user in enabled
	}
	if not capacities:
		raise CampaignError(_("Add the managers who work through the list: there is none who can sign in."))
	return capacities


def deal_out(wanted: list[str | None], capacities: dict[str, int], have: Counter) -> list[str]:
	"""A manager for each work: the wanted one if he is among them, else the one with the least for his capacity.

	:param wanted: for each work, the manager its client already has, or None.
	:param have: open works each manager has in the campaign already.
	"""
	counts = Counter({user: have[user] for user in capacities})
	for user in wanted:
		if user in capacities:
			counts[user] += 1
	order = list(capacities)
	heap = [((counts[user] + 1) / capacities[user], index) for index, user in enumerate(order)]
	heapq.heapify(heap)
	chosen = []
	for user in wanted:
		if user not in capacities:
			index = heap[0][1]
			user = order[index]
			counts[user] += 1
			heapq.heapreplace(heap, ((counts[user] + 1) / capacities[user], index))
		chosen.append(user)
	return chosen


class Turns:
	"""Deals new clients out to the campaign's managers one by one, evenly for their capacity, while a list is imported."""

	def __init__(self, doc):
		try:
			self.capacities = manager_capacities(doc)
		except CampaignError:  # its managers come later; until then clients are given out as any others
			self.capacities = {}
		self.counts = Counter()
		if self.capacities:
			self.counts.update(_open_counts(doc.name))

	def next(self) -> str | None:
		"""Whose turn it is; None when the campaign has no managers yet."""
		if not self.capacities:
			return None
		user = min(self.capacities, key=lambda each: (self.counts[each] + 1) / self.capacities[each])
		self.counts[user] += 1
		return user


def ensure_parent_work(doc) -> str:
	"""The head's own work ("organise the seminar") that the works of the campaign are parts of; made when missing."""
	if doc.parent_work and frappe.db.get_value("Work", doc.parent_work, "name", for_update=True):
		return doc.parent_work
	action = next((name for name in HEADS_ACTIONS if _usable(name)), None) or doc.first_action
	work = frappe.get_doc(
		{
			"doctype": "Work",
			"action": action,
			"subject": (doc.goal or doc.campaign_name).splitlines()[0][:140],
			"assigned_to": frappe.session.user,
			"campaign": doc.name,
			"planned_on": doc.ends_on
			or (doc.event_at and getdate(doc.event_at))
			or doc.starts_on
			or nowdate(),
		}
	).insert(ignore_permissions=True)  # who may write to the campaign may have its head's work
	doc.db_set("parent_work", work.name)
	return work.name


def _usable(action: str) -> bool:
	return frappe.db.get_value("Work Action", action, "disabled") == 0


def _works_of(campaign: str) -> dict[tuple[str, str], str]:
	"""Members who have had a work of this campaign: open, or finished. A cancelled one does not count.

	Locked, because only a locking read shows what somebody else has committed since this transaction's first look.
	"""
	work = frappe.qb.DocType("Work")
	rows = (
		frappe.qb.from_(work)
		.select(work.party_type, work.party, work.status)
		.where((work.campaign == campaign) & (work.status != "Cancelled") & work.party.isnotnull())
		.for_update()
		.run()
	)
	found: dict[tuple[str, str], str] = {}
	for party_type, party, status in rows:
		if status in OPEN:
			found[party_type, party] = "open"
		else:
			found.setdefault((party_type, party), "finished")
	return found


def _open_counts(campaign: str) -> Counter:
	work = frappe.qb.DocType("Work")
	rows = (
		frappe.qb.from_(work)
		.select(work.assigned_to, frappe.query_builder.functions.Count("*"))
		.where((work.campaign == campaign) & work.status.isin(OPEN) & work.party.isnotnull())
		.groupby(work.assigned_to)
		.run()
	)
	return Counter(dict(rows))


def _responsible(rows) -> dict[tuple[str, str], str]:
	"""The manager each client has, by ERPNext's own field."""
	by_type: dict[str, list[str]] = defaultdict(list)
	for row in rows:
		by_type[row.party_type].append(row.party)
	found = {}
	for party_type, names in by_type.items():
		found |= {(party_type, name): user for name, user in responsibles(party_type, names).items() if user}
	return found


def _give_owners(rows, chosen: list[str], owners: dict[tuple[str, str], str]):
	"""A client of nobody becomes the client of the manager who works with it: none may be without one."""
	groups: dict[tuple[str, str], list[str]] = defaultdict(list)
	for row, manager in zip(rows, chosen, strict=True):
		if (row.party_type, row.party) not in owners:
			groups[row.party_type, manager].append(row.party)
	for (party_type, manager), names in groups.items():
		party = frappe.qb.DocType(party_type)
		field = party[OWNER_FIELD[party_type]]
		for start in range(0, len(names), members.CHUNK):
			(
				frappe.qb.update(party)
				.set(field, manager)
				.set(party.modified, now())
				.set(party.modified_by, frappe.session.user)
				.where(
					party.name.isin(names[start : start + members.CHUNK]) & (field.isnull() | (field == ""))
				)
				.run()
			)
		frappe.clear_cache(doctype=party_type)
		links.follow_manager(party_type, names)

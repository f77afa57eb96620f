"""Works follow their client: through conversion, merge, a change of name and of the responsible manager.

`party_manager` repeats on the work who is responsible for its client, so that a list need not look at the client of every work
that it walks past (see `parties/access/predicate.py`; measured over 200,000 works: 1.9 ms against 3.0 ms). It never opens anything
by itself: whoever it names is looked up at the client. What has been written past all rules is set right each night.
"""

from collections.abc import Iterable

import frappe
from frappe.utils import create_batch
from pypika.functions import Coalesce

from rule24_crm.parties import next_work
from rule24_crm.parties.kinds import OWNER_FIELD, PARTY_TYPES, check_kind, titles
from rule24_crm.work.campaigns import members

#: up to so many works are forgotten one by one
FEW = 200
#: works or clients in one statement
CHUNK = 2_000


def move(
	from_type: str, from_name: str, to_type: str, to_name: str, *, opportunity: str | None = None
) -> int:
	"""Re-point every work, closed or open, from one record of a client to another.

	:param opportunity: also give it to the open works that have no deal yet. A Customer may have several deals side by
		side: one that is opened with it is not that of another campaign's works.
	:return: how many works now belong to the new record because of this call.
	"""
	works = frappe.get_all(  # the works follow their client, whoever may see them
		"Work", filters={"party_type": check_kind(from_type), "party": from_name}, pluck="name", order_by=None
	)
	campaign = None
	if opportunity and from_type == "Customer" and (from_type, from_name) == (to_type, to_name):
		campaign = frappe.db.get_value("Opportunity", opportunity, "rule24_work_campaign") or ""
	if works:
		_move_works(from_type, from_name, to_type, to_name, opportunity, campaign)
	members.move(from_type, from_name, to_type, to_name, opportunity, campaign)
	if works:
		_clear_works_cache(works)
		next_work.refresh([(from_type, from_name), (to_type, to_name)])
	return len(works)


def _move_works(
	from_type: str, from_name: str, to_type: str, to_name: str, opportunity: str | None, campaign: str | None
) -> None:
	work = frappe.qb.DocType("Work")
	if opportunity:
		query = (
			frappe.qb.update(work)
			.set(work.opportunity, opportunity)
			.where(
				(work.party_type == from_type)
				& (work.party == from_name)
				& work.status.isin(next_work.OPEN)
				& ((work.opportunity.isnull()) | (work.opportunity == ""))
			)
		)
		if campaign is not None:
			query = query.where(work.campaign.isnull() | work.campaign.isin(("", campaign)))
		query.run()
	if (from_type, from_name) != (check_kind(to_type), to_name):
		title = titles(to_type, [to_name]).get(to_name, to_name)
		query = frappe.qb.update(work).set(work.party_type, to_type).set(work.party, to_name)
		query = query.set(work.party_name, title)
		query.where((work.party_type == from_type) & (work.party == from_name)).run()
		# as the client is now: what a transaction reads may have been so when it began
		_named_anew(to_type).where(work.party == to_name).run()


def rename_party(party_type: str, party: str) -> None:
	"""Bring the client's title in its works up to date, after it was renamed, merged or corrected."""
	# a merge brings works of the other one
	follow_manager(party_type, [party])
	title = titles(party_type, [party]).get(party)
	if not title:
		return
	work = frappe.qb.DocType("Work")
	frappe.qb.update(work).set(work.party_name, title).where(
		(work.party_type == party_type) & (work.party == party) & (work.party_name != title)
	).run()
	members.rename_party(party_type, party)
	_clear_works_cache()


def follow_manager(party_type: str, parties: Iterable[str]) -> None:
	"""These clients may have another manager now: say so in their works, closed ones too. `modified` is left alone."""
	work, changed = frappe.qb.DocType("Work"), []
	for chunk in create_batch(list(parties), CHUNK):
		changed += _name_anew(party_type, _wrong(party_type).where(work.party.isin(chunk)).for_update())
	if changed:
		_clear_works_cache(changed)


def lock_works(party_type: str, parties: Iterable[str]) -> None:
	"""Lock the clients' works, also those that somebody is just adding, before the clients are locked and change hands.

	That is the order in which a work is saved: whoever saves one meanwhile waits, instead of each for the other.
	"""
	work = frappe.qb.DocType("Work")
	for chunk in create_batch(list(parties), CHUNK):
		frappe.qb.from_(work).select(work.name).where(
			(work.party_type == party_type) & work.party.isin(chunk)
		).for_update().run()


def take_manager(work) -> None:
	"""Name the manager in a work that has just been written, as the client is now: what was read before may have changed.

	Runs for every new work: to put a query together would take longer than to ask.
	"""
	owner = OWNER_FIELD[work.party_type]
	now = frappe.db.sql(f"select {owner} from `tab{work.party_type}` where name = %s for update", work.party)
	if now and (now[0][0] or "") != (work.party_manager or ""):
		work.party_manager = now[0][0]
		frappe.db.sql("update `tabWork` set party_manager = %s where name = %s", (now[0][0], work.name))


def take_managers(party_types: Iterable[str], first: str, last: str) -> None:
	"""As `take_manager`, for many: all works between two names are this transaction's own.

	:param first, last: names of works.
	"""
	work = frappe.qb.DocType("Work")
	for party_type in sorted(party_types):
		_named_anew(party_type).where((work.name >= first) & (work.name <= last)).run()


def repair_managers() -> None:
	"""Find works whose client is somebody else's than they say, and set them right: nightly, and once when a site gets the column."""
	changed = []
	for party_type in PARTY_TYPES:
		# not for update: that would lock every work there is
		changed += _name_anew(party_type, _wrong(party_type))
	if changed:
		_clear_works_cache(changed)


def _wrong(party_type: str):
	"""A query of the names of works whose client is somebody else's than they say."""
	work, party = frappe.qb.DocType("Work"), frappe.qb.DocType(party_type)
	query = frappe.qb.from_(work).join(party).on(party.name == work.party).select(work.name)
	return query.where((work.party_type == party_type) & _differs(work, party[OWNER_FIELD[party_type]]))


def _name_anew(party_type: str, wrong) -> list[str]:
	"""Name the clients' managers in the works that the query finds; their names."""
	work, names = frappe.qb.DocType("Work"), wrong.run(pluck=True)
	for chunk in create_batch(names, CHUNK):
		_named_anew(party_type).where(work.name.isin(chunk)).run()
	return names


def _named_anew(party_type: str):
	"""A query that names the clients' managers in works, where they are others."""
	work, party = frappe.qb.DocType("Work"), frappe.qb.DocType(party_type)
	manager = party[OWNER_FIELD[party_type]]
	query = frappe.qb.update(work).join(party).on(party.name == work.party).set(work.party_manager, manager)
	return query.where((work.party_type == party_type) & _differs(work, manager))


def _differs(work, manager):
	return Coalesce(work.party_manager, "") != Coalesce(manager, "")


def _clear_works_cache(works: list[str] | None = None) -> None:
	"""Forget cached works: these few, or all. Forgetting all drops what is cached of the DocType as well: some 20 ms."""
	if works is None or len(works) > FEW:
		frappe.clear_cache(doctype="Work")
		return
	for name in works:
		frappe.clear_document_cache("Work", name)

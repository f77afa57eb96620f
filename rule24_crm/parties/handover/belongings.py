"""What a manager has: every record that names him as the one who is to act, and the client each of them belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import frappe
from frappe.utils import now_datetime
from pypika.terms import Criterion

from rule24_crm.deals.conversion import CLOSED_STATUSES
from rule24_crm.parties import participants
from rule24_crm.parties.handover.clients import Key, chunks
from rule24_crm.parties.handover.terms import Terms
from rule24_crm.parties.kinds import OWNER_FIELD, PARTY_TYPES, TITLE_FIELD
from rule24_crm.parties.next_work import OPEN
from rule24_crm.work import links

#: DocTypes of clients outside these modules whose shares go along
SHARED_MODULES = ("CRM", "Selling", "Rule24 CRM", "Contacts")
SHARED_MORE = ("Sales Invoice", "Contact", "Address")
PARTICIPANT, EVENT_PARTICIPANT, MEMBER = "Party Participant", "Event Participants", "Work Campaign Member"


@dataclass
class Belonging:
	"""One field of one record that holds the manager's user.

	:param kind: what a person calls it, a DocType.
	:param row: name of the row, where the field stands in a table of the record (`field` is the table then).
	:param refers_to: the record whose client it belongs to; itself for a client. None: it belongs to no client.
	"""

	kind: str
	doctype: str
	name: str
	field: str
	title: str
	refers_to: Key | None = None
	row: str = ""
	segment: str | None = None
	detail: dict | None = None


def of(terms: Terms, lock: bool = False) -> list[Belonging]:
	"""All that goes along by these terms, before anybody asks which clients are meant.

	:param lock: lock the rows until the end of the transaction; what has gone to somebody else meanwhile is left out.
	"""
	user = terms.from_user
	# locked in the order in which a work is saved: deal, work, client
	deals = list(_deals(user, lock, terms.closed_deals))
	works = list(_works(user, lock))
	if lock:
		_lock_works_of_clients(user)
	found = [*_parties(user, lock), *deals, *works]
	if terms.bare:
		return found
	return [
		*found,
		*_members(user, lock),
		*_todos(user, lock),
		*_events(user, lock),
		*_participants(user, lock),
		*_shares(user, lock),
	]


def _read(
	doctype: str, fields: tuple[str, ...], owner: str, user: str, lock: bool, also: Criterion | None = None
):
	"""Rows of `doctype` whose field `owner` holds the user.

	Found without locks and locked by name: a search without an index would lock the table.
	"""
	table = frappe.qb.DocType(doctype)
	query = (
		frappe.qb.from_(table)
		.select(table.name, *(table[field] for field in fields))
		.where(table[owner] == user)
	)
	if also is not None:
		query = query.where(also)
	rows = query.orderby(table.name).run(as_dict=True)
	for row in rows:
		row.name = str(row.name)  # some logs of early builds count
	if not lock:
		return rows
	there = set()
	for chunk in chunks(row.name for row in rows):
		locking = (
			frappe.qb.from_(table)
			.select(table.name)
			.where(table.name.isin(chunk) & (table[owner] == user))
			.for_update()
		)
		if also is not None:
			locking = locking.where(also)
		there.update(str(name) for (name,) in locking.run())
	return [row for row in rows if row.name in there]


def _lock_works_of_clients(user: str) -> None:
	for kind in PARTY_TYPES:
		table = frappe.qb.DocType(kind)
		clients = frappe.qb.from_(table).select(table.name).where(table[OWNER_FIELD[kind]] == user)
		links.lock_works(kind, clients.run(pluck=True))


def _parties(user: str, lock: bool) -> Iterable[Belonging]:
	for kind in PARTY_TYPES:
		title = TITLE_FIELD[kind]
		for row in _read(kind, (title,), OWNER_FIELD[kind], user, lock):
			yield Belonging(kind, kind, row.name, OWNER_FIELD[kind], row[title] or row.name, (kind, row.name))


def _deals(user: str, lock: bool, closed_too: bool) -> Iterable[Belonging]:
	deal = frappe.qb.DocType("Opportunity")
	also = None if closed_too else deal.status.notin(CLOSED_STATUSES)
	fields = ("title", "opportunity_from", "party_name", "status")
	for row in _read("Opportunity", fields, "opportunity_owner", user, lock, also):
		client = (row.opportunity_from, row.party_name) if row.opportunity_from in PARTY_TYPES else None
		yield Belonging(
			"Opportunity", "Opportunity", row.name, "opportunity_owner", row.title or row.name, client
		)


def _works(user: str, lock: bool) -> Iterable[Belonging]:
	work = frappe.qb.DocType("Work")
	fields = ("subject", "party_type", "party", "opportunity", "segment")
	for row in _read("Work", fields, "assigned_to", user, lock, work.status.isin(OPEN)):
		client = (row.party_type, row.party) if row.party else None
		client = client or (("Opportunity", row.opportunity) if row.opportunity else None)
		yield Belonging("Work", "Work", row.name, "assigned_to", row.subject, client, segment=row.segment)


def _members(user: str, lock: bool) -> Iterable[Belonging]:
	"""Places in campaigns without an open work; those with one follow their work."""
	member = frappe.qb.DocType(MEMBER)
	idle = member.work.isnull() | (member.work == "")
	for row in _read(MEMBER, ("party_type", "party", "party_name"), "assigned_to", user, lock, idle):
		client = (row.party_type, row.party)
		yield Belonging(MEMBER, MEMBER, row.name, "assigned_to", row.party_name or row.party, client)


def _todos(user: str, lock: bool) -> Iterable[Belonging]:
	"""To-dos about a record. One about nothing is a note of the person's own: it stays, and nobody reads it in a preview."""
	todo = frappe.qb.DocType("ToDo")
	about_something = (todo.status == "Open") & (todo.reference_name != "")
	fields = ("description", "reference_type", "reference_name")
	for row in _read("ToDo", fields, "allocated_to", user, lock, about_something):
		title = frappe.utils.strip_html(row.description or "")[:140] or row.reference_name
		yield Belonging(
			"ToDo", "ToDo", row.name, "allocated_to", title, (row.reference_type, row.reference_name)
		)


def _events(user: str, lock: bool) -> Iterable[Belonging]:
	"""Appointments still to come: those that the manager made, and those where he is among the participants.

	A private one without a client or deal is the person's own affair.
	"""
	event = frappe.qb.DocType("Event")
	today = now_datetime().replace(hour=0, minute=0, second=0, microsecond=0)
	repeats = (event.repeat_this_event == 1) & (event.repeat_till.isnull() | (event.repeat_till >= today))
	coming = (event.status == "Open") & ((event.starts_on >= today) | (event.ends_on >= today) | repeats)
	own = _read("Event", ("subject", "event_type"), "owner", user, lock, coming)
	row = frappe.qb.DocType(EVENT_PARTICIPANT)
	theirs = (
		frappe.qb.from_(row)
		.join(event)
		.on((event.name == row.parent) & (row.parenttype == "Event"))
		.select(row.name, row.parent, event.subject, event.event_type)
		.where((row.reference_doctype == "User") & (row.reference_docname == user) & coming)
		.orderby(row.name)
		.run(as_dict=True)
	)
	about = _about_events({each.name for each in own} | {each.parent for each in theirs})
	for each in own:
		if each.event_type == "Private" and each.name not in about:
			continue
		yield Belonging("Event", "Event", each.name, "owner", each.subject, about.get(each.name))
	for each in theirs:
		if each.event_type == "Private" and each.parent not in about:
			continue
		yield Belonging(
			"Event",
			"Event",
			each.parent,
			"event_participants",
			each.subject,
			about.get(each.parent),
			row=each.name,
		)


def _about_events(names: set[str]) -> dict[str, Key]:
	"""Event -> the first client or deal among its participants."""
	row = frappe.qb.DocType(EVENT_PARTICIPANT)
	found: dict[str, Key] = {}
	for chunk in chunks(sorted(names)):
		rows = (
			frappe.qb.from_(row)
			.select(row.parent, row.reference_doctype, row.reference_docname)
			.where(
				(row.parenttype == "Event")
				& row.parent.isin(chunk)
				& row.reference_doctype.isin((*PARTY_TYPES, "Opportunity"))
			)
			.orderby(row.parent)
			.orderby(row.idx)
			.run()
		)
		for event, doctype, name in rows:
			found.setdefault(event, (doctype, name))
	return found


def _participants(user: str, lock: bool) -> Iterable[Belonging]:
	row = frappe.qb.DocType(PARTICIPANT)
	ours = row.parenttype.isin(participants.DOCTYPES) & (row.parentfield == participants.FIELD)
	for each in _read(PARTICIPANT, ("parenttype", "parent"), "user", user, lock, ours):
		yield Belonging(
			PARTICIPANT,
			each.parenttype,
			each.parent,
			participants.FIELD,
			each.parent,
			(each.parenttype, each.parent),
			row=each.name,
		)


def _shares(user: str, lock: bool) -> Iterable[Belonging]:
	"""Records of clients that others have shared with the manager. Other DocTypes are his own affair."""
	doctypes = frappe.get_all(  # metadata
		"DocType",
		or_filters={"module": ("in", SHARED_MODULES), "name": ("in", SHARED_MORE)},
		pluck="name",
		order_by=None,
	)
	of_clients = frappe.qb.DocType("DocShare").share_doctype.isin(doctypes)
	for row in _read("DocShare", ("share_doctype", "share_name"), "user", user, lock, of_clients):
		record = (row.share_doctype, row.share_name)
		yield Belonging("DocShare", "DocShare", row.name, "user", row.share_name, record)


def clients_of(records: Iterable[Key]) -> dict[Key, Key]:
	"""Which client a deal, a work, an offer or an order belongs to: record -> client."""
	found: dict[Key, Key] = {}
	waiting = {key for key in records if key[0] not in PARTY_TYPES}
	links = {
		"Work": ("party_type", "party"),
		"Opportunity": ("opportunity_from", "party_name"),
		"Quotation": ("quotation_to", "party_name"),
		"Sales Order": (None, "customer"),
		"Sales Invoice": (None, "customer"),
		"Contract": ("party_type", "party_name"),
		MEMBER: ("party_type", "party"),
	}
	for doctype, (kind_field, field) in links.items():
		names = sorted(name for each, name in waiting if each == doctype)
		if not names or not frappe.db.table_exists(doctype):
			continue
		table = frappe.qb.DocType(doctype)
		columns = [table[kind_field]] if kind_field else []
		for chunk in chunks(names):
			for name, *client in (
				frappe.qb.from_(table)
				.select(table.name, *columns, table[field])
				.where(table.name.isin(chunk))
				.run()
			):
				kind, party = client if kind_field else ("Customer", client[0])
				if kind in PARTY_TYPES and party:
					found[(doctype, name)] = (kind, party)
	return found

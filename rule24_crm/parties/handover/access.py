"""Access that goes along: participants, shares, User Permissions. A receiver who has it already gets it only once."""

from __future__ import annotations

import json
from collections.abc import Iterable

import frappe

from rule24_crm.compat import new_names
from rule24_crm.parties import participants
from rule24_crm.parties.handover.belongings import PARTICIPANT, Belonging
from rule24_crm.parties.handover.clients import Key, chunks
from rule24_crm.parties.handover.moves import WHOLE_ROW, Move, Step
from rule24_crm.parties.handover.terms import Terms
from rule24_crm.parties.kinds import OWNER_FIELD, PARTY_TYPES

SHARE, PERMISSION = "DocShare", "User Permission"
#: kinds whose steps are made here
KINDS = (PARTICIPANT, SHARE)
RIGHTS = ("read", "write", "share", "submit")
#: columns that make up a row for the log
COLUMNS = {
	SHARE: ("user", "share_doctype", "share_name", *RIGHTS, "everyone", "notify_by_email"),
	PERMISSION: (
		"user", "allow", "for_value", "is_default", "apply_to_all_doctypes", "applicable_for", "hide_descendants",
	),
}  # fmt: skip
#: who is responsible for a record that has participants
RESPONSIBLE = {**OWNER_FIELD, "Opportunity": "opportunity_owner"}


def steps(
	terms: Terms, given: list[tuple[Belonging, Key | None, str]], clients: dict[Key, str], lock: bool = False
) -> list[Step]:
	"""The moves of access.

	:param given: belongings with their client and receiver; those of other kinds only tell who becomes responsible.
	:param clients: each record of the clients meant -> the receiver of the client.
	"""
	made = _participants(terms, given)
	return [*made, *_shares(terms, given, made), *_permissions(terms, clients, lock)]


def as_json(doctype: str, row: dict) -> str:
	"""A row as it stands in the log."""
	return json.dumps({column: row.get(column) for column in COLUMNS[doctype]}, ensure_ascii=False)


def _participants(terms: Terms, given: list) -> list[Step]:
	rows = [(each, receiver) for each, _group, receiver in given if each.kind == PARTICIPANT]
	there = _on_lists(rows, terms.receivers)
	there |= _responsible(rows)
	there |= {
		(each.doctype, each.name, to) for each, _group, to in given if each.field in RESPONSIBLE.values()
	}
	found = []
	for each, receiver in rows:
		new = "" if (each.doctype, each.name, receiver) in there else receiver
		move = Move(each.doctype, each.name, each.field, terms.from_user, new, each.row)
		found.append(Step(PARTICIPANT, each.title, receiver, move))
	return found


def _on_lists(rows: list, receivers: list[str]) -> set[tuple[str, str, str]]:
	"""(DocType, name, user) of receivers who are participants already."""
	found = set()
	for chunk in chunks(sorted({each.name for each, _receiver in rows})):
		found.update(
			frappe.get_all(  # the system compares lists on behalf of whoever may hand over
				PARTICIPANT,
				filters={
					"parentfield": participants.FIELD,
					"parent": ("in", chunk),
					"user": ("in", receivers),
				},
				fields=["parenttype", "parent", "user"],
				order_by=None,
				as_list=True,
			)
		)
	return found


def _responsible(rows: list) -> set[tuple[str, str, str]]:
	"""(DocType, name, user) of whoever is responsible for the records today: he needs no place on the list."""
	found = set()
	for doctype, field in RESPONSIBLE.items():
		for chunk in chunks(sorted({each.name for each, _receiver in rows if each.doctype == doctype})):
			for name, user in frappe.get_all(  # as above
				doctype, filters={"name": ("in", chunk)}, fields=["name", field], order_by=None, as_list=True
			):
				found.add((doctype, name, user))
	return found


def _shares(terms: Terms, given: list, made: list[Step]) -> list[Step]:
	"""The manager's shares go to the receivers; two shares of one record become one with the rights of both."""
	mine = {each.refers_to: (each, receiver) for each, _group, receiver in given if each.kind == SHARE}
	lists = {(step.move.doctype, step.move.name): step for step in made if step.move.new}
	have = _have_shares({*mine, *lists}, [terms.from_user, *terms.receivers])
	found = []
	for record, (each, receiver) in mine.items():
		theirs = have.get((record, receiver))
		if not theirs:
			move = Move(SHARE, each.name, "user", terms.from_user, receiver)
			found.append(Step(SHARE, each.title, receiver, move))
			continue
		own = have[(record, terms.from_user)]
		found.append(Step(SHARE, each.title, receiver, _row(own, gone=True)))
		if any(own[right] and not theirs[right] for right in RIGHTS):
			both = {**theirs, **{right: int(own[right] or theirs[right]) for right in RIGHTS}}
			found.append(Step(SHARE, each.title, receiver, _row(theirs, gone=True)))
			found.append(Step(SHARE, each.title, receiver, _row({**both, "name": None})))
	for record, step in lists.items():  # a participant without a share sees nothing
		if record not in mine and (record, step.receiver) not in have:
			row = {
				"user": step.receiver,
				"share_doctype": record[0],
				"share_name": record[1],
				"read": 1,
				"write": 1,
			}
			found.append(Step(SHARE, step.title, step.receiver, _row({**_empty(SHARE), **row, "name": None})))
	return found


def _have_shares(records: set[Key], users: list[str]) -> dict[tuple[Key, str], dict]:
	found = {}
	for doctype in sorted({doctype for doctype, _name in records}):
		for chunk in chunks(sorted(name for each, name in records if each == doctype)):
			for row in frappe.get_all(  # as above
				SHARE,
				filters={"share_doctype": doctype, "share_name": ("in", chunk), "user": ("in", users)},
				fields=["name", *COLUMNS[SHARE]],
				order_by="name asc",
			):
				found.setdefault(((doctype, row.share_name), row.user), row)
	return found


def _row(row: dict, gone: bool = False, doctype: str = SHARE) -> Move:
	"""The move that makes a row, or deletes one that is there."""
	text = as_json(doctype, row)
	if gone:
		return Move(doctype, str(row["name"]), WHOLE_ROW, text, "")
	return Move(doctype, str(new_names(doctype, 1)[0]), WHOLE_ROW, "", text)


def _empty(doctype: str) -> dict:
	"""The values of a row nobody has filled in."""
	new = frappe.new_doc(doctype)
	return {column: new.get(column) for column in COLUMNS[doctype]}


def _permissions(terms: Terms, clients: dict[Key, str], lock: bool) -> list[Step]:
	"""User Permissions narrow what a user sees. So a receiver who is narrowed in the same DocType gets the manager's values
	as well, one who sees everything stays free; and the manager keeps his, disabled or not, lest he see more one day."""
	table = frappe.qb.DocType(PERMISSION)
	query = (
		frappe.qb.from_(table)
		.select(table.name, *(table[column] for column in COLUMNS[PERMISSION]))
		.where(table.user.isin([terms.from_user, *terms.receivers]))
		.orderby(table.name)
	)
	every = (query.for_update() if lock else query).run(as_dict=True)
	rows = [row for row in every if row.user == terms.from_user]
	others = [row for row in every if row.user != terms.from_user]
	narrowed = {(row.user, row.allow) for row in others}
	have = {(row.user, row.allow, row.for_value, row.applicable_for or "") for row in others}
	found = []
	for row in rows:
		if not terms.whole and (row.allow, row.for_value) not in clients:
			continue
		title = f"{frappe._(row.allow)}: {row.for_value}"
		for user in _who_gets(terms, row, clients):
			if (user, row.allow) in narrowed and (
				user,
				row.allow,
				row.for_value,
				row.applicable_for or "",
			) not in have:
				copy = {**row, "user": user, "is_default": 0, "name": None}
				found.append(Step(PERMISSION, title, user, _row(copy, doctype=PERMISSION)))
	return found


def _who_gets(terms: Terms, row: dict, clients: dict[Key, str]) -> Iterable[str]:
	"""The receiver of the client that is permitted; a region or a segment everybody needs who gets clients."""
	if row["allow"] in PARTY_TYPES:
		return [clients.get((row["allow"], row["for_value"])) or terms.main]
	return terms.receivers

"""Participants and assignees: users beside the responsible one who see and edit a client or deal.

The list stands on the record; Frappe's shares give the access. A share that somebody had before he came onto the list, made by hand
or by an assignment, is noted in the row and stays when he is taken off it.
"""

import frappe
from frappe import share

from rule24_crm.parties import access
from rule24_crm.parties.access.registry import RULES

FIELD = "rule24_participants"
DOCTYPES = ("Customer", "Lead", "Prospect", "Opportunity")


def of(doc) -> list[str]:
	"""Users on the record's list."""
	return [row.user for row in doc.get(FIELD) or []]


def sync(doc, method: str | None = None) -> None:
	"""Give participants access, and take it from those who were taken off the list. Runs when the record is saved.

	The user saving may write the record, so may let others in; hence Frappe's check of the right to share is not asked.
	"""
	rows = {row.user: row for row in doc.get(FIELD) or []}
	before = doc.get_doc_before_save()
	past = {row.user: row for row in before.get(FIELD) or []} if before else {}
	for user, row in sorted(rows.items()):
		if user not in past:
			_note_earlier_share(row, _share_of(doc.doctype, doc.name, user))
			_let_in(doc.doctype, doc.name, user)
		elif past[user].had_access == user and row.had_access != user:  # the list was written anew
			row.db_set({"had_access": user, "had_write": past[user].had_write}, update_modified=False)
	for user, row in sorted(past.items()):
		if user not in rows:
			_take_off(doc.doctype, doc.name, row)


def _share_of(doctype: str, name: str, user: str):
	return frappe.db.get_value(
		"DocShare",
		{"share_doctype": doctype, "share_name": name, "user": user},
		["name", "read", "write", "submit", "share"],
		as_dict=True,
	)


def _note_earlier_share(row, earlier) -> None:
	had = {"had_access": row.user if earlier else None, "had_write": earlier.write if earlier else 0}
	if any((row.get(field) or None) != (value or None) for field, value in had.items()):
		row.db_set(had, update_modified=False)


def _take_off(doctype: str, name: str, row) -> None:
	"""Take away what the list has given, not what was there before, nor what an open assignment gives."""
	if not (given := _share_of(doctype, name, row.user)):
		return
	if frappe.db.exists(
		"ToDo",
		{"reference_type": doctype, "reference_name": name, "allocated_to": row.user, "status": "Open"},
	):
		return
	if row.had_access == row.user:
		if given.write and not row.had_write:
			earlier = frappe.get_doc("DocShare", given.name)
			earlier.write = 0
			earlier.flags.ignore_share_permission = True
			earlier.save(ignore_permissions=True)  # whoever may write the record may change its list
		return
	frappe.delete_doc(
		"DocShare", given.name, ignore_permissions=True, flags={"ignore_share_permission": True}
	)  # as above


def _let_in(doctype: str, name: str, user: str) -> None:
	"""Reading and writing; further rights that somebody has given by hand stay."""
	earlier = _share_of(doctype, name, user) or frappe._dict()
	share.add_docshare(
		doctype,
		name,
		user,
		read=1,
		write=1,
		submit=earlier.submit or 0,
		share=earlier.share or 0,
		notify=0,
		flags={"ignore_share_permission": True},
	)


def let_assignee_in(todo, method: str | None = None) -> None:
	"""Whoever is assigned a client, deal or work may read and write it. Runs when a ToDo is saved.

	Frappe lets him read at most. As with Frappe's own share, access stays when the assignment is done, until it is taken away
	by hand. Anybody may store a ToDo about anything, for himself too: only one by somebody who may write the record, or by a
	rule of assignment, opens it.
	"""
	user, doctype, name = todo.allocated_to, todo.reference_type, todo.reference_name
	if todo.status != "Open" or not user or not name or doctype not in RULES:
		return
	if not _comes_from_a_rule(todo) and not frappe.has_permission(doctype, "write", doc=name):
		return
	if access.works_with_clients(user) or not frappe.has_permission(doctype, "write", doc=name, user=user):
		_let_in(doctype, name, user)


def _comes_from_a_rule(todo) -> bool:
	"""Whether the server has stored it for a rule of assignment, whoever was at work then; see `stock_reads.assign`."""
	return bool(todo.assignment_rule and todo.flags.ignore_permissions)


def let_assignees_in() -> int:
	"""As `let_assignee_in`, for what was assigned before this was looked after. Safe to run twice.

	Who may write the record is asked of whoever has stored the ToDo; a rule of assignment chooses others than who was at work.

	:return: how many open assignments there are.
	"""
	open_ones = frappe.get_all(  # everybody's: access is being set up
		"ToDo",
		filters={"status": "Open", "reference_type": ("in", list(RULES)), "allocated_to": ("is", "set")},
		fields=["status", "allocated_to", "reference_type", "reference_name", "assignment_rule", "owner"],
		order_by="name",
	)
	for todo in open_ones:
		if frappe.db.exists(todo.reference_type, todo.reference_name) and _was_right(todo):
			let_assignee_in(todo)
	return len(open_ones)


def _was_right(todo) -> bool:
	by_a_rule = todo.assignment_rule and todo.owner != todo.allocated_to
	return bool(by_a_rule) or bool(
		frappe.has_permission(todo.reference_type, "write", doc=todo.reference_name, user=todo.owner)
	)


def carry(source, target) -> None:
	"""Put the participants of one record onto another, unsaved or about to be saved; nobody twice."""
	there = set(of(target))
	for user in of(source):
		if user not in there:
			target.append(FIELD, {"user": user})

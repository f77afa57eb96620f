"""Participants: users beside the responsible one who see and edit a client or deal.

The list stands on the record; Frappe's shares give the access. Shares that somebody has made by hand are left alone.
"""

import frappe
from frappe import share

FIELD = "rule24_participants"
DOCTYPES = ("Customer", "Lead", "Prospect", "Opportunity")


def of(doc) -> list[str]:
	"""Users on the record's list."""
	return [row.user for row in doc.get(FIELD) or []]


def sync(doc, method: str | None = None) -> None:
	"""Give participants access, and take it from those who were taken off the list. Runs when the record is saved.

	The user saving may write the record, so may let others in; hence Frappe's check of the right to share is not asked.
	"""
	now = set(of(doc))
	before = doc.get_doc_before_save()
	past = set(of(before)) if before else set()
	for user in sorted(now - past):
		share.add_docshare(
			doc.doctype, doc.name, user, read=1, write=1, notify=0, flags={"ignore_share_permission": True}
		)
	for user in sorted(past - now):
		if name := frappe.db.get_value(
			"DocShare", {"share_doctype": doc.doctype, "share_name": doc.name, "user": user}
		):
			frappe.delete_doc(
				"DocShare", name, ignore_permissions=True, flags={"ignore_share_permission": True}
			)


def carry(source, target) -> None:
	"""Put the participants of one record onto another, unsaved or about to be saved; nobody twice."""
	there = set(of(target))
	for user in of(source):
		if user not in there:
			target.append(FIELD, {"user": user})

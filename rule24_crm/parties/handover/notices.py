"""One notice for each receiver, in the receiver's language: how much, from whom, until when."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils import escape_html, format_date, get_fullname

from rule24_crm.language import in_language_of
from rule24_crm.parties.handover.rights import DOCTYPE


def handed_over(doc, numbers: dict[str, dict[str, int]]) -> None:
	"""Tell receivers what came to them.

	:param numbers: receiver -> {"clients", "deals", "works", "records"}; nothing is said about nothing.
	"""
	for user, count in numbers.items():
		if not any(count.values()):
			continue
		with in_language_of(user):
			words = {"what": in_words(count), "who": _name(doc.from_user)}
			if doc.until:
				subject = _("{what} from {who} until {day}").format(**words, day=format_date(doc.until))
			else:
				subject = _("{what} from {who}").format(**words)
		_ring(doc, user, subject)


def came_back(doc, user: str, count: dict[str, int], whose: str) -> None:
	"""Tell somebody that what was handed over has gone back, or has come back to him."""
	with in_language_of(user):
		what, name = in_words(count), _name(whose)
		if user == whose:
			subject = _("Back with you: {0}").format(what)
		else:
			subject = _("Back with {0}: {1}").format(name, what)
	_ring(doc, user, subject)


def stayed(doc, user: str) -> None:
	"""The manager has left meanwhile: say that his clients stay where they are."""
	with in_language_of(user):
		subject = _("{0} is not active any more: the clients handed over stay with the receivers").format(
			_name(doc.from_user)
		)
	_ring(doc, user, subject)


def in_words(count: dict[str, int]) -> str:
	"""Numbers of a handover, without what there is none of."""
	parts = (
		(count.get("clients"), _("clients: {0}")),
		(count.get("deals"), _("deals: {0}")),
		(count.get("works"), _("works: {0}")),
	)
	return ", ".join(text.format(number) for number, text in parts if number) or _("records: {0}").format(
		count.get("records", 0)
	)


def _name(user: str) -> str:
	"""The full name, fit for the text of a notice."""
	return frappe.bold(escape_html(get_fullname(user)))


def _ring(doc, user: str, subject: str) -> None:
	if user == frappe.session.user or not frappe.db.get_value("User", user, "enabled"):
		return
	frappe.get_doc(
		{
			"doctype": "Notification Log",
			"for_user": user,
			"type": "Alert",
			"document_type": DOCTYPE,
			"document_name": doc.name,
			"subject": subject[:1].upper() + subject[1:],
		}
	).insert(ignore_permissions=True)  # a notice of the system, to the person it is about

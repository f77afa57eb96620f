"""Somebody stops working: the user is disabled, or becomes a mere user of the website. What he is responsible for passes on.

He must not sign in any more, at once; nobody has had time to think who shall have his clients. So everything goes to the
nearest active manager above him, by an ordinary `Client Handover`, in the transaction that stops him: a head hands it on in
peace, or undoes it when the user is back. A user who is responsible for something is not deleted.
"""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils import get_link_to_form

from rule24_crm.exceptions import AccountManagerError
from rule24_crm.parties import managers, ownerless
from rule24_crm.parties.handover import log, next_in_line, notices, rights, service, terms

SWEEP = "rule24_crm.parties.leaving.pass_on"


def on_update(doc, method: str | None = None) -> None:
	"""A user has been saved, in whatever way: form, list, import, API, LDAP.

	:raises AccountManagerError: he stops working, and nobody else is active who could take over.
	"""
	before = doc.get_doc_before_save()
	if not before or doc.flags.in_insert:
		return
	was, is_now = managers.works_here(before), managers.works_here(doc)
	if was and not is_now:
		stop(doc)
	elif is_now and not was:
		_tell_way_back(doc)
	elif is_now:
		_warn_about_roles(doc, before)


def stop(doc) -> None:
	"""Hand over what somebody has who does not work here any more, and say who has got how much.

	:param doc: the `User`.
	:raises AccountManagerError: nobody else is active.
	"""
	if done := pass_on(doc.name):
		frappe.msgprint(
			_(
				"{0} does not work any more. {1} has taken over: {2} ({3}). A head can hand that on to others; when {0} is enabled "
				"again, undoing it gives everything back."
			).format(
				frappe.bold(doc.full_name or doc.name),
				frappe.bold(frappe.utils.get_fullname(done["receiver"])),
				notices.in_words(done["numbers"]),
				get_link_to_form(rights.DOCTYPE, done["handover"]),
			),
			title=_("Handed Over"),
			indicator="blue",
		)
	# what somebody else was giving him at this very moment is not seen by this transaction
	frappe.enqueue(SWEEP, user=doc.name, enqueue_after_commit=True)


def pass_on(user: str) -> dict | None:
	"""Hand over everything of a user who does not work here; nothing where he does, or responsible for nothing live.

	:return: `handover`, `receiver`, and `numbers` for `notices.in_words`; None where nothing had to be done.
	:raises AccountManagerError: nobody else is active who could take over.
	"""
	person = frappe.db.get_value("User", user, ["enabled", "user_type"], as_dict=True)
	if managers.works_here(person) or not (left := ownerless.left_behind(user)):
		return None
	receiver = next_in_line.choose(user)
	if not receiver:
		frappe.throw(
			_(
				"{0} is responsible for: {1}, and nobody else is active who could take that over. Make another account manager "
				"active first, then disable the user."
			).format(frappe.bold(frappe.utils.get_fullname(user)), ownerless.told(left)),
			AccountManagerError,
			title=_("Clients Would Be Nobody's"),
		)
	doc = frappe.new_doc(rights.DOCTYPE)  # with its defaults, which an import of users would not fill in
	doc.update({"from_user": user, "scope": terms.EVERYTHING, "deactivate": 1})
	doc.append("receivers", {"user": receiver})
	doc.flags.by_system = True
	# whoever may disable users need not have any right on clients: it is the system that hands them over
	doc.insert(ignore_permissions=True)
	shown = service.execute(doc.name)
	log.follow(log.read(doc.name), doc.name)
	return {"handover": doc.name, "receiver": receiver, "numbers": shown["receivers"][0]}


def _tell_way_back(doc) -> None:
	"""The user works again: say where his clients are, and how they come back."""
	if frappe.db.get_value(managers.DOCTYPE, doc.name, "active"):
		return
	last = frappe.db.get_value(
		rights.DOCTYPE,
		{"from_user": doc.name, "status": terms.DONE, "scope": terms.EVERYTHING, "until": ("is", "not set")},
		"name",
		order_by="executed_on desc",
	)
	if last:
		frappe.msgprint(
			_(
				"What {0} was responsible for has been handed over. Undo {1}, and what nobody has changed since comes back."
			).format(frappe.bold(doc.full_name or doc.name), get_link_to_form(rights.DOCTYPE, last)),
			title=_("Back at Work"),
			indicator="blue",
		)


def _warn_about_roles(doc, before) -> None:
	"""A role has been taken away: whoever may not work with clients any more still is responsible for his."""
	if {row.role for row in before.roles} <= {row.role for row in doc.roles}:
		return
	if frappe.has_permission("Work", "write", user=doc.name):
		return
	if left := ownerless.left_behind(doc.name):
		frappe.msgprint(
			_(
				"{0} may not work with clients any more and is still responsible for: {1}. Give that to others with a {2}."
			).format(
				frappe.bold(doc.full_name or doc.name),
				ownerless.told(left),
				frappe.bold(_("Client Handover")),
			),
			title=_("Role Taken Away"),
			indicator="orange",
		)


def on_trash(doc, method: str | None = None) -> None:
	"""
	:raises AccountManagerError: the user is responsible for something live, whoever deletes him and however.
	"""
	if left := ownerless.left_behind(doc.name):
		frappe.throw(
			_(
				"{0} is responsible for: {1}. Disable the user instead of deleting: everything passes to the nearest active manager."
			).format(frappe.bold(doc.full_name or doc.name), ownerless.told(left)),
			AccountManagerError,
			title=_("Clients Would Be Nobody's"),
		)

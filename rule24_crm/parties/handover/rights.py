"""Who may hand over whose clients, and who may look at a handover."""

import frappe
from frappe import _

from rule24_crm.compat import of_listed_table
from rule24_crm.parties import managers
from rule24_crm.setup.roles import CRM_ADMINISTRATOR, HEAD

EVERYBODY = {CRM_ADMINISTRATOR, "System Manager"}
DOCTYPE = "Client Handover"


def may_hand_over(from_user: str | None, user: str | None = None) -> bool:
	"""Administrators for every manager, a head for his team and himself."""
	user = user or frappe.session.user
	roles = set(frappe.get_roles(user))
	if roles & EVERYBODY:
		return True
	return HEAD in roles and bool(from_user) and from_user in managers.team(user)


def require(from_user: str | None) -> None:
	"""
	:raises frappe.PermissionError: the user may not hand this manager's clients over.
	"""
	if not may_hand_over(from_user):
		frappe.throw(
			_(
				"You may not hand over the clients of {0}. A head does it for the own team, a CRM administrator for everybody."
			).format(frappe.bold(frappe.utils.get_fullname(from_user) if from_user else "-")),
			frappe.PermissionError,
			title=_("Not Permitted"),
		)


def has_permission(doc, ptype: str = "read", user: str | None = None) -> bool:
	"""Hook: administrators all, a head those of the team, a manager reads those that he gives or receives."""
	user = user or frappe.session.user
	if may_hand_over(doc.from_user, user):
		return True
	if ptype == "create" or (ptype == "write" and not doc.from_user):
		# whose clients it may be about is checked when it is saved, with words: see `require`
		return HEAD in frappe.get_roles(user)
	mine = user == doc.from_user or user in [row.user for row in doc.receivers]
	return ptype in ("read", "print", "select") and mine


@of_listed_table
def query_conditions(user: str | None = None, doctype: str | None = None) -> str:
	"""Hook: the same for lists, as a condition on `tabClient Handover`."""
	user = user or frappe.session.user
	roles = set(frappe.get_roles(user))
	if roles & EVERYBODY:
		return ""
	team = managers.team(user) if HEAD in roles else [user]
	return (
		"(`tabClient Handover`.from_user in ({team}) or exists (select 1 from `tabClient Handover Receiver` receiver"
		" where receiver.parent = `tabClient Handover`.name and receiver.user = {user}))"
	).format(team=", ".join(map(frappe.db.escape, team)), user=frappe.db.escape(user))


def item_has_permission(doc, ptype: str = "read", user: str | None = None) -> bool:
	"""Hook: the log is for whoever may hand over."""
	return may_hand_over(frappe.db.get_value(DOCTYPE, doc.handover, "from_user"), user)


@of_listed_table
def item_query_conditions(user: str | None = None, doctype: str | None = None) -> str:
	"""Hook: the same for the list of the log."""
	user = user or frappe.session.user
	roles = set(frappe.get_roles(user))
	if roles & EVERYBODY:
		return ""
	if HEAD not in roles:
		return "1 = 0"
	return (
		"exists (select 1 from `tabClient Handover` handover where handover.name = `tabClient Handover Item`.handover"
		" and handover.from_user in ({team}))"
	).format(team=", ".join(map(frappe.db.escape, managers.team(user))))

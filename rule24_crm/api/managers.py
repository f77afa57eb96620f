"""Endpoints of the register of account managers. Typed, permission first, one call into `rule24_crm.parties`."""

import frappe
from frappe import _

from rule24_crm.api.arguments import parsed
from rule24_crm.compat import require_permission
from rule24_crm.parties import managers
from rule24_crm.parties.distribution import staff

DOCTYPE = managers.DOCTYPE


@frappe.whitelist()
def tree(
	doctype: str = DOCTYPE, parent: str | None = None, is_root: bool | int | str = False, **_more
) -> list[dict]:
	"""The managers who report to `parent`, those at the top without one; see `managers.children`.

	Frappe's tree calls it: its root is called by a label, and "Expand All" gives the first two arguments by their place.
	"""
	require_permission(DOCTYPE, "read")
	top = not parent or frappe.utils.sbool(is_root) in (True, 1, "1") or not frappe.db.exists(DOCTYPE, parent)
	return managers.children(None if top else parent)


@frappe.whitelist(methods=["POST"])
def move(manager: str, reports_to: str | None = None) -> None:
	"""Have a manager, with everybody below, report to somebody else, or to nobody."""
	doc = frappe.get_doc(DOCTYPE, manager)
	doc.check_permission("write")
	doc.reports_to = reports_to or None
	doc.save()


@frappe.whitelist()
def loads(users: list | str) -> dict:
	"""What these managers have to do; a manager sees the own team, a head everybody. See `staff.loads`."""
	require_permission(DOCTYPE, "read")
	users = [str(user) for user in parsed(users, list, label=_("Managers")) or []]
	if not managers.is_head():
		mine = set(managers.team(frappe.session.user))
		users = [user for user in users if user in mine]
	return staff.loads(users)

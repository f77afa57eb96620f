"""Endpoints of handing clients over. Typed, permission first, one call into `rule24_crm.parties.handover`."""

import frappe

from rule24_crm.compat import require_permission
from rule24_crm.parties.handover import rights, service


def _check(handover: str, permission: str) -> None:
	doc = frappe.get_doc(rights.DOCTYPE, handover)
	doc.check_permission(permission)
	rights.require(doc.from_user)


@frappe.whitelist()
def preview(handover: str) -> dict:
	"""What a draft would move, by kind and receiver; see `service.preview`."""
	_check(handover, "read")
	return service.preview(handover)


@frappe.whitelist(methods=["POST"])
def execute(handover: str, token: str | None = None) -> dict:
	"""Hand over; see `service.execute`. With the token of a preview only exactly what that has shown."""
	_check(handover, "write")
	return service.execute(handover, token or None)


@frappe.whitelist(methods=["POST"])
def undo(handover: str) -> dict:
	"""Take back what nobody has changed since; see `service.undo`."""
	_check(handover, "write")
	return service.undo(handover)


@frappe.whitelist()
def cover(manager: str) -> dict[str, list[dict]]:
	"""Who stands in for this manager, and for whom the manager stands in; see `service.cover`."""
	require_permission("Account Manager", "read", doc=frappe.get_doc("Account Manager", manager))
	return service.cover(manager)

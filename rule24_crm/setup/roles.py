"""The role that Rule24 CRM adds to ERPNext's own."""

import frappe

CRM_ADMINISTRATOR = "CRM Administrator"
HEAD = "Sales Manager"
MANAGER = "Sales User"
ACCOUNTANT = "Accounts User"


def make() -> None:
	"""Create the role `CRM Administrator` if the site does not have it yet."""
	if not frappe.db.exists("Role", CRM_ADMINISTRATOR):
		frappe.get_doc({"doctype": "Role", "role_name": CRM_ADMINISTRATOR, "desk_access": 1}).insert()


def delete() -> None:
	"""Remove the role and every grant of it."""
	frappe.db.delete("Has Role", {"role": CRM_ADMINISTRATOR})
	for doctype in ("DocPerm", "Custom DocPerm"):
		frappe.db.delete(doctype, {"role": CRM_ADMINISTRATOR})
	frappe.db.delete("Role", {"name": CRM_ADMINISTRATOR})

"""The role that Rule24 CRM adds to ERPNext's own."""

import frappe

CRM_ADMINISTRATOR = "CRM Administrator"
HEAD = "Sales Manager"
MANAGER = "Sales User"
ACCOUNTANT = "Accounts User"


#: default of the site that says the role came with the app
KEY = "rule24_role"


def make() -> None:
	"""Create the role `CRM Administrator` if the site does not have it yet, and note that it is ours."""
	if not frappe.db.exists("Role", CRM_ADMINISTRATOR):
		frappe.get_doc({"doctype": "Role", "role_name": CRM_ADMINISTRATOR, "desk_access": 1}).insert()
		frappe.db.set_default(KEY, CRM_ADMINISTRATOR)


def delete() -> None:
	"""Remove the role and every grant of it, unless the site had it before the app came."""
	ours = frappe.db.exists("DefaultValue", {"defkey": KEY, "parent": "__default"})
	frappe.db.delete("DefaultValue", {"defkey": KEY})
	if not ours:
		return
	frappe.db.delete("Has Role", {"role": CRM_ADMINISTRATOR})
	for doctype in ("DocPerm", "Custom DocPerm"):
		frappe.db.delete(doctype, {"role": CRM_ADMINISTRATOR})
	frappe.db.delete("Role", {"name": CRM_ADMINISTRATOR})

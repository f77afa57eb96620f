"""Rights on stock DocTypes that the work with clients needs and ERPNext does not give.

Frappe keeps such rights as `Custom DocPerm`: the first one for a DocType replaces its standard rights, so it comes with a copy
of them (Frappe's own `add_permission` makes it). What an administrator has arranged there already is left alone.
"""

import frappe
from frappe.model import child_table_fields, default_fields
from frappe.permissions import add_permission, update_permission_property

from rule24_crm.setup.roles import ACCOUNTANT, CRM_ADMINISTRATOR, MANAGER

#: DocType -> roles that have to read it
READ: dict[str, tuple[str, ...]] = {
	"Market Segment": (MANAGER, CRM_ADMINISTRATOR),
	"Contract": (ACCOUNTANT,),  # it arrives with the invoice
}
#: of these, what is printed as well
PRINTED = ("Contract",)
KEY = "rule24_grants"


def make() -> None:
	"""Give the rights that are missing and note what was added. Safe to run twice."""
	noted = _noted()
	for doctype, roles in READ.items():
		had_own = bool(frappe.db.exists("Custom DocPerm", {"parent": doctype}))
		for role in roles:
			if _may_read(doctype, role):
				continue
			add_permission(doctype, role)
			if doctype in PRINTED:
				update_permission_property(doctype, role, 0, "print", 1)
			noted.setdefault(doctype, {"copied": not had_own, "roles": []})["roles"].append(role)
	if noted:
		frappe.db.set_default(KEY, frappe.as_json(noted, indent=None))


def delete() -> None:
	"""Take the rights back; where the copy of the standard rights was made for them, that as well."""
	for doctype, added in _noted().items():
		frappe.db.delete("Custom DocPerm", {"parent": doctype, "role": ("in", added["roles"])})
		if added["copied"] and _as_standard(doctype):
			frappe.db.delete("Custom DocPerm", {"parent": doctype})
		frappe.clear_cache(doctype=doctype)
	frappe.db.delete("DefaultValue", {"defkey": KEY})


def _may_read(doctype: str, role: str) -> bool:
	kind = "Custom DocPerm" if frappe.db.exists("Custom DocPerm", {"parent": doctype}) else "DocPerm"
	return bool(frappe.db.exists(kind, {"parent": doctype, "role": role, "permlevel": 0, "read": 1}))


def _as_standard(doctype: str) -> bool:
	"""Whether what is left are the standard rights, untouched: then the site needs no rights of its own."""
	fields = [set(frappe.get_meta(kind).get_valid_columns()) for kind in ("Custom DocPerm", "DocPerm")]
	rights = sorted(set.intersection(*fields) - {*default_fields, *child_table_fields})

	def of(kind: str) -> list[tuple]:
		rows = frappe.get_all(kind, {"parent": doctype}, rights, order_by="name")  # of the site itself
		return sorted(tuple(str(row[right] or "") for right in rights) for row in rows)

	return of("Custom DocPerm") == of("DocPerm")


def _noted() -> dict:
	value = frappe.db.get_value("DefaultValue", {"defkey": KEY, "parent": "__default"}, "defvalue")
	return frappe.parse_json(value or "{}")

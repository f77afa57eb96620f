"""Properties of stock DocTypes and fields that Rule24 CRM changes; taken back at uninstall."""

import frappe
from frappe.custom.doctype.property_setter.property_setter import make_property_setter

from rule24_crm.setup.custom_fields import MODULE

#: (DocType, field or None for the DocType itself, property, value, type of the property)
PROPERTIES = (
	# ERPNext makes whoever opens the form the owner, so that no distribution rule would ever be asked
	("Lead", "lead_owner", "default", "", "Text"),
	# without a history of changes in ERPNext: what is known of a client is worth one
	("Lead", None, "track_changes", "1", "Check"),
	("Contact", None, "track_changes", "1", "Check"),
	# the list has room for so many columns, and the day of the next work says more
	("Lead", "job_title", "in_list_view", "0", "Check"),
	# ERPNext's stages are English records: shown in the user's language, as actions and results are
	("Sales Stage", None, "translated_doctype", "1", "Check"),
)


def make(*, of_field: str | None = None) -> None:
	"""Set the properties that nobody has set differently. Safe to run twice.

	:param of_field: only those of fields that are called so.
	"""
	for doctype, field, key, value, kind in PROPERTIES:
		if of_field and field != of_field:
			continue
		if frappe.db.exists("Property Setter", _filters(doctype, field, key)):
			continue
		setter = make_property_setter(doctype, field, key, value, kind, for_doctype=not field)
		setter.db_set("module", MODULE)
		frappe.clear_cache(doctype=doctype)


def delete() -> None:
	"""Take back what `make` has set."""
	for doctype, field, key, _value, _kind in PROPERTIES:
		frappe.db.delete("Property Setter", {**_filters(doctype, field, key), "module": MODULE})
		frappe.clear_cache(doctype=doctype)


def _filters(doctype: str, field: str | None, key: str) -> dict:
	place = {"field_name": field} if field else {"doctype_or_field": "DocType"}
	return {"doc_type": doctype, "property": key, **place}

"""Properties of stock fields that Rule24 CRM changes; taken back at uninstall."""

import frappe
from frappe.custom.doctype.property_setter.property_setter import make_property_setter

from rule24_crm.setup.custom_fields import MODULE

#: (DocType, field, property, value, type of the property)
PROPERTIES = (
	# ERPNext makes whoever opens the form the owner, so that no distribution rule would ever be asked
	("Lead", "lead_owner", "default", "", "Text"),
)


def make() -> None:
	"""Set the properties that nobody has set differently. Safe to run twice."""
	for doctype, field, key, value, kind in PROPERTIES:
		if frappe.db.exists("Property Setter", {"doc_type": doctype, "field_name": field, "property": key}):
			continue
		setter = make_property_setter(doctype, field, key, value, kind)
		setter.db_set("module", MODULE)
		frappe.clear_cache(doctype=doctype)


def delete() -> None:
	"""Take back what `make` has set."""
	for doctype, field, key, _value, _kind in PROPERTIES:
		frappe.db.delete(
			"Property Setter",
			{"doc_type": doctype, "field_name": field, "property": key, "module": MODULE},
		)
		frappe.clear_cache(doctype=doctype)

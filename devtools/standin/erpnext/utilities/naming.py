import frappe
from frappe.custom.doctype.property_setter.property_setter import make_property_setter
from frappe.model.naming import get_default_naming_series


def set_by_naming_series(doctype, fieldname, naming_series, hide_name_field=True, make_mandatory=1):
	"""Name records by a series, or by the field: show and ask for the one, hide the other."""
	_set(doctype, "naming_series", "hidden", 0 if naming_series else 1)
	_set(doctype, "naming_series", "reqd", make_mandatory if naming_series else 0)
	if hide_name_field:
		_set(doctype, fieldname, "hidden", 1 if naming_series else 0)
		_set(doctype, fieldname, "reqd", 0 if naming_series else 1)

	table = frappe.qb.DocType(doctype)
	if naming_series:
		_fill(table, table.naming_series, get_default_naming_series(doctype))
	elif hide_name_field:
		_fill(table, table[fieldname], table.name)


def _fill(table, column, value):
	frappe.qb.update(table).set(column, value).where(column.isnull() | (column == "")).run()


def _set(doctype, field, prop, value):
	make_property_setter(doctype, field, prop, value, "Check", validate_fields_for_doctype=False)

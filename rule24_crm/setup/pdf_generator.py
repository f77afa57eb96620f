"""Offers "chrome" as PDF Generator of Print Formats where Frappe has the field and does not offer it yet (15.100+)."""

import frappe
from frappe.custom.doctype.property_setter.property_setter import make_property_setter

from rule24_crm.setup.custom_fields import MODULE

DOCTYPE, FIELD, CHROME, STOCK = "Print Format", "pdf_generator", "chrome", "wkhtmltopdf"


def make() -> None:
	"""Add the option, so that a copy of one of our formats can be saved. Safe to run twice."""
	options = _options()
	if options is None or CHROME in options:
		return
	setter = make_property_setter(DOCTYPE, FIELD, "options", "\n".join([*options, CHROME]), "Small Text")
	setter.db_set("module", MODULE)
	frappe.clear_cache(doctype=DOCTYPE)


def delete() -> None:
	"""Take the option back, and with it the choice of formats that stay."""
	mine = {"doc_type": DOCTYPE, "field_name": FIELD, "module": MODULE}
	if not frappe.db.exists("Property Setter", mine):
		return
	frappe.db.delete("Property Setter", mine)
	frappe.clear_cache(doctype=DOCTYPE)
	if CHROME not in (_options() or [CHROME]):
		frappe.db.set_value(DOCTYPE, {FIELD: CHROME}, FIELD, STOCK, update_modified=False)


def _options() -> list[str] | None:
	"""What the field offers; None where there is no such field."""
	field = frappe.get_meta(DOCTYPE).get_field(FIELD)
	return (field.options or "").split("\n") if field else None

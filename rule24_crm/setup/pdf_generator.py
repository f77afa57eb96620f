"""Has Chromium print our formats, and offers it for others, where Frappe 15.100+ lets an app do so.

Their files say "wkhtmltopdf", which every Frappe knows: 16 would answer "chrome" by a generator of its own.
"""

import frappe
from frappe.custom.doctype.property_setter.property_setter import make_property_setter

from rule24_crm.compat import HAS_PDF_GENERATOR_HOOK
from rule24_crm.setup.custom_fields import MODULE

DOCTYPE, FIELD, CHROME, STOCK = "Print Format", "pdf_generator", "chrome", "wkhtmltopdf"


def make() -> None:
	"""Add the option, so that a copy of one of our formats can be saved, and choose it for ours. Safe to run twice."""
	_offer()
	choose()


def choose() -> None:
	"""Choose Chromium for our formats; after each migrate, which may read their files again."""
	if HAS_PDF_GENERATOR_HOOK and CHROME in (_options() or []):
		ours = {"module": MODULE, "standard": "Yes"}
		frappe.db.set_value(DOCTYPE, ours, FIELD, CHROME, update_modified=False)
		for name in frappe.get_all(DOCTYPE, ours, pluck="name"):
			frappe.clear_document_cache(DOCTYPE, name)


def _offer() -> None:
	options = _options()
	if not HAS_PDF_GENERATOR_HOOK or options is None or CHROME in options:
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

import frappe
from frappe.custom.doctype.property_setter.property_setter import make_property_setter
from frappe.model.document import Document
from frappe.utils import cint

# Site-wide default -> field of this form.
keydict = {
	"company": "default_company",
	"currency": "default_currency",
	"country": "country",
	"hide_currency_symbol": "hide_currency_symbol",
	"account_url": "account_url",
	"disable_rounded_total": "disable_rounded_total",
	"disable_in_words": "disable_in_words",
}

SELLING = ("Quotation", "Sales Order", "Sales Invoice")


class GlobalDefaults(Document):
	def on_update(self):
		for key, field in keydict.items():
			frappe.db.set_default(key, self.get(field, ""))
		if self.default_currency:
			frappe.db.set_value("Currency", self.default_currency, "enabled", 1)
		self.toggle_rounded_total()
		self.toggle_in_words()
		frappe.clear_cache()

	@frappe.whitelist()
	def get_defaults(self):
		return frappe.defaults.get_defaults()

	def toggle_rounded_total(self):
		self.disable_rounded_total = cint(self.disable_rounded_total)
		for doctype in SELLING:
			for field in ("base_rounded_total", "rounded_total"):
				_set(doctype, field, "hidden", self.disable_rounded_total)
				_set(doctype, field, "print_hide", 1)
			_set(doctype, "disable_rounded_total", "default", self.disable_rounded_total, "Text")

	def toggle_in_words(self):
		self.disable_in_words = cint(self.disable_in_words)
		for doctype in SELLING:
			_set(doctype, "in_words", "hidden", self.disable_in_words)
			_set(doctype, "in_words", "print_hide", self.disable_in_words)


def _set(doctype, field, prop, value, kind="Check"):
	make_property_setter(doctype, field, prop, value, kind, validate_fields_for_doctype=False)

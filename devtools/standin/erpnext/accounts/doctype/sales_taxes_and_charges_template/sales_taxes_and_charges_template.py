import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt

from erpnext.controllers.accounts_controller import validate_inclusive_tax, validate_taxes_and_charges


class SalesTaxesandChargesTemplate(Document):
	def autoname(self):
		if self.company and self.title:
			self.name = f"{self.title} - {frappe.get_cached_value('Company', self.company, 'abbr')}"

	def validate(self):
		valdiate_taxes_and_charges_template(self)

	def set_missing_values(self):
		for row in self.taxes:
			if row.charge_type == "On Net Total" and not flt(row.rate):
				row.rate = frappe.get_cached_value("Account", row.account_head, "tax_rate")


def valdiate_taxes_and_charges_template(doc):
	if doc.is_default == 1:
		others = {"is_default": 1, "name": ("!=", doc.name), "company": doc.company}
		for name in frappe.get_all(doc.doctype, filters=others, pluck="name"):
			frappe.db.set_value(doc.doctype, name, "is_default", 0, update_modified=False)
	validate_disabled(doc)
	validate_for_tax_category(doc)
	for row in doc.get("taxes"):
		validate_taxes_and_charges(row)
		validate_inclusive_tax(row, doc)


def validate_disabled(doc):
	if doc.is_default and doc.disabled:
		frappe.throw(_("The default template cannot be a disabled one"))


def validate_for_tax_category(doc):
	if not doc.tax_category:
		return
	same = {"company": doc.company, "tax_category": doc.tax_category, "disabled": 0}
	if frappe.db.exists(doc.doctype, {**same, "name": ("!=", doc.name)}):
		frappe.throw(_("Tax category {0} already has a template").format(frappe.bold(doc.tax_category)))

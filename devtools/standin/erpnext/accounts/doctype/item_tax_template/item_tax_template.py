import frappe
from frappe import _
from frappe.model.document import Document

ACCOUNT_TYPES = (
	"Tax",
	"Chargeable",
	"Income Account",
	"Expense Account",
	"Expenses Included In Valuation",
)


class ItemTaxTemplate(Document):
	def autoname(self):
		if self.company and self.title:
			self.name = f"{self.title} - {frappe.get_cached_value('Company', self.company, 'abbr')}"

	def validate(self):
		self.validate_tax_accounts()

	def validate_tax_accounts(self):
		seen = set()
		for row in self.get("taxes"):
			if not row.tax_type:
				continue
			if frappe.get_cached_value("Account", row.tax_type, "account_type") not in ACCOUNT_TYPES:
				frappe.throw(_("Row {0}: the account is not one for taxes or charges").format(row.idx))
			if row.tax_type in seen:
				frappe.throw(_("{0} stands here twice").format(row.tax_type))
			seen.add(row.tax_type)

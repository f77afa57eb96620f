import frappe
from frappe import _
from frappe.model.document import Document


class ModeofPayment(Document):
	def validate(self):
		self.validate_accounts()
		self.validate_repeating_companies()

	def validate_accounts(self):
		for row in self.accounts:
			if frappe.get_cached_value("Account", row.default_account, "company") != row.company:
				frappe.throw(_("Account {0} does not belong to {1}").format(row.default_account, row.company))

	def validate_repeating_companies(self):
		companies = [row.company for row in self.accounts]
		if len(companies) != len(set(companies)):
			frappe.throw(_("A company may stand here once only"))

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt


class PaymentTermsTemplate(Document):
	def validate(self):
		self.validate_invoice_portion()
		self.validate_terms()

	def validate_invoice_portion(self):
		if flt(sum(flt(term.invoice_portion) for term in self.terms), 2) != 100:
			frappe.throw(_("The portions must make 100 %"))

	def validate_terms(self):
		seen = []
		for term in self.terms:
			if self.allocate_payment_based_on_payment_terms and not term.payment_term:
				frappe.throw(_("Row {0} needs a payment term").format(term.idx))
			key = (term.payment_term, term.credit_days, term.credit_months, term.due_date_based_on)
			if key in seen:
				frappe.throw(_("Row {0} repeats another").format(term.idx))
			seen.append(key)

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate, nowdate


class Contract(Document):
	def validate(self):
		self.set_missing_values()
		self.validate_dates()
		self.update_contract_status()
		self.update_fulfilment_status()

	def before_submit(self):
		self.signed_by_company = frappe.session.user

	def before_update_after_submit(self):
		self.update_contract_status()
		self.update_fulfilment_status()

	def set_missing_values(self):
		if self.party_full_name:
			return
		fieldname = f"{self.party_type.lower()}_name"
		full_name = frappe.db.get_value(self.party_type, self.party_name, fieldname)
		if full_name:
			self.party_full_name = full_name

	def validate_dates(self):
		if self.end_date and self.end_date < self.start_date:
			frappe.throw(_("A contract cannot end before it starts"))

	def update_contract_status(self):
		self.status = get_status(self.start_date, self.end_date) if self.is_signed else "Unsigned"

	def update_fulfilment_status(self):
		self.fulfilment_status = self._fulfilment()

	def _fulfilment(self):
		if not self.requires_fulfilment:
			return "N/A"
		done, total = self.get_fulfilment_progress(), len(self.fulfilment_terms)
		if done and done == total:
			return "Fulfilled"
		if self.fulfilment_deadline and getdate(nowdate()) > getdate(self.fulfilment_deadline):
			return "Lapsed"
		return "Partially Fulfilled" if done else "Unfulfilled"

	def get_fulfilment_progress(self):
		return sum(1 for term in self.fulfilment_terms if term.fulfilled)


def get_status(start_date, end_date):
	"""Active from the first day to the last; a contract without a last day stays active."""
	if not end_date:
		return "Active"
	return "Active" if getdate(start_date) <= getdate(nowdate()) <= getdate(end_date) else "Inactive"


def update_status_for_contracts():
	for row in frappe.get_all(
		"Contract",
		filters={"is_signed": True, "docstatus": 1},
		fields=["name", "start_date", "end_date"],
	):
		frappe.db.set_value("Contract", row.name, "status", get_status(row.start_date, row.end_date))

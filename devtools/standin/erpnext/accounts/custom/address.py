import frappe
from frappe import _
from frappe.contacts.doctype.address.address import Address, get_address_display


class ERPNextAddress(Address):
	def validate(self):
		self.validate_reference()
		self.update_compnay_address()
		super().validate()

	def link_address(self):
		if not self.is_your_company_address:
			return super().link_address()

	def update_compnay_address(self):
		if self._company_rows():
			self.is_your_company_address = 1

	def validate_reference(self):
		if self.is_your_company_address and not self._company_rows():
			frappe.throw(_("Add a row for the Company to the links"), title=_("Company Not Linked"))

	def _company_rows(self):
		return [row for row in self.get("links") if row.link_doctype == "Company"]

	def on_update(self):
		"""Keep the text of the primary address on the customers that use this one."""
		customers = frappe.get_all("Customer", filters={"customer_primary_address": self.name}, pluck="name")
		if not customers:
			return
		text = get_address_display(self.as_dict())
		for customer in customers:
			frappe.db.set_value("Customer", customer, "primary_address", text)

import frappe
from frappe.custom.doctype.property_setter.property_setter import make_property_setter
from frappe.model.document import Document
from frappe.utils import cint

from erpnext.utilities.naming import set_by_naming_series


class SellingSettings(Document):
	def validate(self):
		for key in (
			"cust_master_name",
			"customer_group",
			"territory",
			"maintain_same_sales_rate",
			"editable_price_list_rate",
			"selling_price_list",
		):
			frappe.db.set_default(key, self.get(key, ""))
		by_series = self.get("cust_master_name") == "Naming Series"
		set_by_naming_series("Customer", "customer_name", by_series, hide_name_field=False)

	def on_update(self):
		self.toggle_hide_tax_id()

	def toggle_hide_tax_id(self):
		for doctype in ("Sales Order", "Sales Invoice"):
			for prop in ("hidden", "print_hide"):
				make_property_setter(
					doctype,
					"tax_id",
					prop,
					cint(self.hide_tax_id),
					"Check",
					validate_fields_for_doctype=False,
				)

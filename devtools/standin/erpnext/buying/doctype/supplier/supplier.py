import frappe
from frappe.contacts.address_and_contact import delete_contact_and_address, load_address_and_contact
from frappe.model.naming import set_name_by_naming_series, set_name_from_naming_options

from erpnext.utilities.transaction_base import TransactionBase


class Supplier(TransactionBase):
	def onload(self):
		load_address_and_contact(self)

	def autoname(self):
		way = frappe.defaults.get_global_default("supp_master_name")
		if way == "Supplier Name":
			self.name = self.supplier_name
		elif way == "Naming Series":
			set_name_by_naming_series(self)
		else:
			set_name_from_naming_options(frappe.get_meta(self.doctype).autoname, self)

	def on_trash(self):
		delete_contact_and_address("Supplier", self.name)

	def after_rename(self, olddn, newdn, merge=False):
		if frappe.defaults.get_global_default("supp_master_name") == "Supplier Name":
			self.db_set("supplier_name", newdn)

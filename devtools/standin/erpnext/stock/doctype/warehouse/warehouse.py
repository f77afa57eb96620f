import frappe
from frappe.contacts.address_and_contact import load_address_and_contact
from frappe.utils.nestedset import NestedSet, update_nsm


class Warehouse(NestedSet):
	nsm_parent_field = "parent_warehouse"

	def onload(self):
		load_address_and_contact(self)

	def autoname(self):
		self.name = self.warehouse_name
		if self.company:
			suffix = f" - {frappe.get_cached_value('Company', self.company, 'abbr')}"
			if not self.warehouse_name.endswith(suffix):
				self.name += suffix

	def on_update(self):
		self.update_nsm_model()

	def update_nsm_model(self):
		update_nsm(self)

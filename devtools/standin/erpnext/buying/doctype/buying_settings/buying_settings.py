import frappe
from frappe.model.document import Document

from erpnext.utilities.naming import set_by_naming_series


class BuyingSettings(Document):
	def validate(self):
		for key in ("supplier_group", "supp_master_name"):
			frappe.db.set_default(key, self.get(key, ""))
		by_series = self.get("supp_master_name") == "Naming Series"
		set_by_naming_series("Supplier", "supplier_name", by_series, hide_name_field=False)

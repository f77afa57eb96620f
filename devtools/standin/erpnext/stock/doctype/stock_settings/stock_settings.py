import frappe
from frappe.model.document import Document

from erpnext.utilities.naming import set_by_naming_series


class StockSettings(Document):
	def validate(self):
		for key in ("item_naming_by", "item_group", "stock_uom", "default_warehouse"):
			frappe.db.set_default(key, self.get(key, ""))
		by_series = self.get("item_naming_by") == "Naming Series"
		set_by_naming_series("Item", "item_code", by_series, hide_name_field=True, make_mandatory=0)

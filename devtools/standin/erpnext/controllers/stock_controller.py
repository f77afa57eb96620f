from frappe.utils import flt

from erpnext.controllers.accounts_controller import AccountsController


class StockController(AccountsController):
	def validate(self):
		super().validate()
		self.set_rate_of_stock_uom()
		self.reset_conversion_factor()

	def set_rate_of_stock_uom(self):
		for item in self.get("items"):
			item.stock_uom_rate = item.rate / (item.conversion_factor or 1)

	def reset_conversion_factor(self):
		for item in self.get("items"):
			if item.uom == item.stock_uom and flt(item.conversion_factor) != 1.0:
				item.conversion_factor = 1.0

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint


class PriceList(Document):
	def validate(self):
		if not (cint(self.buying) or cint(self.selling)):
			frappe.throw(_("A price list is for buying or for selling"))

	def on_update(self):
		self.set_default_if_missing()
		self.update_item_price()

	def set_default_if_missing(self):
		if cint(self.selling) and not frappe.db.get_single_value("Selling Settings", "selling_price_list"):
			frappe.set_value("Selling Settings", "Selling Settings", "selling_price_list", self.name)

	def update_item_price(self):
		table = frappe.qb.DocType("Item Price")
		(
			frappe.qb.update(table)
			.set(table.currency, self.currency)
			.set(table.buying, cint(self.buying))
			.set(table.selling, cint(self.selling))
			.set(table.modified, frappe.utils.now())
			.where(table.price_list == self.name)
		).run()

	def on_trash(self):
		settings = frappe.get_doc("Selling Settings")
		if settings.selling_price_list == self.name:
			settings.selling_price_list = None
			settings.flags.ignore_permissions = True
			settings.save()


def get_price_list_details(price_list):
	details = frappe.get_cached_value(
		"Price List", price_list, ["currency", "price_not_uom_dependent", "enabled"], as_dict=1
	)
	if not details or not details.enabled:
		frappe.throw(_("Price list {0} is disabled or does not exist").format(price_list))
	return details

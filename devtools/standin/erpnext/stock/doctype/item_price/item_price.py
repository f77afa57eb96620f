import frappe
from frappe import _
from frappe.model.document import Document


class ItemPriceDuplicateItem(frappe.ValidationError):
	pass


class ItemPrice(Document):
	def validate(self):
		self.validate_item()
		self.validate_from_to_dates("valid_from", "valid_upto")
		self.update_price_list_details()
		self.update_item_details()
		self.check_duplicates()
		self.validate_item_template()

	def before_save(self):
		if self.selling:
			self.reference = self.customer
		if self.buying and not self.selling:
			self.customer = None

	def validate_item(self):
		if not frappe.db.exists("Item", self.item_code):
			frappe.throw(_("There is no Item {0}").format(self.item_code))
		unit = {"parenttype": "Item", "parent": self.item_code, "uom": self.uom}
		if self.uom and not frappe.db.exists("UOM Conversion Detail", unit):
			frappe.throw(_("Item {1} has no unit {0}").format(self.uom, self.item_code))

	def update_price_list_details(self):
		if not self.price_list:
			return
		enabled = {"name": self.price_list, "enabled": 1}
		details = frappe.db.get_value("Price List", enabled, ["buying", "selling", "currency"])
		if not details:
			frappe.throw(_("Price list {0} is disabled or does not exist").format(self.price_list))
		self.buying, self.selling, self.currency = details

	def update_item_details(self):
		if self.item_code:
			self.item_name, self.item_description = frappe.db.get_value(
				"Item", self.item_code, ["item_name", "description"]
			)

	def validate_item_template(self):
		if frappe.get_cached_value("Item", self.item_code, "has_variants"):
			frappe.throw(_("Item {0} is a template and has no price").format(frappe.bold(self.item_code)))

	def check_duplicates(self):
		filters = {
			"item_code": self.item_code,
			"price_list": self.price_list,
			"name": ("!=", self.name),
		}
		for field in ("uom", "valid_from", "valid_upto", "customer", "packing_unit"):
			value = self.get(field)
			filters[field] = value or ("is", "not set")
		if not self.packing_unit:
			filters["packing_unit"] = 0
		if frappe.db.exists("Item Price", filters):
			frappe.throw(
				_("The item has a price for this list, client, unit, quantity and dates already"),
				ItemPriceDuplicateItem,
			)

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.model.naming import set_name_by_naming_series
from frappe.utils import cint, cstr, flt, getdate, nowdate, strip, strip_html
from frappe.utils.html_utils import clean_html

import erpnext


class Item(Document):
	def autoname(self):
		if frappe.db.get_default("item_naming_by") == "Naming Series":
			set_name_by_naming_series(self)
			self.item_code = self.name
		self.item_code = strip(self.item_code)
		self.name = self.item_code

	def after_insert(self):
		if self.standard_rate:
			for row in self.item_defaults or [frappe._dict()]:
				self.add_price(row.default_price_list)

	def validate(self):
		if not self.item_name:
			self.item_name = self.item_code
		if not strip_html(cstr(self.description)).strip():
			self.description = self.item_name
		self.validate_description()
		self.add_default_uom_in_conversion_factor_table()
		self.validate_conversion_factor()
		self.update_defaults_from_item_group()

	def on_update(self):
		self.update_item_price()

	def validate_description(self):
		if cint(frappe.db.get_single_value("Stock Settings", "clean_description_html")):
			self.description = clean_html(self.description)

	def add_default_uom_in_conversion_factor_table(self):
		if not self.is_new() and self.has_value_changed("stock_uom"):
			self.uoms = []
		if self.stock_uom not in [row.uom for row in self.get("uoms")]:
			self.append("uoms", {"uom": self.stock_uom, "conversion_factor": 1})

	def validate_conversion_factor(self):
		seen = set()
		for row in self.get("uoms"):
			if row.uom in seen:
				frappe.throw(_("Unit {0} stands here twice").format(row.uom))
			seen.add(row.uom)
			if row.uom and row.uom == self.stock_uom and flt(row.conversion_factor) != 1:
				frappe.throw(_("Row {0}: one unit of the stock is one unit").format(row.idx))

	def update_defaults_from_item_group(self):
		"""An item that has defaults of no company yet takes those of its group."""
		if self.item_defaults or not self.item_group:
			return
		fields = (
			"company",
			"default_warehouse",
			"default_price_list",
			"buying_cost_center",
			"selling_cost_center",
			"expense_account",
			"income_account",
		)
		rows = frappe.get_all("Item Default", {"parent": self.item_group, "parenttype": "Item Group"}, fields)
		for row in rows:
			self.append("item_defaults", row)
		if not rows:
			company = frappe.defaults.get_defaults().company
			warehouse = frappe.db.get_single_value("Stock Settings", "default_warehouse")
			if warehouse and frappe.get_cached_value("Warehouse", warehouse, "company") != company:
				warehouse = frappe.db.get_value(
					"Warehouse", {"warehouse_name": _("Stores"), "company": company}
				)
			if company:
				self.append("item_defaults", {"company": company, "default_warehouse": warehouse})

	def add_price(self, price_list=None):
		price_list = (
			price_list
			or frappe.db.get_single_value("Selling Settings", "selling_price_list")
			or frappe.db.get_value("Price List", _("Standard Selling"))
		)
		if price_list:
			price = frappe.new_doc("Item Price")
			price.price_list = price_list
			price.item_code = self.name
			price.uom = self.stock_uom
			price.brand = self.brand
			price.currency = erpnext.get_default_currency()
			price.price_list_rate = self.standard_rate
			price.insert()

	def update_item_price(self):
		table = frappe.qb.DocType("Item Price")
		(
			frappe.qb.update(table)
			.set(table.item_name, self.item_name)
			.set(table.item_description, self.description)
			.set(table.brand, self.brand)
			.where(table.item_code == self.name)
		).run()


def get_item_defaults(item_code, company):
	"""The item as a dict, with its row of defaults for the company laid over it."""
	item = frappe.get_cached_doc("Item", item_code)
	values = item.as_dict()
	for row in item.item_defaults:
		if row.company == company:
			defaults = row.as_dict()
			defaults.pop("name")
			values.update(defaults)
	return values


def set_item_default(item_code, company, fieldname, value):
	"""Fill an empty default of the item for the company; a default that is there stays."""
	item = frappe.get_cached_doc("Item", item_code)
	for row in item.item_defaults:
		if row.company == company:
			if not row.get(fieldname):
				frappe.db.set_value(row.doctype, row.name, fieldname, value)
			return
	item.append("item_defaults", {fieldname: value, "company": company}).db_insert()
	item.clear_cache()


def validate_end_of_life(item_code, end_of_life=None, disabled=None):
	if not end_of_life and not disabled:
		end_of_life, disabled = frappe.db.get_value("Item", item_code, ["end_of_life", "disabled"])
	if end_of_life and str(end_of_life) != "0000-00-00" and getdate(end_of_life) <= getdate(nowdate()):
		frappe.throw(_("The life of item {0} ended on {1}").format(item_code, end_of_life))
	if disabled:
		frappe.throw(_("Item {0} is disabled").format(item_code))

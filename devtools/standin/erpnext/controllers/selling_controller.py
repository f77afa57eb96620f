import frappe
from frappe import _
from frappe.utils import cint, flt, money_in_words

from erpnext.accounts.party import render_address
from erpnext.controllers.accounts_controller import get_taxes_and_charges
from erpnext.controllers.stock_controller import StockController
from erpnext.stock.doctype.item.item import set_item_default

# Field of an address -> field of its text.
ADDRESSES = {
	"customer_address": "address_display",
	"shipping_address_name": "shipping_address",
	"company_address": "company_address_display",
	"dispatch_address_name": "dispatch_address",
}


class SellingController(StockController):
	def __setup__(self):
		self.flags.ignore_permlevel_for_fields = ["selling_price_list", "price_list_currency"]

	def validate(self):
		super().validate()
		self.validate_items()
		if not (self.get("is_debit_note") or self.get("is_return")):
			self.validate_max_discount()
		self.set_qty_as_per_stock_uom()
		set_default_income_account_for_item(self)
		self.set_customer_address()
		self.validate_for_duplicate_items()

	def set_missing_values(self, for_validate=False):
		super().set_missing_values(for_validate)
		self.set_missing_lead_customer_details(for_validate=for_validate)
		self.set_price_list_and_item_details(for_validate=for_validate)
		self.set_company_contact_person()

	def set_missing_lead_customer_details(self, for_validate=False):
		customer, lead = self.get("customer"), None
		if self.doctype == "Quotation" and self.party_name:
			if self.quotation_to == "Customer":
				customer = self.party_name
			elif self.quotation_to == "Lead":
				lead = self.party_name

		if customer:
			self.update_if_missing(self._customer_details(customer))
		elif lead:
			from erpnext.crm.doctype.lead.lead import get_lead_details

			date = self.get("transaction_date") or self.get("posting_date")
			self.update_if_missing(
				get_lead_details(lead, posting_date=date, company=self.company, doctype=self.doctype)
			)

		if self.get("taxes_and_charges") and not self.get("taxes") and not for_validate:
			rows = get_taxes_and_charges("Sales Taxes and Charges Template", self.taxes_and_charges)
			self.extend("taxes", rows)

	def _customer_details(self, customer):
		from erpnext.accounts.party import _get_party_details

		given = {
			"party_address": self.customer_address,
			"shipping_address": self.shipping_address_name,
			"company_address": self.get("company_address"),
			"posting_date": self.get("posting_date"),
		}
		details = _get_party_details(
			customer,
			company=self.company,
			doctype=self.doctype,
			fetch_payment_terms_template=self.has_value_changed("company"),
			ignore_permissions=self.flags.ignore_permissions,
			**given,
		)
		return details if self.meta.get_field("sales_team") else _without(details, "sales_team")

	def set_price_list_and_item_details(self, for_validate=False):
		self.set_price_list_currency("Selling")
		self.set_missing_item_details(for_validate=for_validate)

	def set_company_contact_person(self):
		if self.company and self.meta.has_field("company_contact_person") and not self.company_contact_person:
			self.company_contact_person = frappe.get_cached_value(
				"Company", self.company, "default_sales_contact"
			)

	def set_total_in_words(self):
		exact = self.is_rounded_total_disabled()
		if self.meta.get_field("base_in_words"):
			amount = self.base_grand_total if exact else self.base_rounded_total
			self.base_in_words = money_in_words(abs(amount), self.company_currency)
		if self.meta.get_field("in_words"):
			amount = self.grand_total if exact else self.rounded_total
			self.in_words = money_in_words(abs(amount), self.currency)

	def calculate_commission(self):
		if not self.meta.get_field("commission_rate"):
			return
		self.round_floats_in(self, ("amount_eligible_for_commission", "commission_rate"))
		if not 0 <= self.commission_rate <= 100.0:
			label = _(self.meta.get_label("commission_rate"))
			frappe.throw(_("{0} must be between 0 and 100").format(label))
		earning = [row.base_net_amount for row in self.items if row.grant_commission]
		self.amount_eligible_for_commission = sum(earning)
		commission = self.amount_eligible_for_commission * self.commission_rate / 100.0
		self.total_commission = flt(commission, self.precision("total_commission"))

	def calculate_contribution(self):
		if not self.meta.get_field("sales_team"):
			return
		team = self.get("sales_team")
		self.validate_sales_team(team)
		for row in team:
			self.round_floats_in(row)
			row.allocated_amount = flt(
				flt(self.amount_eligible_for_commission) * row.allocated_percentage / 100.0,
				self.precision("allocated_amount", row),
			)
			if row.commission_rate:
				row.incentives = flt(
					row.allocated_amount * flt(row.commission_rate) / 100.0, self.precision("incentives", row)
				)
		if team and sum(row.allocated_percentage for row in team) != 100.0:
			frappe.throw(_("The shares of the sales team must make 100 %"))

	def validate_sales_team(self, sales_team):
		for row in sales_team:
			if not frappe.db.get_value("Sales Person", row.sales_person, "enabled"):
				frappe.throw(_("Sales person {0} is disabled").format(row.sales_person))

	def validate_max_discount(self):
		for row in self.get("items"):
			limit = (
				flt(frappe.get_cached_value("Item", row.item_code, "max_discount")) if row.item_code else 0
			)
			if limit and flt(row.discount_percentage) > limit:
				frappe.throw(_("The discount on {0} may be {1} % at most").format(row.item_code, limit))

	def set_qty_as_per_stock_uom(self):
		for row in self.get("items"):
			if row.meta.get_field("stock_qty"):
				if not row.conversion_factor:
					frappe.throw(_("Row {0}: the conversion factor is missing").format(row.idx))
				row.stock_qty = flt(row.qty) * flt(row.conversion_factor)

	def set_customer_address(self):
		for field, text_field in ADDRESSES.items():
			if self.get(field):
				self.set(text_field, render_address(self.get(field), check_permissions=False))

	def validate_for_duplicate_items(self):
		if cint(frappe.db.get_single_value("Selling Settings", "allow_multiple_items")):
			return
		seen = set()
		for row in self.get("items"):
			key = (row.item_code, row.description, row.get("sales_order"))
			if frappe.get_cached_value("Item", row.item_code, "is_stock_item"):
				key += (row.get("warehouse"),)
			if key in seen:
				frappe.throw(_("Item {0} stands here twice").format(frappe.bold(row.item_code)))
			seen.add(key)

	def validate_items(self):
		codes = [row.item_code for row in self.get("items") if row.item_code]
		if not codes:
			return
		wrong = frappe.get_all("Item", {"name": ("in", codes), "is_sales_item": 0}, pluck="name")
		if wrong:
			frappe.throw(_("Not for sale: {0}").format(", ".join(wrong)))


def _without(values, key):
	return frappe._dict({name: value for name, value in values.items() if name != key})


def set_default_income_account_for_item(obj):
	"""An income account other than the company's becomes the item's own, if it has none."""
	default = frappe.get_cached_value("Company", obj.company, "default_income_account")
	for row in obj.get("items", default=[]):
		account = getattr(row, "income_account", None)
		if row.item_code and account and account != default:
			set_item_default(row.item_code, obj.company, "income_account", account)

import json

import frappe
from frappe.model.document import Document
from frappe.utils import cint, flt, round_based_on_smallest_currency_fraction

import erpnext
from erpnext.controllers.accounts_controller import (
	validate_conversion_rate,
	validate_inclusive_tax,
	validate_taxes_and_charges,
)
from erpnext.stock.get_item_details import get_item_tax_map

# What a tax row counts up, or holds only while the totals are made.
COUNTERS = (
	"total",
	"tax_amount_after_discount_amount",
	"tax_amount_for_current_item",
	"grand_total_for_current_item",
	"tax_fraction_for_current_item",
	"grand_total_fraction_for_current_item",
)


class calculate_taxes_and_totals:
	"""Rates, taxes and totals of a selling document, in its currency and in the company's.

	A discount on the whole document, shipping, margins and free items are not in the slice.
	"""

	def __init__(self, doc: Document):
		self.doc = doc
		self.by_row = frappe.db.get_single_value("Accounts Settings", "round_row_wise_tax")
		self.calculate()

	def calculate(self, ignore_tax_template_validation=False):
		if not len(self.doc.items):
			return
		self.grand_total_diff = 0
		self.validate_conversion_rate()
		self.calculate_item_values()
		self.update_item_tax_map()
		self.initialize_taxes()
		self.determine_exclusive_rate()
		self.calculate_net_total()
		self.calculate_taxes()
		self.adjust_grand_total_for_inclusive_tax()
		self.calculate_totals()
		self._cleanup()
		if self.doc.doctype == "Sales Invoice":
			self.calculate_outstanding_amount()

	def validate_conversion_rate(self):
		doc = self.doc
		company_currency = erpnext.get_company_currency(doc.company)
		if not doc.currency or doc.currency == company_currency:
			doc.currency = company_currency
			doc.conversion_rate = 1.0
		else:
			label = doc.meta.get_label("conversion_rate")
			validate_conversion_rate(doc.currency, doc.conversion_rate, label, doc.company)
		doc.conversion_rate = flt(doc.conversion_rate)

	def calculate_item_values(self):
		for item in self.doc.items:
			self.doc.round_floats_in(item)
			if item.discount_percentage == 100:
				item.rate = 0.0
			elif item.price_list_rate and not item.rate:
				item.rate = flt(
					item.price_list_rate * (1.0 - item.discount_percentage / 100.0), item.precision("rate")
				)
			if flt(item.price_list_rate) > 0:
				item.discount_amount = item.price_list_rate - item.rate

			item.net_rate = item.rate
			if not item.qty and self.doc.get("is_debit_note"):
				item.amount = flt(item.rate, item.precision("amount"))
			else:
				item.amount = flt(item.rate * item.qty, item.precision("amount"))
			item.net_amount = item.amount
			self._set_in_company_currency(
				item, ["price_list_rate", "rate", "net_rate", "amount", "net_amount"]
			)

	def _set_in_company_currency(self, doc, fields):
		for field in fields:
			value = flt(doc.get(field), doc.precision(field)) * self.doc.conversion_rate
			doc.set(f"base_{field}", flt(value, doc.precision(f"base_{field}")))

	def update_item_tax_map(self):
		for item in self.doc.items:
			item.item_tax_rate = get_item_tax_map(self.doc.company, item.item_tax_template, as_json=True)

	def initialize_taxes(self):
		for tax in self.doc.get("taxes"):
			validate_taxes_and_charges(tax)
			validate_inclusive_tax(tax, self.doc)
			if not tax.get("dont_recompute_tax"):
				tax.item_wise_tax_detail = {}
			for field in COUNTERS:
				tax.set(field, 0.0)
			if tax.charge_type != "Actual":
				tax.tax_amount = 0.0
			self.doc.round_floats_in(tax)

	def determine_exclusive_rate(self):
		"""Take the taxes that the rate includes out of the net amounts."""
		taxes = self.doc.get("taxes")
		if not any(cint(tax.included_in_print_rate) for tax in taxes):
			return
		for item in self.doc.items:
			rates = self._load_item_tax_rate(item.item_tax_rate)
			fraction, per_qty, so_far = 0, 0, 1
			for tax in taxes:
				tax.tax_fraction_for_current_item, each = self.get_current_tax_fraction(tax, rates)
				so_far += tax.tax_fraction_for_current_item
				tax.grand_total_fraction_for_current_item = so_far
				fraction += tax.tax_fraction_for_current_item
				per_qty += each * flt(item.qty)
			if item.qty and (fraction or per_qty):
				net = (flt(item.amount) - per_qty) / (1 + fraction)
				item.net_amount = flt(net, item.precision("net_amount"))
				item.net_rate = flt(item.net_amount / item.qty, item.precision("net_rate"))
				places = item.precision("discount_percentage")
				item.discount_percentage = flt(item.discount_percentage, places)
				self._set_in_company_currency(item, ["net_rate", "net_amount"])

	def _load_item_tax_rate(self, item_tax_rate):
		return json.loads(item_tax_rate) if item_tax_rate else {}

	def get_current_tax_fraction(self, tax, item_tax_map):
		if not cint(tax.included_in_print_rate):
			return 0, 0
		rate = self._get_tax_rate(tax, item_tax_map)
		if tax.charge_type == "On Net Total":
			return rate / 100.0, 0
		if tax.charge_type == "On Previous Row Amount":
			return rate / 100.0 * self._row_above(tax).tax_fraction_for_current_item, 0
		if tax.charge_type == "On Previous Row Total":
			return rate / 100.0 * self._row_above(tax).grand_total_fraction_for_current_item, 0
		if tax.charge_type == "On Item Quantity":
			return 0, flt(rate)
		return 0, 0

	def _row_above(self, tax):
		return self.doc.get("taxes")[cint(tax.row_id) - 1]

	def _get_tax_rate(self, tax, item_tax_map):
		if tax.account_head in item_tax_map:
			return flt(item_tax_map.get(tax.account_head), self.doc.precision("rate", tax))
		return tax.rate

	def calculate_net_total(self):
		doc = self.doc
		for field, column in (
			("total_qty", "qty"),
			("total", "amount"),
			("base_total", "base_amount"),
			("net_total", "net_amount"),
			("base_net_total", "base_net_amount"),
		):
			doc.set(field, sum((item.get(column) for item in doc.items), 0.0))
		doc.round_floats_in(doc, ["total", "base_total", "net_total", "base_net_total"])

	def calculate_taxes(self):
		taxes = self.doc.get("taxes")
		if not taxes:
			return
		left = {
			tax.idx: flt(tax.tax_amount, tax.precision("tax_amount"))
			for tax in taxes
			if tax.charge_type == "Actual"
		}
		last = self.doc.items[-1]
		for item in self.doc.items:
			rates = self._load_item_tax_rate(item.item_tax_rate)
			before = item.net_amount
			for tax in taxes:
				amount = self.get_current_tax_amount(item, tax, rates)
				if self.by_row:
					amount = flt(amount, tax.precision("tax_amount"))
				if tax.charge_type == "Actual":
					left[tax.idx] -= amount
					if item is last:
						amount += left[tax.idx]
				else:
					tax.tax_amount += amount
				tax.tax_amount_for_current_item = amount
				tax.tax_amount_after_discount_amount += amount
				before = tax.grand_total_for_current_item = flt(before + amount)

		total = self.doc.net_total
		for tax in taxes:
			for field in ("tax_amount", "tax_amount_after_discount_amount"):
				tax.set(field, flt(tax.get(field), tax.precision("tax_amount")))
			self._set_in_company_currency(tax, ["tax_amount", "tax_amount_after_discount_amount"])
			total = tax.total = flt(total + tax.tax_amount_after_discount_amount, tax.precision("total"))
			self._set_in_company_currency(tax, ["total"])

	def get_current_tax_amount(self, item, tax, item_tax_map):
		rate = self._get_tax_rate(tax, item_tax_map)
		amount = 0.0
		if tax.charge_type == "Actual":
			actual = flt(tax.tax_amount, tax.precision("tax_amount"))
			if self.doc.net_total:
				amount = item.net_amount * actual / self.doc.net_total
		elif tax.charge_type == "On Net Total":
			amount = rate / 100.0 * item.net_amount
		elif tax.charge_type == "On Previous Row Amount":
			amount = rate / 100.0 * self._row_above(tax).tax_amount_for_current_item
		elif tax.charge_type == "On Previous Row Total":
			amount = rate / 100.0 * self._row_above(tax).grand_total_for_current_item
		elif tax.charge_type == "On Item Quantity":
			amount = rate * item.qty
		if not tax.get("dont_recompute_tax"):
			self.set_item_wise_tax(item, tax, rate, amount)
		return amount

	def set_item_wise_tax(self, item, tax, tax_rate, current_tax_amount):
		key = item.item_code or item.item_name
		places = tax.precision("tax_amount") if self.by_row else None
		amount = flt(current_tax_amount * self.doc.conversion_rate, places)
		known = tax.item_wise_tax_detail.get(key)
		if known:
			amount += flt(known[1], places)
		tax.item_wise_tax_detail[key] = [tax_rate, flt(amount, places)]

	def adjust_grand_total_for_inclusive_tax(self):
		"""A kopeck lost in taking the taxes out goes back to the grand total, up to five of them."""
		taxes = self.doc.get("taxes")
		if not any(cint(tax.included_in_print_rate) for tax in taxes or []):
			return
		last = taxes[-1]
		on_top = sum(tax.tax_amount_after_discount_amount for tax in taxes if not tax.included_in_print_rate)
		lost = flt(
			self.doc.total + on_top - flt(last.total, last.precision("total")),
			self.doc.precision("rounding_adjustment"),
		)
		self.grand_total_diff = lost if abs(lost) <= 5.0 / 10 ** last.precision("tax_amount") else 0

	def calculate_totals(self):
		doc = self.doc
		taxes = doc.get("taxes")
		doc.grand_total = flt(taxes[-1].total) + self.grand_total_diff if taxes else flt(doc.net_total)
		doc.total_taxes_and_charges = 0.0
		if taxes:
			doc.total_taxes_and_charges = flt(
				doc.grand_total - doc.net_total - self.grand_total_diff,
				doc.precision("total_taxes_and_charges"),
			)
		self._set_in_company_currency(doc, ["total_taxes_and_charges"])
		doc.base_grand_total = doc.base_net_total
		if doc.total_taxes_and_charges:
			places = doc.precision("base_grand_total")
			doc.base_grand_total = flt(doc.grand_total * doc.conversion_rate, places)
		doc.round_floats_in(doc, ["grand_total", "base_grand_total"])
		self.set_rounded_total()

	def set_rounded_total(self):
		doc = self.doc
		if not doc.meta.get_field("rounded_total"):
			return
		if doc.is_rounded_total_disabled():
			doc.rounded_total = doc.base_rounded_total = doc.rounding_adjustment = 0
			return
		doc.rounded_total = round_based_on_smallest_currency_fraction(
			doc.grand_total, doc.currency, doc.precision("rounded_total")
		)
		places = doc.precision("rounding_adjustment")
		doc.rounding_adjustment = flt(doc.rounded_total - doc.grand_total, places)
		self._set_in_company_currency(doc, ["rounding_adjustment", "rounded_total"])

	def _cleanup(self):
		for tax in self.doc.get("taxes"):
			if not tax.get("dont_recompute_tax"):
				tax.item_wise_tax_detail = json.dumps(tax.item_wise_tax_detail, separators=(",", ":"))

	def calculate_outstanding_amount(self):
		"""All of it: the slice has no advances, no payments and no write-off."""
		doc = self.doc
		if doc.docstatus.is_cancelled():
			return
		doc.total_advance = 0.0
		prefix = "" if doc.party_account_currency == doc.currency else "base_"
		total = doc.get(f"{prefix}rounded_total") or doc.get(f"{prefix}grand_total")
		total = flt(total, doc.precision(f"{prefix}grand_total"))
		doc.outstanding_amount = flt(total, doc.precision("outstanding_amount"))

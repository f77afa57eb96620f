import json

import frappe
from frappe import _
from frappe.model.mapper import get_mapped_doc
from frappe.utils import flt, getdate, nowdate

from erpnext.controllers.selling_controller import SellingController


class Quotation(SellingController):
	def validate(self):
		super().validate()
		self.set_status()
		for unit, quantity in (("stock_uom", "stock_qty"), ("uom", "qty")):
			self.validate_uom_is_integer(unit, quantity)
		self.validate_valid_till()
		self.set_customer_name()

	def validate_valid_till(self):
		if self.valid_till and getdate(self.valid_till) < getdate(self.transaction_date):
			frappe.throw(_("A quotation cannot end before its date"))

	def set_customer_name(self):
		if not self.party_name:
			return
		if self.quotation_to == "Customer":
			self.customer_name = frappe.db.get_value("Customer", self.party_name, "customer_name")
		elif self.quotation_to == "Lead":
			person, company = frappe.db.get_value("Lead", self.party_name, ["lead_name", "company_name"])
			self.customer_name = company or person
		elif self.quotation_to == "Prospect":
			self.customer_name = self.party_name

	def on_submit(self):
		self.update_opportunity("Quotation")
		self.update_lead()

	def on_cancel(self):
		if self.lost_reasons:
			self.lost_reasons = []
		self.set_status(update=True)
		self.update_opportunity("Open")
		self.update_lead()

	def get_ordered_status(self):
		ordered = get_ordered_items(self.name)
		if not ordered:
			return "Open"
		short = any(row.name not in ordered or row.qty > ordered[row.name] for row in self.get("items"))
		return "Partially Ordered" if short else "Ordered"

	def is_fully_ordered(self):
		return self.get_ordered_status() == "Ordered"

	def is_partially_ordered(self):
		return self.get_ordered_status() == "Partially Ordered"

	def update_lead(self):
		if self.quotation_to == "Lead" and self.party_name:
			frappe.get_doc("Lead", self.party_name).set_status(update=True)

	def update_opportunity(self, status):
		for deal in {row.prevdoc_docname for row in self.get("items")} - {None, ""}:
			self.update_opportunity_status(status, deal)
		if self.opportunity:
			self.update_opportunity_status(status)

	def update_opportunity_status(self, status, opportunity=None):
		frappe.get_doc("Opportunity", opportunity or self.opportunity).set_status(status=status, update=True)

	@frappe.whitelist()
	def declare_enquiry_lost(self, lost_reasons_list, competitors, detailed_reason=None):
		if self.is_fully_ordered() or self.is_partially_ordered():
			frappe.throw(_("A quotation that was ordered cannot be lost"))
		known = frappe.get_list("Quotation Lost Reason", pluck="name")
		self.db_set("status", "Lost")
		if detailed_reason:
			self.db_set("order_lost_reason", detailed_reason)
		for reason in lost_reasons_list:
			if reason.get("lost_reason") not in known:
				frappe.throw(
					_("There is no reason {0}: make it first").format(frappe.bold(reason.get("lost_reason")))
				)
			self.append("lost_reasons", reason)
		self.extend("competitors", competitors)
		self.update_opportunity("Lost")
		self.update_lead()
		self.save()


@frappe.whitelist()
def make_sales_order(source_name: str, target_doc=None, args=None):
	quotation = frappe.db.get_value(
		"Quotation", source_name, ["transaction_date", "valid_till"], as_dict=True
	)
	end = quotation.valid_till
	if end and (end < quotation.transaction_date or end < getdate(nowdate())):
		frappe.throw(_("The quotation is no longer valid"))
	return _make_sales_order(source_name, target_doc, args=args)


def _make_sales_order(source_name, target_doc=None, ignore_permissions=False, args=None):
	customer = _make_customer(source_name, ignore_permissions)
	ordered = get_ordered_items(source_name)
	chosen = _chosen(args)

	def fill(source, target):
		if customer:
			target.customer = customer.name
			target.customer_name = customer.customer_name
		target.flags.ignore_permissions = ignore_permissions
		target.run_method("set_missing_values")
		target.run_method("calculate_taxes_and_totals")

	def fill_row(source, target, source_parent):
		target.qty = flt(source.qty) - flt(ordered.get(source.name))
		target.stock_qty = flt(target.qty) * flt(source.conversion_factor)

	def wanted(row):
		return row.qty > flt(ordered.get(row.name)) and (not chosen or row.name in chosen)

	table_map = {
		"Quotation": {
			"doctype": "Sales Order",
			"validation": {"docstatus": ["=", 1]},
			"field_no_map": ["payment_terms_template"],
		},
		"Quotation Item": {
			"doctype": "Sales Order Item",
			"field_map": {"parent": "prevdoc_docname", "name": "quotation_item"},
			"postprocess": fill_row,
			"condition": wanted,
		},
		"Sales Taxes and Charges": {"doctype": "Sales Taxes and Charges", "reset_value": True},
		"Sales Team": {"doctype": "Sales Team", "add_if_empty": True},
	}
	return get_mapped_doc(
		"Quotation", source_name, table_map, target_doc, fill, ignore_permissions=ignore_permissions
	)


@frappe.whitelist()
def make_sales_invoice(source_name, target_doc=None, args=None):
	return _make_sales_invoice(source_name, target_doc, args=args)


def _make_sales_invoice(source_name, target_doc=None, ignore_permissions=False, args=None):
	customer = _make_customer(source_name, ignore_permissions)
	chosen = _chosen(args)

	def fill(source, target):
		if customer:
			target.customer = customer.name
			target.customer_name = customer.customer_name
		target.flags.ignore_permissions = ignore_permissions
		target.run_method("set_missing_values")
		target.run_method("calculate_taxes_and_totals")

	def fill_row(source, target, source_parent):
		target.cost_center = None
		target.stock_qty = flt(source.qty) * flt(source.conversion_factor)

	table_map = {
		"Quotation": {"doctype": "Sales Invoice", "validation": {"docstatus": ["=", 1]}},
		"Quotation Item": {
			"doctype": "Sales Invoice Item",
			"postprocess": fill_row,
			"condition": lambda row: not chosen or row.name in chosen,
		},
		"Sales Taxes and Charges": {"doctype": "Sales Taxes and Charges", "reset_value": True},
		"Sales Team": {"doctype": "Sales Team", "add_if_empty": True},
	}
	return get_mapped_doc(
		"Quotation", source_name, table_map, target_doc, fill, ignore_permissions=ignore_permissions
	)


def _chosen(args):
	args = json.loads(args) if isinstance(args, str) else args or {}
	return args.get("filtered_children") or []


def _make_customer(source_name, ignore_permissions=False):
	"""The customer of the quotation; a lead or a prospect becomes one if it has not yet."""
	party_type, party = frappe.db.get_value("Quotation", source_name, ["quotation_to", "party_name"])
	if party_type == "Customer":
		return frappe.get_doc("Customer", party)
	field = {"Lead": "lead_name", "Prospect": "prospect_name"}.get(party_type)
	if not field:
		return None
	known = frappe.db.get_value("Customer", {field: party})
	if known:
		return frappe.get_doc("Customer", known)
	make = create_customer_from_lead if party_type == "Lead" else create_customer_from_prospect
	return make(party, ignore_permissions=ignore_permissions)


def create_customer_from_lead(lead_name, ignore_permissions=False):
	from erpnext.crm.doctype.lead.lead import _make_customer

	customer = _make_customer(lead_name, ignore_permissions=ignore_permissions)
	customer.flags.ignore_permissions = ignore_permissions
	return customer.insert()


def create_customer_from_prospect(prospect_name, ignore_permissions=False):
	from erpnext.crm.doctype.prospect.prospect import make_customer

	customer = make_customer(prospect_name)
	customer.flags.ignore_permissions = ignore_permissions
	return customer.insert()


def set_expired_status():
	"""Quotations past their last day that nobody ordered or lost are expired."""
	ordered = frappe.get_all(
		"Sales Order Item", {"docstatus": 1, "prevdoc_docname": ("is", "set")}, pluck="prevdoc_docname"
	)
	for name in frappe.get_all(
		"Quotation",
		{
			"docstatus": 1,
			"status": ("not in", ["Expired", "Lost"]),
			"valid_till": ("<", nowdate()),
			"name": ("not in", ordered),
		},
		pluck="name",
	):
		frappe.db.set_value("Quotation", name, "status", "Expired", update_modified=False)


@frappe.whitelist()
def get_ordered_items(quotation: str):
	rows = {"docstatus": 1, "parent": quotation, "ordered_qty": (">", 0)}
	return frappe._dict(frappe.get_all("Quotation Item", rows, ["name", "ordered_qty"], as_list=True))

"""The draft invoice of a deal: a Sales Invoice, or a Sales Order or Quotation where the settings say so."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils import add_days, cint, flt, nowdate

from rule24_crm.compat import single_value
from rule24_crm.deals import belonging
from rule24_crm.exceptions import DocumentsError

DOCTYPES = ("Sales Invoice", "Sales Order", "Quotation")
DEFAULT_DAYS = 5


def doctype() -> str:
	"""What is issued as the invoice."""
	chosen = single_value("Rule24 CRM Settings", "invoice_doctype")
	return chosen if chosen in DOCTYPES else DOCTYPES[0]


def check_items(opportunity) -> None:
	"""Refuse a deal out of which no invoice can be made.

	:raises DocumentsError: there are no items, or a row lacks something; every such row is named.
	"""
	if not opportunity.items:
		frappe.throw(
			_("The deal {0} has no items: add what is sold, how much and at what price.").format(
				frappe.bold(opportunity.title or opportunity.name)
			),
			DocumentsError,
			title=_("Nothing to Invoice"),
		)
	wrong = []
	for row in opportunity.items:
		if flt(row.qty) <= 0:
			wrong.append(_("row {0}: the quantity must be more than zero").format(row.idx))
		if flt(row.rate) < 0:
			wrong.append(_("row {0}: the price must not be negative").format(row.idx))
		if not row.item_code:
			wrong.append(_("row {0}: choose the item").format(row.idx))
	if wrong:
		frappe.throw(
			_("The items of the deal cannot be invoiced:")
			+ "<ul>"
			+ "".join(f"<li>{each}</li>" for each in wrong)
			+ "</ul>",
			DocumentsError,
			title=_("Items of the Deal"),
		)


def make(opportunity, customer: str):
	"""Insert the draft, with the prices of the deal, the company's default taxes and the usual day of payment.

	:return: the document.
	"""
	kind = doctype()
	doc = frappe.new_doc(kind)
	until = add_days(nowdate(), cint(single_value("Rule24 CRM Settings", "payment_days") or DEFAULT_DAYS))
	doc.update(
		{
			"company": opportunity.company,
			"currency": opportunity.currency,
			"conversion_rate": flt(opportunity.conversion_rate) or 1,
			"ignore_pricing_rule": 1,  # the price has been agreed in the deal
			"contact_person": opportunity.contact_person,
			"customer_address": opportunity.customer_address,
			"territory": opportunity.territory,
			"campaign": opportunity.get("campaign"),
			"language": opportunity.get("language"),
			**OWN_VALUES[kind](opportunity, customer, until),
		}
	)
	belonging.issued_for(doc, opportunity.name)
	rows = (
		{"prevdoc_doctype": "Opportunity", "prevdoc_docname": opportunity.name} if kind == "Quotation" else {}
	)
	if kind == "Sales Order":
		rows["delivery_date"] = until
	for row in opportunity.items:
		doc.append(
			"items",
			{
				"item_code": row.item_code,
				"item_name": row.item_name,
				"description": row.description or row.item_name,
				"qty": row.qty,
				"uom": row.uom,
				"rate": row.rate,
				# ERPNext takes a price of zero for none and puts the list price there
				**({} if flt(row.rate) else {"discount_percentage": 100}),
				**rows,
			},
		)
	_set_taxes(doc)
	doc.insert()
	_check_rates(opportunity, doc)
	return doc


def _sales_invoice(opportunity, customer: str, until: str) -> dict:
	return {
		"customer": customer,
		"posting_date": nowdate(),
		"due_date": _unless_terms(customer, opportunity.company, until),
	}


def _sales_order(opportunity, customer: str, until: str) -> dict:
	return {"customer": customer, "transaction_date": nowdate(), "delivery_date": until}


def _quotation(opportunity, customer: str, until: str) -> dict:
	return {
		"quotation_to": "Customer",
		"party_name": customer,
		"transaction_date": nowdate(),
		"valid_till": until,
		"opportunity": opportunity.name,
	}


OWN_VALUES = {"Sales Invoice": _sales_invoice, "Sales Order": _sales_order, "Quotation": _quotation}


def _unless_terms(customer: str, company: str, until: str) -> str | None:
	"""Payment terms agreed with the client, or usual in the company, go before the days of the settings."""
	from erpnext.accounts.party import get_payment_terms_template

	return None if get_payment_terms_template(customer, "Customer", company) else until


def _set_taxes(doc) -> None:
	"""The company's default template of sales taxes; a Tax Rule for this client wins, ERPNext applies it by itself."""
	template = frappe.db.get_value(
		"Sales Taxes and Charges Template", {"is_default": 1, "disabled": 0, "company": doc.company}
	)
	if not template:
		return
	doc.taxes_and_charges = template
	for row in frappe.get_cached_doc("Sales Taxes and Charges Template", template).taxes:
		doc.append("taxes", row.as_dict(no_default_fields=True, no_child_table_fields=True))


def _check_rates(opportunity, doc) -> None:
	"""What is written into the invoice is what was agreed: ERPNext may not have put a list price in its place."""
	for agreed, row in zip(opportunity.items, doc.items, strict=True):
		if flt(row.rate, 4) != flt(agreed.rate, 4):
			frappe.throw(
				_(
					"Row {0}: {1} costs {2} in the deal, but {3} in the invoice. Check pricing rules and price list."
				).format(row.idx, frappe.bold(row.item_name), agreed.rate, row.rate),
				DocumentsError,
			)

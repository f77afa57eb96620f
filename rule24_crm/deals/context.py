"""What a Contract Template may say: the values it is rendered with.

Flat names for people who write templates (`{{ number }}`, `{{ customer.name }}`, `{{ total_words }}`), and the whole
documents (`deal`, `company_doc`, `customer_doc`, `contract`) for those who know them. `docs/deals.md` lists all.
"""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils import escape_html, flt

from rule24_crm.parties.identity.countries import RUSSIA

RUSSIAN = "ru"


def language(opportunity, customer_doc) -> str:
	"""The language of the contract: the deal's, the client's, that of the seller's country, the site's."""
	chosen = opportunity.get("language") or customer_doc.get("language")
	if chosen:
		return chosen
	country = frappe.get_cached_value("Company", opportunity.company, "country")
	return RUSSIAN if country == RUSSIA else frappe.db.get_default("lang") or "en"


def build(opportunity, customer: str, contract, invoice=None) -> dict:
	"""All values for a template.

	:param opportunity: the deal, an Opportunity document.
	:param customer: name of the Customer.
	:param contract: the Contract, named but not yet saved.
	:param invoice: the document issued as invoice, if there is one: its total and taxes are those of the contract.
	"""
	from rule24_crm.printing import parties
	from rule24_crm.printing.formatting import long_date, money
	from rule24_crm.printing.words import money_in_words

	customer_doc = frappe.get_cached_doc("Customer", customer)
	lang = language(opportunity, customer_doc)
	with _printed_in(lang):
		rows = invoice.items if invoice else opportunity.items
		amount = (
			flt(invoice.get("rounded_total") or invoice.grand_total) if invoice else flt(opportunity.total)
		)
		currency = opportunity.currency
		seller = parties.company(opportunity.company)
		seller.bank = parties.bank_of_company(opportunity.company, currency)
		buyer = parties.client("Customer", customer)
		buyer.bank = parties.bank_of_customer(customer)
		buyer.director, buyer.position = _signatory(opportunity, customer_doc)
		escaped = lambda side: frappe._dict({key: _escape(value) for key, value in side.items()})  # noqa: E731
		return {
			"lang": "ru" if lang.startswith(RUSSIAN) else "en",
			"number": contract.name,
			"date": long_date(contract.start_date),
			"start_date": long_date(contract.start_date),
			"end_date": long_date(contract.end_date),
			"due_date": long_date(_due_date(invoice) or contract.start_date),
			"company": escaped(seller),
			"customer": escaped(buyer),
			"signee": buyer.director,
			"invoice": invoice.name if invoice else "",
			"items": [_row(row) for row in rows],
			"items_table": items_table(rows),
			"currency": currency,
			"total": money(amount),
			"total_words": money_in_words(amount, currency, lang),
			"vat_words": _vat(invoice),
			"deal": opportunity,
			"contract": contract,
			"company_doc": frappe.get_cached_doc("Company", opportunity.company),
			"customer_doc": customer_doc,
			"invoice_doc": invoice,
		}


def items_table(rows) -> str:
	"""The items of a deal as an HTML table: a template needs no loop.

	Its head is a row of plain cells: the editor of the form knows no other, and would run them together when it saves.
	"""
	from rule24_crm.printing.formatting import money, quantity

	head = (_("No."), _("Service"), _("Qty"), _("Unit"), _("Price"), _("Amount"))
	html = (
		'<table class="table table-bordered"><tbody><tr>'
		+ "".join(f"<td><strong>{each}</strong></td>" for each in head)
		+ "</tr>"
	)
	for number, row in enumerate(rows, 1):
		cells = (
			number,
			escape_html(row.item_name or row.item_code or ""),
			quantity(row.qty),
			_(row.uom, context="Unit on a document") if row.uom else "",
			money(row.rate),
			money(flt(row.rate) * flt(row.qty)),
		)
		html += "<tr>" + "".join(f"<td>{each}</td>" for each in cells) + "</tr>"
	return html + "</tbody></table>"


def _row(row) -> dict:
	return {
		"name": escape_html(row.item_name or row.item_code or ""),
		"qty": row.qty,
		"uom": row.uom,
		"rate": row.rate,
		"amount": flt(row.rate) * flt(row.qty),
	}


def _vat(invoice) -> str:
	"""What the price says about VAT, by the invoice of the deal."""
	from rule24_crm.printing.formatting import money
	from rule24_crm.printing.totals import taxes_of

	amount = sum(tax.amount for tax in taxes_of(invoice) if tax.is_vat) if invoice else 0
	return _("including VAT {0}").format(money(amount)) if amount else _("VAT is not charged")


def _due_date(invoice):
	return invoice and (invoice.get("due_date") or invoice.get("valid_till") or invoice.get("delivery_date"))


def _signatory(opportunity, customer_doc) -> tuple[str, str]:
	"""Who signs for the client: the deal's contact, else the client's primary one."""
	person = opportunity.contact_person or customer_doc.customer_primary_contact
	if not person:
		return "", ""
	found = frappe.db.get_value(
		"Contact", person, ["full_name", "first_name", "last_name", "designation"], as_dict=True
	)
	if not found:
		return "", ""
	name = found.full_name or " ".join(filter(None, (found.first_name, found.last_name)))
	return name, found.designation or ""


def _escape(value):
	if isinstance(value, str):
		return escape_html(value)
	if isinstance(value, dict):
		return frappe._dict({key: _escape(each) for key, each in value.items()})
	return value


class _printed_in:
	"""Dates, figures and `_()` in this language inside the block."""

	def __init__(self, lang: str):
		self.lang = lang

	def __enter__(self):
		self.before, frappe.local.lang = frappe.local.lang, self.lang

	def __exit__(self, *_error):
		frappe.local.lang = self.before

"""What the templates of the print formats print: Jinja methods, one per kind of document.

A template only lays out; every figure and word comes from here. Print views check that the user may read the document. They
also print one as a form has it, stored or not, with whatever client stands in it: that one is checked here.
"""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils import cint, escape_html, strip_html

from rule24_crm.exceptions import RequisitesError
from rule24_crm.parties import access
from rule24_crm.parties.company import default_company
from rule24_crm.printing import parties, qr, totals
from rule24_crm.printing.formatting import locale, long_date, money, quantity, short_date
from rule24_crm.printing.words import items_in_words, money_in_words

ROUBLE = "RUB"


def rule24_invoice(doc) -> frappe._dict:
	"""Payment invoice of a Sales Invoice, Sales Order or Quotation."""
	context = _sale(doc)
	context.title = _("Payment Invoice No. {0} of {1}").format(doc.name, long_date(context.date))
	context.bank = parties.bank_of_company(doc.company, doc.currency)
	context.pay_until = long_date(doc.get("due_date") or doc.get("valid_till"))
	left = totals.left_to_pay(doc)
	context.paid = money(totals.to_pay(doc) - left) if left < totals.to_pay(doc) else ""
	context.left = money(left)
	context.qr, context.qr_note = _payment_code(doc, context, left)
	return context


def rule24_offer(doc) -> frappe._dict:
	"""Commercial offer of a Quotation or an Opportunity."""
	context = _sale(doc)
	context.title = _("Commercial Offer No. {0} of {1}").format(doc.name, long_date(context.date))
	context.valid_till = long_date(doc.get("valid_till"))
	context.terms = doc.get("terms") or ""
	context.contact = _manager(doc)
	return context


def rule24_act(doc) -> frappe._dict:
	"""Act of services rendered of a Sales Invoice. A draft is not stamped: it is no act yet."""
	context = _sale(doc)
	context.title = _("Act No. {0} of {1}").format(doc.name, long_date(context.date))
	context.basis = _basis(doc)
	if cint(doc.docstatus) != 1:
		_without_images(context.seller)
	return context


def rule24_contract(doc) -> frappe._dict:
	"""Contract: its terms, the requisites of both parties, places to sign. A draft is not stamped."""
	_check_client(doc, doc.party_type, doc.party_name)
	company = _company_of(doc)
	context = frappe._dict(
		title=_("Contract No. {0}").format(doc.name),
		date=long_date(doc.start_date or doc.creation),
		city=_city(company),
		terms=doc.contract_terms or "",
		seller=parties.company(company),
		seller_bank=parties.bank_of_company(company),
		buyer=parties.client(doc.party_type, doc.party_name)
		if doc.party_type in parties.CLIENT_FIELDS
		else _other_party(doc),
		buyer_bank=parties.bank_of_customer(doc.party_name),
		signee=doc.signee or "",
	)
	if cint(doc.docstatus) != 1:
		_without_images(context.seller)
	return context


def _sale(doc) -> frappe._dict:
	"""What invoices, offers and acts have in common."""
	amount = totals.to_pay(doc)
	currency = doc.get("currency") or frappe.get_cached_value("Company", doc.company, "default_currency")
	rows = [_row(number, item) for number, item in enumerate(doc.get("items") or [], 1)]
	kind, name = _client_of(doc)
	_check_client(doc, kind, name)
	context = frappe._dict(
		date=doc.get("posting_date") or doc.get("transaction_date") or doc.creation,
		seller=parties.company(doc.company, doc.get("company_address")),
		buyer=parties.client(
			kind, name, doc.get("customer_name"), doc.get("customer_address"), doc.get("tax_id")
		),
		rows=rows,
		totals=totals.total_lines(doc) if rows else [],
		to_pay=money(amount),
		currency=currency,
		in_words=money_in_words(amount, currency, locale()),
		summary=_summary(len(rows), amount, currency) if rows else "",
	)
	if cint(doc.docstatus) == 2:
		_without_images(context.seller)
	return context


def _row(number: int, item) -> frappe._dict:
	name = item.item_name or item.item_code or strip_html(item.description or "")
	description = strip_html(item.description or "").strip()
	return frappe._dict(
		number=number,
		name=name,
		description=description if description != name.strip() else "",
		qty=quantity(item.qty),
		# units have short names of their own on documents: «шт», «ч»
		uom=_(item.uom, context="Unit on a document") if item.uom else "",
		rate=money(item.rate),
		amount=money(item.amount),
	)


def _summary(count: int, amount: float, currency: str) -> str:
	if currency == ROUBLE:
		currency = _("rub.")
	return _("In total {0} for the sum of {1} {2}").format(
		items_in_words(count, locale()), money(amount), currency
	)


def _payment_code(doc, context: frappe._dict, amount: float) -> tuple[str, str]:
	"""(image, why there is none): without requisites the invoice prints without the code."""
	if doc.currency != ROUBLE or amount <= 0:
		return "", ""
	purpose = _("Payment of invoice No. {0} of {1}", lang="ru").format(doc.name, short_date(context.date))
	try:
		text = qr.payment_string(
			name=context.seller.name,
			account=context.bank.account,
			bank_name=context.bank.bank_name,
			bic=context.bank.bic,
			correspondent_account=context.bank.correspondent_account,
			inn=context.seller.inn,
			kpp=context.seller.kpp,
			amount=amount,
			purpose=f"{purpose}, {totals.vat_for_purpose(doc)}",
		)
	except RequisitesError as error:
		return "", str(error)
	return qr.svg_data_uri(text), ""


def _client_of(doc) -> tuple[str, str]:
	if doc.get("customer"):
		return "Customer", doc.customer
	return doc.get("quotation_to") or doc.get("opportunity_from"), doc.party_name


def _check_client(doc, kind: str, name: str) -> None:
	"""Nobody reads the requisites of a hidden client off a document made up for it.

	:raises frappe.PermissionError: the client is hidden from the user, and the stored document is not one of its.
	"""
	if access.may(kind, name):
		return
	stored = frappe.db.exists(doc.doctype, doc.name) and frappe.get_doc(doc.doctype, doc.name)
	if stored and _client_in(stored) == (kind, name):
		return
	frappe.throw(
		_("{0} {1} does not exist or is not yours to see.").format(_(kind), frappe.bold(escape_html(name))),
		frappe.PermissionError,
	)


def _client_in(doc) -> tuple[str, str]:
	return (doc.party_type, doc.party_name) if doc.doctype == "Contract" else _client_of(doc)


def _company_of(contract) -> str:
	"""ERPNext's Contract has no company: that of its deal or document, else the default one."""
	if deal := contract.get("rule24_opportunity"):
		return frappe.db.get_value("Opportunity", deal, "company")
	if contract.document_type in ("Quotation", "Sales Order", "Sales Invoice") and contract.document_name:
		return frappe.db.get_value(contract.document_type, contract.document_name, "company")
	return default_company()


def _other_party(contract) -> frappe._dict:
	"""A supplier or employee: ERPNext keeps their full name in the contract."""
	return frappe._dict(
		name=contract.party_full_name or contract.party_name, inn="", kpp="", ogrn="", address=""
	)


def _basis(invoice) -> str:
	"""The contract the services were rendered under: the deal's, if it has one that is signed or not yet void."""
	deal = invoice.get("rule24_opportunity")
	if not deal:
		return ""
	contract = frappe.db.get_value(
		"Contract",
		{"rule24_opportunity": deal, "docstatus": ("<", 2)},
		["name", "start_date"],
		as_dict=True,
		order_by="creation desc",
	)
	return (
		_("Contract No. {0} of {1}").format(contract.name, long_date(contract.start_date)) if contract else ""
	)


def _manager(doc) -> frappe._dict | None:
	"""Whom the client may ask: the deal's owner, else who made the document."""
	user = doc.get("opportunity_owner") or doc.owner
	if user in ("Administrator", "Guest"):
		return None
	return frappe.db.get_value("User", user, ["full_name", "email", "phone", "mobile_no"], as_dict=True)


def _city(company: str) -> str:
	address = parties.linked_address("Company", company)
	return (frappe.db.get_value("Address", address, "city") or "") if address else ""


def _without_images(seller: frappe._dict) -> None:
	seller.update(stamp="", director_signature="", accountant_signature="")

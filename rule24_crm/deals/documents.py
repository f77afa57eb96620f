"""Invoice and contract of a deal, in one step: all or nothing, and never twice.

The customer is made when the deal's client has not become one; rights, items and requisites are checked before anything
is written; two people at once get the same documents.
"""

from __future__ import annotations

import frappe
from frappe import _

from rule24_crm.deals import contract, customer, invoice, letter, requisites
from rule24_crm.exceptions import DocumentsError, DocumentsNotPermittedError
from rule24_crm.locking import find, lock, touch
from rule24_crm.parties.registry import service as registry
from rule24_crm.whole import all_or_nothing

INVOICE, CONTRACT = "Invoice", "Contract"
KINDS = (INVOICE, CONTRACT)
SAVEPOINT = "rule24_issue_documents"
#: a deal that ended without success gets no documents
ENDED = ("Lost", "Closed")


def issue_documents(
	opportunity: str, documents=KINDS, send: bool = False, *, requisites_of_client: dict | None = None
) -> dict:
	"""Make the draft invoice and contract of a deal, those of them that it has not got yet.

	:param opportunity: name of the deal.
	:param documents: "Invoice", "Contract" or both. What is issued as invoice (Sales Invoice, Sales Order, Quotation), the
		template, the days to pay and whether requisites are checked is set in Rule24 CRM Settings.
	:param send: also send them to the deal's contact, after the transaction is committed.
	:param requisites_of_client: values to write to the client first; keys of `requisites.FIELDS`.
	:return: `{"opportunity", "customer", "invoice_doctype", "invoice", "contract", "created": [[doctype, name]...],
		"letter"}`; the names also of documents that were there before, `None` for what there is not.
	:raises DocumentsNotPermittedError: a right is missing; nothing has been written.
	:raises RequisitesError: requisites are missing or wrong; nothing has been written.
	:raises DocumentsError: the deal cannot be invoiced; nothing has been written.
	"""
	wanted = _wanted(documents)
	deal = lock("Opportunity", opportunity)
	if not deal.has_permission("write"):
		_refuse_rights([_("change the deal {0}").format(frappe.bold(deal.title or deal.name))])
	issued = _issued(deal)
	todo = [kind for kind in wanted if not issued[kind]]
	if send:
		letter.check(deal)
	if not todo:
		made = _Made(_customer_in(issued))
	else:
		_refuse_stale(deal)
		with all_or_nothing(SAVEPOINT):
			made = _issue(deal, todo, issued, requisites_of_client)
	result = {
		"opportunity": deal.name,
		"customer": made.customer,
		"invoice_doctype": issued[INVOICE][0] if issued[INVOICE] else None,
		"invoice": issued[INVOICE][1] if issued[INVOICE] else None,
		"contract": issued[CONTRACT][1] if issued[CONTRACT] else None,
		"created": made.created,
		"letter": None,
	}
	if send:
		result["letter"] = letter.send_after_commit(deal, [issued[kind] for kind in wanted])
	return result


def of_deal(opportunity: str) -> list[dict]:
	"""Everything issued for a deal that the user may read, newest first.

	:return: rows with doctype, name, docstatus, status, creation, and for invoices grand_total, currency.
	"""
	rows = []
	for doctype in (*invoice.DOCTYPES, "Contract"):
		if not frappe.has_permission(doctype, "read"):
			continue
		fields = ["name", "docstatus", "status", "creation"]
		if doctype != "Contract":
			fields += ["grand_total", "currency"]
		found = frappe.get_list(
			doctype, filters={"rule24_opportunity": opportunity}, fields=fields, order_by="creation desc"
		)
		rows += [{"doctype": doctype, **row} for row in found]
	return sorted(rows, key=lambda row: row["creation"], reverse=True)


def options(deal) -> dict:
	"""What a form asks before issuing: what there is already, and which requisites of the client are missing.

	:return: `{"issued": {"Invoice": name or None, "Contract": ...}, "invoice_doctype", "customer", "letter_to",
		"warning": words or "", "requisites": [{"key", "label", "value", "problem"}...], "company_problems": [words...]}`; the
		last two are empty when requisites are not checked.
	"""
	deal.flags.rule24_stale = False
	issued = _issued(deal)
	buyer = customer.of(deal)
	client = ("Customer", buyer) if buyer else deal.flags.rule24_client
	return {
		"issued": {kind: found and found[1] for kind, found in issued.items()},
		"invoice_doctype": issued[INVOICE][0] if issued[INVOICE] else invoice.doctype(),
		"customer": buyer,
		"letter_to": letter.address(deal),
		"warning": registry.warning(frappe.get_doc(*client)),
		**requisites.asked(*client, deal.company),
	}


class _Made:
	"""What one call has brought about."""

	def __init__(self, customer: str | None):
		self.customer = customer
		self.created: list[list[str]] = []


def _wanted(documents) -> list[str]:
	if isinstance(documents, str):
		documents = [documents]
	documents = list(documents or [])
	unknown = [str(each) for each in documents if each not in KINDS]
	if unknown or not documents:
		frappe.throw(
			_("Choose what to issue: {0}. Unknown: {1}.").format(
				", ".join(_(kind) for kind in KINDS),
				", ".join(frappe.utils.escape_html(each) for each in unknown) or "-",
			),
			DocumentsError,
		)
	return [kind for kind in KINDS if kind in documents]


def _issued(deal) -> dict[str, tuple[str, str] | None]:
	"""The documents the deal has: kind -> (DocType, name). Cancelled ones do not count."""
	filters = {"rule24_opportunity": deal.name, "docstatus": ("<", 2)}
	usual = invoice.doctype()
	found: dict[str, tuple[str, str] | None] = {INVOICE: None, CONTRACT: None}
	for doctype in (usual, *(each for each in invoice.DOCTYPES if each != usual)):
		names = find(deal, doctype, filters)
		if names:
			found[INVOICE] = (doctype, names[0])
			break
	names = find(deal, "Contract", filters)
	if names:
		found[CONTRACT] = ("Contract", names[0])
	return found


def _refuse_stale(deal) -> None:
	"""Somebody has changed the deal since this transaction began: what it would read of other tables is out of date."""
	if deal.flags.rule24_stale:
		frappe.throw(
			_(
				"Somebody has just changed the deal {0} or issued its documents. Look at it and repeat."
			).format(frappe.bold(deal.title or deal.name)),
			DocumentsError,
			title=_("Changed Meanwhile"),
		)


def _customer_in(issued: dict) -> str:
	"""The Customer that the documents name. Reads past the transaction's snapshot: they may be just made by another."""
	doctype, name = issued[INVOICE] or issued[CONTRACT]
	field = "party_name" if doctype in ("Contract", "Quotation") else "customer"
	return frappe.db.get_value(doctype, name, field, for_update=True)


def _issue(deal, todo: list[str], issued: dict, requisites_of_client: dict | None) -> _Made:
	made = _Made(customer.of(deal))
	_check_rights(todo, made.customer)
	_check_deal(deal, todo)
	client = ("Customer", made.customer) if made.customer else deal.flags.rule24_client
	if requisites_of_client:
		requisites.save(*client, requisites_of_client)
	party = frappe.get_doc(*client)
	requisites.check(party, deal.company, todo)
	_warn(party)
	if made.customer:
		customer.activate(made.customer)
	else:
		made.customer = customer.make(deal, party)
		made.created.append(["Customer", made.customer])
	bill = None
	if INVOICE in todo:
		bill = invoice.make(deal, made.customer)
		issued[INVOICE] = (bill.doctype, bill.name)
		made.created.append([bill.doctype, bill.name])
		if issued[CONTRACT]:
			contract.refer_to(issued[CONTRACT][1], bill)
	if CONTRACT in todo:
		if not bill and issued[INVOICE]:
			bill = frappe.get_doc(*issued[INVOICE])
		agreement = contract.make(deal, made.customer, bill)
		issued[CONTRACT] = ("Contract", agreement.name)
		made.created.append(["Contract", agreement.name])
	touch(deal)
	return made


def _warn(party) -> None:
	"""Documents for a client that is no more are made, but nobody makes them unawares."""
	if words := registry.warning(party):
		frappe.msgprint(words, title=_("Register of Companies"), indicator="red")


def _check_rights(todo: list[str], present_customer: str | None) -> None:
	"""All that will be written must be allowed before anything is."""
	doctypes = [invoice.doctype()] if INVOICE in todo else []
	doctypes += ["Contract"] if CONTRACT in todo else []
	doctypes += [] if present_customer else ["Customer"]
	lacking = [
		_("create {0}").format(frappe.bold(_(each)))
		for each in doctypes
		if not frappe.has_permission(each, "create")
	]
	if lacking:
		_refuse_rights(lacking)


def _check_deal(deal, todo: list[str]) -> None:
	if deal.status in ENDED:
		frappe.throw(
			_("The deal {0} is over: {1}. Reopen it before issuing documents.").format(
				frappe.bold(deal.title or deal.name), frappe.bold(_(deal.status))
			),
			DocumentsError,
		)
	invoice.check_items(deal)
	if CONTRACT in todo:
		contract.template()


def _refuse_rights(lacking: list[str]) -> None:
	frappe.throw(
		_("You have no right to {0}. Ask an administrator for it; nothing has been written.").format(
			", ".join(lacking)
		),
		DocumentsNotPermittedError,
		title=_("Not Permitted"),
	)

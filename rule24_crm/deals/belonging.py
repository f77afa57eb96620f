"""Which deal an invoice, order, offer or contract was issued for: a fact, and what the gates of a sales process ask."""

from collections import Counter

import frappe
from frappe import _

from rule24_crm.deals.client import is_with
from rule24_crm.exceptions import DocumentsError
from rule24_crm.parties.kinds import PARTY_TYPES

FIELD = "rule24_opportunity"
#: what is issued for a deal
ISSUED = ("Sales Invoice", "Sales Order", "Quotation", "Contract")
#: DocType -> fields with kind and name of its client; what is not here names a customer
_CLIENT = {"Contract": ("party_type", "party_name"), "Quotation": ("quotation_to", "party_name")}


def issued_for(doc, opportunity: str):
	"""Name the deal of a document that is about to be written. Only what issues documents calls this.

	:return: the document.
	"""
	doc.set(FIELD, opportunity)
	doc.flags.rule24_issued = True
	return doc


def check(doc) -> None:
	"""Nobody gives a document another deal by hand: it would open the gates of a deal it was not issued for.

	A document that is amended stays with the deal of the one it takes the place of.

	:raises DocumentsError: the deal is another one than is stored, or the client has become one whose deal it is not.
	"""
	if doc.flags.rule24_issued:
		return
	_check_deal(doc)
	_check_client(doc)


def issued(opportunity: str) -> Counter:
	"""What there is for a deal by now, and is not cancelled: (DocType, kind and name of its client) -> how many.

	Read under locks, past what the transaction has seen: the caller has the deal locked, and has waited for it.
	"""
	found = Counter()
	for doctype in ISSUED:
		fields = list(_CLIENT.get(doctype, ("customer",)))
		names = _names(doctype, opportunity)
		rows = _as_they_are(doctype, fields, {"name": ("in", names)}, as_dict=True) if names else []
		found.update((doctype, *_client(frappe._dict(row, doctype=doctype))) for row in rows)
	return found


def _names(doctype: str, opportunity: str) -> set[str]:
	"""Documents of the deal, whoever may see them: that they are there is all that is told."""
	state = {"docstatus": ("<", 2)}
	names = set(_as_they_are(doctype, ["name"], {FIELD: opportunity, **state}))
	if doctype == "Quotation":
		# made with ERPNext's own buttons, an offer names the deal in other fields, see `gates`
		rows = {"prevdoc_doctype": "Opportunity", "prevdoc_docname": opportunity, **state}
		own = {"opportunity": opportunity, **state}
		names.update(_as_they_are(doctype, ["name"], own))
		names.update(_as_they_are("Quotation Item", ["parent"], rows))
	return names


def _as_they_are(doctype: str, fields: list[str], filters: dict, as_dict: bool = False) -> list:
	"""Rows as dicts, or else their first column; see `issued`."""
	query = frappe.qb.get_query(doctype, fields=fields, filters=filters).for_update()
	return query.run(as_dict=True) if as_dict else query.run(pluck=True)


def _check_deal(doc) -> None:
	before = doc.get_doc_before_save()
	known = before.get(FIELD) if before else None
	if not before and doc.get("amended_from"):
		known = frappe.db.get_value(doc.doctype, doc.amended_from, FIELD)
	given = doc.get(FIELD) or None
	if given == (known or None) or (not given and not before):
		return
	frappe.throw(
		_(
			"{0} cannot be filled in or changed by hand: it names the deal for which the document was issued. Press "
			"{1} in the deal instead."
		).format(frappe.bold(_(doc.meta.get_label(FIELD))), frappe.bold(_("Issue Documents"))),
		DocumentsError,
	)


def _check_client(doc) -> None:
	before = doc.get_doc_before_save()
	if not doc.get(FIELD) or not before or _client(before) == _client(doc):
		return
	kind, name = _client(doc)
	if kind in PARTY_TYPES and name and is_with(doc.get(FIELD), kind, name):
		return
	frappe.throw(
		_(
			"{0} was issued for the deal {1}, which is not with {2}. Choose the client of the deal, or make a new document."
		).format(_(doc.doctype), frappe.bold(doc.get(FIELD)), frappe.bold(name or "-")),
		DocumentsError,
		title=_("Another Client"),
	)


def _client(doc) -> tuple[str | None, str | None]:
	if doc.doctype in _CLIENT:
		kind, name = _CLIENT[doc.doctype]
		return doc.get(kind), doc.get(name)
	return "Customer", doc.get("customer")

"""Which deal an invoice, order, offer or contract was issued for: a fact, and what the gates of a sales process ask."""

import frappe
from frappe import _

from rule24_crm.exceptions import DocumentsError

FIELD = "rule24_opportunity"


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

	:raises DocumentsError: the deal is another one than is stored.
	"""
	if doc.flags.rule24_issued:
		return
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

"""Supplier, Competitor and Contact: their relations follow them."""

import frappe

from rule24_crm.parties.relations import following


def after_rename(doc, method: str, old: str, new: str, merge: bool = False) -> None:
	"""Frappe has re-pointed the relations; titles and doubles are left."""
	following.settle(doc.doctype, new)


def on_update(doc, method: str | None = None) -> None:
	"""A corrected name shows in the relations too."""
	title = frappe.get_meta(doc.doctype).get_title_field()
	if doc.get_doc_before_save() and doc.has_value_changed(title):
		following.retitle(doc.doctype, doc.name)


def on_trash(doc, method: str | None = None) -> None:
	"""The record's relations go with it."""
	following.forget(doc.doctype, doc.name)

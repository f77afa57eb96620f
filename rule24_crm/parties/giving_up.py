"""The record that a merge gives up. Frappe asks for the right to delete it, which of stock no head of sales has on a Customer."""

from contextlib import contextmanager

import frappe


@contextmanager
def giving_up(doc):
	"""For the block, this one record may be deleted: the caller has checked that it may go into another."""
	before = frappe.flags.rule24_given_up
	frappe.flags.rule24_given_up = (doc.doctype, doc.name)
	try:
		yield
	finally:
		frappe.flags.rule24_given_up = before


class GivenUp:
	"""A client that may be deleted by whoever merges it, and by nobody else; added to the classes of Customer, Lead and Prospect."""

	def has_permission(self, permtype="read", *args, **kwargs) -> bool:
		if (
			permtype == "delete"
			and kwargs.get("user") in (None, frappe.session.user)
			and frappe.flags.rule24_given_up == (self.doctype, self.name)
		):
			return True
		return super().has_permission(permtype, *args, **kwargs)

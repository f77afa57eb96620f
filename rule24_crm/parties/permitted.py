"""What a user may read, as a condition for queries of our own: what Frappe's lists apply by themselves."""

import frappe
from frappe.desk.reportview import build_match_conditions
from frappe.permissions import get_role_permissions
from pypika.terms import LiteralValue


def condition(doctype: str, user: str | None = None) -> str:
	"""SQL on the table of `doctype` that holds for what the user may read; empty: for everything.

	It covers roles, user permissions, conditions of hooks and shares. Percent signs are doubled, as for a statement that
	is run with parameters.
	"""
	user = user or frappe.session.user
	if user == "Administrator":
		return ""
	rights = get_role_permissions(frappe.get_meta(doctype), user=user)
	if rights.get("read") or rights.get("select"):
		return build_match_conditions(doctype, user=user)
	shared = frappe.share.get_shared(doctype, user)
	if not shared:
		return "1=0"
	names = ", ".join(frappe.db.escape(name) for name in shared)
	return f"`tab{doctype}`.name in ({names})"


def restrict(query, doctype: str):
	"""A query builder's query over the table of `doctype`, for the records that the user may read."""
	sql = condition(doctype)
	return query.where(LiteralValue(f"({sql})")) if sql else query

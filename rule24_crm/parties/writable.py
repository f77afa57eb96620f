"""Which records of a list a user may change: asked once for a whole selection, not for each record."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.permissions import get_role_permissions

from rule24_crm.compat import require_permission
from rule24_crm.exceptions import Rule24Error
from rule24_crm.parties import access

CHUNK = 2000


def writable(doctype: str, *, names: list | None = None, filters=None) -> tuple[list[str], int]:
	"""Names of the records that the user may write, and how many of those asked for he may not.

	:param names: the selection, whose order is kept; or
	:param filters: a list filter, all of whose records are meant.
	:raises frappe.PermissionError: the user may write nothing of this kind.
	:raises Rule24Error: neither a selection nor a filter is given.
	"""
	require_permission(doctype, "write")
	if names is None and filters is None:
		frappe.throw(_("Select records in the list or set a filter."), Rule24Error)
	if names is None:
		seen = _read(doctype, filters)
		wanted = len(seen)
	else:
		ordered = list(dict.fromkeys(map(str, names)))
		wanted, seen = len(ordered), []
		for start in range(0, len(ordered), CHUNK):
			chunk = ordered[start : start + CHUNK]
			readable = set(_read(doctype, {"name": ("in", chunk)}))
			seen += [name for name in chunk if name in readable]
	allowed = _only_writable(doctype, seen)
	return allowed, wanted - len(allowed)


def _read(doctype: str, filters) -> list[str]:
	# the list asks roles, user permissions, shares and our own predicate of access at once
	return frappe.get_list(doctype, filters=filters, pluck="name", limit_page_length=0, order_by="name asc")


def _only_writable(doctype: str, names: list[str]) -> list[str]:
	"""Of the records the user may read, those he may write: the two differ for our predicate, owners' rights and shares."""
	if frappe.session.user == "Administrator" or not names:
		return names
	condition = access.criterion(doctype, right="write")
	if condition is not None:
		table, seen = frappe.qb.DocType(doctype), set()
		for start in range(0, len(names), CHUNK):
			chunk = (
				frappe.qb.from_(table).select(table.name).where(table.name.isin(names[start : start + CHUNK]))
			)
			seen.update(chunk.where(condition).run(pluck=True))
		names = [name for name in names if name in seen]
	doubtful = _doubtful(doctype, names)
	if not doubtful:
		return names
	refused = {
		name
		for name in doubtful
		if not frappe.has_permission(doctype, "write", doc=frappe.get_doc(doctype, name))
	}
	return [name for name in names if name not in refused]


def _doubtful(doctype: str, names: list[str]) -> set[str]:
	"""Records for which the right to read does not say that of writing; each of them is asked about."""
	if not get_role_permissions(frappe.get_meta(doctype)).get("write"):
		return set(names)  # only what the user has made, or was given by a share
	read_only = frappe.get_all(  # the user's own shares
		"DocShare",
		{"share_doctype": doctype, "user": frappe.session.user, "read": 1, "write": 0},
		pluck="share_name",
		order_by=None,
	)
	return set(read_only) & set(names)

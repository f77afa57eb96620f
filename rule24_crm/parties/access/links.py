"""Nobody brings a record to light by pointing at it: a link to what the user may not see is refused when it is set.

Else a work, deal or contact of one's own with the name of a stranger's client in it would fetch that client's values.
"""

import frappe
from frappe import _
from frappe.model import table_fields

from rule24_crm.parties import access
from rule24_crm.parties.access.registry import RULES


def check(doc, method: str | None = None) -> None:
	"""Look at links that are new in this save. Runs when a guarded document is saved by a user.

	:raises frappe.PermissionError: one of them leads to a record hidden from the user; the message names field and row.
	"""
	if doc.flags.ignore_permissions:
		return
	refuse_hidden(doc, known=doc.get_doc_before_save())


def refuse_hidden(doc, *, known=None) -> None:
	"""Look at the links of a document that another one does not have.

	:param doc: a document, stored or not.
	:param known: whose links need no further right: its state before, or the document it follows.
	:raises frappe.PermissionError: see `check`.
	"""
	if not access.of_user():
		return
	known = set(_links(known)) if known else set()
	new = [each for each in _fields(doc) if each[2:] not in known]
	seen = _seen(new)
	for row, field, doctype, name in new:
		# the database may write a name another way, and one that is not stored hides nothing
		if name in seen[doctype] or access.may(doctype, name):
			continue
		label = _(field.label or field.fieldname)
		frappe.throw(
			_("{0}: {1} {2} does not exist or is not yours to see.").format(
				_("Row {0}, {1}").format(row.idx, label) if row is not doc else label,
				_(doctype),
				frappe.bold(name),
			),
			frappe.PermissionError,
		)


def _seen(found: list) -> dict[str, set[str]]:
	"""DocType -> names that the user sees, asked once for all rows."""
	names: dict[str, set[str]] = {}
	for _row, _field, doctype, name in found:
		names.setdefault(doctype, set()).add(name)
	return {doctype: access.readable(doctype, each) for doctype, each in names.items()}


def _links(doc):
	return ((doctype, name) for _row, _field, doctype, name in _fields(doc))


def _fields(doc):
	"""Row, field, DocType and name of every link to a guarded DocType, child tables included."""
	rows = [doc]
	for table in doc.meta.get("fields", {"fieldtype": ("in", table_fields)}):
		rows += doc.get(table.fieldname) or []
	for row in rows:
		for field in row.meta.get("fields", {"fieldtype": ("in", ("Link", "Dynamic Link"))}):
			doctype = field.options if field.fieldtype == "Link" else row.get(field.options)
			name = row.get(field.fieldname)
			if name and doctype in RULES and (doctype, name) != (doc.doctype, doc.name):
				yield row, field, doctype, name

"""Questions about what is hidden: a name that is a filter finds a record before anybody asks for rights on it, so that "not found"
and "not permitted" would tell its values one by one; a column of the record behind a link is read without rights on that record; a method of
a document that is only written in the request tells about the client named in it."""

import re

import frappe
from frappe import _

from rule24_crm.parties.access import links, requisites, scope
from rule24_crm.parties.access.registry import RULES

#: arguments by which Frappe's and ERPNext's functions take the name of a record
_NAMES = (
	"name",
	"docname",
	"dn",
	"doc_name",
	"docnames",
	"party",
	"reference_name",
	"ref_docname",
	"source_name",
)
#: arguments that name columns of a list
_COLUMNS = ("fields", "fieldname", "field", "order_by", "group_by", "filters", "or_filters")
#: requests that run a method of a document of their own, and the arguments with the document
_OF_A_DOCUMENT = ("run_doc_method", "runserverobj")
_DOCUMENTS = ("docs", "document")
_BEHIND_A_LINK = re.compile(r"(?<![`\w.@])(\w+)\.`?(\w+)")


def refuse() -> None:
	"""Runs with every request, once it is known who asks.

	:raises frappe.PermissionError: somebody from whom clients or requisites are hidden gives a filter where a name belongs, or runs a
		method of a document that points at what is hidden.
	"""
	request = frappe.local.form_dict
	if any(isinstance(request.get(each), dict) for each in _NAMES) and (
		scope.of_user() or requisites.hidden_from()
	):
		frappe.throw(_("A record is asked for by its name. Use a list to search."), frappe.PermissionError)
	called = f"{request.get('cmd')} {frappe.local.request.path}"
	if any(each in called for each in _OF_A_DOCUMENT) and scope.of_user():
		_refuse_document(request)


def _refuse_document(request: dict) -> None:
	values = next((frappe.parse_json(request[each]) for each in _DOCUMENTS if request.get(each)), None)
	if not isinstance(values, dict) or not values.get("doctype"):
		return  # a stored one, of which Frappe asks whether it may be read
	doctype, name = values["doctype"], values.get("name")
	stored = name and not frappe.get_meta(doctype).issingle and frappe.db.exists(doctype, name)
	links.refuse_hidden(frappe.get_doc(values), known=frappe.get_doc(doctype, name) if stored else None)


def refuse_columns(doctype: str) -> None:
	"""Runs with every list.

	:raises frappe.PermissionError: the request names a column of the client or document that a link leads to; its title may be named.
	"""
	request = frappe.local.form_dict
	if not request:
		return
	found = _BEHIND_A_LINK.findall(" ".join(str(request[each]) for each in _COLUMNS if request.get(each)))
	if not found:
		return
	meta = frappe.get_meta(doctype)
	for link, column in found:
		field = meta.get_field(link)
		if not field or field.fieldtype != "Link" or field.options not in RULES:
			continue
		linked = frappe.get_meta(field.options)
		if column in ("name", linked.get_title_field()) or column not in linked.get_valid_columns():
			continue  # a value to look for may be written like a column: lead.smith@example.com
		if scope.of_user() or (requisites.named(field.options, column) and requisites.hidden_from()):
			frappe.throw(
				_("{0} cannot be listed through a link. Ask for the linked records themselves.").format(
					frappe.bold(f"{link}.{column}")
				),
				frappe.PermissionError,
			)

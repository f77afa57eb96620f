"""Questions about what is hidden: a name that is a filter finds a record before anybody asks for rights on it, so that "not found"
and "not permitted" would tell its values one by one; a column of the record behind a link is read without rights on that record; a method of
a document that is only written in the request tells about the client named in it."""

import re
from collections.abc import Iterator

import frappe
from frappe import _

from rule24_crm.compat import columns_behind_links
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
#: requests that run a method of a document of their own, and the arguments with the document
_OF_A_DOCUMENT = ("run_doc_method", "runserverobj")
_DOCUMENTS = ("docs", "document")
_BEHIND_A_LINK = re.compile(r"(?<![`\w.@])(\w+)\.`?(\w+)")


def refuse() -> None:
	"""Runs with every request, once it is known who asks.

	:raises frappe.PermissionError: somebody from whom clients or requisites are hidden gives a filter where a name belongs, or runs a
		method of a document that points at what is hidden.
	:raises frappe.ValidationError: that document is no JSON.
	"""
	request = frappe.local.form_dict
	if any(_is_filter(request.get(each)) for each in _NAMES) and _hides_something():
		_refuse_filter()
	called = f"{request.get('cmd')} {frappe.local.request.path}"
	if any(each in called for each in _OF_A_DOCUMENT) and _hides_something():
		for each in _DOCUMENTS:  # Frappe takes the one or the other
			if request.get(each):
				_refuse_document(_parsed(request[each]))


def _parsed(document):
	try:
		return frappe.parse_json(document)
	except ValueError:
		frappe.throw(_("The document in the request is no valid JSON."))


def _hides_something() -> bool:
	return bool(scope.of_user()) or requisites.hidden_from()


def _is_filter(name) -> bool:
	"""A list of names is none."""
	return isinstance(name, dict) or (
		isinstance(name, list) and any(isinstance(each, dict | list) for each in name)
	)


def _refuse_filter() -> None:
	frappe.throw(_("A record is asked for by its name. Use a list to search."), frappe.PermissionError)


def _refuse_document(values) -> None:
	if not isinstance(values, dict) or not values.get("doctype"):
		return  # a stored one, of which Frappe asks whether it may be read
	doctype, name = values["doctype"], values.get("name")
	if isinstance(name, dict | list):
		_refuse_filter()
	stored = name and not frappe.get_meta(doctype).issingle and frappe.db.exists(doctype, name)
	links.refuse_hidden(frappe.get_doc(values), known=frappe.get_doc(doctype, name) if stored else None)


def refuse_columns(doctype: str) -> None:
	"""Runs with every list.

	:raises frappe.PermissionError: the request names, or the list reads, a column of the client or document that a link leads to, of
		which something is hidden from the user; its title may be named.
	"""
	for linked, column in {*_named_in_request(doctype), *columns_behind_links()}:
		if linked not in RULES:
			continue
		meta = frappe.get_meta(linked)
		if column in ("name", meta.get_title_field()) or column not in meta.get_valid_columns():
			continue  # a value to look for may be written like a column: lead.smith@example.com
		restricted = scope.of_user()
		if (restricted and not scope.keeps_books(restricted.user, linked)) or (
			requisites.named(linked, column) and requisites.hidden_from()
		):
			frappe.throw(
				_("{0} cannot be listed through a link. Ask for the linked records themselves.").format(
					frappe.bold(f"{_(linked)}: {_(meta.get_label(column))}")
				),
				frappe.PermissionError,
			)


def _named_in_request(doctype: str) -> Iterator[tuple[str, str]]:
	"""DocTypes and columns that the text of the request names behind links of this DocType."""
	request = frappe.local.form_dict
	found = _BEHIND_A_LINK.findall(requisites.asked(request)) if request else ()
	for link, column in found:
		field = frappe.get_meta(doctype).get_field(link)
		if field and field.fieldtype == "Link":
			yield field.options, column

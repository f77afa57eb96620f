"""Questions about what is hidden: a name that is a filter finds a record before anybody asks for rights on it, so that "not found"
and "not permitted" would tell its values one by one; a column of the record behind a link is read without rights on that record."""

import re

import frappe
from frappe import _

from rule24_crm.parties.access import requisites, scope
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
_BEHIND_A_LINK = re.compile(r"(?<![`\w.@])(\w+)\.`?(\w+)")


def refuse() -> None:
	"""Runs with every request, once it is known who asks.

	:raises frappe.PermissionError: somebody from whom clients or requisites are hidden gives a filter where a name belongs.
	"""
	request = frappe.local.form_dict
	if not any(isinstance(request.get(each), dict) for each in _NAMES):
		return
	if scope.of_user() or requisites.hidden_from():
		frappe.throw(_("A record is asked for by its name. Use a list to search."), frappe.PermissionError)


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
		if column in ("name", frappe.get_meta(field.options).get_title_field()):
			continue
		if scope.of_user() or (requisites.named(field.options, column) and requisites.hidden_from()):
			frappe.throw(
				_("{0} cannot be listed through a link. Ask for the linked records themselves.").format(
					frappe.bold(f"{link}.{column}")
				),
				frappe.PermissionError,
			)

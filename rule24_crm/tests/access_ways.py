"""Every way in which a user may come to see records: each takes a DocType and names, and tells the names that are seen.

A way that refuses with an error and one that finds nothing are both "not seen"; any other error is a failure of the test.
"""

from collections.abc import Callable, Iterable

import frappe
import frappe.client
from frappe.desk.form import load
from frappe.handler import execute_cmd

DENIED = (frappe.PermissionError, frappe.DoesNotExistError)


def call(method: str, **arguments):
	"""A whitelisted method as the web server calls it, replacements by hooks included."""
	frappe.local.form_dict = frappe._dict(arguments)
	frappe.local.response = frappe._dict(docs=[])
	frappe.local.request = frappe._dict(method="POST", headers={}, path="/")
	found = execute_cmd(method)
	return found if found is not None else frappe.local.response


def link_method() -> tuple[str, str]:
	"""What a form asks when somebody fills a link, by the name that this version of Frappe has for it, and its argument."""
	if hasattr(frappe.client, "validate_link"):
		return "frappe.client.validate_link", "fields"
	return "frappe.client.validate_link_and_fetch", "fields_to_fetch"


def validate_link(doctype: str, name: str, fields: list[str]) -> dict:
	"""What a form gets when somebody fills a link."""
	method, argument = link_method()
	return call(method, doctype=doctype, docname=name, **{argument: frappe.as_json(fields)})


def one_by_one(way: Callable) -> Callable:
	"""A way that is gone for each record; it is seen when the way answers with something."""

	def seen(doctype: str, names: Iterable[str]) -> set[str]:
		found = set()
		for name in names:
			try:
				if way(doctype, name):
					found.add(name)
			except DENIED:
				frappe.clear_messages()
		return found

	seen.__name__ = way.__name__
	return seen


def by_filter(doctype: str, name: str) -> str:
	return frappe.as_json([[doctype, "name", "=", name]])


def whole_list(doctype: str, names: Iterable[str]) -> set[str]:
	return set(frappe.get_list(doctype, pluck="name", order_by="name", limit=0)) & set(names)


def report_view(doctype: str, names: Iterable[str]) -> set[str]:
	found = call(
		"frappe.desk.reportview.get",
		doctype=doctype,
		fields=f'["`tab{doctype}`.`name`"]',
		filters=frappe.as_json([[doctype, "name", "in", list(names)]]),
		order_by="modified desc",
		start=0,
		page_length=500,
	)
	return {row[0] for row in (found or {}).get("values") or []}


def export(doctype: str, names: Iterable[str]) -> set[str]:
	try:
		call(
			"frappe.desk.reportview.export_query",
			doctype=doctype,
			fields=f'["`tab{doctype}`.`name`"]',
			filters=frappe.as_json([[doctype, "name", "in", list(names)]]),
			file_format_type="CSV",
			title=doctype,
			order_by="modified desc",
		)
	except DENIED:
		return set()
	content = frappe.local.response.get("filecontent") or frappe.local.response.get("result") or ""
	content = content.decode() if isinstance(content, bytes) else str(content)
	return {name for name in names if name in content}


def link_search(doctype: str, names: Iterable[str]) -> set[str]:
	return _found_by_search(doctype, names)


def link_search_past_user_permissions(doctype: str, names: Iterable[str]) -> set[str]:
	"""As a field asks that says that User Permissions do not count."""
	return _found_by_search(doctype, names, ignore_user_permissions=1, reference_doctype="Work")


def _found_by_search(doctype: str, names: Iterable[str], **more) -> set[str]:
	found = call("frappe.desk.search.search_link", doctype=doctype, txt="", page_length=500, **more)
	rows = found if isinstance(found, list) else found.get("results") or found.get("message") or []
	return {row["value"] for row in rows} & set(names)


@one_by_one
def document(doctype: str, name: str):
	return call("frappe.client.get", doctype=doctype, name=name)


@one_by_one
def client_list(doctype: str, name: str):
	return call("frappe.client.get_list", doctype=doctype, filters={"name": name}, fields='["name"]')


@one_by_one
def value(doctype: str, name: str):
	return call("frappe.client.get_value", doctype=doctype, fieldname="creation", filters={"name": name})


@one_by_one
def count(doctype: str, name: str):
	return call("frappe.client.get_count", doctype=doctype, filters={"name": name})


@one_by_one
def report_count(doctype: str, name: str):
	return call(
		"frappe.desk.reportview.get_count", doctype=doctype, filters=by_filter(doctype, name), fields="[]"
	)


@one_by_one
def grouped(doctype: str, name: str):
	return call(
		"frappe.desk.listview.get_group_by_count",
		doctype=doctype,
		current_filters=by_filter(doctype, name),
		field="owner",
	)


@one_by_one
def link_of_a_form(doctype: str, name: str):
	if doctype == "Deal Stage Change":  # named by hash, and Frappe takes one like 12e345678 for a number
		return frappe.has_permission(doctype, doc=name)
	found = validate_link(doctype, name, ["creation"])
	return found and found.get("creation")


@one_by_one
def form(doctype: str, name: str):
	frappe.local.form_dict = frappe._dict()
	frappe.local.response = frappe._dict(docs=[])
	load.getdoc(doctype, name)
	return any(doc.get("name") == name for doc in frappe.local.response.docs)


@one_by_one
def timeline(doctype: str, name: str):
	load.get_communications(doctype, name)
	return True


@one_by_one
def history(doctype: str, name: str):
	load.get_docinfo(doctype=doctype, name=name)
	return True


@one_by_one
def linked_with(doctype: str, name: str):
	call("frappe.desk.form.linked_with.get", doctype=doctype, docname=name)
	return True


@one_by_one
def print_view(doctype: str, name: str):
	return call("frappe.www.printview.get_html_and_style", doc=doctype, name=name, no_letterhead=1)


def right(kind: str) -> Callable:
	"""The way that asks for a right only, as forms do before they offer a button."""

	def asked(doctype: str, name: str) -> bool:
		return frappe.has_permission(doctype, kind, doc=name)

	asked.__name__ = f"right to {kind}"
	return one_by_one(asked)


def global_search(doctype: str, names: Iterable[str]) -> set[str]:
	"""Rows of the index are written here: Frappe writes them when the request has ended."""
	for name in names:
		frappe.db.sql(
			"replace into __global_search (doctype, name, title, content, published) values (%s, %s, %s, %s, 0)",
			(doctype, name, name, "Zephyrine"),
		)
	found = call("frappe.utils.global_search.search", text="Zephyrine", limit=500)
	rows = found if isinstance(found, list) else []
	return {row["name"] for row in rows if row["doctype"] == doctype} & set(names)


#: what everybody is tried with; a record costs next to nothing
QUICK = (whole_list, report_view, link_search, right("read"))
#: each way of Frappe's; one user and mode are enough, they all ask the same predicate
ALL = (
	*QUICK,
	document,
	client_list,
	value,
	count,
	report_count,
	grouped,
	link_search_past_user_permissions,
	link_of_a_form,
	form,
	timeline,
	history,
	linked_with,
	print_view,
)
#: ways that tell more than is stored under the DocType's own rights; each has a test of its own
__all__ = ["ALL", "QUICK", "call", "export", "global_search", "right"]

"""What `bench --site <site> uninstall-app rule24_crm` does before Frappe drops our DocTypes.

Frappe itself removes the DocTypes, print formats, workspace, reports and cards of our module. Everything that install
put into records of others is taken away here, so that the site is as it was.
"""

from collections.abc import Iterator

import frappe

from rule24_crm.setup import (
	boards,
	custom_fields,
	dictionaries,
	global_search,
	grants,
	indexes,
	pdf_generator,
	property_setters,
	roles,
	tables,
)

#: versions of documents that are read at once
PORTION = 2_000


def before_uninstall() -> None:
	"""Take away fields, roles, indexes, records and traces of our documents in stock tables."""
	boards.delete()
	_delete_traces()
	_delete_ways_to_the_workspace()
	global_search.delete()
	indexes.drop()
	tables.drop()
	pdf_generator.delete()
	property_setters.delete()
	custom_fields.delete()


def after_uninstall() -> None:
	"""What could not go while our DocTypes still pointed at it."""
	dictionaries.forget()
	grants.delete()
	roles.delete()
	_delete_copies()
	_delete_log_of_rights()
	_delete_jobs()
	# a site that installs the app again starts from nothing
	frappe.db.delete("Patch Log", {"patch": ("like", "rule24_crm.%")})
	frappe.db.commit()  # Frappe commits before this hook and not after it


def _delete_traces() -> None:
	"""Rows that stock DocTypes keep about ours: versions, comments, letters' links, notices, search, sequences."""
	ours = frappe.get_all("DocType", {"module": custom_fields.MODULE}, pluck="name")
	frappe.flags.rule24_doctypes = ours  # after_uninstall cannot ask any more
	_delete_about(ours)
	for doctype in ("Communication", "Email Queue"):
		# letters to clients are the site's own: they stay, and only no longer point at what is gone
		letter = frappe.qb.DocType(doctype)
		frappe.qb.update(letter).set(letter.reference_doctype, None).set(letter.reference_name, None).where(
			letter.reference_doctype.isin(ours)
		).run()
	frappe.db.set_value("File", {"attached_to_field": ("like", "rule24_%")}, "attached_to_field", None)
	_shorten_histories()
	frappe.db.delete("__global_search", {"doctype": ("in", ours)})
	frappe.db.delete("__UserSettings", {"doctype": ("in", ours)})
	series = frappe.qb.DocType("Series")
	frappe.qb.from_(series).delete().where(series.name.isin(("WORK-", "HANDOVER-", "IMPORT-"))).run()


def _delete_about(ours: list[str]) -> None:
	"""What Frappe, or a user in the Desk, has made about documents of ours: it would lead nowhere, or wait for the next install."""
	for doctype, field in (
		("Version", "ref_doctype"),
		("Comment", "reference_doctype"),
		("View Log", "reference_doctype"),
		("DocShare", "share_doctype"),
		("ToDo", "reference_type"),
		("Notification Log", "document_type"),
		("Email Unsubscribe", "reference_doctype"),
		("Deleted Document", "deleted_doctype"),
		("File", "attached_to_doctype"),
		("Property Setter", "doc_type"),
		("Custom Field", "dt"),
		("List Filter", "reference_doctype"),
		("Kanban Board", "reference_doctype"),
		("Data Import", "reference_doctype"),
		("User Permission", "allow"),
		("Tag Link", "document_type"),
		("Energy Point Log", "reference_doctype"),
		("Communication Link", "link_doctype"),
		("Custom DocPerm", "parent"),
		("Document Follow", "ref_doctype"),
		("Assignment Rule", "document_type"),
		("Notification", "document_type"),
		("Auto Repeat", "reference_doctype"),
		("Calendar View", "reference_doctype"),
		("Client Script", "dt"),
		("DocType Layout", "document_type"),
		("Form Tour", "reference_doctype"),
		("List View Settings", "name"),
		("Print Format", "doc_type"),
		("Report", "ref_doctype"),
		("Server Script", "reference_doctype"),
		("Web Form", "doc_type"),
		("Webhook", "webhook_doctype"),
		("Workflow", "document_type"),
		("Workflow Action", "reference_doctype"),
	):
		if frappe.db.table_exists(doctype, cached=False) and frappe.db.has_column(doctype, field):
			_delete_rows(doctype, {field: ("in", ours)})


def _delete_rows(doctype: str, filters: dict) -> None:
	"""Records with the rows of their tables."""
	if tables := frappe.get_meta(doctype).get_table_fields():
		names = frappe.get_all(doctype, filters, pluck="name", order_by=None)  # whoever has made them
		for table in tables:
			frappe.db.delete(table.options, {"parenttype": doctype, "parent": ("in", [*names, ""])})
	frappe.db.delete(doctype, filters)


def _delete_ways_to_the_workspace() -> None:
	"""Icon and side bar that Frappe 16 makes of every workspace; it leaves them there when a whole module goes."""
	ours = frappe.get_all("Workspace", {"module": custom_fields.MODULE}, pluck="name")
	for doctype, field in (
		("Desktop Icon", "link_to"),
		("Workspace Sidebar Item", "link_to"),
		("Workspace Sidebar Item", "parent"),
		("Workspace Sidebar", "title"),
	):
		if frappe.db.table_exists(doctype, cached=False) and frappe.db.has_column(doctype, field):
			frappe.db.delete(doctype, {field: ("in", ours or [""])})


def _shorten_histories() -> None:
	"""Take changes of our fields out of the histories of stock documents; what is left of them stays."""
	for doctype, fields in custom_fields.CUSTOM_FIELDS.items():
		ours = {field["fieldname"] for field in fields}
		for parent in {doctype, *_parents(doctype)}:
			_shorten_history(parent, ours)


def _parents(doctype: str) -> list[str]:
	"""DocTypes whose rows of this child table stand in their own histories."""
	tables = {"fieldtype": ("in", ("Table", "Table MultiSelect")), "options": doctype}
	return frappe.get_all("DocField", tables, pluck="parent", distinct=True, order_by=None)


def _shorten_history(doctype: str, ours: set[str]) -> None:
	for name, data in _versions(doctype):
		if not any(f'"{field}"' in data for field in ours):
			continue
		history = frappe.parse_json(data)
		# each change begins with the name of its field; a changed row has its changes last, a new or old one its values
		history["changed"] = _without(history.get("changed"), ours)
		for kind in ("added", "removed"):
			history[kind] = _without(history.get(kind), ours)
			for _field, row in history[kind]:
				for field in ours.intersection(row):
					del row[field]
		rows = [[*row[:-1], _without(row[-1], ours)] for row in _without(history.get("row_changed"), ours)]
		history["row_changed"] = [row for row in rows if row[-1]]
		if any(history[kind] for kind in ("changed", "added", "removed", "row_changed")):
			frappe.db.set_value(
				"Version", name, "data", frappe.as_json(history, indent=None), update_modified=False
			)
		else:
			frappe.db.delete("Version", {"name": name})


def _versions(doctype: str) -> Iterator[tuple]:
	"""Name and data of each: what is long comes in portions, a history may have millions of rows."""
	names = frappe.get_all(
		"Version", {"ref_doctype": doctype}, pluck="name", order_by=None
	)  # whoever made them
	for start in range(0, len(names), PORTION):
		portion = {"name": ("in", names[start : start + PORTION])}
		yield from frappe.get_all("Version", portion, ["name", "data"], order_by=None, as_list=True)


def _without(changes: list | None, ours: set[str]) -> list:
	return [change for change in changes or [] if str(change[0]) not in ours]


def _delete_log_of_rights() -> None:
	"""Frappe 16 has just written down who could see each page, report and DocType of ours before it went."""
	if not frappe.db.table_exists("Permission Log", cached=False):
		return
	for kind in ("DocType", "Page", "Report"):
		named = set(frappe.get_all("Permission Log", {"for_doctype": kind}, pluck="for_document"))
		if gone := named - set(frappe.get_all(kind, pluck="name")):
			frappe.db.delete("Permission Log", {"for_doctype": kind, "for_document": ("in", list(gone))})


def _delete_copies() -> None:
	"""Frappe keeps a copy of every DocType, report and card it has just deleted."""
	frappe.db.delete("Deleted Document", {"data": ("like", f'%"module": "{custom_fields.MODULE}"%')})
	frappe.db.delete("Deleted Document", {"deleted_name": custom_fields.MODULE})
	ours = frappe.flags.rule24_doctypes or []
	frappe.db.delete("Deleted Document", {"deleted_doctype": ("in", [*ours, ""])})
	frappe.db.delete(
		"Deleted Document", {"deleted_doctype": "Contract Template", "deleted_name": ("like", "Rule24%")}
	)


def _delete_jobs() -> None:
	"""Frappe takes scheduled jobs away only with the next migrate."""
	jobs = frappe.get_all("Scheduled Job Type", {"method": ("like", "rule24_crm.%")}, pluck="name")
	frappe.db.delete("Scheduled Job Log", {"scheduled_job_type": ("in", [*jobs, ""])})
	frappe.db.delete("Scheduled Job Type", {"name": ("in", [*jobs, ""])})

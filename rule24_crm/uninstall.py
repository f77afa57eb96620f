"""What `bench --site <site> uninstall-app rule24_crm` does before Frappe drops our DocTypes.

Frappe itself removes the DocTypes, print formats, workspace, reports and cards of our module. Everything that install
put into records of others is taken away here, so that the site is as it was.
"""

import frappe

from rule24_crm.setup import custom_fields, dictionaries, global_search, indexes, roles


def before_uninstall() -> None:
	"""Take away fields, roles, indexes, records and traces of our documents in stock tables."""
	_delete_traces()
	global_search.delete()
	indexes.drop()
	custom_fields.delete()


def after_uninstall() -> None:
	"""What could not go while our DocTypes still pointed at it."""
	dictionaries.forget()
	roles.delete()
	frappe.db.commit()  # Frappe commits before this hook and not after it


def _delete_traces() -> None:
	"""Rows that stock DocTypes keep about ours: versions, comments, letters' links, notices, search, sequences."""
	ours = frappe.get_all("DocType", {"module": custom_fields.MODULE}, pluck="name")
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
	):
		if frappe.db.table_exists(doctype, cached=False) and frappe.db.has_column(doctype, field):
			frappe.db.delete(doctype, {field: ("in", ours)})
	frappe.db.delete("__global_search", {"doctype": ("in", ours)})
	frappe.db.delete("__UserSettings", {"doctype": ("in", ours)})
	frappe.db.delete("DefaultValue", {"defkey": ("like", "rule24_%"), "parent": "__default"})
	series = frappe.qb.DocType("Series")
	frappe.qb.from_(series).delete().where(series.name == "WORK-").run()

"""Works in the Desk's search box.

The hook `global_search_doctypes` is read by the setup wizard only; a site that is older than this app needs the row, too.
"""

import frappe

DOCTYPES = ("Work",)


def make() -> None:
	"""Allow our DocTypes in Global Search Settings."""
	settings = frappe.get_doc("Global Search Settings")
	allowed = {row.document_type for row in settings.allowed_in_global_search}
	for doctype in DOCTYPES:
		if doctype not in allowed:
			settings.append("allowed_in_global_search", {"document_type": doctype})
	settings.save()


def delete() -> None:
	"""Take them out again."""
	frappe.db.delete("Global Search DocType", {"document_type": ("in", DOCTYPES)})
	frappe.clear_document_cache("Global Search Settings", "Global Search Settings")

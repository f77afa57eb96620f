"""Templates: how files of one origin are written, kept for the next file of that origin."""

from __future__ import annotations

import frappe
from frappe import _

from rule24_crm.exceptions import PartyImportError

TEMPLATE = "Party Import Template"


def save(doc, template_name: str) -> str:
	"""Keep the layout of an import's file under a name; an existing template of that name is replaced.

	:raises PartyImportError: there is no name or nothing to keep.
	"""
	name = (template_name or "").strip()
	if not name:
		raise PartyImportError(_("Give the template a name."))
	if not doc.columns:
		raise PartyImportError(_("Upload a file first: CSV or XLSX with a row for every client."))
	template = (
		frappe.get_doc(TEMPLATE, name) if frappe.db.exists(TEMPLATE, name) else frappe.new_doc(TEMPLATE)
	)
	template.update(
		{
			"template_name": name,
			"encoding": doc.encoding,
			"delimiter": doc.delimiter,
			"worksheet": doc.worksheet,
			"header_row": max(doc.header_row, 0),
			"heading_rows": doc.heading_rows,
		}
	)
	template.set("columns", [])
	for column in doc.columns:
		template.append("columns", {field: column.get(field) for field in ("heading", "sample", "meaning")})
	template.save()
	doc.db_set("template", template.name, update_modified=False)
	return template.name

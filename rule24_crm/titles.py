"""What people call records: lists, logs and messages name them by it. For records that the caller has been let at."""

from collections.abc import Iterable

import frappe
from frappe.utils import create_batch

#: names in one query
CHUNK = 2_000


def titles(doctype: str, names: Iterable[str], field: str | None = None) -> dict[str, str]:
	"""What each of the records is called: name -> title, or its name where it has none. Those that are gone are missing.

	:param field: the field to read; else the one that the DocType says.
	"""
	field, found = field or title_field(doctype), {}
	for chunk in create_batch(list(dict.fromkeys(names)), CHUNK):
		rows = frappe.get_all(  # see the module
			doctype, filters={"name": ("in", chunk)}, fields=["name", field], order_by=None, as_list=True
		)
		found.update((row[0], row[-1] or row[0]) for row in rows)
	return found


def title_field(doctype: str) -> str:
	"""The field with what people call a record, `name` where the DocType has no such field."""
	meta = frappe.get_meta(doctype)
	field = meta.get_title_field()
	return field if meta.has_field(field) else "name"


def name_users(rows: list[dict], field: str) -> list[dict]:
	"""The rows, each with the user's full name beside the user: `responsible_name` for the field `responsible`, None for nobody."""
	names = titles("User", (row[field] for row in rows if row[field]))
	for row in rows:
		row[f"{field}_name"] = names.get(row[field], row[field]) or None
	return rows

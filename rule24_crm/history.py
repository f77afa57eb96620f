"""Histories of documents that are written past `save()`: the Versions that saving each of them would have left."""

import json

import frappe
from frappe.utils.formatters import format_value
from frappe.utils.response import json_handler

from rule24_crm.bulk_insert import insert_rows
from rule24_crm.compat import new_names, version_link

_COLUMNS = (
	"name", "creation", "modified", "owner", "modified_by", "docstatus", "idx", "ref_doctype", "docname", "data",
)  # fmt: skip
#: kinds of change that a Version knows
CHANGED, ADDED, REMOVED, ROW_CHANGED = "changed", "added", "removed", "row_changed"


class History:
	"""What has been done to documents of one DocType, gathered to be written in one go."""

	def __init__(self, doctype: str):
		self.meta = frappe.get_meta(doctype)
		self._changes: dict[str, dict[str, list]] = {}
		self._shown: dict[tuple, str] = {}

	def change(self, name: str, fieldname: str, was, is_now) -> None:
		"""Note that a field of a document has another value; nothing if both read the same."""
		field = self.meta.get_field(fieldname)
		if not field or not self.meta.track_changes or was == is_now:
			return
		if field.fieldtype in ("Link", "Dynamic Link"):
			was, is_now = version_link(was), version_link(is_now)
		was, is_now = self._formatted(field, was), self._formatted(field, is_now)
		if was != is_now:
			self._note(name, CHANGED, [fieldname, was, is_now])

	def row(self, name: str, kind: str, entry: list) -> None:
		"""Note a row of a table in the form that Frappe gives it: added, removed or row_changed."""
		if self.meta.track_changes:
			self._note(name, kind, entry)

	def _note(self, name: str, kind: str, entry: list) -> None:
		self._changes.setdefault(name, {}).setdefault(kind, []).append(entry)

	def _formatted(self, field, value):
		if not value:
			return value
		key = (field.fieldname, value)
		if key not in self._shown:
			self._shown[key] = format_value(value, df=field)
		return self._shown[key]

	def write(self, stamp: str, user: str) -> None:
		"""Insert one Version for each document that has changed.

		:param stamp: the `modified` of the documents.
		"""
		if not self._changes:
			return
		empty = {
			ADDED: [],
			CHANGED: [],
			"data_import": None,
			REMOVED: [],
			ROW_CHANGED: [],
			"updater_reference": None,
		}
		names = new_names("Version", len(self._changes))
		# as `frappe.as_json`, which makes an encoder for each
		encode = json.JSONEncoder(sort_keys=True, default=json_handler, separators=(",", ":")).encode
		insert_rows(
			"Version",
			_COLUMNS,
			[
				(name, stamp, stamp, user, user, 0, 0, self.meta.name, document,
					encode({**empty, **changes}))
				for name, (document, changes) in zip(names, self._changes.items(), strict=True)
			],
		)  # fmt: skip
		self._changes = {}

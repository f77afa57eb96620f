"""A private file is not opened by pointing at it: Frappe lets whoever may read one of its rows have the file."""

import frappe
from frappe import _

from rule24_crm.parties import access


class GuardsPrivateFiles:
	"""Mixed into File. No hook comes before Frappe has read what the row points at, as if it had been uploaded."""

	def before_insert(self):
		uploaded = bool(self.content)
		super().before_insert()
		check(self, uploaded)

	def validate(self):
		super().validate()
		if not self.is_new() and self.has_value_changed("file_url"):
			check(self)


def check(file, uploaded: bool = False) -> None:
	"""Look at whose private file a row of File points at, also as an attachment of a letter.

	:param uploaded: its content has come with it; who has the same content already may have it.
	:raises frappe.PermissionError: all its other rows belong to what is hidden from the user.
	"""
	if not (file.file_url or "").startswith("/private/") or not access.of_user():
		return
	others = frappe.get_all(  # the system asks each of them for the user's right
		"File",
		filters={"file_url": file.file_url, "name": ("!=", file.name or "")},
		fields=["name", "content_hash"],
		order_by=None,
	)
	if uploaded and any(row.content_hash == file.content_hash for row in others):
		return
	if others and not any(frappe.get_doc("File", row.name).is_downloadable() for row in others):
		frappe.throw(
			_("{0} does not exist or is not yours to see.").format(frappe.bold(file.file_name)),
			frappe.PermissionError,
		)

"""A file without a byte in it: refused with words. Frappe speaks of a problem with an address that nobody has typed.

The window for uploads shows every message of the request as plain text, also the one that a record which is not saved yet is not found.
"""

import frappe
from frappe import _
from frappe.utils import escape_html


class RefusesEmptyUploads:
	"""Mixed into File."""

	def before_insert(self):
		if self.get("content") in (b"", "") and not self.file_url and not self.is_folder:
			frappe.clear_messages()  # said of the record that is not saved yet; the user is told of the file only
			frappe.throw(
				_(
					"The file {0} is empty (0 bytes). Save it once more where it comes from, then choose it again."
				).format(escape_html(self.file_name or "")),
				title=_("Empty File"),
			)
		super().before_insert()

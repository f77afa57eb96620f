"""A file without a byte in it: refused with words. Frappe speaks of a problem with an address that nobody has typed."""

import frappe
from frappe import _


class RefusesEmptyUploads:
	"""Mixed into File."""

	def before_insert(self):
		if self.get("content") in (b"", "") and not self.file_url and not self.is_folder:
			frappe.throw(
				_(
					"The file {0} is empty (0 bytes). Save it once more where it comes from, then choose it again."
				).format(frappe.bold(frappe.utils.escape_html(self.file_name or ""))),
				title=_("Empty File"),
			)
		super().before_insert()

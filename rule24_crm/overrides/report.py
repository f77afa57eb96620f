"""Report: those written in SQL or Python know nothing of who sees which client."""

from frappe.core.doctype.report.report import Report

from rule24_crm.parties import access
from rule24_crm.parties.access.registry import RULES
from rule24_crm.setup.custom_fields import MODULE


class GuardedReport(Report):
	"""A Report that is open to a user from whom clients are hidden only if it keeps to that."""

	def is_permitted(self):
		"""Report Builder asks for rights on records, and so do our own reports; other reports on clients show all."""
		if self.ref_doctype in RULES and self.module != MODULE and self.report_type != "Report Builder":
			if access.of_user():
				return False
		return super().is_permitted()

"""Auto Email Report where Frappe replaces classes instead of extending them (before 16)."""

from frappe.email.doctype.auto_email_report.auto_email_report import AutoEmailReport

from rule24_crm.parties.access.reports import MailsAsItsUser


class GuardedAutoEmailReport(MailsAsItsUser, AutoEmailReport):
	"""A mailed report that shows what its user sees."""

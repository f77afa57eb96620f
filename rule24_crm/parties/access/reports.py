"""Reports that go out by themselves or are kept: each shows what the user sees for whom it is made.

Stock Frappe mails a report with nobody signed in, so what is written in SQL or Python shows all clients, and whoever may make
one names any user; it prepares any report for anybody who asks, and shows it to whoever has the report's role.
"""

from contextlib import contextmanager

import frappe

from rule24_crm.compat import NO_OBJECTION, of_listed_table
from rule24_crm.parties.access import requisites, scope

MAILED, PREPARED = "Auto Email Report", "Prepared Report"
#: DocType -> the field with the user whose report it is
WHOSE = {MAILED: "user", PREPARED: "owner"}


class MailsAsItsUser:
	"""Mixed into Auto Email Report."""

	def get_report_content(self):
		"""As it would be shown to the user whose report it is.

		:raises frappe.PermissionError: the report is not for this user.
		"""
		if not (scope.of_user(self.user) or requisites.hidden_from(self.user)):
			return super().get_report_content()
		asked = frappe.db.get_value("Report", self.report, "json")
		with acting_as(self.user, fields=asked or "", filters=self.filters or ""):
			return super().get_report_content()

	def send(self):
		"""What its user may not see is not mailed; the scheduler goes on with the reports of others."""
		try:
			super().send()
		except frappe.PermissionError:
			if getattr(frappe.local, "request", None):
				raise
			frappe.log_error(
				title=f"Rule24 CRM: report {self.name} is not for {self.user}"[:140],
				reference_doctype=self.doctype,
				reference_name=self.name,
			)


@contextmanager
def acting_as(user: str, **request):
	"""Run the block as if the user had sent this request; then whoever is signed in is so again, with the session as it was.

	:param request: what the report asks for, where lists look for named requisites.
	"""
	session, kept, asked = frappe.local.session, dict(frappe.local.session), frappe.local.form_dict
	frappe.set_user(user)
	frappe.local.form_dict = frappe._dict(request)
	try:
		yield
	finally:
		frappe.set_user(kept["user"])
		session.update(kept)
		frappe.local.form_dict = asked


def check_prepared(doc, method: str | None = None) -> None:
	"""Frappe asks for no right when a report is to be prepared. Runs before the order for one is stored.

	:raises frappe.PermissionError: the report is not for whoever asks.
	"""
	if scope.of_user():
		from frappe.desk.query_report import get_report_doc

		get_report_doc(doc.report_name)


def has_permission(doc, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""Hook of Frappe: reports of another team are not opened, nor made in another's name. Whose one was is asked of the database."""
	restricted = scope.of_user(user)
	if restricted is None:
		return NO_OBJECTION
	field = WHOSE[doc.doctype]
	whose = {doc.get(field), frappe.db.get_value(doc.doctype, doc.name, field) if doc.name else None}
	return NO_OBJECTION if whose - {None, ""} <= set(restricted.users) else False


@of_listed_table
def mailed_conditions(user: str | None = None, doctype: str | None = None) -> str:
	"""Hook of Frappe: the same for the list of mailed reports."""
	return _condition(MAILED, user)


@of_listed_table
def prepared_conditions(user: str | None = None, doctype: str | None = None) -> str:
	"""Hook of Frappe: the same for the list of prepared reports."""
	return _condition(PREPARED, user)


def _condition(doctype: str, user: str | None) -> str:
	"""All names in the text are ours, users are escaped."""
	restricted = scope.of_user(user)
	if restricted is None:
		return ""
	team = ", ".join(frappe.db.escape(each, percent=False) for each in restricted.users)
	return f"`tab{doctype}`.`{WHOSE[doctype]}` in ({team})"

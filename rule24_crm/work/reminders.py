"""Reminders: the bell, and a letter if that is set, for the person a work is assigned to, at the moment it names.

Frappe's own Reminder cannot be used: it reminds only whoever made it and runs every quarter of an hour.
"""

import frappe
from frappe import _
from frappe.utils import format_datetime, formatdate, get_url_to_form, now_datetime

from rule24_crm.compat import single_value
from rule24_crm.language import in_language_of
from rule24_crm.parties.next_work import OPEN
from rule24_crm.whole import all_or_nothing

#: one run takes at most so many; the rest follow a minute later
BATCH = 500
SAVEPOINT = "rule24_reminder"
SHOWN = ("name", "subject", "assigned_to", "starts_at", "planned_on", "all_day", "party_name")


def send_due() -> int:
	"""Remind of every open work whose moment has come. Runs each minute; each moment reminds once.

	:return: how many reminders went out.
	"""
	moment = now_datetime()
	work = frappe.qb.DocType("Work")
	# everybody's, whoever it runs as. No filter of `get_all`: to those of Frappe no moment is earlier than any
	due = (
		frappe.qb.from_(work)
		.select(*(work[field] for field in SHOWN))
		.where(work.reminded_on.isnull() & (work.remind_at <= moment) & work.status.isin(OPEN))
		.orderby(work.remind_at)
		.limit(BATCH)
		.run(as_dict=True)
	)
	if not due:
		return 0
	# marked first and in the same transaction: a failing letter must not remind twice
	frappe.qb.update(work).set(work.reminded_on, moment).where(
		work.name.isin([row.name for row in due])
	).run()
	enabled = frappe.get_all(
		"User",
		filters={"name": ("in", list({row.assigned_to for row in due})), "enabled": 1},
		fields=["name", "email", "language"],
		order_by=None,
	)
	users = {user.name: user for user in enabled}
	by_email = single_value("Rule24 CRM Settings", "remind_by_email")
	return sum(
		_remind_or_log(row, users[row.assigned_to], by_email) for row in due if row.assigned_to in users
	)


def _remind_or_log(row, user, by_email: bool) -> bool:
	"""A work that cannot be reminded of does not silence the others."""
	try:
		with all_or_nothing(SAVEPOINT):
			_remind(row, user, by_email)
	except frappe.QueryDeadlockError:
		raise  # nothing of this minute's is left to go on from
	except Exception:
		frappe.log_error(
			title=f"Rule24 CRM: reminder of {row.name}", reference_doctype="Work", reference_name=row.name
		)
		return False
	return True


def _remind(row, user, by_email: bool) -> None:
	with in_language_of(row.assigned_to):
		timed = row.starts_at and not row.all_day
		when = format_datetime(row.starts_at) if timed else formatdate(row.planned_on)
	language = user.language
	subject = _("{0} at {1}", lang=language).format(frappe.bold(row.subject), when)
	frappe.get_doc(
		{
			"doctype": "Notification Log",
			"for_user": row.assigned_to,
			"type": "Alert",
			"document_type": "Work",
			"document_name": row.name,
			"subject": subject,
		}
	).insert(ignore_permissions=True)  # a notice of the system, to the person the work is assigned to
	frappe.publish_realtime(
		"rule24_reminder",
		{"work": row.name, "subject": row.subject, "when": when, "party_name": row.party_name},
		user=row.assigned_to,
		after_commit=True,
	)
	if by_email:
		_write(row, user.email, subject, language)


def _write(row, address: str, subject: str, language: str | None) -> None:
	"""The letter beside the bell. A site without an outgoing account still rings the bell."""
	try:
		frappe.sendmail(
			recipients=[address],
			subject=_("Reminder: {0}", lang=language).format(row.subject),
			message=f'<p>{subject}</p><p><a href="{get_url_to_form("Work", row.name)}">{_("Open the work", lang=language)}</a></p>',
			reference_doctype="Work",
			reference_name=row.name,
		)
	except frappe.OutgoingEmailError:
		frappe.log_error(title="Rule24 CRM: reminders by e-mail need a default outgoing Email Account")

"""Users who were disabled before a disabled user's clients passed on by themselves."""

import frappe

from rule24_crm.parties import leaving, ownerless
from rule24_crm.parties.ownership import FIELDS
from rule24_crm.whole import all_or_nothing


def execute() -> None:
	"""Each as a whole. One who cannot be relieved stays in the report, is in the Error Log, and holds nobody up. Safe to run twice."""
	for user in sorted(_owners()):
		if not ownerless.left_behind(user):
			continue
		try:
			with all_or_nothing("rule24_left"):
				leaving.pass_on(user)
		except Exception as error:
			if isinstance(error, frappe.QueryDeadlockError):
				frappe.db.rollback()  # the database has done so already, and a new transaction has to begin
			leaving.log_failure(user)


def _owners() -> set[str]:
	"""Disabled users who are responsible for any record, live or not."""
	user, found = frappe.qb.DocType("User"), set()
	for kind, field in FIELDS.items():
		table = frappe.qb.DocType(kind)
		query = frappe.qb.from_(table).join(user).on(user.name == table[field]).select(user.name)
		found.update(name for (name,) in query.distinct().where(user.enabled == 0).run())
	return found

"""Starting values of Rule24 CRM Settings that Frappe does not take from the DocType, and what its passwords need."""

import frappe
from frappe.utils.password import get_encryption_key

SETTINGS = "Rule24 CRM Settings"
DAY = {"day_start": "09:00:00", "day_end": "18:00:00"}


def make() -> None:
	"""The working day of a new site, and the key that the passwords of the Settings are kept with.

	Frappe makes that key when the first password is saved. On 16 a web process goes on for a minute with the configuration
	it has read, and would meanwhile make another key, with which nobody can read the first password.
	"""
	get_encryption_key()
	_make_working_day()


def _make_working_day() -> None:
	"""Set the working day on a new site.

	Frappe gives a new document the present time in every Time field, whatever default the field has: a working day of
	microseconds. A day that somebody has set is left as it is.
	"""
	start, end = (frappe.db.get_single_value(SETTINGS, field, cache=False) for field in DAY)
	if start and end and (end - start).total_seconds() >= 60:
		return
	for field, value in DAY.items():
		frappe.db.set_single_value(SETTINGS, field, value)

"""Starting values of Rule24 CRM Settings that Frappe does not take from the DocType."""

import frappe

SETTINGS = "Rule24 CRM Settings"
DAY = {"day_start": "09:00:00", "day_end": "18:00:00"}


def make() -> None:
	"""Set the working day on a new site.

	Frappe gives a new document the present time in every Time field, whatever default the field has: a working day of
	microseconds. A day that somebody has set is left as it is.
	"""
	start, end = (frappe.db.get_single_value(SETTINGS, field, cache=False) for field in DAY)
	if start and end and (end - start).total_seconds() >= 60:
		return
	for field, value in DAY.items():
		frappe.db.set_single_value(SETTINGS, field, value)

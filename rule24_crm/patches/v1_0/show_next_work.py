"""The lists of clients show the day of the next work. Once: whoever takes the column out again is left alone."""

import frappe

from rule24_crm.parties.kinds import PARTY_TYPES
from rule24_crm.setup import property_setters


def execute() -> None:
	"""Fields that are there keep what an administrator has made of them, so a new property of one is set here."""
	for doctype in PARTY_TYPES:
		frappe.db.set_value(
			"Custom Field", {"dt": doctype, "fieldname": "rule24_next_work_on"}, "in_list_view", 1
		)
		frappe.clear_cache(doctype=doctype)
	property_setters.make(of_field="job_title")

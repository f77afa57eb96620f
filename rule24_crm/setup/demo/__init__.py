"""The demo: a small sales department in the middle of the seminar of the sources.

`create_demo()` is what `./dev up` calls on a fresh site; `bench --site <site> execute rule24_crm.setup.demo.create_demo`
does the same anywhere. It goes through the same functions that users' clicks go through, and is safe to run twice.
"""

import frappe

from rule24_crm.setup.demo import company, managers, people


def create_demo() -> dict:
	"""Make the demo's people, company data and campaign where they are missing.

	:return: `{"users": [{"user", "password", "who"}]}` for whoever prints them.
	"""
	from rule24_crm.setup.demo import client_base, partners, seminar

	_weeks_begin_on_monday()
	people.make()
	company.make()
	managers.make()
	seminar.make()
	partners.make()
	frappe.db.commit()  # run by a command, not inside a request
	client_base.make()
	frappe.db.commit()  # run by a command, not inside a request
	return {"users": people.credentials()}


def _weeks_begin_on_monday() -> None:
	"""As calendars in Russia have it; Frappe's own choice is Sunday."""
	settings = frappe.get_single("System Settings")
	if settings.first_day_of_the_week != "Monday":
		settings.first_day_of_the_week = "Monday"
		settings.save()

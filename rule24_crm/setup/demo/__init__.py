"""The demo: a small sales department in the middle of the seminar of the sources.

`create_demo()` is what `./dev up` calls on a fresh site; `bench --site <site> execute rule24_crm.setup.demo.create_demo`
does the same anywhere. It goes through the same functions that users' clicks go through, and is safe to run twice.
"""

from contextlib import contextmanager

import frappe

from rule24_crm.setup.demo import company, managers, people


def create_demo() -> dict:
	"""Make the demo's people, company data and campaign where they are missing.

	:return: `{"users": [{"user", "password", "who"}]}` for whoever prints them.
	"""
	from rule24_crm.setup.demo import client_base, partners, seminar

	_as_in_russia()
	with _russian():
		people.make()
		company.make()
		company.choose_forms()
		managers.make()
		seminar.make()
		partners.make()
		frappe.db.commit()  # run by a command, not inside a request
		client_base.make()
		frappe.db.commit()  # run by a command, not inside a request
	return {"users": people.credentials()}


@contextmanager
def _russian():
	"""What is stored in words - subjects of works, reasons of the import - is Russian, as the clients are."""
	before, frappe.local.lang = frappe.local.lang, "ru"
	try:
		yield
	finally:
		frappe.local.lang = before


def _as_in_russia() -> None:
	"""Weeks begin on Monday, thousands stand apart; new clients and deals are written to in Russian."""
	settings = frappe.get_single("System Settings")
	wanted = {"first_day_of_the_week": "Monday", "number_format": "# ###,##"}
	if any(settings.get(field) != value for field, value in wanted.items()):
		settings.update(wanted)
		settings.save()
	frappe.db.set_default("language", "ru")  # of documents; the Desk is in the language of each user

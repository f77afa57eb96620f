"""The setup wizard without its page: the company that demo and tests work in.

Frappe's own wizard runs ERPNext's stages, both the real ones and the stand-in's.
"""

import frappe
from frappe.utils import getdate

from devtools.inside.connection import connected

COMPANY = "Rule24 Demo"


def answers() -> frappe._dict:
	"""What a person would fill into the wizard's pages."""
	year = getdate().year
	return frappe._dict(
		language="English",
		country="Russian Federation",
		timezone="Europe/Moscow",
		currency="RUB",
		full_name="",
		email="",
		company_name=COMPANY,
		company_abbr="R24",
		chart_of_accounts="Standard",
		fy_start_date=f"{year}-01-01",
		fy_end_date=f"{year}-12-31",
		setup_demo=0,
		enable_telemetry=0,
	)


def complete(args: frappe._dict) -> None:
	"""Frappe's own wizard, with every stage of the apps. Stops the program when one of them fails."""
	from frappe.desk.page.setup_wizard.setup_wizard import setup_complete

	result = setup_complete(args)
	if result.get("status") != "ok":
		raise SystemExit(f"The setup wizard failed: {result}")


def finish() -> None:
	"""Marks the set-up as done in the ways that the versions of Frappe ask for, and opens the Desk at its workspaces."""
	frappe.db.set_single_value("System Settings", "setup_complete", 1)
	frappe.db.set_single_value("System Settings", "enable_onboarding", 0)
	if frappe.get_meta("Installed Application").has_field("is_setup_complete"):
		frappe.db.set_value("Installed Application", {"is_setup_complete": 0}, "is_setup_complete", 1)
	frappe.db.set_default("desktop:home_page", "workspace")
	frappe.db.set_single_value("System Settings", "time_zone", "Europe/Moscow")
	frappe.clear_cache()


def main() -> None:
	with connected():
		complete(answers())
		finish()
		if not frappe.db.exists("Company", COMPANY):
			raise SystemExit(f"The wizard made no company {COMPANY}")


if __name__ == "__main__":
	main()

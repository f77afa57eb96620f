"""Which company of the site Rule24 CRM sells for."""

import frappe

from rule24_crm.compat import single_value


def default_company() -> str | None:
	"""The company of Rule24 CRM Settings, else the site's default one, else the only one there is."""
	company = single_value("Rule24 CRM Settings", "company") or frappe.defaults.get_global_default("company")
	if company:
		return company
	companies = frappe.get_all("Company", pluck="name", limit=2)  # only to know whether there is exactly one
	return companies[0] if len(companies) == 1 else None


def home_country() -> str | None:
	"""The Country of that company."""
	company = default_company()
	return company and frappe.get_cached_value("Company", company, "country")

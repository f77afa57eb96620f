"""Stand-in for the slice of ERPNext 15 that rule24_crm touches. Development only; see the README beside it."""

import functools
import inspect

import frappe

__version__ = "15.0.0"


def get_default_company(user=None):
	"""The user's own default company, else the site's."""
	mine = frappe.defaults.get_user_default_as_list("company", user or frappe.session.user)
	return mine[0] if mine else frappe.db.get_single_value("Global Defaults", "default_company")


def get_default_currency():
	company = get_default_company()
	return frappe.get_cached_value("Company", company, "default_currency") if company else None


def get_default_cost_center(company):
	if not company:
		return None
	return _remember("company_cost_center", company, "cost_center")


def get_company_currency(company):
	return _remember("company_currency", company, "default_currency")


def _remember(flag, company, fieldname):
	known = frappe.flags.get(flag)
	if known is None:
		known = frappe.flags[flag] = {}
	if company not in known:
		known[company] = frappe.get_cached_value("Company", company, fieldname)
	return known[company]


def encode_company_abbr(name, company=None, abbr=None):
	"""`name - ABBR`, without doubling an abbreviation that is already there."""
	suffix = abbr or frappe.get_cached_value("Company", company, "abbr")
	if name.rsplit(" - ", 1)[-1].lower() == suffix.lower():
		return name
	return f"{name} - {suffix}"


def is_perpetual_inventory_enabled(company):
	company = company or get_default_company()
	return frappe.get_cached_value("Company", company, "enable_perpetual_inventory") or 0


def get_region(company=None):
	company = company or frappe.local.flags.company
	if company:
		return frappe.get_cached_value("Company", company, "country")
	return frappe.flags.country or frappe.get_system_settings("country")


def allow_regional(fn):
	"""Let an app replace `fn` for one country through the hook `regional_overrides`."""

	@functools.wraps(fn)
	def caller(*args, **kwargs):
		replacements = frappe.get_hooks("regional_overrides", {}).get(get_region()) or {}
		path = f"{inspect.getmodule(fn).__name__}.{fn.__name__}"
		chosen = frappe.get_attr(replacements[path][-1]) if path in replacements else fn
		return chosen(*args, **kwargs)

	return caller

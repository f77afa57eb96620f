import frappe
from frappe import _
from frappe.utils import add_days, flt, get_datetime_str, nowdate
from frappe.utils.nestedset import get_root_of  # noqa: F401 - part of what this module offers


@frappe.whitelist()
def get_exchange_rate(from_currency, to_currency, transaction_date=None, args=None):
	"""The latest rate of Currency Exchange up to the date. The stand-in never asks a rate service."""
	if not (from_currency and to_currency):
		return None
	if from_currency == to_currency:
		return 1
	date = transaction_date or nowdate()
	filters = [
		["date", "<=", get_datetime_str(date)],
		["from_currency", "=", from_currency],
		["to_currency", "=", to_currency],
	]
	if args in ("for_buying", "for_selling"):
		filters.append([args, "=", 1])
	settings = frappe.get_cached_doc("Accounts Settings")
	if not settings.get("allow_stale"):
		filters.append(["date", ">", get_datetime_str(add_days(date, -settings.get("stale_days")))])
	rates = frappe.get_all(
		"Currency Exchange", filters=filters, order_by="date desc", limit=1, pluck="exchange_rate"
	)
	if rates:
		return flt(rates[0])
	frappe.msgprint(
		_("No exchange rate from {0} to {1} on {2}: make a Currency Exchange record").format(
			from_currency, to_currency, date
		)
	)
	return 0.0

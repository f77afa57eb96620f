import frappe
from frappe import _
from frappe.utils import cstr, formatdate, getdate

from erpnext.accounts.doctype.account.account import get_account_currency  # noqa: F401 - offered from here


class FiscalYearError(frappe.ValidationError):
	pass


@frappe.whitelist()
def get_fiscal_year(
	date=None, fiscal_year=None, label="Date", verbose=1, company=None, as_dict=False, boolean=False
):
	if isinstance(boolean, str):
		boolean = frappe.parse_json(boolean)
	years = get_fiscal_years(date, fiscal_year, label, verbose, company, as_dict=as_dict, boolean=boolean)
	return years if boolean else years[0]


def get_fiscal_years(
	transaction_date=None,
	fiscal_year=None,
	label="Date",
	verbose=1,
	company=None,
	as_dict=False,
	boolean=False,
):
	"""The years a date (or a name) falls in, newest first: [(name, first day, last day)]."""
	years = _years_of(company)
	if not transaction_date and not fiscal_year:
		return years

	day = getdate(transaction_date) if transaction_date else None
	found = [
		year
		for year in years
		if year.name == fiscal_year
		or (day and getdate(year.year_start_date) <= day <= getdate(year.year_end_date))
	]
	if found:
		if boolean:
			return True
		return found if as_dict else [(y.name, y.year_start_date, y.year_end_date) for y in found]
	if boolean:
		return False

	words = _("{0} {1} is not in any active Fiscal Year").format(_(label), formatdate(transaction_date))
	if company:
		words = _("{0} of {1}").format(words, frappe.bold(company))
	if verbose == 1:
		frappe.msgprint(words)
	raise FiscalYearError(words)


def _years_of(company):
	years = frappe.get_all(
		"Fiscal Year",
		filters={"disabled": 0},
		fields=["name", "year_start_date", "year_end_date"],
		order_by="year_start_date desc",
	)
	if not company:
		return years
	owners = {}
	for row in frappe.get_all("Fiscal Year Company", fields=["parent", "company"]):
		owners.setdefault(row.parent, set()).add(row.company)
	return [year for year in years if company in owners.get(year.name, {company})]


def get_autoname_with_number(number_value, doc_title, company):
	"""NUMBER - Title - ABBR, the number only if there is one."""
	abbr = frappe.get_cached_value("Company", company, "abbr")
	number = cstr(number_value).strip()
	return " - ".join([number] * bool(number) + [doc_title.strip(), abbr])

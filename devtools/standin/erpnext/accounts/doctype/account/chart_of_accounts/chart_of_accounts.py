import frappe
from frappe import _
from frappe.utils import cstr
from frappe.utils.nestedset import rebuild_tree

# Keys of a node that describe it; every other key is a child.
FACTS = (
	"account_name",
	"account_number",
	"account_type",
	"root_type",
	"is_group",
	"tax_rate",
	"account_currency",
)


def create_charts(
	company, chart_template=None, existing_company=None, custom_chart=None, from_coa_importer=None
):
	"""Make the company's accounts from a chart. The stand-in has the chart "Standard"."""
	chart = custom_chart or get_chart(chart_template, existing_company)
	if not chart:
		return
	frappe.local.flags.ignore_update_nsm = True
	for name, node in chart.items():
		_make(name, node, None, node.get("root_type"), company)
	rebuild_tree("Account", "parent_account")
	frappe.local.flags.ignore_update_nsm = False


def _make(name, node, parent, root_type, company):
	account = frappe.new_doc("Account")
	account.update(
		{
			"account_name": name,
			"company": company,
			"parent_account": parent,
			"is_group": identify_is_group(node),
			"root_type": root_type,
			"report_type": "Balance Sheet"
			if root_type in ("Asset", "Liability", "Equity")
			else "Profit and Loss",
			"account_number": cstr(node.get("account_number")).strip(),
			"account_type": node.get("account_type"),
			"account_currency": node.get("account_currency")
			or frappe.get_cached_value("Company", company, "default_currency"),
			"tax_rate": node.get("tax_rate"),
		}
	)
	account.flags.ignore_mandatory = parent is None
	account.flags.ignore_permissions = True
	account.insert()
	for child_name, child in node.items():
		if child_name not in FACTS:
			_make(child_name, child, account.name, root_type, company)


def identify_is_group(child):
	return child.get("is_group") or int(any(key not in FACTS for key in child))


@frappe.whitelist()
def get_chart(chart_template, existing_company=None):
	from erpnext.accounts.doctype.account.chart_of_accounts.verified import standard_chart_of_accounts

	if existing_company or chart_template != "Standard":
		frappe.throw(_("The stand-in for ERPNext has the chart of accounts Standard only"))
	return standard_chart_of_accounts.get()


@frappe.whitelist()
def get_charts_for_country(country, with_standard=False):
	return ["Standard"]

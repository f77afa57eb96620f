import frappe
from frappe import _
from frappe.desk.doctype.global_search_settings.global_search_settings import (
	update_global_search_doctypes,
)
from frappe.desk.page.setup_wizard.setup_wizard import make_records
from frappe.utils import cstr, getdate

# Units the stand-in knows, and whether they are counted whole.
UNITS = {
	"Unit": 1,
	"Box": 1,
	"Nos": 1,
	"Pair": 1,
	"Set": 1,
	"Meter": 0,
	"Square Meter": 0,
	"Cubic Meter": 0,
	"Litre": 0,
	"Gram": 0,
	"Kg": 0,
	"Day": 0,
	"Hour": 0,
	"Minute": 0,
	"Percent": 0,
}


SALES_STAGES = (
	"Prospecting",
	"Qualification",
	"Needs Analysis",
	"Value Proposition",
	"Identifying Decision Makers",
	"Perception Analysis",
	"Proposal/Price Quote",
	"Negotiation/Review",
)

LEAD_SOURCES = (
	"Existing Customer",
	"Reference",
	"Advertisement",
	"Cold Calling",
	"Exhibition",
	"Supplier Reference",
	"Mass Mailing",
	"Customer's Vendor",
	"Campaign",
	"Walk In",
)


def _tree(doctype, root, children):
	field = frappe.scrub(doctype)
	name, parent = f"{field}_name", f"parent_{field}"
	yield {"doctype": doctype, name: root, "is_group": 1, parent: ""}
	for child in children:
		yield {"doctype": doctype, name: child, "is_group": 0, parent: root}


def install(country=None):
	records = [{"doctype": "Address Template", "country": country}]
	records += _tree(
		"Item Group",
		_("All Item Groups"),
		[_("Products"), _("Raw Material"), _("Services"), _("Sub Assemblies"), _("Consumable")],
	)
	records += _tree("Territory", _("All Territories"), [country.replace("'", ""), _("Rest Of The World")])
	records += _tree(
		"Customer Group",
		_("All Customer Groups"),
		[_("Individual"), _("Commercial"), _("Non Profit"), _("Government")],
	)
	records += _tree(
		"Supplier Group",
		_("All Supplier Groups"),
		[
			_("Services"),
			_("Local"),
			_("Raw Material"),
			_("Electrical"),
			_("Hardware"),
			_("Pharmaceutical"),
			_("Distributor"),
		],
	)
	records += _tree("Sales Person", _("Sales Team"), [])
	for mode, kind in (
		(_("Cheque"), "Bank"),
		(_("Cash"), "Cash"),
		(_("Credit Card"), "Bank"),
		(_("Wire Transfer"), "Bank"),
		(_("Bank Draft"), "Bank"),
	):
		records.append({"doctype": "Mode of Payment", "mode_of_payment": mode, "type": kind})
	for party in ("Customer", "Supplier", "Employee"):
		account_type = "Receivable" if party == "Customer" else "Payable"
		records.append({"doctype": "Party Type", "party_type": party, "account_type": account_type})
	for name in (_("Sales"), _("Support"), _("Maintenance")):
		records.append({"doctype": "Opportunity Type", "name": name})
	for name in (_("Lower Income"), _("Middle Income"), _("Upper Income")):
		records.append({"doctype": "Market Segment", "market_segment": name})
	records.append({"doctype": "Warehouse Type", "name": "Transit"})
	records += [{"doctype": "Sales Stage", "stage_name": name} for name in SALES_STAGES]
	records += [{"doctype": "Lead Source", "source_name": name} for name in LEAD_SOURCES]

	make_records(records)
	update_selling_defaults()
	update_buying_defaults()
	add_uom_data()
	update_global_search_doctypes()


def update_selling_defaults():
	settings = frappe.get_doc("Selling Settings")
	settings.cust_master_name = "Customer Name"
	settings.so_required = "No"
	settings.dn_required = "No"
	settings.allow_multiple_items = 1
	settings.sales_update_frequency = "Each Transaction"
	settings.save()


def update_buying_defaults():
	settings = frappe.get_doc("Buying Settings")
	settings.supp_master_name = "Supplier Name"
	settings.save()


def add_uom_data():
	for name, whole in UNITS.items():
		if not frappe.db.exists("UOM", _(name)):
			uom = {"uom_name": _(name), "name": _(name), "must_be_whole_number": whole, "enabled": 1}
			frappe.get_doc({"doctype": "UOM", **uom}).db_insert()


def install_company(args):
	year = {
		"doctype": "Fiscal Year",
		"year": get_fy_details(args.fy_start_date, args.fy_end_date),
		"year_start_date": args.fy_start_date,
		"year_end_date": args.fy_end_date,
	}
	company = {
		"doctype": "Company",
		"company_name": args.company_name,
		"enable_perpetual_inventory": 1,
		"abbr": args.company_abbr,
		"default_currency": args.currency,
		"country": args.country,
		"create_chart_of_accounts_based_on": "Standard Template",
		"chart_of_accounts": args.chart_of_accounts,
		"domain": args.domain,
	}
	make_records([year, company])


def install_defaults(args=None):
	make_records(
		[
			{
				"doctype": "Price List",
				"price_list_name": name,
				"enabled": 1,
				"buying": int(not selling),
				"selling": selling,
				"currency": args.currency,
			}
			for name, selling in ((_("Standard Buying"), 0), (_("Standard Selling"), 1))
		]
	)
	frappe.db.set_value("Currency", args.get("currency"), "enabled", 1)
	set_global_defaults(args)
	update_stock_settings()
	args.update({"set_default": 1})
	create_bank_account(args)


def set_global_defaults(kwargs):
	defaults = frappe.get_doc("Global Defaults", "Global Defaults")
	defaults.default_currency = kwargs.get("currency")
	defaults.default_company = frappe.db.get_value("Company", {"company_name": kwargs.get("company_name")})
	defaults.country = kwargs.get("country")
	defaults.save()


def update_stock_settings():
	settings = frappe.get_doc("Stock Settings")
	settings.item_naming_by = "Item Code"
	settings.valuation_method = "FIFO"
	settings.default_warehouse = frappe.db.get_value("Warehouse", {"warehouse_name": _("Stores")})
	settings.stock_uom = _("Nos")
	settings.auto_insert_price_list_rate_if_missing = 1
	settings.flags.ignore_permissions = True
	settings.save()


def create_bank_account(args, demo=False):
	"""The company's account for the bank named in the wizard, below "Bank Accounts"."""
	if not args.get("bank_account"):
		if not demo:
			return None
		args["bank_account"] = _("Demo Bank Account")
	company = args.get("company_name")
	group = frappe.db.get_value(
		"Account", {"account_type": "Bank", "is_group": 1, "root_type": "Asset", "company": company}
	)
	if not group:
		return None
	account = frappe.new_doc("Account")
	account.account_name = args.get("bank_account")
	account.parent_account = group
	account.is_group = 0
	account.company = company
	account.account_type = "Bank"
	try:
		account.insert()
	except frappe.DuplicateEntryError:
		return None
	if args.get("set_default"):
		frappe.db.set_value("Company", company, "default_bank_account", account.name, update_modified=False)
	return account


def get_fy_details(fy_start_date, fy_end_date):
	first, last = getdate(fy_start_date).year, getdate(fy_end_date).year
	return cstr(first) if first == last else f"{first}-{first + 1}"

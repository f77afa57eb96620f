import frappe
from frappe import _

# The taxes that ERPNext makes for a new company, by country; the stand-in knows those of our demo.
COUNTRY_TAXES = {
	"Russian Federation": {
		"Russia VAT 18%": {"account_name": "VAT 18%", "tax_rate": 18.0, "default": 1},
		"Russia VAT 10%": {"account_name": "VAT 10%", "tax_rate": 10.0},
	},
}


def setup_taxes_and_charges(company_name: str, country: str):
	"""An account, an item template and a sales template for each tax of the country."""
	if not frappe.db.exists("Company", company_name):
		frappe.throw(_("There is no Company {}: its taxes cannot be made").format(company_name))
	taxes = COUNTRY_TAXES.get(country) or {}
	for title, tax in taxes.items():
		_sales_template(company_name, title, tax)
	for title, tax in taxes.items():
		_item_template(company_name, title, tax)


def _sales_template(company, title, tax):
	row = {
		"charge_type": "On Net Total",
		"cost_center": frappe.db.get_value("Company", company, "cost_center"),
		"description": f"{tax['account_name']} @ {tax['tax_rate']}",
		"rate": tax["tax_rate"],
	}
	values = {"title": title, "is_default": tax.get("default", 0)}
	_template("Sales Taxes and Charges Template", company, values, row, "account_head", tax)


def _item_template(company, title, tax):
	_template("Item Tax Template", company, {"title": title}, {"tax_rate": tax["tax_rate"]}, "tax_type", tax)


def _template(doctype, company, values, row, account_field, tax):
	if frappe.db.exists(doctype, {"title": values["title"], "company": company}):
		return
	row[account_field] = _tax_account(company, tax)
	doc = frappe.get_doc({"doctype": doctype, "company": company, "taxes": [row], **values})
	doc.flags.ignore_links = True
	doc.flags.ignore_validate = True
	doc.flags.ignore_mandatory = True
	doc.insert(ignore_permissions=True, ignore_if_duplicate=True)


def _tax_account(company, tax):
	known = frappe.db.get_value(
		"Account", {"company": company, "root_type": "Liability", "account_name": tax["account_name"]}
	)
	if known:
		return known
	group = frappe.db.get_value(
		"Account", {"company": company, "root_type": "Liability", "account_type": "Tax", "is_group": 1}
	)
	account = frappe.get_doc(
		{
			"doctype": "Account",
			"account_name": tax["account_name"],
			"tax_rate": tax["tax_rate"],
			"company": company,
			"parent_account": group,
			"report_type": "Balance Sheet",
			"root_type": "Liability",
			"account_type": "Tax",
			"is_group": 0,
		}
	)
	account.flags.ignore_links = True
	account.flags.ignore_validate = True
	account.insert(ignore_permissions=True, ignore_mandatory=True, ignore_if_duplicate=True)
	return account.name

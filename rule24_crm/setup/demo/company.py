"""The demo company's requisites: what an invoice and a contract need."""

from pathlib import Path

import frappe
from frappe.custom.doctype.property_setter.property_setter import make_property_setter

from rule24_crm.parties.company import default_company

BANK = "АО «Учебный банк»"
#: made-up, nobody's, with correct check digits
REQUISITES = {
	"tax_id": "7709240012",
	"rule24_kpp": "770901001",
	"rule24_ogrn": "1247700240028",
	"rule24_director": "Правилов Р. К.",
	"rule24_chief_accountant": "Счётова В. И.",
}
#: DocType -> the form it is printed with
FORMS = {"Sales Invoice": "Rule24 Payment Invoice", "Contract": "Rule24 Contract"}
#: field of Company -> picture drawn for the demo
IMAGES = {
	"rule24_stamp": "stamp.png",
	"rule24_director_signature": "director.png",
	"rule24_accountant_signature": "accountant.png",
}


def make() -> None:
	"""Fill what is empty in the company, give it a bank account, an address and a service to sell."""
	company = frappe.get_doc("Company", default_company())
	for field, value in REQUISITES.items():
		if not company.get(field):
			company.set(field, value)
	for field, picture in IMAGES.items():
		if not company.get(field):
			company.set(field, _picture(company.name, field, picture))
	company.save()
	_bank_account(company.name)
	_address(company.name)
	service()
	_usual_client()
	_roubles()


def choose_forms() -> None:
	"""What an administrator does in the print view: the accountant's Print button gives the form that is signed."""
	for doctype, form in FORMS.items():
		if not frappe.get_meta(doctype).default_print_format:
			make_property_setter(doctype, None, "default_print_format", form, "Data", for_doctype=True)
			frappe.clear_cache(doctype=doctype)


def _usual_client() -> None:
	"""What ERPNext's Selling Settings propose for a new client; else the first group of the alphabet is taken."""
	settings = frappe.get_single("Selling Settings")
	for field, doctype, name in (
		("customer_group", "Customer Group", "Commercial"),
		("territory", "Territory", "Russian Federation"),
	):
		if not settings.get(field) and frappe.db.exists(doctype, name):
			settings.set(field, name)
			settings.flags.rule24_changed = True
	if settings.flags.rule24_changed:
		settings.save()


def _roubles() -> None:
	"""Frappe knows no sign of the rouble, and would show «RUB 12 000»."""
	currency = frappe.get_doc("Currency", "RUB") if frappe.db.exists("Currency", "RUB") else None
	if currency and not currency.symbol:
		currency.update({"symbol": "₽", "symbol_on_right": 1, "number_format": "# ###,##"})
		currency.save()


def _picture(company: str, field: str, picture: str) -> str:
	"""Upload a picture as a private file of the company. :return: its address."""
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": f"demo-{picture}",
			"attached_to_doctype": "Company",
			"attached_to_name": company,
			"attached_to_field": field,
			"is_private": 1,
			"content": (Path(__file__).parent / "images" / picture).read_bytes(),
		}
	)
	return file.insert().file_url


def _bank_account(company: str) -> None:
	if frappe.db.exists("Bank Account", {"company": company, "is_company_account": 1, "is_default": 1}):
		return
	if not frappe.db.exists("Bank", BANK):
		frappe.get_doc(
			{
				"doctype": "Bank",
				"bank_name": BANK,
				"rule24_bic": "044524924",
				"rule24_correspondent_account": "30101810500000000924",
			}
		).insert()
	frappe.get_doc(
		{
			"doctype": "Bank Account",
			"account_name": "Расчётный счёт",
			"bank": BANK,
			"bank_account_no": "40702810300240000024",
			"is_company_account": 1,
			"is_default": 1,
			"company": company,
			"account": _ledger(company),
		}
	).insert()


def _ledger(company: str) -> str:
	"""The account of the books that stands for the bank account."""
	existing = frappe.db.get_value("Account", {"company": company, "account_type": "Bank", "is_group": 0})
	if existing:
		return existing
	group = frappe.db.get_value("Account", {"company": company, "account_type": "Bank", "is_group": 1})
	return (
		frappe.get_doc(
			{
				"doctype": "Account",
				"account_name": BANK,
				"company": company,
				"parent_account": group,
				"account_type": "Bank",
				"is_group": 0,
			}
		)
		.insert()
		.name
	)


def _address(company: str) -> None:
	if frappe.db.exists(
		"Dynamic Link", {"parenttype": "Address", "link_doctype": "Company", "link_name": company}
	):
		return
	address = frappe.get_doc(
		{
			"doctype": "Address",
			"address_title": company,
			"address_type": "Billing",
			"address_line1": "ул. Учебная, д. 24",
			"city": "Москва",
			"pincode": "101000",
			"country": "Russian Federation",
			"is_your_company_address": 1,
		}
	)
	address.append("links", {"link_doctype": "Company", "link_name": company})
	address.insert()


def service() -> str:
	"""The seminar as something to sell. :return: the Item's name."""
	code = "SEMINAR"
	if not frappe.db.exists("Item", code):
		frappe.get_doc(
			{
				"doctype": "Item",
				"item_code": code,
				"item_name": "Участие в семинаре «Процессный подход к управлению»",
				"description": "Участие одного слушателя в семинаре «Процессный подход к управлению», 8 академических часов",
				"item_group": frappe.db.get_value("Item Group", {"name": "Services"})
				or frappe.db.get_value("Item Group", {"is_group": 0}),
				"stock_uom": "Nos",
				"is_stock_item": 0,
				"standard_rate": 12000,
			}
		).insert()
	return code

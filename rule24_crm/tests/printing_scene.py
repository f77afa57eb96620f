"""What printed forms are tested on: the demo company with its requisites, a client, and documents between them."""

import frappe
from frappe.utils import nowdate

from rule24_crm.setup.demo import company as demo_company
from rule24_crm.tests import factories

COMPANY = factories.COMPANY
CLIENT = "ООО «Ромашка и партнёры»"


def company(images: bool = True):
	"""The demo company, complete; without its stamp and signatures on demand."""
	demo_company.make()
	doc = frappe.get_doc("Company", COMPANY)
	if not images:
		for field in demo_company.IMAGES:
			doc.db_set(field, "")
	frappe.clear_document_cache("Company", COMPANY)
	return frappe.get_doc("Company", COMPANY)


def client(**values):
	"""A customer with INN, KPP and an address; the same one when no values are given."""
	if not values and (
		found := frappe.db.get_value("Customer", {"customer_name": CLIENT, "rule24_kpp": "772401001"})
	):
		return frappe.get_doc("Customer", found)
	defaults = {"customer_name": CLIENT, "tax_id": "7724240017", "rule24_kpp": "772401001"}
	doc = factories.make_customer(**{**defaults, **values})
	address = frappe.get_doc(
		{
			"doctype": "Address",
			"address_title": doc.name,
			"address_type": "Billing",
			"address_line1": "ул. Полевая, д. 5, офис 12",
			"city": "Тверь",
			"pincode": "170100",
			"country": "Russian Federation",
		}
	)
	address.append("links", {"link_doctype": "Customer", "link_name": doc.name})
	address.insert(ignore_permissions=True)
	return doc


def vat_account() -> str:
	"""An account of the books for VAT, made if missing."""
	found = frappe.db.get_value("Account", {"company": COMPANY, "account_type": "Tax", "is_group": 0})
	if found:
		return found
	return _account("НДС", "Tax")


def freight_account() -> str:
	"""An account for delivery, which is no tax."""
	return _account("Доставка", "Chargeable")


def _account(name: str, kind: str) -> str:
	parent = frappe.db.get_value(
		"Account",
		{"company": COMPANY, "is_group": 1, "root_type": "Liability", "parent_account": ("is", "set")},
	) or frappe.db.get_value("Account", {"company": COMPANY, "is_group": 1})
	doc = frappe.get_doc(
		{
			"doctype": "Account",
			"account_name": f"{name} {frappe.generate_hash(length=4)}",
			"company": COMPANY,
			"parent_account": parent,
			"account_type": kind,
			"is_group": 0,
		}
	)
	return doc.insert(ignore_permissions=True).name


def vat(rate: float = 22, included: bool = True) -> dict:
	"""A row of taxes."""
	return {
		"charge_type": "On Net Total",
		"account_head": vat_account(),
		"description": f"НДС {rate}%",
		"rate": rate,
		"included_in_print_rate": int(included),
	}


def rows(count: int = 1, rate: float = 12000) -> list[dict]:
	"""Rows of items; names long enough to wrap now and then."""
	code = demo_company.service()
	if count == 1:
		return [{"item_code": code, "qty": 1, "rate": rate, "uom": "Nos"}]
	return [
		{
			"item_code": code,
			"item_name": f"Консультация № {number} по описанию и улучшению процессов"
			+ (" отдела продаж, включая интервью с сотрудниками и отчёт" if number % 3 == 0 else ""),
			"qty": 1 + number % 4,
			"rate": 1500 + 100 * number,
			"uom": "Nos",
		}
		for number in range(1, count + 1)
	]


def invoice(customer=None, items: list[dict] | None = None, taxes: list[dict] | None = None, **values):
	"""A draft Sales Invoice in roubles."""
	doc = frappe.get_doc(
		{
			"doctype": "Sales Invoice",
			"customer": (customer or client()).name,
			"company": COMPANY,
			"posting_date": nowdate(),
			"due_date": nowdate(),
			"currency": "RUB",
			"conversion_rate": 1,
			"items": items or rows(),
			"taxes": taxes or [],
			**values,
		}
	)
	doc.flags.ignore_permissions = True
	return doc.insert()

"""Issuing invoice and contract of a deal, against the bare stock inserts of what it makes.

Stock is what a script would do that knows everything beforehand: a Customer from ERPNext's mapper, its Bank Account, a
Sales Invoice with the same rows and taxes, a Contract with the finished text, each inserted once. Our side finds out what
there is, checks rights and requisites, renders the contract and carries contacts and works besides.
"""

import frappe
from frappe.utils import add_days, nowdate

from benchmarks.harness import Ratio, Side, interleaved
from rule24_crm.compat import mapper
from rule24_crm.deals.documents import issue_documents
from rule24_crm.tests import factories as make
from rule24_crm.tests.test_requisites import BIC, CLIENT_ACCOUNT, client_requisites, give_company_requisites

COUNT = 8


def measure() -> list[Ratio]:
	"""See the module."""
	give_company_requisites()
	frappe.db.set_single_value("Rule24 CRM Settings", "check_requisites", 1)
	items = [
		{"item_code": make.make_item().name, "qty": 2, "rate": 1500, "uom": "Nos"} for _number in range(3)
	]
	leads = [make.make_lead(**client_requisites()) for _number in range(COUNT)]
	deals = [make.make_opportunity(lead, items=items, language="en") for lead in leads]
	made = issue_documents(deals[0].name)
	terms = frappe.db.get_value("Contract", made["contract"], "contract_terms")
	taxes = frappe.get_doc("Sales Invoice", made["invoice"])
	bank = frappe.db.get_value("Bank", {"rule24_bic": BIC})
	rest = list(zip(leads, deals, strict=True))[1:]
	frappe.db.savepoint("bench")

	def undo():
		frappe.db.rollback(save_point="bench")
		frappe.clear_cache(doctype="Customer")

	def ours():
		for _lead, deal in rest:
			issue_documents(deal.name)

	def stock():
		for lead, deal in rest:
			_stock(lead, deal, items, taxes, terms, bank)

	units = len(rest)
	times = interleaved(
		{"ours": Side(ours, undo=undo, units=units), "stock": Side(stock, undo=undo, units=units)}, rounds=9
	)
	detail = ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in times.items())
	return [
		Ratio(
			"issue customer, invoice and contract of a deal: against the bare stock inserts",
			times["ours"] / times["stock"],
			1.3,
			False,
			"x",
			detail,
		)
	]


def _stock(lead, deal, items: list[dict], taxes, terms: str, bank: str) -> None:
	customer = mapper("lead_to_customer")(lead.name)
	customer.insert()
	frappe.get_doc(
		{
			"doctype": "Bank Account",
			"account_name": f"{CLIENT_ACCOUNT} {customer.name}",
			"bank": bank,
			"bank_account_no": CLIENT_ACCOUNT,
			"party_type": "Customer",
			"party": customer.name,
			"is_default": 1,
		}
	).insert()
	invoice = frappe.get_doc(
		{
			"doctype": "Sales Invoice",
			"customer": customer.name,
			"company": deal.company,
			"currency": deal.currency,
			"conversion_rate": 1,
			"due_date": add_days(nowdate(), 5),
			"items": [dict(row) for row in items],
			"taxes_and_charges": taxes.taxes_and_charges,
			"taxes": [
				{
					key: row.get(key)
					for key in (
						"charge_type",
						"account_head",
						"rate",
						"description",
						"included_in_print_rate",
						"cost_center",
					)
				}
				for row in taxes.taxes
			],
		}
	).insert()
	frappe.get_doc(
		{
			"doctype": "Contract",
			"party_type": "Customer",
			"party_name": customer.name,
			"start_date": nowdate(),
			"contract_terms": terms,
			"document_type": "Sales Invoice",
			"document_name": invoice.name,
		}
	).insert()

"""One sales story on a site, told in records: `python scenario.py OUT [SITE]`, in the folder of the sites (or SITES_PATH).

Runs alike on ERPNext and on the stand-in, writes what the records became as JSON, and rolls everything back. Imports
nothing of this repository: it is a program of the site's own Python.
"""

import json
import os
import re
import sys

import frappe
from frappe.model.base_document import BaseDocument
from frappe.utils import add_days, nowdate

# Columns that differ from run to run, that only Frappe keeps, or that the two versions of Frappe fill differently
# (the title of a link).
OWN = {
	"__islocal",
	"__last_sync_on",
	"__onload",
	"__unsaved",
	"_assign",
	"_comments",
	"_liked_by",
	"_seen",
	"_user_tags",
	"creation",
	"docstatus_was",
	"image",
	"lft",
	"link_title",
	"modified",
	"name",
	"owner",
	"parent",
	"posting_time",
	"rgt",
}
HASH = re.compile(r"^(?=.*\d)(?=.*[a-z])[0-9a-z]{10}$")
SERIES = re.compile(r"\b([A-Z]{3,4}(?:-[A-Z]+)?-\d{4}-)\d{5}\b")
MARK = "R24C"


class Story:
	"""The records, by a label of their part in the story."""

	def __init__(self):
		self.records: dict[str, object] = {}

	def tell(self, label: str, value) -> None:
		self.records[label] = plain(value)


def plain(value):
	"""Without names of rows, moments and counters, which differ between sites."""
	if isinstance(value, BaseDocument):
		value = value.as_dict()
	if isinstance(value, dict):
		kept = {key: item for key, item in value.items() if key not in OWN and not key.startswith("rule24_")}
		return {key: plain(item) for key, item in sorted(kept.items())}
	if isinstance(value, list | tuple):
		return [plain(item) for item in value]
	if isinstance(value, str):
		return "#" if HASH.match(value) else SERIES.sub(r"\1#####", value)
	if value is None or isinstance(value, int | float | bool):
		return value
	return str(value)


def saved(doc):
	"""The record as the database has it."""
	return frappe.get_doc(doc.doctype, doc.name)


def new(doctype: str, **values):
	return frappe.get_doc({"doctype": doctype, **values}).insert()


def tell() -> dict:
	story = Story()
	company = frappe.db.get_single_value("Global Defaults", "default_company")
	setup(story, company)
	names = masters(story, company)
	lead_to_invoice(story, company, names)
	prospect_and_customer(story, company, names)
	orders(story, company, names)
	refusals(story, company, names)
	settings(story)
	return story.records


def setup(story: Story, company: str) -> None:
	"""What the setup wizard made."""
	doc = frappe.get_doc("Company", company)
	story.tell("company", doc)
	for doctype, fields in (
		(
			"Account",
			[
				"account_name",
				"parent_account",
				"account_type",
				"root_type",
				"report_type",
				"is_group",
				"tax_rate",
			],
		),
		("Cost Center", ["cost_center_name", "parent_cost_center", "is_group"]),
		("Warehouse", ["warehouse_name", "parent_warehouse", "is_group", "warehouse_type"]),
	):
		rows = frappe.get_all(doctype, {"company": company}, ["name", *fields], order_by="name")
		story.tell(f"{doctype}s of the company", {row.pop("name"): row for row in rows})
	for doctype in ("Sales Taxes and Charges Template", "Item Tax Template"):
		for name in frappe.get_all(doctype, {"company": company}, pluck="name"):
			story.tell(f"{doctype} {name}", frappe.get_doc(doctype, name))
	for doctype in (
		"Customer Group",
		"Item Group",
		"Lead Source",
		"Market Segment",
		"Mode of Payment",
		"Opportunity Type",
		"Price List",
		"Sales Person",
		"Sales Stage",
		"Territory",
		"UOM",
	):
		story.tell(f"{doctype} records", {name: True for name in frappe.get_all(doctype, pluck="name")})
	keys = (
		"company",
		"currency",
		"country",
		"cust_master_name",
		"selling_price_list",
		"item_naming_by",
		"stock_uom",
	)
	story.tell("defaults", {key: frappe.db.get_default(key) for key in keys})


def masters(story: Story, company: str) -> frappe._dict:
	group = frappe.db.get_value("Customer Group", {"is_group": 0})
	item = new("Item", item_code=f"{MARK} Seminar", item_group="Services", stock_uom="Nos", is_stock_item=0)
	priced = new(
		"Item",
		item_code=f"{MARK} Book",
		item_group="Products",
		stock_uom="Nos",
		is_stock_item=0,
		standard_rate=450.5,
	)
	story.tell("item", saved(item))
	story.tell("priced item", saved(priced))
	price = frappe.get_doc("Item Price", {"item_code": priced.name})
	story.tell("price of the priced item", price)
	terms = new(
		"Payment Terms Template",
		template_name=f"{MARK} half and half",
		terms=[
			{"invoice_portion": 50, "due_date_based_on": "Day(s) after invoice date", "credit_days": 5},
			{"invoice_portion": 50, "due_date_based_on": "Day(s) after invoice date", "credit_days": 20},
		],
	)
	inclusive = new(
		"Sales Taxes and Charges Template",
		title=f"{MARK} 20",
		company=company,
		taxes=[
			{
				"charge_type": "On Net Total",
				"account_head": frappe.db.get_value(
					"Account", {"company": company, "account_name": "VAT 18%"}
				),
				"description": "VAT 20%",
				"rate": 20,
				"included_in_print_rate": 1,
			}
		],
	)
	story.tell("template of a tax in the rate", saved(inclusive))
	bank = new("Bank", bank_name=f"{MARK} bank")
	account = new(
		"Bank Account", account_name=f"{MARK} account", bank=bank.name, bank_account_no="40702810900000000001"
	)
	story.tell("bank account", saved(account))
	story.tell("bank account name", account.name)
	holidays = frappe.get_doc(
		doctype="Holiday List",
		holiday_list_name=f"{MARK} days",
		from_date="2026-01-01",
		to_date="2026-01-31",
		weekly_off="Sunday",
	)
	holidays.get_weekly_off_dates()
	holidays.append("holidays", {"holiday_date": "2026-01-07", "description": "Christmas"})
	story.tell("holiday list", saved(holidays.insert()))
	return frappe._dict(
		group=group, item=item.name, priced=priced.name, terms=terms.name, inclusive=inclusive.name
	)


def lead_to_invoice(story: Story, company: str, names) -> None:
	from erpnext.crm.doctype.lead.lead import make_customer, make_opportunity

	campaign = new("Campaign", campaign_name=f"{MARK} campaign")
	story.tell("campaign name", campaign.name)
	lead = new(
		"Lead",
		first_name="Ivan",
		middle_name="Petrovich",
		last_name="Sidorov",
		company_name=f"{MARK} Romashka",
		email_id="sidorov@romashka.example",
		mobile_no="+79161234567",
		phone="+74951234567",
		job_title="Director",
		source="Exhibition",
		campaign_name=campaign.name,
		market_segment=frappe.get_all("Market Segment", pluck="name", order_by="name")[0],
		notes=[{"note": "met at the fair"}],
	)
	frappe.get_doc(
		doctype="ToDo", reference_type="Lead", reference_name=lead.name, description="call"
	).insert()
	story.tell("lead", saved(lead))
	contact = frappe.get_doc("Contact", {"email_id": lead.email_id})
	story.tell("contact of the lead", contact)

	deal = make_opportunity(lead.name)
	story.tell("deal as mapped from the lead", deal)
	deal.update({"company": company, "currency": frappe.db.get_default("currency")})
	deal.append("items", {"item_code": names.item, "qty": 3, "uom": "Nos", "rate": 1234.57})
	deal.append("items", {"item_code": names.priced, "qty": 2, "uom": "Nos", "rate": 450.5})
	deal.insert()
	story.tell("deal", saved(deal))
	story.tell("lead after the deal", saved(lead).status)
	story.tell(
		"task after the deal",
		frappe.get_all("ToDo", {"reference_type": "Opportunity"}, ["description", "reference_name"]),
	)

	customer = make_customer(lead.name)
	customer.update({"customer_group": names.group, "territory": "All Territories", "tax_id": "7707083893"})
	customer.insert()
	story.tell("customer", saved(customer))
	story.tell("lead after the customer", saved(lead).status)
	story.tell("contact after the customer", saved(contact))
	namesake = new("Customer", customer_name=customer.customer_name, customer_group=names.group)
	story.tell("namesake's name", namesake.name)
	_invoices(story, company, names, customer, deal)
	contract = new(
		"Contract",
		party_type="Customer",
		party_name=customer.name,
		contract_terms="terms",
		start_date=nowdate(),
		end_date=add_days(nowdate(), 30),
		requires_fulfilment=1,
		fulfilment_terms=[{"requirement": "act"}],
	)
	story.tell("contract", saved(contract))
	contract.is_signed = 1
	contract.submit()
	story.tell("signed contract", saved(contract))


def _invoices(story: Story, company: str, names, customer, deal) -> None:
	address = new(
		"Address",
		address_title=customer.name,
		address_type="Billing",
		address_line1="Tverskaya 1",
		city="Moscow",
		country="Russian Federation",
		is_primary_address=1,
		links=[{"link_doctype": "Customer", "link_name": customer.name}],
	)
	story.tell("address", saved(address))
	kinds = {
		"tax in the rate": {"taxes_and_charges": names.inclusive},
		"tax on top": {
			"taxes_and_charges": frappe.db.get_value(
				"Sales Taxes and Charges Template", {"company": company, "is_default": 1}
			)
		},
		"no tax": {"payment_terms_template": names.terms},
	}
	for kind, values in kinds.items():
		invoice = frappe.get_doc(doctype="Sales Invoice", customer=customer.name, company=company, **values)
		for row in deal.items:
			invoice.append("items", {"item_code": row.item_code, "qty": row.qty, "rate": row.rate})
		invoice.set_missing_values()
		invoice.insert()
		story.tell(f"invoice, {kind}", saved(invoice))
	invoice.submit()
	story.tell("submitted invoice", saved(invoice))
	bare = frappe.get_doc(doctype="Sales Invoice", customer=customer.name, company=company)
	bare.append("items", {"item_code": names.priced, "qty": 1})
	bare.append(
		"items",
		{"item_name": "Lunch", "qty": 2, "rate": 99.99, "uom": "Nos", "income_account": _income(company)},
	)
	story.tell("invoice with nothing but an item", saved(bare.insert()))


def _income(company: str) -> str:
	return frappe.db.get_value("Company", company, "default_income_account")


def prospect_and_customer(story: Story, company: str, names) -> None:
	from erpnext.crm.doctype.prospect.prospect import make_customer, make_opportunity

	prospect = new("Prospect", company_name=f"{MARK} Lutik", company=company, customer_group=names.group)
	story.tell("prospect", saved(prospect))
	deal = make_opportunity(prospect.name)
	story.tell("deal as mapped from the prospect", deal)
	deal.insert()
	story.tell("deal of the prospect", saved(deal))
	story.tell("prospect after the deal", saved(prospect))
	reason = new("Opportunity Lost Reason", lost_reason=f"{MARK} price")
	deal.declare_enquiry_lost([{"lost_reason": reason.name}], [], "too dear")
	story.tell("lost deal", saved(deal))
	customer = make_customer(prospect.name)
	customer.insert()
	story.tell("customer of the prospect", saved(customer))

	lead = new("Lead", lead_name="Anna", email_id="anna@example.com", company=company)
	story.tell("lead with a name only", saved(lead))
	lead.append("notes", {"note": "x"})
	lead.create_prospect(f"{MARK} Made of a lead")
	story.tell("prospect made of a lead", frappe.get_doc("Prospect", f"{MARK} Made of a lead"))
	simple = new(
		"Customer", customer_name=f"{MARK} Person", customer_type="Individual", mobile_no="+79990001122"
	)
	story.tell("customer with a phone", saved(simple))
	contact = frappe.db.get_value("Customer", simple.name, "customer_primary_contact")
	story.tell("contact made by the customer", frappe.get_doc("Contact", contact))
	call = new(
		"Call Log",
		id=f"{MARK}-1",
		**{"from": "+79990001122", "to": "100"},
		type="Incoming",
		status="Completed",
	)
	story.tell("call", saved(call))


def orders(story: Story, company: str, names) -> None:
	from erpnext.crm.doctype.opportunity.opportunity import make_quotation
	from erpnext.selling.doctype.quotation.quotation import make_sales_invoice, make_sales_order

	customer = new("Customer", customer_name=f"{MARK} Vasilek", customer_group=names.group)
	deal = new(
		"Opportunity",
		opportunity_from="Customer",
		party_name=customer.name,
		company=company,
		currency=frappe.db.get_default("currency"),
		items=[{"item_code": names.item, "qty": 2, "rate": 100}],
	)
	quotation = make_quotation(deal.name)
	quotation.insert()
	story.tell("quotation", saved(quotation))
	quotation.submit()
	story.tell("deal after the quotation", saved(deal).status)
	order = make_sales_order(quotation.name)
	order.delivery_date = add_days(nowdate(), 10)
	order.insert()
	story.tell("order", saved(order))
	order.submit()
	story.tell("statuses after the order", [saved(order).status, saved(quotation).status, saved(deal).status])
	story.tell("invoice of the quotation", saved(make_sales_invoice(quotation.name).insert()))


def refusals(story: Story, company: str, names) -> None:
	"""What must not be saved: told by the kind of the error, the words are each one's own."""
	stranger = new("Contact", first_name="Stranger")
	customer = frappe.db.get_value("Customer", {"customer_name": f"{MARK} Vasilek"})
	invoice = {"doctype": "Sales Invoice", "customer": customer, "company": company}
	item = {"item_code": names.item, "qty": 1, "rate": 10}
	attempts = {
		"lead without a name": {"doctype": "Lead"},
		"second lead of one address": {"doctype": "Lead", "lead_name": "B", "email_id": "anna@example.com"},
		"invoice of nothing": {**invoice, "items": []},
		"invoice of no quantity": {**invoice, "items": [{**item, "qty": 0}]},
		"invoice for a stranger": {**invoice, "items": [item], "contact_person": stranger.name},
		"invoice due before its date": {**invoice, "items": [item], "due_date": add_days(nowdate(), -5)},
		"half a piece": {**invoice, "items": [{**item, "qty": 0.5}]},
		"contract that ends before it starts": {
			"doctype": "Contract",
			"party_type": "Customer",
			"party_name": customer,
			"contract_terms": "x",
			"start_date": "2026-02-02",
			"end_date": "2026-02-01",
		},
		"customer of a group's name": {"doctype": "Customer", "customer_name": names.group},
	}
	for label, values in attempts.items():
		frappe.db.savepoint("attempt")
		try:
			frappe.get_doc(values).insert()
			story.tell(f"refused: {label}", "saved")
		except Exception as error:
			story.tell(f"refused: {label}", [kind.__name__ for kind in type(error).__mro__])
		frappe.db.rollback(save_point="attempt")
	frappe.clear_messages()


def settings(story: Story) -> None:
	"""Property setters that ERPNext's own settings make, and the roles that may do what."""
	for doctype in ("CRM Settings", "Selling Settings", "Global Defaults"):
		story.tell(doctype, frappe.get_doc(doctype))


def main(out: str, site: str) -> None:
	os.chdir(os.environ.get("SITES_PATH", "."))
	frappe.init(site=site)
	frappe.connect()
	frappe.set_user("Administrator")
	frappe.flags.mute_emails = True
	records = tell()
	frappe.db.rollback()
	frappe.destroy()
	with open(out, "w") as file:
		json.dump(records, file, ensure_ascii=False, indent="\t", default=str)


if __name__ == "__main__":
	main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else os.environ["RULE24_SITE"])

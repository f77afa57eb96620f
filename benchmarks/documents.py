"""Issuing invoice and contract of a deal, against the bare stock inserts of what it makes.

Stock is what a script would do that knows everything beforehand: a Customer from ERPNext's mapper, its Bank Account, a
Sales Invoice with the same rows and taxes, a Contract with the finished text, each inserted once with the values ours has.
`_same` holds the records of both sides against each other, field by field, before anything is measured. Our side finds
out what there is, checks rights and requisites, renders the contract and carries participants, contacts and works besides.
"""

import frappe

from benchmarks.harness import Ratio, Side, paired
from rule24_crm.compat import mapper
from rule24_crm.deals import contacts
from rule24_crm.deals.documents import issue_documents
from rule24_crm.tests import factories as make
from rule24_crm.tests.test_requisites import client_requisites, give_company_requisites

COUNT = 4
ROUNDS = 24
BOUND = 1.3

#: DocType -> the fields our side fills; ERPNext fills the others on both sides
FIELDS = {
	"Customer": (
		"account_manager",
		"customer_primary_contact",
		"default_currency",
		"opportunity_name",
		"rule24_charter_capital",
		"rule24_kpp",
		"rule24_no_of_employees",
		"rule24_ogrn",
		"rule24_phase",
		"tax_id",
	),
	"Bank Account": ("account_name", "bank", "bank_account_no", "is_default", "party", "party_type"),
	"Sales Invoice": (
		"company",
		"conversion_rate",
		"contact_person",
		"currency",
		"customer",
		"due_date",
		"ignore_pricing_rule",
		"language",
		"posting_date",
		"rule24_opportunity",
		"taxes_and_charges",
		"territory",
	),
	"Contract": (
		"contract_template",
		"contract_terms",
		"document_name",
		"document_type",
		"end_date",
		"party_name",
		"party_type",
		"requires_fulfilment",
		"rule24_opportunity",
		"signee",
		"start_date",
	),
}
#: DocType -> its table -> the fields our side fills
ROWS = {
	"Sales Invoice": {
		"items": ("description", "item_code", "item_name", "qty", "rate", "uom"),
		"taxes": (
			"account_head",
			"charge_type",
			"cost_center",
			"description",
			"included_in_print_rate",
			"rate",
		),
	},
	"Contract": {"fulfilment_terms": ("requirement",)},
}
#: what differs from record to record, or with the moment
OWN = {"name", "creation", "modified", "parent", "title", "posting_time", "naming_series", "contract_terms"}


def measure() -> list[Ratio]:
	"""See the module."""
	give_company_requisites()
	frappe.db.set_single_value("Rule24 CRM Settings", "check_requisites", 1)
	items = [
		{"item_code": make.make_item().name, "qty": 2, "rate": 1500, "uom": "Nos"} for _number in range(3)
	]
	leads = [make.make_lead(**client_requisites()) for _number in range(COUNT)]
	deals = [make.make_opportunity(lead, items=items, language="en") for lead in leads]
	customers = [lead.company_name for lead in leads]
	frappe.db.savepoint("bench")
	known = []
	for deal in deals:
		issue_documents(deal.name)
		known.append(_records(deal.name))

	def undo():
		frappe.db.rollback(save_point="bench")
		frappe.local._realtime_log = []  # a request starts without; in a long transaction each insert searches it
		for customer in customers:
			frappe.clear_document_cache("Customer", customer)

	def ours():
		for deal in deals:
			issue_documents(deal.name)

	def stock():
		for lead, records in zip(leads, known, strict=True):
			_insert(lead.name, records)

	undo()
	stock()
	for records in known:
		_same(records, _records(records["Customer"].opportunity_name))
	undo()
	times = paired(Side(ours, undo=undo, units=COUNT), Side(stock, undo=undo, units=COUNT), rounds=ROUNDS)
	return [
		Ratio(
			"issue customer, invoice and contract of a deal: against the bare stock inserts",
			times.ratio,
			BOUND,
			False,
			"x",
			f"ours {times.ours * 1000:.0f} ms, stock {times.other * 1000:.0f} ms, "
			f"processor time {times.processor_ratio:.2f} x",
		)
	]


def _records(deal: str) -> dict:
	"""What has been made for a deal: DocType -> document."""
	customer = frappe.get_doc("Customer", {"opportunity_name": deal})
	return {
		"Customer": customer,
		"Bank Account": frappe.get_doc("Bank Account", {"party_type": "Customer", "party": customer.name}),
		"Sales Invoice": frappe.get_doc("Sales Invoice", {"rule24_opportunity": deal}),
		"Contract": frappe.get_doc("Contract", {"rule24_opportunity": deal}),
	}


def _insert(lead: str, records: dict) -> None:
	"""The stock side: each of the records inserted once."""
	customer = mapper("lead_to_customer")(lead)
	customer.update(_values(records["Customer"]))
	customer.insert()
	_new(records["Bank Account"], party=customer.name)
	invoice = _new(records["Sales Invoice"], customer=customer.name)
	_new(records["Contract"], party_name=customer.name, document_name=invoice.name)


def _new(like, **own):
	doc = frappe.get_doc({"doctype": like.doctype, **_values(like), **own})
	doc.flags.rule24_issued = True  # by hand nobody gives a document a deal
	return doc.insert()


def _values(doc) -> dict:
	values = {field: doc.get(field) for field in FIELDS[doc.doctype]}
	for table, fields in ROWS.get(doc.doctype, {}).items():
		values[table] = [{field: row.get(field) for field in fields} for row in doc.get(table)]
	return values


def _same(ours: dict, stock: dict) -> None:
	"""Both sides have made the same.

	:raises AssertionError: a field differs, so the ratio would compare different work; the message names it.
	"""
	for doctype, doc in ours.items():
		mine, theirs = dict(_flat(doc)), dict(_flat(stock[doctype]))
		wrong = [
			f"{doctype}: {where} is {mine.get(where)!r} in ours, {theirs.get(where)!r} in stock"
			for where in mine | theirs
			if mine.get(where) != theirs.get(where)
		]
		assert not wrong, "; ".join(wrong)
	people = [contacts.of("Customer", side["Customer"].name) for side in (ours, stock)]
	assert people[0] == people[1], f"contacts differ: {people}"


def _flat(doc) -> list[tuple]:
	"""Every field of a document and of its rows as (where, value), but for what is its own."""
	found = [
		(field.fieldname, doc.get(field.fieldname))
		for field in doc.meta.get("fields")
		if field.fieldname not in OWN and field.fieldtype not in frappe.model.table_fields
	]
	for table in doc.meta.get_table_fields():
		found.append((table.fieldname, len(doc.get(table.fieldname))))
		for row in doc.get(table.fieldname):
			found += [(f"{table.fieldname} {row.idx} {where}", value) for where, value in _flat(row)]
	return found

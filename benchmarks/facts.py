"""Facts of a client among 100,000 invoices, 50,000 deals, 100,000 works and 50,000 letters of 5,000 clients.

One client for the bar on its form, a client with very many invoices, and 50 at once against 50 one by one.
"""

import datetime
import itertools

import frappe
from frappe.utils import getdate, now, nowdate

from benchmarks.harness import Ratio, Side, interleaved
from rule24_crm.parties import facts
from rule24_crm.parties.company import default_company
from rule24_crm.tests import factories as make

CLIENTS, INVOICES, DEALS, WORKS, LETTERS, TURNS, MANY = 5_000, 100_000, 50_000, 100_000, 50_000, 20, 50
#: this client alone has so many invoices
LARGEST = 2_000


def measure() -> list[Ratio]:
	"""See the module."""
	template = make.make_customer().as_dict()
	clients = [f"Bench {number}" for number in range(CLIENTS)]
	rows("Customer", CLIENTS, {"name": clients, "customer_name": clients, **common(template)})
	fill(clients)
	for doctype in ("Customer", "Sales Invoice", "Opportunity", "Work", "Communication"):
		frappe.db.sql(f"analyze table `tab{doctype}`")
	turns = itertools.cycle(clients[1:])
	some = clients[100 : 100 + MANY]
	times = interleaved(
		{
			"one": Side(
				lambda: [facts.of_client("Customer", next(turns)) for _turn in range(TURNS)], units=TURNS
			),
			"largest": Side(lambda: facts.of_client("Customer", clients[0])),
			"together": Side(lambda: facts.for_clients("Customer", some)),
			"apart": Side(lambda: [facts.of_client("Customer", name) for name in some]),
		},
		rounds=7,
	)
	ms = {name: seconds * 1000 for name, seconds in times.items()}
	detail = ", ".join(f"{name} {value:.1f} ms" for name, value in ms.items())
	return [
		Ratio(f"facts of one client among {INVOICES:,} invoices", ms["one"], 20, False, "ms", detail),
		Ratio(f"facts of a client with {LARGEST:,} invoices", ms["largest"], 40, False, "ms", detail),
		Ratio(
			f"facts of {MANY} clients: one by one / together",
			ms["apart"] / ms["together"],
			5,
			True,
			"x",
			detail,
		),
	]


def fill(clients: list[str]) -> None:
	"""Invoices, deals, works and letters, spread evenly; the first client has `LARGEST` invoices more."""
	today, company = getdate(nowdate()), default_company()
	owners = [clients[number % CLIENTS] for number in range(INVOICES)]
	owners[:LARGEST] = [clients[0]] * LARGEST
	days = [today - datetime.timedelta(days=number % 900) for number in range(INVOICES)]
	rows(
		"Sales Invoice",
		INVOICES,
		{
			"customer": owners,
			"company": company,
			"posting_date": days,
			"docstatus": 1,
			"currency": "RUB",
			"party_account_currency": "RUB",
			"conversion_rate": 1,
			"base_grand_total": 1000,
			"outstanding_amount": 10,
		},
	)
	rows(
		"Opportunity",
		DEALS,
		{
			"opportunity_from": "Customer",
			"party_name": [clients[number % CLIENTS] for number in range(DEALS)],
			"company": company,
			"status": [("Open", "Converted", "Lost")[number % 3] for number in range(DEALS)],
			"conversion_rate": 1,
			"opportunity_amount": 500,
		},
	)
	rows(
		"Work",
		WORKS,
		{
			"party_type": "Customer",
			"party": [clients[number % CLIENTS] for number in range(WORKS)],
			"status": [
				("Closed", "Closed", "Closed", "Planned")[number // CLIENTS % 4] for number in range(WORKS)
			],
			"planned_on": days,
			"closed_on": now(),
			"action": "Call",
			"subject": "Call",
		},
	)
	rows(
		"Communication",
		LETTERS,
		{
			"reference_doctype": "Customer",
			"reference_name": [clients[number % CLIENTS] for number in range(LETTERS)],
			"communication_type": "Communication",
			"communication_date": now(),
		},
	)


def common(template: dict) -> dict:
	"""What every client has in common: groups and such."""
	return {
		field: template[field]
		for field in ("customer_group", "territory", "customer_type")
		if template.get(field)
	}


def rows(doctype: str, count: int, values: dict) -> None:
	"""Insert rows past documents; a value is the same for all, or a list with one for each."""
	values = {
		"name": [f"bench-{frappe.scrub(doctype)}-{number}" for number in range(count)],
		"creation": now(),
		"modified": now(),
		"owner": "Administrator",
		**values,
	}
	columns = [
		value if isinstance(value, list) else itertools.repeat(value, count) for value in values.values()
	]
	frappe.db.bulk_insert(doctype, list(values), list(zip(*columns, strict=False)), chunk_size=5_000)

"""Facts about clients: since when, deals, sales, debt, the last touch and the next work. Computed here and nowhere else.

Every fact takes one query for each table and kind of record, however many clients are asked about. A client is looked at
under all its records: what was sold to a Lead before it became a Customer counts.

Money is in the currency of the company that Rule24 CRM works for; companies that keep their books in another currency are
left out, and `partial` says so.
"""

from collections import defaultdict
from collections.abc import Iterable

import frappe
from frappe.query_builder import Case
from frappe.query_builder.functions import Max, Min, Sum
from frappe.utils import cint, flt, getdate, nowdate

from rule24_crm.deals.process import won_criterion
from rule24_crm.deals.stages import amount_expression
from rule24_crm.parties import chain, permitted
from rule24_crm.parties.company import default_company
from rule24_crm.parties.next_work import OPEN

#: statuses of a deal that is over, won or not
CLOSED_DEALS = ("Converted", "Lost", "Closed")
#: facts that count documents; the others are money
COUNTS = ("won", "open", "count")
CHUNK = 1000


def of_client(party_type: str, party: str) -> dict:
	"""The facts of one client; see `for_clients`."""
	return for_clients(party_type, [party])[party]


def for_clients(party_type: str, parties: Iterable[str]) -> dict[str, dict]:
	"""Facts of many clients of one kind.

	Who may not read deals, invoices or works gets the rest. The caller has checked that the user may read the clients.

	:return: party -> `{"since": date, "satisfaction": str, "deals": {...}, "sales": {...}, "last_touch": {"on", "kind"},
		"next_work": {...}}`. `satisfaction` is empty until a manager has noted it.
		`deals`: won, won_amount, open, open_amount, currency, partial. `sales`: count, total, this_year, average, debt,
		last_on, currency, partial. A part that the user may not see is missing; `last_touch` and `next_work` may be None.
	"""
	parties = list(dict.fromkeys(parties))
	facts = {}
	for start in range(0, len(parties), CHUNK):
		chunk = parties[start : start + CHUNK]
		clients = _Clients(chain.lineages(party_type, chunk))
		facts.update({party: {} for party in chunk})
		_records(clients, facts)
		if frappe.has_permission("Opportunity", "read"):
			_deals(clients, facts)
		if frappe.has_permission("Sales Invoice", "read"):
			_sales(clients, facts)
		_last_touch(clients, facts)
		if frappe.has_permission("Work", "read"):
			_next_work(clients, facts)
	return facts


class _Clients:
	"""Which records belong to which client."""

	def __init__(self, lineages: dict[str, list[tuple[str, str]]]):
		self.of_record: dict[tuple[str, str], list[str]] = defaultdict(list)
		self.names: dict[str, list[str]] = defaultdict(list)
		for party, records in lineages.items():
			for record in records:
				if record not in self.of_record:
					self.names[record[0]].append(record[1])
				self.of_record[record].append(party)

	def where(self, kind_column, name_column):
		"""The condition that two columns, kind and name, hold a record of these clients."""
		criterion = None
		for kind, names in self.names.items():
			one = (kind_column == kind) & name_column.isin(names)
			criterion = one if criterion is None else criterion | one
		return criterion


# -- the records themselves --------------------------------------------------------------------------------------------


def _records(clients: _Clients, facts: dict) -> None:
	"""The day the first record of the client was made, which `_sales` moves back to an earlier sale; how satisfied the
	client is, from the record that was touched last of those that say."""
	noted: dict[str, list[tuple]] = defaultdict(list)
	for kind, names in clients.names.items():
		table = frappe.qb.DocType(kind)
		query = frappe.qb.from_(table).select(
			table.name, table.creation, table.modified, table.rule24_satisfaction
		)
		for name, creation, modified, satisfaction in query.where(table.name.isin(names)).run():
			for party in clients.of_record[kind, name]:
				_earlier(facts[party], getdate(creation))
				if satisfaction:
					noted[party].append((modified, satisfaction))
	for party, fact in facts.items():
		fact["satisfaction"] = max(noted[party])[1] if noted.get(party) else ""


def _earlier(fact: dict, day) -> None:
	if day and (not fact.get("since") or day < fact["since"]):
		fact["since"] = day


# -- deals and sales -----------------------------------------------------------------------------------------------------


def _deals(clients: _Clients, facts: dict) -> None:
	deal = frappe.qb.DocType("Opportunity")
	won, is_open = won_criterion(deal), deal.status.notin(CLOSED_DEALS)
	amount = amount_expression(deal)
	query = (
		frappe.qb.from_(deal)
		.select(
			deal.opportunity_from,
			deal.party_name,
			deal.company,
			Sum(Case().when(won, 1).else_(0)),
			Sum(Case().when(won, amount).else_(0)),
			Sum(Case().when(is_open, 1).else_(0)),
			Sum(Case().when(is_open, amount).else_(0)),
		)
		.where(clients.where(deal.opportunity_from, deal.party_name))
		.groupby(deal.opportunity_from, deal.party_name, deal.company)
	)
	money = _Money()
	for fact in facts.values():
		fact["deals"] = money.empty("won", "won_amount", "open", "open_amount")
	for kind, party_name, company, *values in permitted.restrict(query, "Opportunity").run():
		counts = dict(zip(("won", "won_amount", "open", "open_amount"), values, strict=True))
		for party in clients.of_record.get((kind, party_name), ()):
			money.add(facts[party]["deals"], company, counts, always=("won", "open"))


def _sales(clients: _Clients, facts: dict) -> None:
	money = _Money()
	for fact in facts.values():
		fact["sales"] = {**money.empty("count", "total", "this_year", "average", "debt"), "last_on": None}
	if not clients.names.get("Customer"):
		return
	for row in permitted.restrict(_invoices(clients.names["Customer"]), "Sales Invoice").run(as_dict=True):
		amounts = {key: row[key] for key in ("count", "total", "this_year", "debt")}
		for party in clients.of_record.get(("Customer", row.customer), ()):
			sales = facts[party]["sales"]
			money.add(sales, row.company, amounts)
			sales["last_on"] = max(filter(None, (sales["last_on"], row.last_on)), default=None)
			_earlier(facts[party], row.first_on)
	for fact in facts.values():
		sales = fact["sales"]
		if sales["count"]:
			sales["average"] = flt(sales["total"] / sales["count"], 2)


def _invoices(customers: list[str]):
	"""Posted invoices by customer and company; returns lower the sums and are no checks of their own."""
	invoice = frappe.qb.DocType("Sales Invoice")
	year = f"{getdate(nowdate()).year}-01-01"
	# what is owed stands in the currency of the receivable account: that of the invoice, or the company's own
	rate = Case().when(invoice.party_account_currency == invoice.currency, invoice.conversion_rate).else_(1)
	return (
		frappe.qb.from_(invoice)
		.select(
			invoice.customer,
			invoice.company,
			Sum(Case().when(invoice.is_return == 1, 0).else_(1)).as_("count"),
			Sum(invoice.base_grand_total).as_("total"),
			Sum(Case().when(invoice.posting_date >= year, invoice.base_grand_total).else_(0)).as_(
				"this_year"
			),
			Sum(invoice.outstanding_amount * rate).as_("debt"),
			Min(invoice.posting_date).as_("first_on"),
			Max(invoice.posting_date).as_("last_on"),
		)
		.where((invoice.docstatus == 1) & invoice.customer.isin(customers))
		.groupby(invoice.customer, invoice.company)
	)


class _Money:
	"""Sums over companies that keep their books in one currency."""

	def __init__(self):
		self.currency = self._of(default_company())

	def empty(self, *keys: str) -> dict:
		return {**dict.fromkeys(keys, 0), "currency": self.currency, "partial": False}

	def add(self, into: dict, company: str, values: dict, always: tuple[str, ...] = ()) -> None:
		"""Add the values of one company; of one with another currency only those that are no money (`always`)."""
		fits = not self.currency or self._of(company) == self.currency
		for key, value in values.items():
			if key in always or (fits and key in COUNTS):
				into[key] += cint(value)
			elif fits:
				into[key] = flt(into[key] + flt(value), 2)
		into["partial"] = into["partial"] or not fits

	def _of(self, company: str | None) -> str | None:
		return company and frappe.get_cached_value("Company", company, "default_currency")


# -- touch and next work -------------------------------------------------------------------------------------------------


def _last_touch(clients: _Clients, facts: dict) -> None:
	"""The latest of: a work done, a letter or message either way, a telephone call."""
	touches = []
	if frappe.has_permission("Work", "read"):
		touches.append(("Work", _closed_works(clients)))
	# letters and calls: who may read the client sees them in its timeline, as Frappe has it
	touches += [
		("Letter", _letters(clients)),
		("Letter", _linked_letters(clients)),
		("Call", _calls(clients)),
	]
	for fact in facts.values():
		fact["last_touch"] = None
	for kind, query in touches:
		for doctype, name, moment in query.run():
			for party in clients.of_record.get((doctype, name), ()):
				last = facts[party]["last_touch"]
				if moment and (not last or moment > last["on"]):
					facts[party]["last_touch"] = {"on": moment, "kind": kind}


def _closed_works(clients: _Clients):
	work = frappe.qb.DocType("Work")
	done = frappe.qb.from_(work).where(work.status == "Closed")
	return _latest(clients, done, work.party_type, work.party, work.closed_on)


def _letters(clients: _Clients):
	letter = frappe.qb.DocType("Communication")
	query = frappe.qb.from_(letter).where(letter.communication_type == "Communication")
	return _latest(clients, query, letter.reference_doctype, letter.reference_name, letter.communication_date)


def _linked_letters(clients: _Clients):
	"""Letters that belong to another record, a deal say, and stand in the client's timeline too."""
	letter, link = frappe.qb.DocType("Communication"), frappe.qb.DocType("Communication Link")
	query = frappe.qb.from_(link).join(letter).on(letter.name == link.parent)
	query = query.where(letter.communication_type == "Communication")
	return _latest(clients, query, link.link_doctype, link.link_name, letter.communication_date)


def _calls(clients: _Clients):
	call, link = frappe.qb.DocType("Call Log"), frappe.qb.DocType("Dynamic Link")
	query = frappe.qb.from_(link).join(call).on(call.name == link.parent)
	query = query.where(link.parenttype == "Call Log")
	return _latest(clients, query, link.link_doctype, link.link_name, call.start_time)


def _latest(clients: _Clients, query, kind, name, moment):
	"""Rows (DocType, name, the latest `moment`) for the records of these clients, which two columns of the query name."""
	return query.select(kind, name, Max(moment)).where(clients.where(kind, name)).groupby(kind, name)


def _next_work(clients: _Clients, facts: dict) -> None:
	work = frappe.qb.DocType("Work")
	query = (
		frappe.qb.from_(work)
		.select(
			work.party_type,
			work.party,
			work.name,
			work.action,
			work.subject,
			work.planned_on,
			work.assigned_to,
		)
		.where(work.status.isin(OPEN) & clients.where(work.party_type, work.party))
		.orderby(work.planned_on, work.starts_at, work.name)
	)
	for fact in facts.values():
		fact["next_work"] = None
	for row in query.run(as_dict=True):
		for party in clients.of_record.get((row.party_type, row.party), ()):
			if not facts[party]["next_work"]:
				facts[party]["next_work"] = {
					key: row[key] for key in ("name", "action", "subject", "planned_on", "assigned_to")
				}

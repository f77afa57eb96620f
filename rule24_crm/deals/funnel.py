"""Where deals die and how long each stage takes, from the history of moves."""

from __future__ import annotations

from collections import defaultdict

import frappe
from frappe import _
from frappe.utils import add_days, flt, fmt_money, getdate

from rule24_crm.deals.conversion import CLOSED_STATUSES
from rule24_crm.deals.process import LOST, OPEN, Process
from rule24_crm.exceptions import DealError

SECONDS_PER_DAY = 86400


class Stage:
	"""What happened in one stage; deals are counted once, however often they come back."""

	def __init__(self):
		self.entered, self.moved_on, self.lost = set(), set(), set()
		self.lost_amount = 0.0
		#: currency -> lost in deals of companies that keep their books in another one
		self.lost_elsewhere: dict[str, float] = defaultdict(float)
		self.seconds: list[int] = []
		self.in_work = 0

	@property
	def days(self) -> float | None:
		"""How long a deal stays here on average."""
		return flt(sum(self.seconds) / len(self.seconds) / SECONDS_PER_DAY, 1) if self.seconds else None


def report(filters: dict) -> tuple[list, list, None, dict, list]:
	"""Columns, rows, message, chart and summary of the report "Deal Funnel".

	:param filters: `sales_process`, `from_date`, `to_date`; `company` and `opportunity_owner` if wanted. The moves of the
		days from `from_date` to `to_date` are counted, both included; "in work" is now.
	:raises DealError: a filter is missing or the dates are the wrong way round.
	"""
	filters = frappe._dict(filters)
	_check(filters)
	process = Process(frappe.get_cached_doc("Sales Process", filters.sales_process))
	stages = _collect(process, filters)
	rows = _rows(process, stages)
	return _columns(filters), rows, _message(stages), _chart(rows), _summary(process, stages)


def _check(filters) -> None:
	missing = [
		label
		for key, label in (
			("sales_process", _("Sales Process")),
			("from_date", _("From Date")),
			("to_date", _("To Date")),
		)
		if not filters.get(key)
	]
	if missing:
		frappe.throw(_("Fill in: {0}.").format(", ".join(missing)), DealError)
	if getdate(filters.from_date) > getdate(filters.to_date):
		frappe.throw(_("The first day lies after the last one."), DealError)


def _collect(process: Process, filters) -> dict[str | None, Stage]:
	stages = defaultdict(Stage)
	deals = _deals(process, filters)
	currency = _currency(filters)
	order = {name: number for number, name in enumerate(process.way)}
	for move in _moves(process, filters):
		if deals is not None and move.opportunity not in deals:
			continue
		source, target = move.from_stage or None, move.to_stage or None
		stages[target].entered.add(move.opportunity)
		if source == target and move.outcome == OPEN:
			continue
		if source and process.outcome(source) == OPEN:
			stages[source].seconds.append(move.seconds_in_stage or 0)
			if move.outcome == LOST:
				stages[source].lost.add(move.opportunity)
				if not currency or (move.currency or currency) == currency:
					stages[source].lost_amount += flt(move.amount)
				else:
					stages[source].lost_elsewhere[move.currency] += flt(move.amount)
			elif order.get(target, -1) > order.get(source, -1):
				stages[source].moved_on.add(move.opportunity)
	for deal in _open_deals(process, filters):
		stages[deal.sales_stage or None].in_work += 1
	return stages


def _moves(process: Process, filters) -> list:
	"""The moves of the period that the user may see."""
	return frappe.get_list(
		"Deal Stage Change",
		filters=[
			["sales_process", "=", process.name],
			["changed_on", ">=", getdate(filters.from_date)],
			["changed_on", "<", add_days(getdate(filters.to_date), 1)],
		],
		fields=["opportunity", "from_stage", "to_stage", "outcome", "seconds_in_stage", "amount", "currency"],
		order_by="changed_on",
		limit=0,
	)


def _deals(process: Process, filters) -> set[str] | None:
	"""The deals of a company or manager; `None` for all."""
	wanted = {key: filters[key] for key in ("company", "opportunity_owner") if filters.get(key)}
	if not wanted:
		return None
	wanted["rule24_sales_process"] = process.name
	return set(frappe.get_list("Opportunity", filters=wanted, pluck="name", order_by="name", limit=0))


def _open_deals(process: Process, filters) -> list:
	wanted = {key: filters[key] for key in ("company", "opportunity_owner") if filters.get(key)}
	wanted.update(rule24_sales_process=process.name, status=("not in", CLOSED_STATUSES))
	return frappe.get_list("Opportunity", filters=wanted, fields=["sales_stage"], order_by="name", limit=0)


def _rows(process: Process, stages: dict[str | None, Stage]) -> list[dict]:
	rows = []
	for name in process.names or [None]:
		stage = stages[name]
		closed = process.outcome(name) != OPEN
		entered = len(stage.entered)
		rows.append(
			{
				"stage": name,
				"stage_name": _(name) if name else _("Open"),
				"entered": entered,
				"moved_on": None if closed else len(stage.moved_on),
				"conversion": None if closed or not entered else flt(100 * len(stage.moved_on) / entered, 1),
				"lost": None if closed else len(stage.lost),
				"lost_amount": None if closed else stage.lost_amount,
				"in_work": None if closed else stage.in_work,
				"days": None if closed else stage.days,
			}
		)
	return rows


def _currency(filters) -> str | None:
	"""The currency of the lost amounts: that of the company chosen, else of the one the site takes by default."""
	company = filters.get("company") or frappe.defaults.get_global_default("company")
	return frappe.get_cached_value("Company", company, "default_currency") if company else None


def _message(stages: dict[str | None, Stage]) -> str | None:
	"""Say what the lost amounts leave out: one column holds one currency."""
	elsewhere: dict[str, float] = defaultdict(float)
	for stage in stages.values():
		for currency, amount in stage.lost_elsewhere.items():
			elsewhere[currency] += amount
	if not any(elsewhere.values()):
		return None
	sums = ", ".join(fmt_money(elsewhere[currency], currency=currency) for currency in sorted(elsewhere))
	return _(
		"Not among the lost amounts: {0} of companies that keep their books in another currency. Choose a company to see "
		"them."
	).format(sums)


def _columns(filters) -> list[dict]:
	currency = _currency(filters)
	count = {"fieldtype": "Int", "width": 150}
	return [
		# no link: ERPNext lets managers of sales read the dictionary of stages, account managers not
		{"fieldname": "stage_name", "label": _("Stage"), "fieldtype": "Data", "width": 200},
		{"fieldname": "entered", "label": _("Entered"), **count},
		{"fieldname": "moved_on", "label": _("Moved On"), **count},
		{
			"fieldname": "conversion",
			"label": _("Conversion, %"),
			"fieldtype": "Percent",
			"precision": 1,
			"width": 140,
		},
		{"fieldname": "lost", "label": _("Lost Here"), **count},
		{
			"fieldname": "lost_amount",
			"label": _("Lost Amount ({0})").format(currency or "-"),
			"fieldtype": "Float",
			"precision": 2,
			"width": 190,
		},
		{"fieldname": "in_work", "label": _("In Work Now"), **count},
		{
			"fieldname": "days",
			"label": _("Days in the Stage"),
			"fieldtype": "Float",
			"precision": 1,
			"width": 140,
		},
	]


def _chart(rows: list[dict]) -> dict:
	open_rows = [row for row in rows if row["moved_on"] is not None]
	return {
		"data": {
			"labels": [row["stage_name"] for row in open_rows],
			"datasets": [
				{"name": _("Entered"), "values": [row["entered"] for row in open_rows]},
				{"name": _("Moved On"), "values": [row["moved_on"] for row in open_rows]},
				{"name": _("Lost Here"), "values": [row["lost"] for row in open_rows]},
			],
		},
		"type": "bar",
		"colors": ["#449CF0", "#29CD42", "#CB2929"],
	}


def _summary(process: Process, stages: dict[str | None, Stage]) -> list[dict]:
	won = len(stages[process.won].entered) if process.won else 0
	lost = len(stages[process.lost].entered) if process.lost else 0
	in_work = sum(stage.in_work for stage in stages.values())
	worst = max(
		(name for name in process.names if stages[name].lost),
		key=lambda name: len(stages[name].lost),
		default=None,
	)
	cards = [
		{"value": won, "label": _("Won"), "datatype": "Int", "indicator": "Green"},
		{"value": lost, "label": _("Lost"), "datatype": "Int", "indicator": "Red"},
		{"value": in_work, "label": _("In Work Now"), "datatype": "Int", "indicator": "Blue"},
	]
	if worst:
		cards.append(
			{"value": _(worst), "label": _("Most Are Lost In"), "datatype": "Data", "indicator": "Orange"}
		)
	return cards

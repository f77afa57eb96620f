"""The stage of a deal: every move is checked, kept in step with ERPNext's status, and logged.

There is one way to move, whoever starts it: the Opportunity's `sales_stage` (or `status`) changes and the document is
saved. `settle` then runs as part of its validation, `note` after it is written. `set_stage` and `mark_lost` are the short
forms for the API and for effects of works.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce
from frappe.utils import flt, get_datetime, now_datetime, strip_html
from pypika.functions import NullIf

from rule24_crm.deals import gates
from rule24_crm.deals import process as processes
from rule24_crm.deals.process import CONTROLLED, LOST, OPEN, WON, Process
from rule24_crm.exceptions import DealError
from rule24_crm.parties.managers import is_head

#: ERPNext's statuses that end a deal; "Closed" ends it without success unless it has been won before
OUTCOME_OF_STATUS = {"Converted": WON, "Lost": LOST, "Closed": LOST}
STATUS_OF_OUTCOME = {WON: "Converted", LOST: "Lost"}
LOG = "Deal Stage Change"


def set_stage(opportunity: str, stage: str, *, work: str | None = None) -> dict:
	"""Move a deal to a stage.

	:param opportunity: name of the deal.
	:param stage: name of a Sales Stage of its process.
	:param work: the Work whose Result brings this about. Such a move may pass several stages of a controlled process at
		once, if the gates of all of them are fulfilled; each of them is logged.
	:return: `{"opportunity", "stage", "status", "probability"}`.
	:raises DealError: the process does not allow the move.
	:raises StageGateError: something that the stage needs is missing.
	"""
	doc = frappe.get_doc("Opportunity", opportunity, for_update=True)
	if doc.sales_stage != stage:
		process = processes.of(doc)
		if process:
			process.check_stage(stage)
		doc.sales_stage = stage
		doc.flags.rule24_work = work
		doc.flags.rule24_walk = bool(work)
		doc.save()
	return state(doc)


def mark_lost(
	opportunity: str,
	reason: str | None = None,
	*,
	work: str | None = None,
	detailed_reason: str | None = None,
) -> dict:
	"""Mark a deal as lost, the way ERPNext does; a deal that is lost already stays as it is.

	:param reason: name of an Opportunity Lost Reason.
	:param detailed_reason: what happened, in words.
	:return: as `set_stage`.
	:raises DealError: the reason is unknown, or the deal has been won.
	"""
	doc = frappe.get_doc("Opportunity", opportunity, for_update=True)
	if doc.status == "Lost":
		return state(doc)
	if outcome(doc) == WON:
		frappe.throw(
			_("The deal {0} is won and cannot be lost. Reopen it first.").format(
				frappe.bold(doc.title or doc.name)
			),
			DealError,
		)
	if reason and not frappe.db.exists("Opportunity Lost Reason", reason):
		frappe.throw(
			_("There is no lost reason {0}. Choose one from the list.").format(frappe.bold(reason)), DealError
		)
	doc.flags.rule24_work = work
	doc.declare_enquiry_lost([{"lost_reason": reason}] if reason else [], [], detailed_reason)
	return state(doc)


def state(doc) -> dict:
	"""Where the deal stands."""
	return {
		"opportunity": doc.name,
		"stage": doc.sales_stage,
		"status": doc.status,
		"probability": doc.probability,
	}


def missing_for_stage(doc, stage: str) -> list[str]:
	"""What a deal lacks for a stage, in words; for a controlled process, also what the stages in between need.

	:raises DealError: the process does not have the stage.
	"""
	process = processes.of(doc)
	if not process:
		return []
	process.check_stage(stage)
	return _lacking(doc, process)(stage)


def _lacking(doc, process: Process) -> Callable[[str], list[str]]:
	"""A function that says what the deal lacks for a stage, the stages in between included; it asks each gate once."""
	start = _start(doc, process)
	ask = cache(partial(gates.missing, doc, process))

	def lacking(stage: str) -> list[str]:
		if process.goes_back(start, stage):
			return []
		return list(dict.fromkeys(words for step in process.path(start, stage) for words in ask(step)))

	return lacking


def bar(doc) -> dict:
	"""All a form needs to draw the stages of a deal.

	:return: `{"process", "kind", "stage", "outcome", "since", "stages": [{"stage", "label", "probability", "outcome",
		"current", "missing": [...]}]}`; no stages when the deal has no process.
	"""
	process = processes.of(doc)
	rows = process.rows if process else []
	lacking = process and _lacking(doc, process)
	return {
		"process": process and process.name,
		"kind": process and process.kind,
		"stage": doc.sales_stage,
		"outcome": outcome(doc),
		"since": doc.rule24_stage_since,
		"stages": [
			{
				"stage": row.stage,
				"label": _(row.stage),
				"probability": row.probability,
				"outcome": process.outcome(row.stage),
				"current": row.stage == doc.sales_stage,
				"missing": [] if row.stage == doc.sales_stage else lacking(row.stage),
			}
			for row in rows
		],
	}


def outcome(doc) -> str:
	"""Open, Won or Lost, as ERPNext's status (and, for a closed deal, the stage) says."""
	by_status = OUTCOME_OF_STATUS.get(doc.status, OPEN)
	if doc.status == "Closed":
		process = processes.of(doc)
		if process and process.outcome(doc.sales_stage) == WON:
			return WON
	return by_status


# -- part of the Opportunity's own validation ------------------------------------------------------------------------


def settle(doc) -> None:
	"""Bring process, stage, status and probability of a deal in step, and refuse a move that is not allowed.

	Runs inside the validation of every Opportunity: form, list, kanban, API and import alike.
	"""
	before = doc.get_doc_before_save()
	_choose_process(doc, before)
	process = processes.of(doc)
	if process:
		_default_stage(doc, before, process)
		_agree(doc, before, process)
		if _moved(doc, before):
			_check(doc, before, process)
			row = process.row(doc.sales_stage)
			if row:
				doc.probability = row.probability
	if _moved(doc, before) or outcome(before) != outcome(doc):
		doc.rule24_stage_since = now_datetime()


def _choose_process(doc, before) -> None:
	if not doc.rule24_sales_process and not before:
		doc.rule24_sales_process = processes.default_for(doc.rule24_work_campaign)
	chosen = doc.rule24_sales_process
	if chosen and (not before or before.rule24_sales_process != chosen):
		if frappe.get_cached_value("Sales Process", chosen, "disabled"):
			frappe.throw(
				_("The sales process {0} is disabled. Choose another one.").format(frappe.bold(_(chosen))),
				DealError,
			)
	left = before and before.rule24_sales_process
	if left and left != chosen:
		_check_may_leave(left)


def _check_may_leave(process: str) -> None:
	"""The gates of a controlled process hold for whoever sells; another process would be a way around them.

	:raises DealError: the process is controlled and the user is no head.
	"""
	if frappe.get_cached_value("Sales Process", process, "kind") != CONTROLLED or is_head():
		return
	frappe.throw(
		_(
			"The deal follows the controlled process {0}. Only a head of sales (role Sales Manager) or an administrator "
			"(CRM Administrator or System Manager) may take it out of there: ask one of them."
		).format(frappe.bold(_(process))),
		DealError,
		title=_("Process Is Controlled"),
	)


def _default_stage(doc, before, process: Process) -> None:
	"""A new deal starts at the first stage, whatever default ERPNext has; a deal that changes its process likewise."""
	if process.row(doc.sales_stage):
		return
	if before:
		anew = before.rule24_sales_process != process.name and before.sales_stage == doc.sales_stage
	else:
		anew = not doc.sales_stage or doc.sales_stage == doc.meta.get_field("sales_stage").default
	if anew:
		doc.sales_stage = process.first


def _agree(doc, before, process: Process) -> None:
	"""Stage and status must tell the same outcome: the one that was changed wins; a closing status is the stronger one."""
	by_status, by_stage = outcome(doc), process.outcome(doc.sales_stage)
	if by_status == by_stage:
		return
	status_moved = not before or before.status != doc.status
	if not _moved(doc, before) or (status_moved and by_status != OPEN):
		if by_status == OPEN:
			doc.sales_stage = last_open_stage(doc, process)
		else:
			doc.sales_stage = (process.won if by_status == WON else process.lost) or doc.sales_stage
		return
	if by_stage == LOST and doc.has_active_quotation():
		frappe.throw(
			_("The deal {0} has an offer that is still valid. Mark the offer as lost first.").format(
				frappe.bold(doc.title or doc.name)
			),
			DealError,
		)
	doc.status = STATUS_OF_OUTCOME.get(by_stage, "Open")
	if by_stage != LOST:
		doc.set("lost_reasons", [])


def _check(doc, before, process: Process) -> None:
	walk = bool(doc.flags.rule24_walk)
	start = _start(before, process) if before else None
	process.check_move(start, doc.sales_stage, walk=walk)
	if process.kind != CONTROLLED or process.goes_back(start, doc.sales_stage):
		return
	doc.flags.rule24_path = process.path(start, doc.sales_stage)
	for stage in doc.flags.rule24_path:
		gates.check(doc, process, stage)


def _start(doc, process: Process) -> str | None:
	"""The stage a move is counted from: a lost deal goes on from where it was lost."""
	if process.outcome(doc.sales_stage) == LOST:
		return last_open_stage(doc, process)
	return doc.sales_stage if process.row(doc.sales_stage) else None


def last_open_stage(doc, process: Process) -> str | None:
	"""The stage in which the deal was open last; the first one when it never was."""
	if process.kind == processes.STAGELESS:
		return None
	passed = frappe.get_all(  # the deal's own history, whoever asks
		LOG,
		filters={"opportunity": doc.name, "outcome": OPEN},
		pluck="to_stage",
		order_by="changed_on desc, creation desc",
		limit=20,
	)
	return next(
		(stage for stage in passed if process.row(stage) and process.outcome(stage) == OPEN), process.first
	)


def _moved(doc, before) -> bool:
	return not before or (before.sales_stage or None) != (doc.sales_stage or None)


# -- after the row is written ------------------------------------------------------------------------------------------


def note(doc) -> None:
	"""Log the move, if there was one since the last log row.

	Runs after every save and every `db_set`, so that moves which ERPNext makes past the validation (an offer is ordered:
	status "Converted") are brought in step and logged too.
	"""
	last = last_change(doc.name)
	if last and (last.to_stage or None, last.outcome) == (doc.sales_stage or None, outcome(doc)):
		return
	_follow_fact(doc)
	if last and (last.to_stage or None, last.outcome) == (doc.sales_stage or None, outcome(doc)):
		return
	since = get_datetime(last.changed_on) if last else None
	stage = last.to_stage if last else None
	steps = doc.flags.pop("rule24_path", None) or [doc.sales_stage]
	if steps[-1] != doc.sales_stage or not last:
		steps = [doc.sales_stage]  # a new deal is logged where it starts
	for step in steps[:-1]:
		since = log(doc, from_stage=stage, to_stage=step, outcome=OPEN, since=since)
		stage = step
	log(doc, from_stage=stage, to_stage=doc.sales_stage, outcome=outcome(doc), since=since)


def log(doc, *, from_stage: str | None, to_stage: str | None, outcome: str, since=None):
	"""Write one row of a deal's history.

	:param since: when it entered `from_stage`.
	:return: the moment of the move.
	"""
	now = now_datetime()
	change = frappe.get_doc(
		{
			"doctype": LOG,
			"opportunity": doc.name,
			"sales_process": doc.rule24_sales_process,
			"from_stage": from_stage,
			"to_stage": to_stage,
			"outcome": outcome,
			"changed_on": now,
			"changed_by": frappe.session.user,
			"seconds_in_stage": max(0, int((now - since).total_seconds())) if since else 0,
			"amount": amount(doc),
			"currency": frappe.get_cached_value("Company", doc.company, "default_currency"),
			"work": doc.flags.rule24_work,
			"reason": _reason(doc) if outcome == LOST else None,
		}
	)
	# nobody may write history by hand; the deal itself may, and its links are checked with the deal
	change.insert(ignore_permissions=True, ignore_links=True)
	return now


def last_change(opportunity: str):
	"""The newest row of a deal's history, or `None`."""
	rows = frappe.get_all(  # the deal's own history, whoever asks
		LOG,
		filters={"opportunity": opportunity},
		fields=["to_stage", "outcome", "changed_on"],
		order_by="changed_on desc, creation desc, name desc",
		limit=1,
	)
	return rows[0] if rows else None


def amount(doc) -> float:
	"""What the deal is worth, in the company's currency: its items, else the estimate."""
	return flt(doc.base_total) or flt(doc.opportunity_amount) * (flt(doc.conversion_rate) or 1)


def amount_expression(deal):
	"""`amount` on the table of Opportunity."""
	rate = Coalesce(NullIf(deal.conversion_rate, 0), 1)
	return Coalesce(NullIf(deal.base_total, 0), deal.opportunity_amount * rate, 0)


def forget(opportunity: str) -> None:
	"""The history goes with its deal."""
	frappe.db.delete(LOG, {"opportunity": opportunity})


def _follow_fact(doc) -> None:
	"""ERPNext has set the status past the validation: stage and probability follow, no gate can undo a fact."""
	process = processes.of(doc)
	if not process or process.outcome(doc.sales_stage) == outcome(doc):
		return
	fact = outcome(doc)
	stage = {WON: process.won, LOST: process.lost}.get(fact) or (
		last_open_stage(doc, process) if fact == OPEN else None
	)
	if not stage and process.kind != processes.STAGELESS:
		return
	row = process.row(stage)
	values = {"sales_stage": stage, "rule24_stage_since": now_datetime()}
	if row:
		values["probability"] = row.probability
	doc.update(values)
	frappe.db.set_value("Opportunity", doc.name, values, update_modified=False)


def _reason(doc) -> str | None:
	reasons = [_(row.lost_reason) for row in doc.get("lost_reasons") or []]
	words = strip_html(doc.order_lost_reason or "").strip()
	return "; ".join([*reasons, *([words] if words else [])]) or None

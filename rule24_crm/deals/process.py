"""Sales processes: which stages a deal goes through, and which moves are allowed.

Controlled: forward to the next stage only, with its gates; backward to any earlier one. Free: any stage at any time.
Stageless: a deal is open, won or lost, and has no stage until it is won or lost. Losing is always allowed.
"""

from __future__ import annotations

import frappe
from frappe import _
from pypika.terms import Criterion, ExistsCriterion

from rule24_crm.compat import single_value
from rule24_crm.exceptions import DealError, SalesProcessError

CONTROLLED, FREE, STAGELESS = "Controlled", "Free", "Stageless"
OPEN, WON, LOST = "Open", "Won", "Lost"

#: fields that no gate can ask for: a user does not fill them
NOT_FOR_GATES = ("sales_stage", "status", "probability", "rule24_sales_process", "rule24_stage_since")


class Process:
	"""A Sales Process as the rules see it: its stages in order."""

	def __init__(self, doc):
		self.name = doc.name
		self.kind = doc.kind
		self.rows = list(doc.stages)
		self.gates = list(doc.gates) if doc.kind == CONTROLLED else []
		self._rows = {row.stage: row for row in self.rows}

	def row(self, stage: str | None):
		"""The row of a stage, or `None` when the process does not have it."""
		return self._rows.get(stage)

	@property
	def names(self) -> list[str]:
		return [row.stage for row in self.rows]

	@property
	def way(self) -> list[str]:
		"""The stages from the first to the won one; lost ones stand aside."""
		return [row.stage for row in self.rows if not row.is_lost]

	@property
	def first(self) -> str | None:
		"""Where a new deal starts; a process without stages has no such place."""
		return (
			None
			if self.kind == STAGELESS
			else next((row.stage for row in self.rows if not _closes(row)), None)
		)

	@property
	def won(self) -> str | None:
		return next((row.stage for row in self.rows if row.is_won), None)

	@property
	def lost(self) -> str | None:
		return next((row.stage for row in self.rows if row.is_lost), None)

	def outcome(self, stage: str | None) -> str:
		"""Open, Won or Lost, as the stage says."""
		row = self.row(stage)
		if not row:
			return OPEN
		return WON if row.is_won else LOST if row.is_lost else OPEN

	def path(self, from_stage: str | None, to_stage: str) -> list[str]:
		"""The stages a controlled deal passes going forward, the target last; just the target for any other move."""
		way = self.way
		if self.kind != CONTROLLED or to_stage not in way:
			return [to_stage]
		start = way.index(from_stage) + 1 if from_stage in way else 0
		return way[start : way.index(to_stage) + 1] or [to_stage]

	def goes_back(self, from_stage: str | None, to_stage: str | None) -> bool:
		"""Whether the move leads to an earlier stage, or to none but the one it is in."""
		way = self.way
		return from_stage in way and to_stage in way and way.index(to_stage) <= way.index(from_stage)

	def check_stage(self, stage: str) -> None:
		""":raises DealError: the process does not have the stage; the message says which it has."""
		if not self.row(stage):
			frappe.throw(
				_("The sales process {0} has no stage {1}. Choose one of: {2}.").format(
					frappe.bold(_(self.name)), frappe.bold(_(stage)), _listed(self.names)
				),
				DealError,
				title=_("Stage Not in the Process"),
			)

	def check_move(self, from_stage: str | None, to_stage: str | None, *, walk: bool = False) -> None:
		"""Whether the process allows the move at all; gates are another question.

		:param walk: the deal may pass several stages at once.
		:raises DealError: it does not; the message says what it allows.
		"""
		if to_stage:
			self.check_stage(to_stage)
		if self.kind == FREE or self.outcome(to_stage) == LOST:
			return
		if self.kind == STAGELESS:
			if to_stage and self.outcome(to_stage) == OPEN:
				frappe.throw(
					_("The sales process {0} has no stages: a deal is open, won or lost.").format(
						frappe.bold(_(self.name))
					),
					DealError,
					title=_("No Stages Here"),
				)
			return
		if not to_stage:
			frappe.throw(
				_("Choose the stage of the deal: {0}.").format(_listed(self.names)),
				DealError,
				title=_("Stage Missing"),
			)
		if from_stage and not walk and len(self.path(from_stage, to_stage)) > 1:
			self._refuse_jump(from_stage, to_stage)

	def _refuse_jump(self, from_stage: str, to_stage: str) -> None:
		following = self.path(from_stage, to_stage)[0]
		frappe.throw(
			_("The sales process {0} goes stage by stage: after {1} comes {2}, not {3}.").format(
				frappe.bold(_(self.name)),
				frappe.bold(_(from_stage)),
				frappe.bold(_(following)),
				frappe.bold(_(to_stage)),
			),
			DealError,
			title=_("Stage Skipped"),
		)


def of(opportunity) -> Process | None:
	"""The process of a deal, or `None` when it has none (a deal from before the app was installed)."""
	name = opportunity.get("rule24_sales_process")
	return Process(frappe.get_cached_doc("Sales Process", name)) if name else None


def default_for(campaign: str | None = None) -> str | None:
	"""The process of a new deal: the campaign's, else that of the settings, else the one marked as default."""
	candidates = (
		campaign and frappe.db.get_value("Work Campaign", campaign, "sales_process"),
		single_value("Rule24 CRM Settings", "default_process"),
		frappe.db.get_value("Sales Process", {"is_default": 1, "disabled": 0}),
	)
	for name in candidates:
		if name and not frappe.get_cached_value("Sales Process", name, "disabled"):
			return name
	return None


def validate(doc) -> None:
	"""The rules a Sales Process itself must satisfy.

	:raises SalesProcessError: it breaks one; the message names the row.
	"""
	_validate_stages(doc)
	for gate in doc.gates:
		_validate_gate(doc, gate)
	if doc.is_default and doc.disabled:
		frappe.throw(_("A disabled sales process cannot be the default one."), SalesProcessError)


def keep_one_default(doc) -> None:
	"""Exactly one process is the default: the one marked last; the first one when none is marked."""
	others = frappe.get_all("Sales Process", {"is_default": 1, "name": ("!=", doc.name)}, pluck="name")
	if doc.is_default:
		for name in others:
			frappe.db.set_value("Sales Process", name, "is_default", 0)
			frappe.clear_document_cache("Sales Process", name)
	elif not others and not doc.disabled:
		before = doc.get_doc_before_save()
		if before and before.is_default:
			frappe.throw(
				_("One sales process must be the default. Mark another one as default instead."),
				SalesProcessError,
			)
		doc.db_set("is_default", 1, update_modified=False)


def _validate_stages(doc) -> None:
	seen = set()
	for row in doc.stages:
		if row.stage in seen:
			_refuse_row(row, _("the stage {0} is already in the process").format(frappe.bold(_(row.stage))))
		seen.add(row.stage)
		if row.is_won and row.is_lost:
			_refuse_row(row, _("a stage cannot be both won and lost"))
		if not 0 <= (row.probability or 0) <= 100:
			_refuse_row(row, _("the probability must lie between 0 and 100"))
		if doc.kind == STAGELESS and not _closes(row):
			_refuse_row(row, _("a process without stages has only a won and a lost one"))
	for field, label in (("is_won", _("Won")), ("is_lost", _("Lost"))):
		if sum(bool(row.get(field)) for row in doc.stages) > 1:
			frappe.throw(
				_("More than one stage is marked {0}. Leave the mark on one.").format(frappe.bold(label)),
				SalesProcessError,
			)
	if doc.kind != STAGELESS:
		if not any(not _closes(row) for row in doc.stages):
			frappe.throw(
				_("Add at least one stage that is neither won nor lost."),
				SalesProcessError,
				title=_("No Stages"),
			)
		_validate_order(doc)


def _validate_order(doc) -> None:
	closed = None
	for row in doc.stages:
		if row.is_won or row.is_lost:
			closed = row
		elif closed and closed.is_won:
			_refuse_row(
				row, _("it stands after the won stage {0}; move it up").format(frappe.bold(_(closed.stage)))
			)


def _validate_gate(doc, gate) -> None:
	if gate.stage not in [row.stage for row in doc.stages]:
		_refuse_row(
			gate, _("the stage {0} is not in the process").format(frappe.bold(_(gate.stage))), _("Gates")
		)
	if gate.requirement == "Field":
		if not gate.fieldname:
			_refuse_row(gate, _("choose the field that must be filled"), _("Gates"))
		field = frappe.get_meta("Opportunity").get_field(gate.fieldname)
		if not field or (
			field.fieldtype in frappe.model.no_value_fields
			and field.fieldtype not in frappe.model.table_fields
		):
			_refuse_row(gate, _("a deal has no field {0}").format(frappe.bold(gate.fieldname)), _("Gates"))
		if gate.fieldname in NOT_FOR_GATES:
			_refuse_row(
				gate,
				_("{0} follows from the stage and cannot be asked for").format(frappe.bold(_(field.label))),
				_("Gates"),
			)
	elif gate.requirement == "Document" and not gate.document_type:
		_refuse_row(gate, _("choose the document that must be there"), _("Gates"))
	elif gate.requirement == "Work" and not gate.work_action:
		_refuse_row(gate, _("choose the work that must be there"), _("Gates"))


def _refuse_row(row, what: str, table: str | None = None) -> None:
	frappe.throw(
		_("{0}, row {1}: {2}.").format(table or _("Stages"), row.idx, what),
		SalesProcessError,
		title=_("Sales Process"),
	)


def won_criterion(deal) -> Criterion:
	"""The condition on the table of Opportunity that holds for won deals; `stages.outcome` says the same of one document."""
	stage = frappe.qb.DocType("Sales Process Stage")
	won_stage = (
		frappe.qb.from_(stage)
		.select(stage.name)
		.where(
			(stage.parent == deal.rule24_sales_process)
			& (stage.stage == deal.sales_stage)
			& (stage.is_won == 1)
		)
	)
	return (deal.status == "Converted") | ((deal.status == "Closed") & ExistsCriterion(won_stage))


def _closes(row) -> bool:
	return bool(row.is_won or row.is_lost)


def _listed(names: list[str]) -> str:
	return ", ".join(_(name) for name in names)

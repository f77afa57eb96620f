"""What a Result brings about beyond the next work: a lead, a deal, documents, a stage, a loss.

Each effect is a function of the work and the row of its Action; it returns the values that change for the works that
follow (a new client or deal). It runs inside the transaction that closes the work: when it fails, nothing is closed.
"""

from collections.abc import Callable

import frappe
from frappe import _

from rule24_crm.exceptions import WorkError
from rule24_crm.parties.live import LOST
from rule24_crm.parties.next_work import OPEN
from rule24_crm.parties.phase import set_phase

NONE = "None"
#: effects that may move the deal to a stage as well
WITH_STAGE = ("Convert to Deal", "Issue Documents")


def run(work, row) -> dict:
	"""Carry out the effect of a Result.

	:param work: the Work being closed.
	:param row: its `Work Action Result`.
	:return: what changed for the works that follow: any of `party_type`, `party`, `opportunity`; `segment`, maybe None, where
		the client's primary one has just been read.
	:raises WorkError: the work lacks what the effect needs, in words.
	"""
	if not row.effect or row.effect == NONE:
		return {}
	changed = EFFECTS[row.effect](work, row) or {}
	if row.stage and row.effect in WITH_STAGE:
		_move(changed.get("opportunity") or work.opportunity, row.stage, work)
	return changed


def writes_off(work, row) -> bool:
	"""Whether the effect takes the client itself, not just a deal, out of the live ones."""
	return row.effect == "Mark Lost" and not work.opportunity


def create_lead(work, row) -> dict:
	"""The client has shown interest: it becomes, or is marked as, a Lead."""
	_need_party(work, row)
	from rule24_crm.deals.conversion import interest

	return interest(
		work.party_type, work.party, contact=work.contact, campaign=work.campaign, owner=work.assigned_to
	)


def convert_to_deal(work, row) -> dict:
	"""The client wants to buy: a deal is opened, or the open one is taken."""
	from rule24_crm.deals.stages import OUTCOME_OF_STATUS

	if (
		work.opportunity
		and frappe.db.get_value("Opportunity", work.opportunity, "status") not in OUTCOME_OF_STATUS
	):
		return {}
	_need_party(work, row)
	from rule24_crm.deals.conversion import convert_party

	opportunity = convert_party(work.party_type, work.party, campaign=work.campaign, owner=work.assigned_to)
	party_type, party = frappe.db.get_value("Opportunity", opportunity, ["opportunity_from", "party_name"])
	return {"opportunity": opportunity, "party_type": party_type, "party": party}


def issue_documents(work, row) -> dict:
	"""Invoice and contract of the deal are made as drafts."""
	_need_deal(work, row)
	from rule24_crm.deals.documents import issue_documents as issue

	wanted = [name for name in ("Invoice", "Contract") if name in (row.documents or "Invoice and Contract")]
	issued = issue(work.opportunity, wanted)
	return {"party_type": "Customer", "party": issued["customer"]}


def set_stage(work, row) -> dict:
	"""The deal moves to the stage the row names."""
	_need_deal(work, row)
	_move(work.opportunity, row.stage, work)
	return {}


def _move(opportunity: str, stage: str, work) -> None:
	from rule24_crm.deals.stages import set_stage as move

	move(opportunity, stage, work=work.name)


def mark_lost(work, row) -> dict:
	"""The deal is lost; without a deal, the client is."""
	if work.opportunity:
		from rule24_crm.deals.stages import mark_lost as lose

		lose(work.opportunity, row.lost_reason, work=work.name)
		return {}
	_need_party(work, row)
	write_off(work)
	return {}


def write_off(work) -> None:
	"""The client of a work that ends is no longer live: its phase becomes Lost, and what else is planned is cancelled.

	The work named as the next one stays: somebody has just said that it follows.

	:param work: the Work that is being closed or cancelled.
	"""
	set_phase(work.party_type, work.party, LOST)
	planned = (
		frappe.get_all(  # nobody is to be reminded of a client that is written off, whoever's work it is
			"Work",
			filters={
				"party_type": work.party_type,
				"party": work.party,
				"status": ("in", OPEN),
				"name": ("not in", [work.name, work.next_work or ""]),
			},
			pluck="name",
			order_by="name",
		)
	)
	for name in planned:
		other = frappe.get_doc("Work", name)
		other.update({"status": "Cancelled", "stop_reason": work.stop_reason})
		other.flags.written_off = True
		other.save(ignore_permissions=True)  # the user may end this work; that the others end follows from it
	if planned:
		frappe.msgprint(
			_("The client is written off: {0} other works planned with it are cancelled.").format(
				len(planned)
			),
			alert=True,
		)


def _need_party(work, row) -> None:
	if not work.party:
		_refuse(row, _("Client"))


def _need_deal(work, row) -> None:
	if not work.opportunity:
		_refuse(row, _("Deal"))


def _refuse(row, label: str) -> None:
	frappe.throw(
		_("The Result {0} brings about {1}: fill {2} in the work first.").format(
			frappe.bold(_(row.result)), frappe.bold(_(row.effect)), frappe.bold(label)
		),
		WorkError,
	)


EFFECTS: dict[str, Callable] = {
	"Create Lead": create_lead,
	"Convert to Deal": convert_to_deal,
	"Issue Documents": issue_documents,
	"Set Stage": set_stage,
	"Mark Lost": mark_lost,
}

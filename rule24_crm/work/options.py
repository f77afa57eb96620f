"""What the closing dialog of a Work offers."""

import frappe

from rule24_crm.parties.live import is_live
from rule24_crm.parties.next_work import OPEN
from rule24_crm.work import effects, gate
from rule24_crm.work.next_action import propose
from rule24_crm.work.working_days import for_company

#: what the dialog tells about the work itself
SHOWN = (
	"name", "subject", "action", "status", "party_type", "party", "party_name", "contact", "opportunity", "assigned_to",
	"planned_on", "starts_at", "result", "sign",
)  # fmt: skip


def options(work) -> dict:
	"""Results of the work's Action with what each brings about, and what the gate will ask.

	:param work: a Work document.
	:return: `{"work": {...}, "results": [{"result", "sign", "effect", "documents", "stage", "requires_note", "writes_off",
		"next": {...} | None}], "gate", "must_plan", "already_planned", "planned": [...]}`; `must_plan` says whether a live
		client would be left without a next work, `planned` holds the client's other open works that the user may read.
	"""
	action = frappe.get_cached_doc("Work Action", work.action)
	planned = bool(work.party) and gate.already_planned(work)
	live = bool(work.party) and is_live(work.party_type, work.party)
	days = for_company()
	return {
		"work": {field: work.get(field) for field in SHOWN},
		"results": [
			{
				"result": row.result,
				"sign": row.sign or "",
				"effect": row.effect or effects.NONE,
				"documents": row.documents,
				"stage": row.stage,
				"requires_note": row.requires_note,
				"writes_off": effects.writes_off(work, row),
				"next": propose(work, row.result, days),
			}
			for row in action.results
		],
		"gate": gate.mode(),
		"must_plan": live and not planned,
		"already_planned": planned,
		"planned": other_works(work) if planned else [],
	}


def other_works(work) -> list[dict]:
	"""The other open works with the client of `work` that the user may read, nearest first."""
	return frappe.get_list(
		"Work",
		filters={
			"party_type": work.party_type,
			"party": work.party,
			"status": ("in", OPEN),
			"name": ("!=", work.name),
		},
		fields=["name", "subject", "action", "planned_on", "starts_at", "assigned_to"],
		order_by="planned_on, starts_at",
		limit=50,
	)

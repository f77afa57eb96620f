"""What the closing dialog of a Work offers."""

import frappe

from rule24_crm.parties.live import is_live
from rule24_crm.work import effects, gate
from rule24_crm.work.next_action import propose


def options(work) -> dict:
	"""Results of the work's Action with what each brings about, and what the gate will ask.

	:param work: a Work document.
	:return: `{"results": [{"result", "sign", "effect", "requires_note", "next": {...} | None}], "gate", "must_plan",
		"already_planned"}`; `must_plan` says whether a live client would be left without a next work.
	"""
	action = frappe.get_cached_doc("Work Action", work.action)
	planned = bool(work.party) and gate.already_planned(work)
	live = bool(work.party) and is_live(work.party_type, work.party)
	return {
		"results": [
			{
				"result": row.result,
				"sign": row.sign or "",
				"effect": row.effect or effects.NONE,
				"requires_note": row.requires_note,
				"writes_off": effects.writes_off(work, row),
				"next": propose(work, row.result),
			}
			for row in action.results
		],
		"gate": gate.mode(),
		"must_plan": live and not planned,
		"already_planned": planned,
	}

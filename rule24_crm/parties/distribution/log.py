"""`Distribution Log`: who got which record, by which rule, and who else was considered."""

import frappe
from frappe.utils import now

from rule24_crm.bulk_insert import insert_rows
from rule24_crm.compat import new_names
from rule24_crm.parties.distribution.decision import Decision

DOCTYPE = "Distribution Log"
_FIELDS = (
	"name", "owner", "modified_by", "creation", "modified", "docstatus", "idx", "party_type", "party", "manager", "way",
	"rule", "explanation", "candidates",
)  # fmt: skip


def note(party_type: str, decided: list[tuple[str, Decision]]) -> None:
	"""Write down decisions, one statement for a chunk of them.

	:param decided: pairs (name of the record, what was decided for it).
	"""
	if not decided:
		return
	stamp, user = now(), frappe.session.user
	insert_rows(
		DOCTYPE,
		_FIELDS,
		[
			(
				key, user, user, stamp, stamp, 0, 0, party_type, party, decision.manager, decision.way, decision.rule,
				decision.explanation, decision.candidate_lines(),
			)
			for key, (party, decision) in zip(new_names(DOCTYPE, len(decided)), decided, strict=True)
		],
	)  # fmt: skip


def latest(party_type: str, party: str) -> dict | None:
	"""The last decision about a record, to be shown on it: `{"name", "manager", "rule", "way", "explanation"}`."""
	rows = frappe.get_all(  # shown on a record that the user may read
		DOCTYPE,
		{"party_type": party_type, "party": party},
		["name", "manager", "rule", "way", "explanation", "creation"],
		order_by="creation desc",
		limit=1,
	)
	return rows[0] if rows else None


def forget(party_type: str, party: str) -> None:
	"""The record is gone, and so is the reason why somebody had it."""
	frappe.db.delete(DOCTYPE, {"party_type": party_type, "party": party})

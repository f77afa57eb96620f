"""`Distribution Log`: who got which record, by which rule, and who else was considered."""

import frappe
from frappe.utils import now

from rule24_crm.bulk_insert import insert_rows
from rule24_crm.compat import new_names
from rule24_crm.parties.distribution.decision import Decision

DOCTYPE = "Distribution Log"
_FIELDS = (
	"name", "owner", "modified_by", "creation", "modified", "docstatus", "idx", "title", "party_type", "party", "manager",
	"manager_name", "way", "rule", "explanation", "candidates",
)  # fmt: skip


def note(party_type: str, decided: list[tuple[str, Decision]]) -> None:
	"""Write down decisions, one statement for a chunk of them.

	:param decided: pairs (name of the record, what was decided for it).
	"""
	if not decided:
		return
	stamp, user = now(), frappe.session.user
	called = _called(
		party_type, frappe.get_meta(party_type).get_title_field(), [party for party, _decision in decided]
	)
	people = _called(
		"User", "full_name", list({decision.manager for _party, decision in decided if decision.manager})
	)
	insert_rows(
		DOCTYPE,
		_FIELDS,
		[
			(
				key, user, user, stamp, stamp, 0, 0, str(called.get(party) or party)[:140], party_type, party,
				decision.manager, people.get(decision.manager), decision.way, decision.rule, decision.explanation,
				decision.candidate_lines(),
			)
			for key, (party, decision) in zip(new_names(DOCTYPE, len(decided)), decided, strict=True)
		],
	)  # fmt: skip


def _called(doctype: str, field: str, names: list[str]) -> dict[str, str]:
	"""What people call these records: the log is read by names."""
	rows = frappe.get_all(
		doctype, {"name": ("in", names or [""])}, ["name", field], order_by=None, as_list=True
	)
	return dict(rows)  # told to whoever may read the record: the log is guarded by it


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

"""`Distribution Log`: who got which record, by which rule, and who else was considered."""

from collections.abc import Mapping

import frappe
from frappe.utils import now

from rule24_crm.bulk_insert import insert_rows
from rule24_crm.compat import new_names
from rule24_crm.parties.distribution.decision import Decision
from rule24_crm.titles import titles

DOCTYPE = "Distribution Log"
_FIELDS = (
	"name", "owner", "modified_by", "creation", "modified", "docstatus", "idx", "title", "party_type", "party", "manager",
	"manager_name", "way", "rule", "explanation", "candidates",
)  # fmt: skip


def note(
	party_type: str, decided: list[tuple[str, Decision]], called: Mapping[str, str] | None = None
) -> None:
	"""Write down decisions, one statement for a chunk of them.

	:param decided: pairs (name of the record, what was decided for it).
	:param called: record -> what people call it, where the caller has the records at hand; else they are asked for it.
	"""
	if not decided:
		return
	stamp, user = now(), frappe.session.user
	if called is None:
		called = titles(party_type, (party for party, _decision in decided))
	people = _people({decision.manager for _party, decision in decided})
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


def _people(users: set[str]) -> dict[str, str]:
	"""Names of those who were chosen. That of one alone is remembered from record to record: it asks nothing."""
	if len(users) > 1:
		return titles("User", users)
	return {user: frappe.get_cached_value("User", user, "full_name") or user for user in users}


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

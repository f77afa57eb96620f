"""The works of a client, a contact or a deal: planned ones first, then the past."""

import frappe
from frappe import _

from rule24_crm.compat import count_listed
from rule24_crm.exceptions import WorkError
from rule24_crm.parties.chain import lineage
from rule24_crm.parties.kinds import PARTY_TYPES
from rule24_crm.parties.next_work import OPEN

FIELDS = (
	"name", "subject", "action", "status", "sign", "result", "result_note", "assigned_to", "planned_on", "starts_at",
	"ends_at", "all_day", "closed_on", "closed_by", "campaign", "opportunity", "party_type", "party", "party_name",
	"stop_reason", "next_work", "contact",
)  # fmt: skip

#: DocType that is not a client -> field of Work that points at it
BY_FIELD = {"Contact": "contact", "Opportunity": "opportunity"}


def check_doctype(doctype: str) -> None:
	""":raises WorkError: works do not belong to documents of this kind."""
	if doctype not in PARTY_TYPES and doctype not in BY_FIELD:
		frappe.throw(_("{0} has no works of its own.").format(frappe.bold(_(doctype))), WorkError)


def of_party(party_type: str, party: str, *, limit: int = 20) -> dict:
	"""Works of a client under all its records, through conversion.

	:param limit: at most so many past works; planned ones come whole, up to 200.
	:return: `{"planned": [...], "past": [...], "past_total": int, "people": {...}}`, rows with `FIELDS`, permissions applied;
		`people` as `_people` gives them.
	"""
	pairs = lineage(party_type, party)
	# "party in ..." alone would mix up a Customer and a Lead of one name
	kinds = {kind: [name for k, name in pairs if k == kind] for kind in {kind for kind, _name in pairs}}
	rows = {"planned": [], "past": [], "past_total": 0}
	for kind, names in kinds.items():
		found = _collect({"party_type": kind, "party": ("in", names)}, limit)
		for key in rows:
			rows[key] += found[key]
	rows["planned"].sort(key=lambda row: (row.planned_on, str(row.starts_at or "")))
	rows["past"].sort(key=lambda row: str(row.closed_on or row.planned_on), reverse=True)
	rows["past"] = rows["past"][:limit]
	return rows | {"people": _people([*rows["planned"], *rows["past"]])}


def of_record(doctype: str, name: str, *, limit: int = 20) -> dict:
	"""As `of_party`, for a Contact or Opportunity as well."""
	check_doctype(doctype)
	if doctype in PARTY_TYPES:
		return of_party(doctype, name, limit=limit)
	rows = _collect({BY_FIELD[doctype]: name}, limit)
	return rows | {"people": _people([*rows["planned"], *rows["past"]])}


def _collect(filters: dict, limit: int) -> dict:
	past = {**filters, "status": ("not in", OPEN)}
	return {
		"planned": frappe.get_list(
			"Work",
			filters={**filters, "status": ("in", OPEN)},
			fields=list(FIELDS),
			order_by="planned_on, starts_at",
			limit=200,
		),
		"past": frappe.get_list(
			"Work", filters=past, fields=list(FIELDS), order_by="closed_on desc, planned_on desc", limit=limit
		),
		"past_total": count_listed("Work", past),
	}


def _people(works: list[dict]) -> dict[str, dict]:
	"""Those who have or had the works, as the Desk keeps people in `frappe.boot.user_info`: it knows only some of them."""
	users = {work[field] for work in works for field in ("assigned_to", "closed_by") if work.get(field)}
	rows = frappe.get_all(  # names of colleagues on works that the user may read
		"User",
		{"name": ("in", [*users, ""])},
		["name", "full_name as fullname", "user_image as image"],
		order_by=None,
	)
	return {row.name: row for row in rows}

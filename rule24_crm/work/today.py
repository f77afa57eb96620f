"""A manager's day: what is overdue and what is due today."""

import frappe
from frappe.utils import nowdate

from rule24_crm.parties.next_work import OPEN

FIELDS = (
	"subject", "action", "status", "priority", "party_type", "party", "party_name", "contact", "opportunity", "campaign",
	"planned_on", "starts_at", "ends_at", "all_day",
)  # fmt: skip
LIMIT = 200


def mine(user: str | None = None, limit: int = LIMIT) -> list[dict]:
	"""Open works of one user that are due: overdue ones first, then those of today in the order of their hours.

	:param user: default: whoever asks. Own works need no further permission; the caller checks that of others.
	:param limit: at most so many.
	:return: dicts of `name` and `FIELDS`.
	"""
	work = frappe.qb.DocType("Work")
	return (
		frappe.qb.from_(work)
		.select(work.name, *(work[field] for field in FIELDS))
		.where(
			(work.assigned_to == (user or frappe.session.user))
			& work.status.isin(OPEN)
			& (work.planned_on <= nowdate())
		)
		.orderby(work.planned_on, work.starts_at)
		.limit(limit)
		.run(as_dict=True)
	)

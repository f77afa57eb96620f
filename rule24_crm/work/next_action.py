"""What follows a work: the successor that the matrix of Actions and Results proposes."""

import frappe
from frappe.utils import getdate, nowdate

from rule24_crm.deals.client import is_with
from rule24_crm.work.results import row_for
from rule24_crm.work.rules import subject_for
from rule24_crm.work.working_days import WorkingDays, for_company

#: what a successor takes over from the work it follows
CARRIED = (
	"party_type",
	"party",
	"contact",
	"opportunity",
	"segment",
	"campaign",
	"parent_work",
	"priority",
	"assigned_to",
)


def propose(work, result: str, days: WorkingDays | None = None) -> dict | None:
	"""The next work according to the matrix.

	:param work: a Work document.
	:param result: name of a Work Result that the work's Action allows.
	:param days: the company's working days, where the caller asks for several Results.
	:return: field values of a new Work, or `None` when the matrix plans nothing. The day lies `next_in_days` working days
		after today.
	:raises ResultNotAllowedError: the Action does not allow the Result.
	"""
	row = row_for(work.action, result)
	if not row.next_action:
		return None
	day = (days or for_company()).shift(getdate(nowdate()), row.next_in_days or 0)
	return {**carried(work), "action": row.next_action, "planned_on": day, "based_on": work.name}


def carried(work) -> dict:
	"""The values a work hands on to the one that follows it."""
	return {field: work.get(field) for field in CARRIED if work.get(field)}


def build(work, values: dict):
	"""A new, unsaved Work that follows `work`.

	:param work: the Work it follows.
	:param values: field values that win over those carried on; `action` and `planned_on` at least. To another client the deal
		is not carried on.
	"""
	following = frappe.new_doc("Work")
	following.update({**carried(work), "based_on": work.name, **values})
	if not values.get("opportunity") and following.opportunity and following.party:
		if not is_with(following.opportunity, following.party_type, following.party):
			following.opportunity = None  # the next work is with another client
	if not following.subject:
		following.subject = subject_for(following.action, work.party_name)
	return following

"""A new Work on the basis of another one."""

import frappe
from frappe.utils import getdate, nowdate

from rule24_crm.parties.chain import successor
from rule24_crm.work.rules import CANCELLED, CLOSED
from rule24_crm.work.working_days import for_company

COPIED = (
	"subject", "action", "priority", "party_type", "party", "contact", "opportunity", "campaign", "segment",
	"assigned_to", "script", "parent_work",
)  # fmt: skip


def create_from(work):
	"""A new, unsaved Work: what and with whom as in `work`, with the client as it is known today.

	:param work: a Work document, open or finished.
	:return: the new Work; its day is that of the old one while that lies ahead, else the next working day.
	"""
	new = frappe.new_doc("Work")
	new.update({field: work.get(field) for field in COPIED})
	if work.party:
		new.party_type, new.party = successor(work.party_type, work.party)
	today = getdate(nowdate())
	ahead = getdate(work.planned_on) > today and work.status not in (CLOSED, CANCELLED)
	new.planned_on = getdate(work.planned_on) if ahead else for_company().shift(today, 1)
	new.based_on = work.name
	return new

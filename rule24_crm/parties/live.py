"""Which clients are live, that is not written off: written once, used by the gate, lists, cards and notices alike.

Live is a client that is not disabled, not in the phase Lost, has not become another record (`rule24_successor`) and, for
a Lead, is neither converted nor marked "Do Not Contact".
"""

import frappe
from frappe.query_builder.functions import Coalesce
from frappe.utils import cint
from pypika.terms import Criterion

from rule24_crm.parties.kinds import check_kind

LOST = "Lost"
#: statuses of a Lead with which nobody works any more
DEAD_LEAD_STATUSES = ("Converted", "Do Not Contact")
#: statuses of an Opportunity that no longer goes on
CLOSED_DEALS = ("Converted", "Lost", "Closed")


def live_criterion(party_type: str) -> Criterion:
	"""The condition on the table of `party_type` (Customer, Lead or Prospect) that holds for live clients."""
	party = frappe.qb.DocType(check_kind(party_type))
	criterion = Coalesce(party.rule24_phase, "") != LOST
	if party_type in ("Customer", "Lead"):
		criterion &= party.disabled == 0
	if party_type == "Lead":
		criterion &= party.status.notin(DEAD_LEAD_STATUSES)
	if party_type in ("Lead", "Prospect"):
		criterion &= Coalesce(party.rule24_successor, "") == ""
	return criterion


def is_live_document(doc) -> bool:
	"""The same of a document in memory, saved or not."""
	check_kind(doc.doctype)
	return not (
		doc.get("rule24_phase") == LOST
		or (doc.doctype in ("Customer", "Lead") and cint(doc.get("disabled")))
		or (doc.doctype == "Lead" and doc.status in DEAD_LEAD_STATUSES)
		or (doc.doctype in ("Lead", "Prospect") and doc.get("rule24_successor"))
	)


def is_live(party_type: str, party: str) -> bool:
	"""Whether this client is live."""
	table = frappe.qb.DocType(check_kind(party_type))
	return bool(
		frappe.qb.from_(table)
		.select(table.name)
		.where(table.name == party)
		.where(live_criterion(party_type))
		.run()
	)

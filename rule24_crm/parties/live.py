"""Which clients are live, that is not written off: written once, used by the gate, lists, cards and notices alike.

Live is a client that is not disabled, not in the phase Lost, has not become another record (`rule24_successor`) and, for
a Lead, is neither converted nor marked "Do Not Contact".
"""

import frappe
from frappe.query_builder.functions import Coalesce
from frappe.utils import cstr
from pypika.terms import Criterion

from rule24_crm.parties.kinds import check_kind

LOST = "Lost"
#: statuses of a Lead with which nobody works any more
DEAD_LEAD_STATUSES = ("Converted", "Do Not Contact")
#: statuses of an Opportunity that no longer goes on
CLOSED_DEALS = ("Converted", "Lost", "Closed")


#: kind of client -> field -> values with which nobody works with it any more; `True`: whatever is set
WRITTEN_OFF = {
	"Customer": {"rule24_phase": (LOST,), "disabled": True},
	"Lead": {
		"rule24_phase": (LOST,),
		"disabled": True,
		"status": DEAD_LEAD_STATUSES,
		"rule24_successor": True,
	},
	"Prospect": {"rule24_phase": (LOST,), "rule24_successor": True},
}


def live_criterion(party_type: str) -> Criterion:
	"""The condition on the table of `party_type` (Customer, Lead or Prospect) that holds for live clients."""
	party = frappe.qb.DocType(check_kind(party_type))
	return Criterion.all(
		Coalesce(party[field], "").isin(("", "0"))
		if values is True
		else Coalesce(party[field], "").notin(values)
		for field, values in WRITTEN_OFF[party_type].items()
	)


def is_live_document(doc) -> bool:
	"""The same of a document in memory, saved or not."""
	return not any(
		cstr(doc.get(field)) not in ("", "0") if values is True else doc.get(field) in values
		for field, values in WRITTEN_OFF[check_kind(doc.doctype)].items()
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

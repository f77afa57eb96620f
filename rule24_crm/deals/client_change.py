"""A deal stays with its client once something was done for it: what was done would be that of another client's deal.

Works and documents say of themselves that they are with the client of their deal (`work.deal`, `deals.belonging`), and
gates, cards and figures rely on it. So the third way to part them, to change the client of the deal, is closed as well.
"""

from __future__ import annotations

from collections import Counter

import frappe
from frappe import _
from frappe.query_builder.functions import Count

from rule24_crm.deals import belonging
from rule24_crm.deals.client import is_same
from rule24_crm.exceptions import DealError
from rule24_crm.titles import titles


def check(doc) -> None:
	"""Nobody gives a deal another client as long as it has works or documents that are not with that one.

	Another record that its client has gone through is no other client. What was cancelled does not count.

	:param doc: an Opportunity that is being saved.
	:raises DealError: see above; the message says how many there are of what, and what to do.
	"""
	before = doc.get_doc_before_save()
	client, former = _client(doc), before and _client(before)
	if not former or former == client or not all((*former, *client)) or is_same(former, client):
		return
	left = Counter()
	for (doctype, *whose), number in (_works(doc.name) + belonging.issued(doc.name)).items():
		if not is_same(tuple(whose), client):
			left[doctype] += number
	if left:
		frappe.throw(
			_(
				"The deal {0} cannot go to another client. It has with {1}: {2}. Make a new deal with the other client. If "
				"the client was only chosen by mistake, cancel these first, or clear {3} in works that are still open."
			).format(
				frappe.bold(doc.title or doc.name),
				frappe.bold(titles(former[0], [former[1]]).get(former[1], former[1])),
				", ".join(f"{_(doctype)}: {number}" for doctype, number in left.items()),
				frappe.bold(_("Deal")),
			),
			DealError,
			title=_("Another Client"),
		)


def _client(deal) -> tuple[str, str]:
	return deal.opportunity_from, deal.party_name


def _works(opportunity: str) -> Counter:
	"""("Work", kind and name of the client) -> number of works of the deal that are not cancelled."""
	work = frappe.qb.DocType("Work")
	rows = (
		frappe.qb.from_(work)
		.select(work.party_type, work.party, Count("*"))
		.where((work.opportunity == opportunity) & (work.status != "Cancelled") & (work.party != ""))
		.groupby(work.party_type, work.party)
		.run()
	)
	return Counter({("Work", kind, name): number for kind, name, number in rows})

"""A deal stays with its client once something was done for it: what was done would be that of another client's deal.

Works and documents say of themselves that they are with the client of their deal (`work.deal`, `deals.belonging`), and
gates, cards and figures rely on it. So the third way to part them, to change the client of the deal, is closed as well.
Whoever saves a deal has it locked, and so does whoever plans a work or issues documents for it: one waits for the other.
"""

from __future__ import annotations

from collections import Counter

import frappe
from frappe import _

from rule24_crm.deals import belonging
from rule24_crm.deals.client import records
from rule24_crm.exceptions import DealError
from rule24_crm.parties.kinds import PARTY_TYPES
from rule24_crm.titles import titles
from rule24_crm.work.rules import CLOSED


def check(doc) -> None:
	"""Nobody gives a deal another client as long as it has works or documents that are not with that one.

	Another record that its client has gone through is no other client. What was cancelled does not count.

	:param doc: an Opportunity that is being saved.
	:raises DealError: see above; the message says how many there are of what, and what to do.
	"""
	before = doc.get_doc_before_save()
	client, former = _client(doc), before and _client(before)
	if not former or former == client or not all((*former, *client)):
		return
	same = set(records(*client)) if client[0] in PARTY_TYPES else {client}
	if former in same:
		return
	left, closed = Counter(), False
	for (doctype, status, *whose), number in (_works(doc.name) + _issued(doc.name)).items():
		if tuple(whose) not in same:
			left[doctype] += number
			closed |= status == CLOSED
	if left:
		frappe.throw(_refusal(doc, former, left, closed), DealError, title=_("Another Client"))


def _refusal(doc, former: tuple[str, str], left: Counter, closed: bool) -> str:
	"""Why, and what to do: what was done already stays with its client, what was not can be called off."""
	parts = [
		_(
			"The deal {0} stays with {1}, because of what was done for it: {2}. Make a new deal with the other client."
		).format(
			frappe.bold(doc.title or doc.name),
			frappe.bold(titles(former[0], [former[1]]).get(former[1], former[1])),
			", ".join(f"{_(doctype)}: {number}" for doctype, number in left.items()),
		),
		_("If both records are one client, merge them, or join the lead to the customer, then save again."),
	]
	if not closed:
		parts.append(
			_(
				"If the client was only chosen by mistake, cancel these first, or clear {0} in the works."
			).format(frappe.bold(_("Deal")))
		)
	return " ".join(parts)


def _client(deal) -> tuple[str, str]:
	return deal.opportunity_from, deal.party_name


def _works(opportunity: str) -> Counter:
	"""("Work", status, kind and name of the client) -> number of works of the deal that are not cancelled, as they are by now."""
	work = frappe.qb.DocType("Work")
	rows = (
		frappe.qb.from_(work)
		.select(work.status, work.party_type, work.party)
		.where((work.opportunity == opportunity) & (work.status != "Cancelled") & (work.party != ""))
		.for_update()
		.run()
	)
	return Counter(("Work", *row) for row in rows)


def _issued(opportunity: str) -> Counter:
	"""As `_works`, of documents; they can all be cancelled or deleted."""
	return Counter(
		{
			(doctype, "", *client): number
			for (doctype, *client), number in belonging.issued(opportunity).items()
		}
	)

"""Deals and their clients: whose a deal is, and which are a client's, under all records that a client has gone through."""

from __future__ import annotations

from functools import reduce
from operator import or_

import frappe
from frappe import _

from rule24_crm.parties import chain, permitted
from rule24_crm.parties.kinds import PARTY_TYPES, check_kind

#: field in which a Customer names what ERPNext made it from, also before this app kept the chain
_ORIGINS = {"lead_name": "Lead", "prospect_name": "Prospect"}


def is_with(opportunity: str, party_type: str, party: str) -> bool:
	"""Whether a deal is with a client, be it under another of the records that the client has gone through.

	A deal that does not exist is nobody's fault here: that it exists is Frappe's link validation.
	"""
	client = frappe.db.get_value("Opportunity", opportunity, ["opportunity_from", "party_name"])
	return not client or is_same(client, (check_kind(party_type), party))


def is_same(one: tuple[str, str], other: tuple[str, str]) -> bool:
	"""Whether two records, pairs (DocType, name), are one client: the same, or two that a client has gone through."""
	if one == other:
		return True
	if one[0] not in PARTY_TYPES or other[0] not in PARTY_TYPES:
		return False
	records, others = chain.lineage(*one), chain.lineage(*other)
	return other in records or _made_from(records, others) or _made_from(others, records)


def search(party_type: str, party: str, words: str = "", *, start: int = 0, limit: int = 20) -> list[tuple]:
	"""Deals of a client that the user may read, under whichever of its records they stand; the latest first.

	:param words: a part of the deal's name or title.
	:return: rows of a link field: name, title, status.
	"""
	deal = frappe.qb.DocType("Opportunity")
	# kind and name together: a prospect is often called like a customer who is another client
	under = [
		(deal.opportunity_from == kind) & (deal.party_name == name)
		for kind, name in chain.lineage(party_type, party)
	]
	like = f"%{words}%"
	query = (
		frappe.qb.from_(deal)
		.select(deal.name, deal.title, deal.status)
		.where(reduce(or_, under))
		.where(deal.name.like(like) | deal.title.like(like))
		.orderby(deal.creation, deal.name, order=frappe.qb.desc)
		.limit(limit)
		.offset(start)
	)
	rows = permitted.restrict(query, "Opportunity").run()
	return [(name, title or "", _(status)) for name, title, status in rows]


def _made_from(customers: list[tuple[str, str]], records: list[tuple[str, str]]) -> bool:
	"""Whether ERPNext made a Customer among the first from a record among the second."""
	names = [name for kind, name in customers if kind == "Customer"]
	return any(
		frappe.db.exists("Customer", {"name": ("in", names), field: name})
		for field, origin in _ORIGINS.items()
		for kind, name in records
		if kind == origin and names
	)

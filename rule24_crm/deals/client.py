"""Deals and their clients: whose a deal is, and which are a client's, under all records that a client has gone through."""

from __future__ import annotations

from functools import reduce
from operator import or_

import frappe
from frappe import _

from rule24_crm.parties import chain, permitted
from rule24_crm.parties.kinds import PARTY_TYPES, check_kind


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
	return other in records or _leads_to(records, others) or _leads_to(others, records)


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


def _leads_to(earlier: list[tuple[str, str]], later: list[tuple[str, str]]) -> bool:
	"""Whether ERPNext says that a record among the first and one among the second are one client, without a chain of ours.

	A Customer names the Lead or Prospect it was made from; a Lead the customer it is of; a Prospect lists its leads.
	"""
	one, other = _by_kind(earlier), _by_kind(later)
	ways = [
		("Customer", {"name": ("in", other["Customer"]), "lead_name": ("in", one["Lead"])}),
		("Customer", {"name": ("in", other["Customer"]), "prospect_name": ("in", one["Prospect"])}),
		("Lead", {"name": ("in", one["Lead"]), "customer": ("in", other["Customer"])}),
		("Prospect Lead", {"lead": ("in", one["Lead"]), "parent": ("in", other["Prospect"])}),
	]
	return any(
		all(names for _in, names in filters.values()) and frappe.db.exists(doctype, filters)
		for doctype, filters in ways
	)


def _by_kind(records: list[tuple[str, str]]) -> dict[str, list[str]]:
	return {kind: [name for each, name in records if each == kind] for kind in PARTY_TYPES}

"""Deals and their clients: whose a deal is, and which are a client's, under all records that a client has gone through."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_

import frappe
from frappe import _

from rule24_crm.parties import chain, permitted
from rule24_crm.parties.kinds import PARTY_TYPES, check_kind

#: where ERPNext says that two records are one client, without a chain of ours: a Customer names the Lead or Prospect it was
#: made from, a Lead the customer it is of, a Prospect lists its leads. (DocType, (field, kind), (field, kind)), the older first
LINKS = (
	("Customer", ("lead_name", "Lead"), ("name", "Customer")),
	("Customer", ("prospect_name", "Prospect"), ("name", "Customer")),
	("Lead", ("name", "Lead"), ("customer", "Customer")),
	("Prospect Lead", ("lead", "Lead"), ("parent", "Prospect")),
)


def is_with(opportunity: str, party_type: str, party: str, *, for_update: bool = False) -> bool:
	"""Whether a deal is with a client, be it under another of the records that the client has gone through.

	A deal that does not exist is nobody's fault here: that it exists is Frappe's link validation.

	:param for_update: the caller is about to rely on it: the deal is locked until the transaction ends, and looked at as it
		is by now.
	"""
	client = frappe.db.get_value(
		"Opportunity", opportunity, ["opportunity_from", "party_name"], for_update=for_update
	)
	return not client or is_same(client, (check_kind(party_type), party))


def is_same(one: tuple[str, str], other: tuple[str, str]) -> bool:
	"""Whether two records, pairs (DocType, name), are one client: the same, or two that a client has gone through."""
	if one == other:
		return True
	if one[0] not in PARTY_TYPES or other[0] not in PARTY_TYPES:
		return False
	return other in records(*one)


def records(party_type: str, party: str) -> list[tuple[str, str]]:
	"""Every record of a client as pairs (DocType, name), the given one first: its chain, and what ERPNext links with it."""
	return records_of(party_type, [party])[party]


def records_of(party_type: str, parties: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
	"""As `records` for many clients of one kind: as many queries as for one."""
	found = chain.lineages(party_type, parties)
	whose: dict[tuple[str, str], set[str]] = defaultdict(set)
	for party, known in found.items():
		for record in known:
			whose[record].add(party)
	linked: dict[str, dict[str, set[str]]] = {kind: defaultdict(set) for kind in PARTY_TYPES}
	for record, (kind, name) in _links(whose):
		linked[kind][name] |= whose[record] - whose.get((kind, name), set())
	for kind, clients in linked.items():
		for name, lineage in chain.lineages(kind, filter(clients.get, clients)).items():
			for party in clients[name]:
				found[party] += [record for record in lineage if record not in found[party]]
	return found


def _links(those: Iterable[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
	"""Pairs of records that ERPNext says are one client, the first of them one of `those`."""
	names = defaultdict(list)
	for kind, name in those:
		names[kind].append(name)
	for doctype, *ends in LINKS:
		table = frappe.qb.DocType(doctype)
		for (field, kind), (to_field, to_kind) in (ends, ends[::-1]):
			if names[kind]:
				query = frappe.qb.from_(table).select(table[field], table[to_field])
				query = query.where(table[field].isin(names[kind]) & (table[to_field] != ""))
				yield from (((kind, one), (to_kind, other)) for one, other in query.run())


def search(party_type: str, party: str, words: str = "", *, start: int = 0, limit: int = 20) -> list[tuple]:
	"""Deals of a client that the user may read, under whichever of its records they stand; the latest first.

	:param words: a part of the deal's name or title.
	:return: rows of a link field: name, title, status.
	"""
	deal = frappe.qb.DocType("Opportunity")
	# kind and name together: a prospect is often called like a customer who is another client
	under = [
		(deal.opportunity_from == kind) & (deal.party_name == name)
		for kind, name in records(party_type, party)
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

"""The chain of records one client goes through: a Prospect becomes a Lead becomes a Customer.

`rule24_successor` points forward. Works are moved along, but what was closed under an older record, its letters and notes
stay findable through the chain.
"""

from collections import defaultdict
from collections.abc import Iterable

import frappe

from rule24_crm.parties.kinds import check_kind
from rule24_crm.parties.relations import following

#: a chain longer than this is a mistake in the data, not a client
LIMIT = 20


def successor(party_type: str, party: str) -> tuple[str, str]:
	"""The record the client goes by today: follows `rule24_successor` to its end."""
	for _step in range(LIMIT):
		if check_kind(party_type) == "Customer":
			break
		following = frappe.db.get_value(party_type, party, ["rule24_successor_type", "rule24_successor"])
		if not following or not following[1]:
			break
		party_type, party = following
	return party_type, party


def lineage(party_type: str, party: str, ahead: tuple[str, str] | None = None) -> list[tuple[str, str]]:
	"""All records of the client as pairs (party_type, party), the given one first.

	:param ahead: what `successor` says of it, where the caller has asked already.
	"""
	return lineages(party_type, [party], {party: ahead} if ahead else None)[party]


def lineages(
	party_type: str, parties: Iterable[str], ahead: dict[str, tuple[str, str]] | None = None
) -> dict[str, list[tuple[str, str]]]:
	"""As `lineage` for many clients of one kind: one query for each kind and step, however many there are."""
	check_kind(party_type)
	found = {party: [(party_type, party)] for party in parties}
	for party, end in (ahead or _successors(party_type, found)).items():
		if end not in found[party]:
			found[party].append(end)
	whose: dict[tuple[str, str], set[str]] = defaultdict(set)
	for party, records in found.items():
		for record in records:
			whose[record].add(party)
	border = list(whose)
	for _step in range(LIMIT):
		border = [older for older, newer in _predecessors(border) if _note_older(older, newer, whose, found)]
		if not border:
			break
	return found


def _successors(party_type: str, parties: Iterable[str]) -> dict[str, tuple[str, str]]:
	"""For each client the record at the end of its chain, itself if nothing follows."""
	ends = {party: (party_type, party) for party in parties}
	moving = ends if party_type != "Customer" else {}
	for _step in range(LIMIT):
		following = {}
		for kind in ("Lead", "Prospect"):
			names = {name for each, name in moving.values() if each == kind}
			if names:
				rows = frappe.get_all(  # the same client under its later name
					kind,
					filters={"name": ("in", sorted(names)), "rule24_successor": ("is", "set")},
					fields=["name", "rule24_successor_type", "rule24_successor"],
					order_by=None,
				)
				following.update(
					{(kind, row.name): (row.rule24_successor_type, row.rule24_successor) for row in rows}
				)
		moving = {party: following[end] for party, end in moving.items() if end in following}
		if not moving:
			break
		ends.update(moving)
	return ends


def _predecessors(records: list[tuple[str, str]]) -> list[tuple[tuple[str, str], tuple[str, str]]]:
	"""Pairs (older record, newer record) for everything that directly continues as one of `records`."""
	found = []
	for older in ("Lead", "Prospect"):
		for kind in ("Customer", "Lead", "Prospect"):
			names = [name for each, name in records if each == kind]
			if names:
				record = frappe.qb.DocType(older)  # the same client under its earlier name
				rows = (
					frappe.qb.from_(record)
					.select(record.name, record.rule24_successor)
					.where((record.rule24_successor_type == kind) & record.rule24_successor.isin(names))
					.orderby(record.name)
					.run()
				)
				found.extend(((older, name), (kind, newer)) for name, newer in rows)
	return found


def _note_older(older, newer, whose, found) -> bool:
	"""Give an older record to the clients of the newer one. :return: whether that was news to any of them."""
	news = whose[newer] - whose[older]
	for party in news:
		found[party].append(older)
	whose[older] |= news
	return bool(news)


def continue_as(party_type: str, party: str, to_type: str, to: str) -> None:
	"""Note that the client goes on as another record, which its relations now point at.

	The old record's `modified` stays: it is closed, not edited.
	"""
	frappe.db.set_value(
		party_type, party, {"rule24_successor_type": to_type, "rule24_successor": to}, update_modified=False
	)
	following.move(party_type, party, to_type, to)

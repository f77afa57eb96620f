"""Which records are one client: its Prospect, its Leads, its Customer. They go to the same receiver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import frappe

from rule24_crm.parties.chain import LIMIT
from rule24_crm.parties.kinds import PARTY_TYPES

CHUNK = 2_000
Key = tuple[str, str]


def chunks(names: Iterable) -> Iterator[list]:
	"""Lists of at most `CHUNK`, in order."""
	names = list(names)
	for start in range(0, len(names), CHUNK):
		yield names[start : start + CHUNK]


class Groups:
	"""Clients as sets of records that follow one another (`rule24_successor`) or belong to one company in ERPNext."""

	def __init__(self):
		self._parent: dict[Key, Key] = {}

	def of(self, key: Key) -> Key:
		"""The record that stands for the client of this record."""
		root = key
		while (above := self._parent.setdefault(root, root)) != root:
			root = above
		while self._parent[key] != root:
			self._parent[key], key = root, self._parent[key]
		return root

	def join(self, one: Key, other: Key) -> None:
		"""Both records are the same client."""
		first, second = sorted((self.of(one), self.of(other)))
		self._parent[second] = first

	def __iter__(self) -> Iterator[Key]:
		return iter(list(self._parent))

	def find(self, keys: Iterable[Key]) -> None:
		"""Add these records and all that are the same client, a few queries for each step along the chain."""
		frontier = {key for key in keys if key[0] in PARTY_TYPES and key[1]} - self._parent.keys()
		for _step in range(LIMIT):
			if not frontier:
				return
			for key in frontier:
				self.of(key)
			found = set()
			for one, other in _links(frontier):
				found |= {one, other} - self._parent.keys()
				self.join(one, other)
			frontier = found - frontier


def _links(keys: set[Key]) -> Iterator[tuple[Key, Key]]:
	"""Pairs of records that are one client, at least one of each pair among `keys`."""
	names = {kind: sorted(name for each, name in keys if each == kind) for kind in PARTY_TYPES}
	yield from _successors(names)
	yield from _customers(names)
	yield from _leads_of_prospects(names)


def _successors(names: dict[str, list[str]]) -> Iterator[tuple[Key, Key]]:
	for older in ("Lead", "Prospect"):
		party = frappe.qb.DocType(older)
		query = (
			frappe.qb.from_(party)
			.select(party.name, party.rule24_successor_type, party.rule24_successor)
			.where(party.rule24_successor != "")
		)
		conditions = [party.name.isin(chunk) for chunk in chunks(names[older])]
		for kind in PARTY_TYPES:
			conditions += [
				(party.rule24_successor_type == kind) & party.rule24_successor.isin(chunk)
				for chunk in chunks(names[kind])
			]
		for condition in conditions:
			for name, kind, successor in query.where(condition).run():
				if kind in PARTY_TYPES:
					yield (older, name), (kind, successor)


def _customers(names: dict[str, list[str]]) -> Iterator[tuple[Key, Key]]:
	"""What ERPNext itself notes on a Customer: the Lead or Prospect it was made of."""
	customer = frappe.qb.DocType("Customer")
	for kind, field in (("Lead", customer.lead_name), ("Prospect", customer.prospect_name)):
		query = frappe.qb.from_(customer).select(customer.name, field).where(field != "")
		conditions = [customer.name.isin(chunk) for chunk in chunks(names["Customer"])]
		conditions += [field.isin(chunk) for chunk in chunks(names[kind])]
		for condition in conditions:
			for name, older in query.where(condition).run():
				yield ("Customer", name), (kind, older)


def _leads_of_prospects(names: dict[str, list[str]]) -> Iterator[tuple[Key, Key]]:
	row = frappe.qb.DocType("Prospect Lead")
	query = (
		frappe.qb.from_(row)
		.select(row.parent, row.lead)
		.where((row.parenttype == "Prospect") & (row.lead != ""))
	)
	conditions = [row.parent.isin(chunk) for chunk in chunks(names["Prospect"])]
	conditions += [row.lead.isin(chunk) for chunk in chunks(names["Lead"])]
	for condition in conditions:
		for prospect, lead in query.where(condition).run():
			yield ("Prospect", prospect), ("Lead", lead)


def segments_of(keys: Iterable[Key]) -> dict[Key, list[str]]:
	"""Market segments of these records, the primary one first."""
	keys, found = list(keys), {}
	for kind in PARTY_TYPES:
		for chunk in chunks(sorted(name for each, name in keys if each == kind)):
			party, row = frappe.qb.DocType(kind), frappe.qb.DocType("Party Segment")
			primary = (
				frappe.qb.from_(party)
				.select(party.name, party.market_segment)
				.where(party.name.isin(chunk) & (party.market_segment != ""))
				.run()
			)
			others = (
				frappe.qb.from_(row)
				.select(row.parent, row.segment)
				.where((row.parenttype == kind) & row.parent.isin(chunk))
				.orderby(row.idx)
				.run()
			)
			for name, segment in (*primary, *others):
				mine = found.setdefault((kind, name), [])
				if segment not in mine:
					mine.append(segment)
	return found

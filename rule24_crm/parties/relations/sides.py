"""The two sides of a relation: a record of one of six kinds, or somebody known by name only."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import frappe

from rule24_crm.parties import permitted

DOCTYPE = "Partner Relation"
SIDES = ("from", "to")
OTHER = {"from": "to", "to": "from"}

#: kinds of record that can be related; `""` is somebody known by name only
RECORDS = ("Customer", "Lead", "Prospect", "Supplier", "Competitor", "Contact")
#: what may stand for a person: a contact, or a client who is a private person
PERSONS = ("Contact", "Lead", "Customer")


class Side(NamedTuple):
	"""One end of a relation. `party` is empty for somebody known by name only."""

	doctype: str
	party: str
	title: str

	@property
	def key(self) -> tuple[str, str]:
		"""What tells one party from another; names are compared as the database does, without case."""
		return (self.doctype, self.party) if self.doctype else ("", self.title.casefold())


def of(relation, side: str) -> Side:
	"""One side of a relation, a document or row."""
	return Side(
		relation.get(f"{side}_type") or "",
		relation.get(f"{side}_party") or "",
		relation.get(f"{side}_title") or "",
	)


def readable(records: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
	"""Which of these records, pairs (doctype, name), the user may read: one query for each kind.

	Not Frappe's own list: on early 15 it fails for a user who may read single records of a kind by shares only.
	"""
	by_kind = defaultdict(set)
	for doctype, name in records:
		if doctype in RECORDS and name:
			by_kind[doctype].add(name)
	allowed = set()
	for doctype, names in by_kind.items():
		table = frappe.qb.DocType(doctype)
		query = frappe.qb.from_(table).select(table.name).where(table.name.isin(sorted(names)))
		allowed.update((doctype, name) for (name,) in permitted.restrict(query, doctype).run())
	return allowed

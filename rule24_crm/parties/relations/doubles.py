"""When two relations say the same: one kind, the same sides, and some time in common."""

import frappe
from frappe.utils import getdate
from pypika.terms import Criterion

from rule24_crm.parties.relations import kinds, sides
from rule24_crm.parties.relations.sides import DOCTYPE

PERIOD = ("valid_from", "valid_to")


def find(relation, *, for_update: bool = False) -> str | None:
	"""Another relation that says what this one says. A kind with one name holds both ways round.

	:param for_update: read what others have committed meanwhile, and keep it until the end of the transaction.
	"""
	table = frappe.qb.DocType(DOCTYPE)
	first, second = sides.of(relation, "from"), sides.of(relation, "to")
	same = _is(table, "from", first) & _is(table, "to", second)
	if is_symmetric(relation.kind):
		same |= _is(table, "from", second) & _is(table, "to", first)
	query = (
		frappe.qb.from_(table)
		.select(table.name, *(table[field] for field in PERIOD))
		.where((table.kind == relation.kind) & (table.name != (relation.name or "")) & same)
	)
	rows = (query.for_update() if for_update else query).run(as_dict=True)
	return next((row.name for row in rows if overlap(row, relation)), None)


def is_symmetric(kind: str) -> bool:
	"""Whether the kind has one name for both ends."""
	return not frappe.db.get_value(kinds.DOCTYPE, kind, "reverse_name")


def overlap(one, other) -> bool:
	"""Whether two relations have a day in common; a missing date is open."""
	return _begins_by(one, other) and _begins_by(other, one)


def _begins_by(one, other) -> bool:
	start, end = one.get("valid_from"), other.get("valid_to")
	return not start or not end or getdate(start) <= getdate(end)


def _is(table, side: str, end) -> Criterion:
	if end.doctype:
		return (table[f"{side}_type"] == end.doctype) & (table[f"{side}_party"] == end.party)
	doctype = table[f"{side}_type"]
	return (doctype.isnull() | (doctype == "")) & (table[f"{side}_title"] == end.title)

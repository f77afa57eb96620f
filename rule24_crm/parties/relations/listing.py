"""Relations of a record, told from its own end, and adding one from there."""

import frappe
from frappe import _
from frappe.utils import getdate, nowdate

from rule24_crm.exceptions import RelationError
from rule24_crm.parties import chain
from rule24_crm.parties.kinds import PARTY_TYPES
from rule24_crm.parties.relations import kinds, sides
from rule24_crm.parties.relations.sides import DOCTYPE, OTHER, SIDES


def check_doctype(doctype: str) -> str:
	""":raises RelationError: records of this kind have no relations."""
	if doctype not in sides.RECORDS:
		frappe.throw(_("{0} has no relations.").format(frappe.bold(_(doctype))), RelationError)
	return doctype


def records_of(doctype: str, name: str) -> list[tuple[str, str]]:
	"""The record itself and, for a client, the records it was before and has become."""
	return chain.lineage(doctype, name) if doctype in PARTY_TYPES else [(check_doctype(doctype), name)]


def of_record(doctype: str, name: str) -> list[dict]:
	"""Relations of a record whose other side the user may read; those that hold come first.

	:return: `{"name", "kind", "role", "other_type", "other", "other_title", "valid_from", "valid_to", "note", "past"}`;
		`role` is what the other is to this record, translated.
	"""
	own = records_of(doctype, name)
	found = rows(own)
	allowed = sides.readable(pair for row in found for pair in _records(row))
	reverse = kinds.reverses()
	told = []
	for row in found:
		mine = "from" if sides.of(row, "from").key in own else "to"
		other = sides.of(row, OTHER[mine])
		if other.party and other.key not in allowed:
			continue
		told.append(
			{
				"name": row.name,
				"kind": row.kind,
				"role": _(role(row, OTHER[mine], reverse)),
				"other_type": other.doctype,
				"other": other.party,
				"other_title": other.title,
				"valid_from": row.valid_from,
				"valid_to": row.valid_to,
				"note": row.note,
				"past": is_past(row),
			}
		)
	return sorted(told, key=lambda row: (row["past"], row["role"], row["other_title"].casefold()))


def role(row, side: str, reverse: dict[str, str]) -> str:
	"""What that side of a relation is to the other one, not translated.

	:param reverse: `kinds.reverses()`, read once for many rows.
	"""
	return row.kind if side == "from" else reverse.get(row.kind, row.kind)


def is_past(row) -> bool:
	"""Whether the relation has ended."""
	return bool(row.valid_to and getdate(row.valid_to) < getdate(nowdate()))


def rows(records: list[tuple[str, str]]) -> list:
	"""Relations of these records, each once, whoever may see them: two queries for each kind of record."""
	by_kind: dict[str, list[str]] = {}
	for doctype, name in records:
		by_kind.setdefault(doctype, []).append(name)
	found = {}
	for doctype, names in by_kind.items():
		for side in SIDES:
			for row in frappe.get_all(  # the caller drops those with a side that the user may not read
				DOCTYPE,
				filters={f"{side}_type": doctype, f"{side}_party": ("in", names)},
				fields=[
					"name", "kind", "note", "valid_from", "valid_to",
					"from_type", "from_party", "from_title", "to_type", "to_party", "to_title",
				],
				order_by="creation, name",
			):  # fmt: skip
				found[row.name] = row
	return list(found.values())


def _records(row) -> list[tuple[str, str]]:
	return [sides.of(row, side).key for side in SIDES]


def add(doctype: str, name: str, kind: str, other_is: str, other: dict, **values):
	"""Relate a record to another one, or to somebody known by name only.

	:param other_is: which side of the kind the other is, "from" or "to".
	:param other: `{"doctype", "name"}`, or `{"title"}` for a name only.
	:param values: `valid_from`, `valid_to`, `note`.
	:return: the new relation, inserted with the user's own rights.
	:raises RelationError: see `rules.validate`.
	"""
	if other_is not in SIDES:
		frappe.throw(_("Say which side the other is: from or to."), RelationError)
	relation = frappe.new_doc(DOCTYPE)
	relation.update(
		{
			"kind": kind,
			f"{OTHER[other_is]}_type": check_doctype(doctype),
			f"{OTHER[other_is]}_party": name,
			f"{other_is}_type": other.get("doctype") or None,
			f"{other_is}_party": other.get("name") or None,
			f"{other_is}_title": other.get("title") or None,
			**{key: values.get(key) or None for key in ("valid_from", "valid_to", "note")},
		}
	)
	return relation.insert()

"""Kinds of relation: each has a name for either end, or one name for both."""

import frappe
from frappe import _

from rule24_crm.exceptions import RelationError
from rule24_crm.parties.relations.sides import PERSONS, RECORDS

DOCTYPE = "Partner Relation Kind"

COMPANIES, PEOPLE, MIXED, ANY = "Companies", "Persons", "Person and Company", "Any"


def validate(kind) -> None:
	"""Tidy the names of a kind.

	:raises RelationError: another kind has these names the other way round, which would list every pair twice.
	"""
	kind.kind_name = (kind.kind_name or "").strip()
	kind.reverse_name = (kind.reverse_name or "").strip()
	if kind.reverse_name.casefold() == kind.kind_name.casefold():
		kind.reverse_name = ""
	if kind.reverse_name and frappe.db.exists(
		DOCTYPE, {"kind_name": kind.reverse_name, "reverse_name": kind.kind_name}
	):
		frappe.throw(
			_("{0} is there already, named from the other end: {1}. Use that one.").format(
				frappe.bold(_(kind.kind_name)), frappe.bold(_(kind.reverse_name))
			),
			RelationError,
			title=_("The Same Kind Twice"),
		)


def reverses() -> dict[str, str]:
	"""Every kind -> what the second side is; a kind with one name gives that name."""
	rows = frappe.get_all(
		DOCTYPE, fields=["name", "kind_name", "reverse_name"], order_by=None
	)  # a dictionary
	return {row.name: row.reverse_name or row.kind_name for row in rows}


def fits(between: str, from_type: str, to_type: str) -> bool:
	"""Whether sides of these kinds of record (empty: by name only) can be in such a relation."""
	first, second = (kind in ("", *PERSONS) for kind in (from_type, to_type))
	if between == COMPANIES:
		return "Contact" not in (from_type, to_type)
	if between == PEOPLE:
		return first and second
	if between == MIXED:
		return first and to_type != "Contact"
	return True


def roles(doctype: str) -> list[dict]:
	"""What the other side can be to a record of this kind, for choosing in a form.

	:return: `{"kind", "other_is": "from" or "to", "label": translated, "records": [kinds of record the other may be]}`,
		by label.
	"""
	found = []
	for row in frappe.get_all(  # a dictionary
		DOCTYPE,
		filters={"disabled": 0},
		fields=["name", "kind_name", "reverse_name", "between"],
		order_by="name",
	):
		found.append(_role(row, "from", row.kind_name, doctype))
		if row.reverse_name or row.between == MIXED:
			found.append(_role(row, "to", row.reverse_name or row.kind_name, doctype))
	return sorted((role for role in found if role["records"]), key=lambda role: role["label"])


def _role(row, other_is: str, label: str, doctype: str) -> dict:
	def fit(other: str) -> bool:
		return fits(row.between, *((other, doctype) if other_is == "from" else (doctype, other)))

	return {
		"kind": row.name,
		"other_is": other_is,
		"label": _(label),
		"records": [other for other in (*RECORDS, "") if fit(other)],
	}

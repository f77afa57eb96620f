"""Imports of client bases and bulk changes of segments: a head who sees only the team sees those that the team has made."""

import frappe

from rule24_crm.compat import NO_OBJECTION, of_listed_table
from rule24_crm.parties.access import scope

#: DocType -> the DocType and field that say whose work it belongs to; None: the record itself
BELONGS_TO = {
	"Party Import": None,
	"Party Import Row": ("Party Import", "party_import"),
	"Party Import Column": ("Party Import", "parent"),
	"Segment Change": None,
	"Segment Change Part": ("Segment Change", "change"),
}


def has_permission(doc, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""Hook of Frappe: what belongs to somebody of another team is not opened. The owner is asked of the database."""
	restricted = scope.of_user(user)
	if restricted is None or ptype == "create":
		return NO_OBJECTION
	above = BELONGS_TO[doc.doctype]
	kind, name = (above[0], doc.get(above[1])) if above else (doc.doctype, doc.name)
	owner = name and frappe.db.get_value(kind, name, "owner")
	return NO_OBJECTION if not owner or owner in restricted.users else False


@of_listed_table
def import_conditions(user: str | None = None, doctype: str | None = None) -> str:
	"""Hook of Frappe: the same for the list of imports."""
	return _condition("Party Import", user)


@of_listed_table
def row_conditions(user: str | None = None, doctype: str | None = None) -> str:
	"""Hook of Frappe: the same for the rows of imports."""
	return _condition("Party Import Row", user)


@of_listed_table
def column_conditions(user: str | None = None, doctype: str | None = None) -> str:
	"""Hook of Frappe: the same for the columns of imports, which show samples of the file."""
	return _condition("Party Import Column", user)


@of_listed_table
def change_conditions(user: str | None = None, doctype: str | None = None) -> str:
	"""Hook of Frappe: the same for the list of bulk changes."""
	return _condition("Segment Change", user)


@of_listed_table
def part_conditions(user: str | None = None, doctype: str | None = None) -> str:
	"""Hook of Frappe: the same for the parts of bulk changes."""
	return _condition("Segment Change Part", user)


def _condition(doctype: str, user: str | None) -> str:
	"""All names in the text are ours, users are escaped."""
	restricted = scope.of_user(user)
	if restricted is None:
		return ""
	team = ", ".join(frappe.db.escape(each, percent=False) for each in restricted.users)
	above = BELONGS_TO[doctype]
	if not above:
		return f"`tab{doctype}`.`owner` in ({team})"
	kind, field = above
	return (
		f"`tab{doctype}`.`{field}` in (select made.name from `tab{kind}` made where made.owner in ({team}))"
	)

"""Who sees a relation: whoever may read both of its sides."""

import frappe

from rule24_crm.compat import NO_OBJECTION, of_listed_table
from rule24_crm.parties import permitted
from rule24_crm.parties.relations import sides
from rule24_crm.parties.relations.sides import DOCTYPE, RECORDS, SIDES


def has_permission(doc, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""Hook of Frappe. A relation to a record that the user may not read is not there for the user."""
	ends = [sides.of(doc, side) for side in SIDES]
	readable = all(
		frappe.has_permission(end.doctype, "read", doc=end.party, user=user)
		for end in ends
		if end.party and end.doctype in RECORDS and frappe.db.exists(end.doctype, end.party)
	)
	return NO_OBJECTION if readable else False


@of_listed_table
def query_conditions(user: str | None = None, doctype: str | None = None) -> str:
	"""Hook of Frappe: the same for lists, reports and searches. Empty when nothing is kept from the user."""
	user = user or frappe.session.user
	if user == "Administrator":
		return ""
	limits = {doctype: _limit(doctype, user) for doctype in RECORDS}
	if not any(limits.values()):
		return ""
	return " and ".join(_side_condition(side, limits) for side in SIDES)


def _limit(doctype: str, user: str) -> str:
	# percent signs are doubled for statements with parameters, which a hook's answer is no part of
	return permitted.condition(doctype, user).replace("%%", "%")


def _list(names: list[str]) -> str:
	return ", ".join(frappe.db.escape(name, percent=False) for name in names)


def _side_condition(side: str, limits: dict[str, str]) -> str:
	"""All names in the text are columns and DocTypes of ours; `limits` is made by Frappe itself."""
	kind, party = (f"`tab{DOCTYPE}`.`{side}_{field}`" for field in ("type", "party"))
	free = [doctype for doctype, limit in limits.items() if not limit]
	ways = [f"ifnull({kind}, '') in ({_list(['', *free])})"]
	for doctype, limit in limits.items():
		if limit:
			ways.append(
				f"({kind} = {frappe.db.escape(doctype)} and exists (select 1 from `tab{doctype}` "
				f"where `tab{doctype}`.name = {party} and ({limit})))"
			)
	return "(" + " or ".join(ways) + ")"

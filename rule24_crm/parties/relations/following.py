"""Relations follow their parties: through conversion, a change of name, merge and deletion."""

import frappe

from rule24_crm.parties.relations import doubles, sides
from rule24_crm.parties.relations.sides import DOCTYPE, SIDES
from rule24_crm.titles import titles


def move(from_type: str, from_name: str, to_type: str, to_name: str) -> None:
	"""Re-point every relation of one record to another; what then says nothing, or the same twice, goes."""
	if not has_any(from_type, from_name):
		return
	table = frappe.qb.DocType(DOCTYPE)
	for side in SIDES:
		frappe.qb.update(table).set(table[f"{side}_type"], to_type).set(
			table[f"{side}_party"], to_name
		).where((table[f"{side}_type"] == from_type) & (table[f"{side}_party"] == from_name)).run()
	settle(to_type, to_name)


def settle(doctype: str, name: str) -> None:
	"""After a record was renamed, merged or moved to: its title, relations to itself and doubles."""
	retitle(doctype, name)
	seen = []
	for relation in rows(doctype, name):
		ends = [sides.of(relation, side).key for side in SIDES]
		if ends[0] == ends[1]:
			# tied to itself since the merge; whoever may merge the records may tidy up after it
			frappe.delete_doc(DOCTYPE, relation.name, ignore_permissions=True)
			continue
		if kept := next((other for other in seen if _same(other, relation)), None):
			_keep_note(kept, relation)
			# the older one says the same; the right is that to merge, as above
			frappe.delete_doc(DOCTYPE, relation.name, ignore_permissions=True)
			continue
		seen.append(relation)


def retitle(doctype: str, name: str) -> None:
	"""Bring the record's title in its relations up to date."""
	title = titles(doctype, [name]).get(name)
	if not title:
		return
	table = frappe.qb.DocType(DOCTYPE)
	for side in SIDES:
		frappe.qb.update(table).set(table[f"{side}_title"], title).where(
			(table[f"{side}_type"] == doctype)
			& (table[f"{side}_party"] == name)
			& (table[f"{side}_title"] != title)
		).run()
	for row in rows(doctype, name):
		frappe.clear_document_cache(DOCTYPE, row.name)


def forget(doctype: str, name: str) -> None:
	"""A record goes: its relations go with it."""
	for row in rows(doctype, name):
		frappe.delete_doc(DOCTYPE, row.name, ignore_permissions=True)  # the right to delete the record


def has_any(doctype: str, name: str) -> bool:
	"""Whether the record has relations."""
	return any(frappe.db.exists(DOCTYPE, {f"{side}_type": doctype, f"{side}_party": name}) for side in SIDES)


def rows(doctype: str, name: str) -> list:
	"""All relations of a record, the oldest first, whoever may see them."""
	found = {}
	for side in SIDES:
		for row in frappe.get_all(  # relations follow their record, whoever may see them
			DOCTYPE,
			filters={f"{side}_type": doctype, f"{side}_party": name},
			fields=["*"],
			order_by="creation, name",
		):
			found[row.name] = row
	return sorted(found.values(), key=lambda row: (row.creation, row.name))


def _same(one, other) -> bool:
	if one.kind != other.kind or not doubles.overlap(one, other):
		return False
	ends, theirs = ([sides.of(row, side).key for side in SIDES] for row in (one, other))
	return ends == theirs or (doubles.is_symmetric(one.kind) and ends == theirs[::-1])


def _keep_note(kept, gone) -> None:
	if gone.note and gone.note != kept.note:
		kept.note = "\n".join(filter(None, (kept.note, gone.note)))
		frappe.db.set_value(DOCTYPE, kept.name, "note", kept.note)

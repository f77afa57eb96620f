"""Moves of one field of a record: the owner of a client or a deal, the person of a work or a to-do."""

from __future__ import annotations

import json
from collections import defaultdict

import frappe
from pypika.terms import Term

from rule24_crm.history import History
from rule24_crm.parties.handover.clients import chunks
from rule24_crm.parties.handover.writing import Writer, by_value, forget, stamped
from rule24_crm.parties.kinds import PARTY_TYPES
from rule24_crm.parties.next_work import OPEN
from rule24_crm.work import links
from rule24_crm.work.campaigns import members
from rule24_crm.work.planning import writing

#: DocType -> table of rows that follow its owner -> (field of the row that names the record, field of the owner)
FOLLOWING = {
	"Lead": ("Prospect Lead", "lead", "lead_owner"),
	"Opportunity": ("Prospect Opportunity", "opportunity", "deal_owner"),
}


class FieldWriter(Writer):
	"""A field of the record itself."""

	def standing(self, moves):
		table = frappe.qb.DocType(self.doctype)
		value = {}
		for chunk in chunks(move.name for move in moves):
			rows = (
				frappe.qb.from_(table)
				.select(table.name, table[self.field])
				.where(table.name.isin(chunk) & self.still_open(table))
				.for_update()
				.run()
			)
			value.update({str(name): str(value or "") for name, value in rows})
		return {move for move in moves if value.get(move.name) == move.new}

	def still_open(self, table) -> Term:
		"""Whether the record may change hands at all."""
		return table.name.isnotnull()

	def write(self, moves, stamp, user):
		versions = History(self.doctype)
		table = frappe.qb.DocType(self.doctype)
		for new, names in by_value(moves).items():
			for chunk in chunks(names):
				query = stamped(self.doctype, stamp, user).set(table[self.field], new or None)
				query.where(table.name.isin(chunk)).run()
				self.follow(new, chunk)
		if self.doctype in FOLLOWING:
			frappe.clear_cache(doctype="Prospect")
		for move in moves:
			versions.change(move.name, self.field, move.old, move.new)
		versions.write(stamp, user)
		forget(self.doctype, [move.name for move in moves])

	def follow(self, new: str, names: list[str]) -> None:
		"""Bring along what repeats the value elsewhere."""
		if self.doctype in PARTY_TYPES:
			links.follow_manager(self.doctype, names)
		if self.doctype not in FOLLOWING:
			return
		child, link, field = FOLLOWING[self.doctype]
		row = frappe.qb.DocType(child)
		frappe.qb.update(row).set(row[field], new or None).where(row[link].isin(names)).run()


class WorkWriter(FieldWriter):
	"""`Work.assigned_to`, through the one place that rewrites works in bulk. Closed works are history."""

	def still_open(self, table):
		return table.status.isin(OPEN)

	def write(self, moves, stamp, user):
		changes = {move.name: {"assigned_to": move.new} for move in moves}
		rows = []
		for chunk in chunks(changes):
			rows += frappe.get_all(  # locked and checked by the caller
				"Work", filters={"name": ("in", chunk)}, fields=["name", *writing.WRITTEN], order_by=None
			)
		writing.write(rows, changes)
		members.follow_works(list(changes))


class ToDoWriter(FieldWriter):
	"""`ToDo.allocated_to`, and `_assign` of what is assigned."""

	def still_open(self, table):
		return table.status == "Open"

	def write(self, moves, stamp, user):
		super().write(moves, stamp, user)
		records = defaultdict(set)
		for chunk in chunks(move.name for move in moves):
			for doctype, name in frappe.get_all(  # the to-dos just moved
				"ToDo",
				filters={"name": ("in", chunk), "reference_name": ("is", "set")},
				fields=["reference_type", "reference_name"],
				order_by=None,
				as_list=True,
			):
				records[doctype].add(name)
		for doctype, names in records.items():
			if frappe.db.table_exists(doctype) and frappe.db.has_column(doctype, "_assign"):
				write_assign(doctype, sorted(names))


def write_assign(doctype: str, names: list[str]) -> None:
	"""Name the assignees of records anew, by the to-dos there are, as `ToDo.update_in_reference` does for one record."""
	table = frappe.qb.DocType(doctype)
	for chunk in chunks(names):
		assigned = {name: [] for name in chunk}
		for name, user in frappe.get_all(  # as above
			"ToDo",
			filters={
				"reference_type": doctype,
				"reference_name": ("in", chunk),
				"status": ("not in", ("Cancelled", "Closed")),
				"allocated_to": ("is", "set"),
			},
			fields=["reference_name", "allocated_to"],
			order_by="modified asc, name asc",
			as_list=True,
		):
			assigned[name].append(user)
		by_value = defaultdict(list)
		for name, users in assigned.items():
			by_value[json.dumps(users) if users else ""].append(name)
		for value, same in by_value.items():
			frappe.qb.update(table).set(table._assign, value).where(table.name.isin(same)).run()
	forget(doctype, names)

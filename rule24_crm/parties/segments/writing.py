"""Writing changed segments of many records: a handful of statements for each chunk, the same rows as a save."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import frappe
from frappe.query_builder import Case

from rule24_crm.bulk_insert import insert_rows
from rule24_crm.compat import new_names
from rule24_crm.history import ADDED, REMOVED, History
from rule24_crm.parties.bulk_change import one_of, tell
from rule24_crm.parties.segments.rows import FIELD, PRIMARY, ROW

_COLUMNS = (
	"name", "owner", "creation", "modified", "modified_by", "docstatus", "idx", "segment", "parent", "parentfield",
	"parenttype",
)  # fmt: skip


@dataclass
class Row:
	"""One row of segments. `name` is empty until it is written; owner and creation only of rows that were there."""

	segment: str
	idx: int
	name: str = ""
	owner: str | None = None
	creation: str | None = None
	modified: str | None = None
	modified_by: str | None = None


@dataclass
class Change:
	"""Segments of one record before and after."""

	name: str
	before: list[Row]
	after: list[Row]
	old_primary: str | None
	new_primary: str | None
	#: of the record; Frappe gives it to its new rows
	creation: str | None = None


@dataclass
class Record:
	"""What is stored of one record."""

	primary: str | None
	creation: str
	rows: list[Row]


def load(doctype: str, names: list[str]) -> dict[str, Record]:
	"""The records with their rows, locked until the transaction ends; deleted ones are missing."""
	table, row = frappe.qb.DocType(doctype), frappe.qb.DocType(ROW)
	columns = [table.name, table.creation, *([table[PRIMARY]] if has_primary(doctype) else [])]
	query = frappe.qb.from_(table).select(*columns).where(one_of(table.name, names)).for_update()
	found = {
		name: Record((primary and primary[0]) or None, str(creation), [])
		for name, creation, *primary in query.run()
	}
	rows = (
		frappe.qb.from_(row)
		.select(
			row.parent, row.segment, row.idx, row.name, row.owner, row.creation, row.modified, row.modified_by
		)
		.where(one_of(row.parent, names) & (row.parenttype == doctype) & (row.parentfield == FIELD))
		.for_update()
	)
	for parent, *values in sorted(rows.run(), key=lambda each: (each[0], each[2])):
		if parent in found:
			values[4:6] = map(str, values[4:6])
			found[parent].rows.append(Row(*values))
	return found


def has_primary(doctype: str) -> bool:
	return frappe.get_meta(doctype).has_field(PRIMARY)


def write(doctype: str, changes: list[Change], stamp: str) -> None:
	"""Make the records as `after` and `new_primary` say, with everything a save would leave behind.

	:param stamp: the moment of the change, as `now()` gives it.
	"""
	if not changes:
		return
	_name_rows(changes, stamp)
	_delete_rows(changes)
	_insert_rows(doctype, changes)
	_update_rows(changes, stamp)
	_update_parents(doctype, changes, stamp)
	_note(doctype, changes, stamp)
	tell(doctype, [each.name for each in changes], stamp)


def _gone(change: Change) -> list[Row]:
	kept = {row.name for row in change.after}
	return [row for row in change.before if row.name not in kept]


def _new(change: Change) -> list[Row]:
	there = {row.name for row in change.before}
	return [row for row in change.after if row.name not in there]


def _name_rows(changes: list[Change], stamp: str) -> None:
	user = frappe.session.user
	new = [(change, row) for change in changes for row in _new(change)]
	for (change, row), name in zip(new, new_names(ROW, len(new)), strict=True):
		row.name = row.name or name  # a row that an undo brings back has one
		row.owner, row.creation = row.owner or user, row.creation or change.creation
		row.modified, row.modified_by = stamp, user
	for change in changes:
		for place, row in enumerate(change.after, 1):
			row.idx = place


def _delete_rows(changes: list[Change]) -> None:
	names = [row.name for change in changes for row in _gone(change)]
	if names:
		frappe.db.delete(ROW, {"name": ("in", names)})


def _insert_rows(doctype: str, changes: list[Change]) -> None:
	values = [
		(
			row.name, row.owner, row.creation, row.modified, row.modified_by, 0, row.idx, row.segment, change.name, FIELD,
			doctype,
		)
		for change in changes
		for row in _new(change)
	]  # fmt: skip
	if values:
		insert_rows(ROW, _COLUMNS, values)


def _update_rows(changes: list[Change], stamp: str) -> None:
	"""Rows that stay get their place and the moment of the change."""
	places: dict[int, list[str]] = defaultdict(list)
	for change in changes:
		there = {row.name for row in change.before}
		for row in change.after:
			if row.name in there:
				places[row.idx].append(row.name)
	if not places:
		return
	row, place = frappe.qb.DocType(ROW), Case()
	for idx, names in places.items():
		place = place.when(row.name.isin(names), idx)
	everyone = [name for names in places.values() for name in names]
	frappe.qb.update(row).set(row.idx, place.else_(row.idx)).set(row.modified, stamp).set(
		row.modified_by, frappe.session.user
	).where(row.name.isin(everyone)).run()


def _update_parents(doctype: str, changes: list[Change], stamp: str) -> None:
	table = frappe.qb.DocType(doctype)
	query = (
		frappe.qb.update(table)
		.set(table.modified, stamp)
		.set(table.modified_by, frappe.session.user)
		.where(one_of(table.name, [change.name for change in changes]))
	)
	groups: dict[str | None, list[str]] = defaultdict(list)
	for change in changes:
		if change.new_primary != change.old_primary:
			groups[change.new_primary].append(change.name)
	if [len(names) for names in groups.values()] == [len(changes)]:  # the usual case: one for all
		query = query.set(table[PRIMARY], next(iter(groups)))
	elif groups:
		segment = Case()
		for value, names in groups.items():
			segment = segment.when(table.name.isin(names), value)
		query = query.set(table[PRIMARY], segment.else_(table[PRIMARY]))
	query.run()


def _note(doctype: str, changes: list[Change], stamp: str) -> None:
	history = History(doctype)
	for change in changes:
		history.change(change.name, PRIMARY, change.old_primary, change.new_primary)
		for row in _new(change):
			history.row(change.name, ADDED, [FIELD, _as_dict(doctype, change.name, row)])
		for row in _gone(change):
			history.row(change.name, REMOVED, [FIELD, _as_dict(doctype, change.name, row)])
	history.write(stamp, frappe.session.user)


def _as_dict(doctype: str, parent: str, row: Row) -> dict:
	return {
		"doctype": ROW,
		"docstatus": 0,
		"parent": parent,
		"parentfield": FIELD,
		"parenttype": doctype,
		**{
			key: getattr(row, key)
			for key in ("name", "owner", "creation", "modified", "modified_by", "idx", "segment")
		},
	}

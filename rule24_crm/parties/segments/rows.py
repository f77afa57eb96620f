"""The segments of one record, and how rows and primary segment stay in step."""

from __future__ import annotations

import frappe

FIELD, PRIMARY, ROW = "segments", "market_segment", "Party Segment"
#: DocTypes with rows; all but Contact have the primary segment as well. A deal has the primary one only
DOCTYPES = ("Customer", "Lead", "Prospect", "Contact")


def of(doc) -> list[str]:
	"""Segments of a record, the primary one first."""
	return [row.segment for row in doc.get(FIELD) or []]


def settled(
	rows: list[str], primary: str | None, old_rows: list[str], old_primary: str | None, has_primary: bool
) -> list[str]:
	"""The segments a record has after it was edited, in order and each once; the first is the primary one.

	:param rows: as the rows say now. :param primary: as `market_segment` says now.
	:param old_rows: as the rows said before. :param old_primary: as `market_segment` said before.
	:param has_primary: whether the DocType has `market_segment` at all.
	"""
	rows = list(dict.fromkeys(filter(None, rows)))
	if not has_primary or (
		(primary or None) == (old_primary or None) and (not primary or primary in old_rows)
	):
		return rows  # nobody touched the stock field: the rows are right
	if primary:  # chosen in the stock field, or known from before there were rows
		return [primary, *(row for row in rows if row != primary)]
	if rows == old_rows:  # cleared in the stock field
		return [row for row in rows if row != old_primary]
	return rows


def sync(doc, method: str | None = None) -> None:
	"""Bring rows and primary segment of a record that is being saved in step."""
	before = doc.get_doc_before_save()
	has_primary = doc.meta.has_field(PRIMARY)
	wanted = settled(
		of(doc),
		doc.get(PRIMARY),
		of(before) if before else [],
		before.get(PRIMARY) if before else None,
		has_primary,
	)
	if wanted != of(doc):
		there = {row.segment: row for row in reversed(doc.get(FIELD) or [])}
		doc.set(FIELD, [])
		for place, segment in enumerate(wanted, 1):
			row = doc.append(FIELD, there.get(segment) or _new_row(doc, segment))
			row.idx = place
	for row in doc.get(FIELD) or []:
		row.__dict__.pop("__unsaved", None)  # a mark of some Frappes that would stand in the history
		if (
			row.is_new()
		):  # whoever adds a segment owns the row; the first builds of 15 say: the record's owner
			row.owner = frappe.session.user
	first = wanted[0] if wanted else None
	if has_primary and (doc.get(PRIMARY) or None) != first:
		doc.set(PRIMARY, first)


def _new_row(doc, segment: str):
	"""A row as Frappe has prepared the others by now: with the record's stamps, by this user."""
	row = frappe.new_doc(ROW)
	row.update({key: doc.get(key) for key in ("creation", "modified", "modified_by")})
	row.segment = segment
	return row


def change_one(doc, segments: list[str], remove: bool = False) -> None:
	"""Put segments onto a record, or take them off; the caller saves it."""
	if remove:
		doc.set(FIELD, [row for row in doc.get(FIELD) or [] if row.segment not in segments])
		for place, row in enumerate(doc.get(FIELD), 1):
			row.idx = place
		if doc.get(PRIMARY) in segments:
			doc.set(PRIMARY, None)
		return
	there = of(doc)
	for segment in segments:
		if segment not in there:
			doc.append(FIELD, {"segment": segment})


def carry(source, target) -> None:
	"""Put the segments of one record onto another that goes on from it, unsaved or about to be saved."""
	if not target.meta.has_field(FIELD):
		if target.meta.has_field(PRIMARY) and not target.get(PRIMARY):
			target.set(PRIMARY, source.get(PRIMARY))
		return
	own = {target.get(PRIMARY), *of(target)} if target.get(PRIMARY) else set(of(target))
	if target.get(PRIMARY) and target.get(PRIMARY) not in of(target):
		target.append(FIELD, {"segment": target.get(PRIMARY)})
	for segment in of(source):
		if segment not in own:
			target.append(FIELD, {"segment": segment})


def primary(doctype: str, name: str) -> str | None:
	"""The primary segment of a client or deal."""
	return frappe.db.get_value(doctype, name, PRIMARY)


def primaries(doctype: str, names: list[str]) -> dict[str, str]:
	"""Primary segments of many clients: name -> segment, only those that have one. One query."""
	table = frappe.qb.DocType(doctype)
	return dict(
		frappe.qb.from_(table)
		.select(table.name, table[PRIMARY])
		.where(table.name.isin([*names, ""]) & (table[PRIMARY] != ""))
		.run()
	)


def adopt() -> None:
	"""Give every record that has only ERPNext's single segment its row, for installs on a base that has clients."""
	row = frappe.qb.DocType(ROW)
	for doctype in DOCTYPES:
		if not frappe.get_meta(doctype).has_field(PRIMARY) or not frappe.db.has_column(doctype, PRIMARY):
			continue
		table = frappe.qb.DocType(doctype)
		query = (
			frappe.qb.from_(table)
			.left_join(row)
			.on((row.parent == table.name) & (row.parenttype == doctype) & (row.parentfield == FIELD))
			.select(
				table.name, table[PRIMARY], table.owner, table.modified_by, table.creation, table.modified
			)
			.where((table[PRIMARY] != "") & row.name.isnull())
		)
		frappe.db.bulk_insert(
			ROW,
			(
				"name", "parent", "segment", "owner", "modified_by", "creation", "modified", "parenttype", "parentfield",
				"idx", "docstatus",
			),
			[(frappe.generate_hash(length=10), *each, doctype, FIELD, 1, 0) for each in query.run()],
			ignore_duplicates=True,
		)  # fmt: skip

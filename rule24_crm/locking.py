"""Two people at once: the second waits, then sees what the first has done."""

from __future__ import annotations

import frappe

#: column of `take_row` with the fields of tables that have rows
FILLED = "rule24_filled"


def lock(doctype: str, name: str):
	"""Lock a row until the end of the transaction and load the document as it is now.

	A transaction of MariaDB goes on seeing other tables as they were at its first read, even after waiting for the lock.
	So the document notes in `flags.rule24_stale` whether it has changed since then; `find` reads past the snapshot
	in that case only, because such reads lock as well.

	:raises frappe.DoesNotExistError: there is no such document.
	"""
	seen = frappe.db.get_value(doctype, name, "modified")
	doc = frappe.get_doc(doctype, name, for_update=True)
	doc.flags.rule24_stale = str(seen) != str(doc.modified)
	return doc


def take(doctype: str, name: str, missing: str, *, to_save: bool = False) -> tuple:
	"""Lock a row and make its document from it; of its tables only those are read that have rows.

	Frappe asks for each table, and locks their rows too: for one status of a record that is dear.

	:param missing: what to say when there is no such row.
	:param to_save: the document is going to be saved. Saving deletes rows of tables that it does not know of, and those
		of somebody who has just saved are seen under a lock only: where there are tables, Frappe reads them all.
	:return: the document, and another one as it is stored, for `_doc_before_save`: Frappe would read it a second time. The
		latter is None where Frappe has read the tables.
	:raises frappe.DoesNotExistError: there is no such row.
	"""
	row = take_row(doctype, name, missing)
	if to_save and frappe.get_meta(doctype).get_table_fields():
		return frappe.get_doc(doctype, name, for_update=True), None
	return documents_of(doctype, row)


def take_row(doctype: str, name: str, missing: str) -> frappe._dict:
	"""Lock a row and read it; see `take`. Under `FILLED` the row says which of its tables have rows, for `documents_of`."""
	filled = ", ".join(
		f"(select group_concat(distinct parentfield) from `tab{kind}` where parent = %(name)s and parenttype = %(doctype)s)"
		for kind in sorted(set(_tables(doctype).values()))
	)
	# the query builder takes longer to put this together than the database to answer; tables come from the DocType
	rows = frappe.db.sql(
		f"select *, concat_ws(',', {filled or 'null'}) as {FILLED} from `tab{doctype}` where name = %(name)s for update",
		{"name": name, "doctype": doctype},
		as_dict=True,
	)
	if not rows:
		frappe.throw(missing, frappe.DoesNotExistError)
	return rows[0]


def documents_of(doctype: str, row: frappe._dict) -> tuple:
	"""Two documents made from a row that `take_row` has locked; see `take`."""
	tables = _filled_tables(doctype, row.name, row.pop(FILLED).split(","))
	doc, stored = (frappe.get_doc({"doctype": doctype, **row}) for _copy in range(2))
	for field, rows in tables.items():
		doc.set(field, rows)
		stored.set(field, rows)
	return doc, stored


def _tables(doctype: str) -> dict[str, str]:
	"""Field -> DocType of its rows."""
	return {
		field.fieldname: field.options
		for field in frappe.get_meta(doctype).get_table_fields()
		if not frappe.get_meta(field.options).is_virtual
	}


def _filled_tables(doctype: str, name: str, filled: list[str]) -> dict[str, list[dict]]:
	tables = _tables(doctype)
	return {
		field: frappe.db.get_values(
			tables[field],
			{"parent": name, "parenttype": doctype, "parentfield": field},
			"*",
			as_dict=True,
			order_by="idx asc",
		)
		for field in tables.keys() & set(filled)
	}


def find(locked, doctype: str, filters: dict, order_by: str = "creation", limit: int = 1) -> list[str]:
	"""Names of documents that match, as they are now.

	:param locked: the document `lock` returned.
	:param order_by: a field, `desc` after it for the last first.
	"""
	field, _space, direction = order_by.partition(" ")
	query = (
		frappe.qb.get_query(doctype, filters=filters, fields=["name"])
		.orderby(frappe.qb.DocType(doctype)[field], order=frappe.qb.desc if direction else frappe.qb.asc)
		.limit(limit)
	)
	if locked.flags.rule24_stale:
		query = query.for_update()
	return [row[0] for row in query.run()]


def touch(doc) -> None:
	"""Let whoever waits for this row know that something was done for it."""
	doc.modified = frappe.utils.now()
	frappe.db.set_value(doc.doctype, doc.name, "modified", doc.modified, update_modified=False)

"""Two people at once: the second waits, then sees what the first has done."""

from __future__ import annotations

import frappe


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

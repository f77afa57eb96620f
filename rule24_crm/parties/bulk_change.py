"""What a save does beside writing the record, for thousands of records at once: cache, live lists and forms."""

from __future__ import annotations

import functools

import frappe

from rule24_crm.compat import publish_many


def tell(doctype: str, names: list[str], stamp: str) -> None:
	"""Forget what is cached of these records, and have lists and forms that show them look again after the commit."""
	frappe.clear_document_cache(doctype)
	user, room = frappe.session.user, f"doctype:{doctype}"
	events = []
	for name in names:
		events.append(
			("doc_update", {"modified": stamp, "doctype": doctype, "name": name}, f"doc:{doctype}/{name}")
		)
		events.append(("list_update", {"doctype": doctype, "name": name, "user": user}, room))
	frappe.db.after_commit.add(functools.partial(publish_many, events))

"""What every writer of moves shares: who asks, what saving leaves besides the value, forgetting what is cached."""

from __future__ import annotations

import json
from collections import defaultdict

import frappe

from rule24_crm.parties.handover.moves import Move

#: up to so many documents are forgotten one by one
FEW = 200


class Writer:
	"""Writes all moves of one kind. A writer that is asked to take back gets moves turned round."""

	#: save a list that people keep by hand past its own rules: nobody is there to mend it
	past_rules = False

	def __init__(self, doctype: str, field: str):
		self.doctype, self.field = doctype, field

	def standing(self, moves: list[Move]) -> set[Move]:
		"""Those whose record still is as the move has left it; the records are locked."""
		raise NotImplementedError

	def write(self, moves: list[Move], stamp: str, user: str) -> None:
		"""Write them. The records are locked, and as the moves expect them."""
		raise NotImplementedError


def forget(doctype: str, names: list[str]) -> None:
	"""Drop what is cached of these documents, and tell open lists once."""
	if not names:
		return
	if len(names) > FEW:
		frappe.clear_cache(doctype=doctype)
	else:
		for name in names:
			frappe.clear_document_cache(doctype, name)
	frappe.publish_realtime(
		"list_update", {"doctype": doctype, "name": names[-1], "user": frappe.session.user}, after_commit=True
	)


def stamped(doctype: str, stamp: str, user: str):
	"""An UPDATE that notes who has changed the rows and when, as saving does."""
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.update(table).set(table.modified, stamp).set(table.modified_by, user)
	if getattr(frappe.get_meta(doctype), "track_seen", 0):
		query = query.set(table._seen, json.dumps([user]))  # news to everybody else
	return query


def by_value(moves: list[Move], row: bool = False) -> dict[str, list[str]]:
	found = defaultdict(list)
	for move in moves:
		found[move.new].append(move.row if row else move.name)
	return found

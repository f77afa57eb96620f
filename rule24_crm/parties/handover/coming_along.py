"""What has grown out of a handover while it lasted."""

from __future__ import annotations

import frappe

from rule24_crm.parties.handover import log
from rule24_crm.parties.handover.clients import chunks
from rule24_crm.parties.handover.moves import Move
from rule24_crm.parties.next_work import OPEN

#: a chain of works longer than this in one vacation is a mistake in the data
LIMIT = 100


def works_since(doc) -> list[Move]:
	"""Open works that follow works of this handover and are still with whoever got those.

	The receiver closed a call and planned the next one: the client is the manager's again, so is the call.
	"""
	moved = {move.name: move.new for move in log.read(doc.name) if move.doctype == "Work"}
	found, frontier = {}, dict(moved)
	for _step in range(LIMIT):
		following = _following(frontier)
		frontier = {name: user for name, user, _open in following if name not in moved and name not in found}
		if not frontier:
			break
		found.update({name: (user, is_open) for name, user, is_open in following if name in frontier})
	return [
		Move("Work", name, "assigned_to", user, doc.from_user)
		for name, (user, is_open) in sorted(found.items())
		if is_open
	]


def _following(works: dict[str, str]) -> list[tuple[str, str, bool]]:
	"""Works based on these and assigned to the same person: (name, person, whether it is open)."""
	found = []
	for chunk in chunks(works):
		for row in frappe.get_all(  # the return of a handover, by the system
			"Work",
			filters={"based_on": ("in", chunk)},
			fields=["name", "based_on", "assigned_to", "status"],
			order_by="name asc",
		):
			if row.assigned_to == works[row.based_on]:
				found.append((row.name, row.assigned_to, row.status in OPEN))
	return found

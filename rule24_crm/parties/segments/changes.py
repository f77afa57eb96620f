"""The book of bulk changes: who put or took which segments, on which records, and undoing it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import frappe
from frappe import _
from frappe.utils import now

from rule24_crm.exceptions import SegmentError
from rule24_crm.parties.importing import locks
from rule24_crm.parties.managers import is_head
from rule24_crm.parties.segments.writing import Change, Row, load, write
from rule24_crm.parties.writable import writable

DOCTYPE, PART = "Segment Change", "Segment Change Part"
RUNNING, DONE, INTERRUPTED, UNDONE, PARTLY = "Running", "Done", "Interrupted", "Undone", "Partly Undone"
NAMED = 20


def open_change(doctype: str, segments: list[str], remove: bool) -> str:
	"""Begin an entry. :return: its name."""
	entry = frappe.get_doc(
		{
			"doctype": DOCTYPE,
			"record_type": doctype,
			"operation": "Remove" if remove else "Assign",
			"segments": ", ".join(segments)[:1000],
			"status": RUNNING,
		}
	)
	return entry.insert(ignore_permissions=True).name  # the right to write the records was checked


def count(change: str, changed: int) -> None:
	"""So many records have been changed so far."""
	frappe.db.set_value(DOCTYPE, change, "changed", changed, update_modified=False)


def close_change(change: str) -> None:
	"""All chunks are written."""
	frappe.db.set_value(DOCTYPE, change, "status", DONE)


def keep(change: str, changes: list[Change]) -> None:
	"""Note what a chunk has changed, in as little space as an exact undo allows."""
	if not changes:
		return
	data = [
		[
			each.name,
			each.old_primary,
			[[row.name, row.segment, row.owner, row.creation] for row in each.before],
			each.new_primary,
			[[row.name, row.segment] for row in each.after],
		]
		for each in changes
	]
	part = frappe.get_doc(
		{
			"doctype": PART,
			"change": change,
			"data": json.dumps(data, ensure_ascii=False, separators=(",", ":")),
		}
	)
	part.insert(ignore_permissions=True)  # as above


def undo(
	change: str,
	*,
	commit: Callable[[], None] | None = None,
	progress: Callable[[int, int], None] | None = None,
) -> dict:
	"""Give every record of a bulk change the segments it had before: same rows, names and order.

	A record whose segments somebody has changed since, that is gone, or that the user may not write any more is left as it
	is and named.

	:return: `{"restored", "left": [{"name", "reason"}], "left_count"}`, of `left` the first few.
	:raises SegmentError: the change is undone already or still running, or is another user's.
	"""
	entry = frappe.get_doc(DOCTYPE, change, for_update=True)
	check_undo(entry)
	entry.db_set("status", RUNNING, update_modified=False)
	parts = frappe.get_all(PART, {"change": change}, pluck="name", order_by="creation desc, name")
	restored, left = 0, []
	for number, part in enumerate(parts, 1):
		done, stayed = _undo_part(entry.record_type, json.loads(frappe.db.get_value(PART, part, "data")))
		restored, left = restored + done, left + stayed
		if commit:
			commit()
		if progress:
			progress(number, len(parts))
	words = "\n".join(f"{row['name']}: {row['reason']}" for row in left[:NAMED])
	frappe.db.set_value(
		DOCTYPE,
		change,
		{"status": PARTLY if left else UNDONE, "undone": restored, "undone_by": frappe.session.user, "undone_on": now(),
			"not_undone": words},
	)  # fmt: skip
	return {"restored": restored, "left": left[:NAMED], "left_count": len(left)}


def check_undo(entry) -> None:
	""":raises SegmentError: see `undo`."""
	if entry.owner != frappe.session.user and not is_head():
		frappe.throw(
			_("This change was made by {0}. Only they or a head can undo it.").format(
				frappe.bold(frappe.utils.get_fullname(entry.owner))
			),
			SegmentError,
		)
	if entry.status == RUNNING and not was_cut_off(entry):
		raise still_running()
	if entry.status in (UNDONE, PARTLY):
		frappe.throw(
			_("This change was undone by {0} already.").format(
				frappe.bold(frappe.utils.get_fullname(entry.undone_by))
			),
			SegmentError,
		)


def was_cut_off(entry) -> bool:
	"""Whether the worker of a change ended without a word, and left something to undo. One that waits in the queue has none yet."""
	return entry.status == RUNNING and bool(entry.changed) and not locks.is_held_elsewhere(entry.name)


def still_running() -> SegmentError:
	"""What is told to whoever comes while a worker is at it."""
	return SegmentError(_("The change is still running. Wait until it is done."))


def last(doctype: str) -> dict | None:
	"""The user's last bulk change of this kind of record that can be undone."""
	rows = frappe.get_list(
		DOCTYPE,
		filters={
			"record_type": doctype,
			"owner": frappe.session.user,
			"status": ("in", (DONE, INTERRUPTED, RUNNING)),
			"changed": (">", 0),
		},
		fields=["name", "operation", "segments", "changed", "creation", "status"],
		order_by="creation desc",
		limit=NAMED,
	)
	for row in rows:
		if row.pop("status") != RUNNING or not locks.is_held_elsewhere(row.name):
			return row
	return None


def _undo_part(doctype: str, data: list) -> tuple[int, list[dict]]:
	names = [each[0] for each in data]
	now_there = load(doctype, names)
	allowed = set(writable(doctype, names=names)[0])
	changes, left, restored = [], [], 0
	for name, old_primary, before, new_primary, after in data:
		if name not in now_there:
			left.append({"name": name, "reason": _("is not there any more")})
			continue
		if name not in allowed:
			left.append({"name": name, "reason": _("is not yours to change")})
			continue
		primary, rows = now_there[name].primary, now_there[name].rows
		present = [[row.name, row.segment] for row in rows]
		if primary == old_primary and present == [each[:2] for each in before]:
			restored += 1  # by an undo that was interrupted
			continue
		if primary != new_primary or present != after:
			left.append({"name": name, "reason": _("somebody has changed its segments since")})
			continue
		there = {row.name: row for row in rows}
		back = [
			replace(there[row_name]) if row_name in there else Row(segment, place, row_name, owner, creation)
			for place, (row_name, segment, owner, creation) in enumerate(before, 1)
		]
		changes.append(Change(name, rows, back, primary, old_primary))
	write(doctype, changes, now())
	return len(changes) + restored, left

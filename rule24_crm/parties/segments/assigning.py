"""Segments onto, or off, all records of a selection or list filter, however many, and back again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import frappe
from frappe import _
from frappe.utils import now

from rule24_crm.exceptions import SegmentError
from rule24_crm.parties.segments import changes as book
from rule24_crm.parties.segments.rows import DOCTYPES, settled
from rule24_crm.parties.segments.writing import Change, Record, Row, has_primary, load, write
from rule24_crm.parties.writable import CHUNK, writable


def assign(
	doctype: str,
	segments: list[str],
	*,
	names: list | None = None,
	filters=None,
	remove: bool = False,
	change: str | None = None,
	commit: Callable[[], None] | None = None,
	progress: Callable[[int, int], None] | None = None,
) -> dict:
	"""Put segments onto records, or take them off: all that the user may write, in chunks.

	Running it again changes nothing more.

	:param doctype: Customer, Lead, Prospect or Contact.
	:param segments: names of Market Segments.
	:param names: the selection; or
	:param filters: a list filter, all of whose records are meant.
	:param change: the `Segment Change` that a job was promised; otherwise one is made.
	:param commit: called after each chunk; only a job of its own may give it.
	:param progress: called with the records done and the records there are.
	:return: `{"change", "changed", "unchanged", "refused"}`; `refused` counts those the user may not write.
	:raises SegmentError: the kind of record has no segments, or a segment does not exist.
	"""
	segments = check(doctype, segments)
	allowed, refused = writable(doctype, names=names, filters=filters)
	change = change or book.open_change(doctype, segments, remove)
	done = 0
	for start in range(0, len(allowed), CHUNK):
		chunk = allowed[start : start + CHUNK]
		done += _chunk(doctype, chunk, segments, remove, change)
		book.count(change, done)
		if commit:
			commit()
		if progress:
			progress(start + len(chunk), len(allowed))
	book.close_change(change)
	return {"change": change, "changed": done, "unchanged": len(allowed) - done, "refused": refused}


def check(doctype: str, segments: list[str]) -> list[str]:
	"""The segments, each once.

	:raises SegmentError: see `assign`.
	"""
	if doctype not in DOCTYPES:
		frappe.throw(_("{0} has no market segments.").format(frappe.bold(_(doctype))), SegmentError)
	segments = list(dict.fromkeys(str(segment) for segment in segments or []))
	if not segments:
		frappe.throw(_("Choose at least one market segment."), SegmentError)
	known = set(frappe.get_all("Market Segment", {"name": ("in", segments)}, pluck="name", order_by=None))
	if missing := [segment for segment in segments if segment not in known]:
		frappe.throw(
			_("There is no market segment {0}.").format(", ".join(map(frappe.bold, missing))), SegmentError
		)
	return segments


def _chunk(doctype: str, names: list[str], segments: list[str], remove: bool, change: str) -> int:
	changes = [
		each
		for name, record in load(doctype, names).items()
		if (each := _changed(name, record, segments, remove, has_primary(doctype)))
	]
	stamp = now()
	write(doctype, changes, stamp)
	book.keep(change, changes)
	return len(changes)


def _changed(
	name: str, record: Record, segments: list[str], remove: bool, has_primary: bool
) -> Change | None:
	"""As `rows.change_one` and `rows.sync` on a document; None where nothing would change."""
	old, said = [row.segment for row in record.rows], record.primary
	if remove:
		wanted = [segment for segment in old if segment not in segments]
		said = None if said in segments else said
	else:
		wanted = [*old, *(segment for segment in segments if segment not in old)]
	if wanted == old and said == record.primary:
		return None
	wanted = settled(wanted, said, old, record.primary, has_primary)
	there = {row.segment: row for row in reversed(record.rows)}
	after = [
		replace(there[segment]) if segment in there else Row(segment, place)
		for place, segment in enumerate(wanted, 1)
	]
	first = (wanted[0] if wanted else None) if has_primary else record.primary
	return Change(name, record.rows, after, record.primary, first, record.creation)

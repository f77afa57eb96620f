"""Bulk changes of segments that take longer than a user should wait: on the queue, with progress and an outcome."""

from __future__ import annotations

import frappe
from frappe import _

from rule24_crm.exceptions import Rule24Error
from rule24_crm.parties.importing import locks
from rule24_crm.parties.segments import assigning
from rule24_crm.parties.segments import changes as book
from rule24_crm.parties.writable import writable

#: up to so many records are changed at once
AT_ONCE = 500
QUEUE = "long"
DONE_EVENT = "rule24_segments_done"


def assign(doctype: str, segments: list[str], *, names=None, filters=None, remove: bool = False) -> dict:
	"""As `assigning.assign`, at once or, for many records, on the queue.

	:return: what `assign` returns, or `{"queued": True, "change", "records"}`; the outcome then comes as `DONE_EVENT`.
	"""
	segments = assigning.check(doctype, segments)
	allowed, refused = writable(doctype, names=names, filters=filters)
	if len(allowed) <= AT_ONCE:
		result = assigning.assign(doctype, segments, names=allowed, remove=remove)
		return {**result, "refused": refused}
	change = book.open_change(doctype, segments, remove)
	_enqueue(
		_assign_job, change, doctype=doctype, segments=segments, names=allowed, remove=remove, refused=refused
	)
	return {"queued": True, "change": change, "records": len(allowed)}


def undo(change: str) -> dict:
	"""As `changes.undo`, at once or, for many records, on the queue."""
	entry = frappe.get_doc(book.DOCTYPE, change)
	book.check_undo(entry)
	if entry.changed <= AT_ONCE:
		return book.undo(change)
	_enqueue(_undo_job, change)
	return {"queued": True, "change": change, "records": entry.changed}


def _enqueue(job, change: str, **kwargs) -> None:
	frappe.enqueue(
		job,
		queue=QUEUE,
		timeout=60 * 60,
		job_name=f"rule24_crm:segments:{change}",
		enqueue_after_commit=True,
		change=change,
		**kwargs,
	)


def _assign_job(change: str, doctype: str, segments: list[str], names: list[str], remove: bool, refused: int):
	def work(progress):
		result = assigning.assign(
			doctype,
			segments,
			names=names,
			remove=remove,
			change=change,
			commit=frappe.db.commit,
			progress=progress,
		)
		return {**result, "refused": result["refused"] + refused}

	title = _("Removing market segments") if remove else _("Assigning market segments")
	_run(change, title, work)


def _undo_job(change: str):
	_run(
		change,
		_("Undoing"),
		lambda progress: book.undo(change, commit=frappe.db.commit, progress=progress),
	)


def _run(change: str, title: str, work) -> None:
	"""Run in a job, and tell whoever started it how it went. What chunks have been written stays, and can be undone.

	The lock says that the worker is alive: one that was killed leaves the change "Running", without it.
	"""
	user = frappe.session.user

	def progress(done: int, total: int):
		frappe.publish_progress(done * 100 / total, title=title, description=f"{done} / {total}")

	try:
		with locks.held(change, book.still_running()):
			result = _outcome(change, lambda: work(progress))
	except Rule24Error as refusal:  # somebody else's worker is at it: that one's entry is left alone
		result = {"error": str(refusal)}
	frappe.publish_realtime(DONE_EVENT, {"change": change, "result": result}, user=user)


def _outcome(change: str, work) -> dict:
	try:
		result = work()
	except Exception as error:
		frappe.db.rollback()
		if not isinstance(error, Rule24Error):
			frappe.log_error(title="Segment Change", reference_doctype=book.DOCTYPE, reference_name=change)
		# one that was done or undone before, and that this job was refused to touch, stays what it is
		if frappe.db.get_value(book.DOCTYPE, change, "status") == book.RUNNING:
			frappe.db.set_value(book.DOCTYPE, change, "status", book.INTERRUPTED)
		result = {"error": str(error)}
	frappe.db.commit()  # before people are told that it is done; of an error the note of it has to stay
	return result

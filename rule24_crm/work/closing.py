"""Closing a Work: result and sign, note, effect and successor, in one transaction.

There is one way to close, whoever starts it: the status of a Work becomes Closed and the document is saved. The Work
controller then calls `prepare` before the row is written and `finish` after it. `close` is the short form for the API.
"""

import frappe
from frappe import _
from frappe.utils import format_datetime, get_fullname, now_datetime

from rule24_crm.exceptions import ResultNotAllowedError, WorkClosedError, WorkError
from rule24_crm.locking import take
from rule24_crm.parties.access.links import refuse_hidden
from rule24_crm.parties.kinds import PARTY_TYPES
from rule24_crm.parties.next_work import OPEN
from rule24_crm.work import effects, gate, next_action
from rule24_crm.work.bulk import GIVEN
from rule24_crm.work.results import row_for
from rule24_crm.work.rules import CANCELLED, CLOSED


def close(
	work: str,
	result: str,
	*,
	note: str | None = None,
	next_work: dict | str | None = None,
	stop_reason: str | None = None,
) -> dict:
	"""Close a work.

	:param work: name of an open Work.
	:param result: name of a Work Result that its Action allows.
	:param note: the protocol of what happened.
	:param next_work: name of an open Work that follows, or field values of one to create (`action` and `planned_on` at
		least, others as for `bulk.create_works`); `None` leaves it to the matrix.
	:param stop_reason: name of a Work Stop Reason: nothing follows. Not together with `next_work`.
	:return: `{"work", "status", "sign", "next_work", "party_type", "party", "opportunity"}`.
	:raises WorkClosedError: it is closed already.
	:raises ResultNotAllowedError: the Action does not allow the Result, or the Result asks for a note.
	:raises NextWorkRequiredError: see `gate`.
	:raises WorkError: what the effect needs is missing, or the next work cannot have these values.
	:raises frappe.PermissionError: the next work names a client, contact or deal that is hidden from the user.
	"""
	# locks the row: of two people closing at once, the second sees what the first has done
	doc = _locked(work)
	refuse_finished(doc)
	if next_work and stop_reason:
		frappe.throw(_("Give either the next work or a stop reason, not both."), WorkError)
	doc.update({"status": CLOSED, "result": result, "stop_reason": stop_reason})
	if note:
		doc.result_note = note
	if isinstance(next_work, dict):
		doc.flags.next_work_values = next_work
	elif next_work:
		doc.next_work = next_work
	doc.save()
	return {
		"work": doc.name,
		"status": doc.status,
		"sign": doc.sign,
		"next_work": doc.next_work,
		"party_type": doc.party_type,
		"party": doc.party,
		"opportunity": doc.opportunity,
	}


def cancel(work: str, *, stop_reason: str | None = None) -> dict:
	"""Cancel an open work; one that is cancelled already stays as it is.

	:param stop_reason: name of a Work Stop Reason: why nothing follows.
	:return: `{"work", "status"}`.
	:raises WorkClosedError: it is closed.
	:raises NextWorkRequiredError: see `gate`.
	"""
	doc = _locked(work)
	if doc.status != CANCELLED:
		refuse_finished(doc)
		doc.update({"status": CANCELLED, "stop_reason": stop_reason})
		doc.save()
	return {"work": doc.name, "status": doc.status}


def _locked(work: str):
	"""The Work, read under a lock. It carries the stored state along, so that saving need not read it a second time."""
	doc, stored = take(
		"Work", work, _("The work {0} does not exist.").format(frappe.bold(work)), to_save=True
	)
	doc.flags.stored = stored
	return doc


def refuse_finished(doc) -> None:
	""":raises WorkClosedError: the work is closed or cancelled; says by whom and when."""
	if doc.status == CLOSED:
		frappe.throw(
			_("{0} has already been closed: {1}, by {2} on {3}.").format(
				frappe.bold(doc.subject),
				frappe.bold(_(doc.result)) if doc.result else "-",
				get_fullname(doc.closed_by),
				format_datetime(doc.closed_on),
			),
			WorkClosedError,
			title=_("Already Closed"),
		)
	if doc.status == CANCELLED:
		frappe.throw(
			_("{0} is cancelled. Set it to Planned again before closing it.").format(
				frappe.bold(doc.subject)
			),
			WorkClosedError,
		)


def is_closing(doc) -> bool:
	"""Whether this save is the one that closes the work."""
	before = doc.get_doc_before_save()
	return doc.status == CLOSED and (not before or before.status != CLOSED)


def is_cancelling(doc) -> bool:
	"""Whether this save takes an open work back."""
	before = doc.get_doc_before_save()
	return bool(before) and before.status in OPEN and doc.status == CANCELLED


def check_ending(doc) -> None:
	"""Before the row is written: an open work that is cancelled, or goes to another client, meets the gate as well.

	:raises NextWorkRequiredError: see `gate`.
	"""
	before = doc.get_doc_before_save()
	if not before:
		return
	if (before.party_type, before.party) != (doc.party_type, doc.party):
		gate.check_leaving(before)
	elif is_cancelling(doc):
		frappe.local.response["rule24_cancelling"] = doc.name  # the Desk asks for the reason if it is refused
		gate.check(doc, has_successor=False)


def finish_cancelling(doc) -> None:
	"""After the row is written: the reason may write the client off."""
	if doc.party and not doc.flags.written_off and _reason_writes_off(doc):
		effects.write_off(doc)


def prepare(doc) -> None:
	"""Before the row is written: check Result, note and successor; set sign, time and person."""
	if not doc.result and not doc.is_new():
		frappe.local.response["rule24_work"] = doc.name  # the Desk opens the closing dialog of this work
	row = row_for(doc.action, doc.result)
	if row.requires_note and not (doc.result_note or "").strip():
		frappe.throw(
			_("{0} needs a note: write in {1} what the client said.").format(
				frappe.bold(_(doc.result)), frappe.bold(_("Note on the Result"))
			),
			ResultNotAllowedError,
			title=_("Note Needed"),
		)
	doc.sign = row.sign or ""
	doc.closed_on = now_datetime()
	doc.closed_by = frappe.session.user
	_check_next_work(doc)
	doc.flags.successor = _successor_values(doc)
	gate.check(
		doc,
		has_successor=bool(doc.next_work or doc.flags.successor),
		writes_off=effects.writes_off(doc, row) or _reason_writes_off(doc),
	)


def finish(doc) -> None:
	"""After the row is written: effect, then successor for whatever client and deal the effect has led to."""
	row = row_for(doc.action, doc.result)
	if _reason_writes_off(doc) and doc.party:
		effects.write_off(doc)
	changed = effects.run(doc, row)
	told, segment = "segment" in changed, changed.pop("segment", None)
	values = {field: value for field, value in changed.items() if value and doc.get(field) != value}
	if doc.flags.successor:
		successor = next_action.build(doc, {**doc.flags.successor, **changed})
		successor.flags.from_closing = True
		successor.segment = successor.segment or segment
		successor.flags.segment_told = told
		if (successor.party_type, successor.party) == (doc.party_type, doc.party):
			successor.party_name, successor.party_manager = doc.party_name, doc.party_manager
			successor.flags.party_named = True
			successor.flags.keeps_deal = successor.opportunity == doc.opportunity
		# the user may close this work; planning what the matrix or the same user asks for belongs to it
		successor.insert(ignore_permissions=True)
		values["next_work"] = successor.name
	if values:
		doc.update(values)
		# no `set_value`: saving forgets the cached document anyway
		work = frappe.qb.DocType("Work")
		query = frappe.qb.update(work).where(work.name == doc.name)
		for field, value in values.items():
			query = query.set(field, value)
		query.run()


def _successor_values(doc) -> dict | None:
	"""Values of the work to create: given by the user, else by the matrix, unless the user says nothing follows."""
	if doc.next_work:
		return None
	given = doc.flags.next_work_values
	if given:
		missing = [
			_(label)
			for field, label in (("action", "Action"), ("planned_on", "Planned On"))
			if not given.get(field)
		]
		if missing:
			frappe.throw(_("The next work lacks: {0}.").format(", ".join(missing)), WorkError)
		_check_given(doc, given)
		return given
	if doc.stop_reason or doc.flags.no_successor:
		return None
	return next_action.propose(doc, doc.result)


def _check_given(doc, given: dict) -> None:
	"""The next work is inserted past the user's rights, so it takes from him neither an outcome nor a hidden client."""
	own = {field.fieldname for field in doc.meta.get_custom_fields()}
	if unknown := given.keys() - GIVEN - own - {"doctype"}:
		frappe.throw(
			_("These values cannot be given to the next work: {0}.").format(", ".join(sorted(unknown))),
			WorkError,
		)
	if given.get("status") and given["status"] not in OPEN:
		frappe.throw(_("The next work must be open."), WorkError)
	refuse_hidden(next_action.build(doc, given), known=doc)


def _check_next_work(doc) -> None:
	"""A named successor must be another open work with the same client."""
	if not doc.next_work:
		return
	following = frappe.db.get_value(
		"Work", doc.next_work, ["name", "status", "party_type", "party"], as_dict=True
	)
	if following.name == doc.name:
		frappe.throw(_("A work cannot be its own next work."), WorkError)
	if following.status not in OPEN:
		frappe.throw(_("The next work {0} is not open.").format(frappe.bold(doc.next_work)), WorkError)
	if (
		doc.party
		and following.party_type in PARTY_TYPES
		and (following.party_type, following.party) != (doc.party_type, doc.party)
	):
		frappe.throw(
			_("The next work {0} is with another client.").format(frappe.bold(doc.next_work)), WorkError
		)


def _reason_writes_off(doc) -> bool:
	return bool(
		doc.stop_reason and frappe.get_cached_value("Work Stop Reason", doc.stop_reason, "writes_off")
	)

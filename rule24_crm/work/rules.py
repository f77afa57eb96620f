"""What a Work must satisfy whatever way it comes in: form, list, Desk quick edit, API, import."""

import datetime

import frappe
from frappe import _
from frappe.utils import format_datetime, get_datetime, getdate

from rule24_crm.compat import single_value
from rule24_crm.exceptions import PartyNotFoundError, WorkClosedError, WorkError, WorkLoopError, WorkTimeError
from rule24_crm.parties import ownership, segments
from rule24_crm.parties.kinds import check_kind, responsible, titles
from rule24_crm.work import deal

CLOSED, CANCELLED, PLANNED, IN_PROGRESS = "Closed", "Cancelled", "Planned", "In Progress"

#: what must not change once a work is closed; notes and details stay editable
FROZEN_WHEN_CLOSED = (
	"status", "result", "sign", "closed_on", "closed_by", "action", "party_type", "party", "assigned_to", "planned_on",
	"stop_reason", "campaign",
)  # fmt: skip
#: likewise, but what was forgotten may be filled in: a closed work opens the gates of the deal it names
FROZEN_ONCE_SET = ("opportunity",)

#: fields that lead from a work to another one, and must not lead back
LINKS_TO_WORK = {"parent_work": "Part Of", "based_on": "Based On"}
LONGEST_CHAIN = 1000
#: length of a timed work whose Action does not say
DEFAULT_MINUTES = 30


def set_defaults(work) -> None:
	"""Fill what follows from the Action, the client and the times. Never overwrites what a user has set."""
	action = frappe.get_cached_doc("Work Action", work.action) if work.action else None
	if action and not work.script:
		work.script = action.default_script
	set_times(work, action)
	set_party(work)
	if work.is_new() and not work.segment and work.party and not work.flags.segment_told:
		work.segment = segments.primary(work.party_type, work.party)
	if not work.subject and work.action:
		work.subject = subject_for(work.action, work.party_name)
	set_assignee(work)


def set_assignee(work) -> None:
	"""Whoever makes a work has it, if he is active; a new one is not given to somebody who has left."""
	if not work.assigned_to:
		work.assigned_to = frappe.session.user
	if work.is_new() and work.status in (PLANNED, IN_PROGRESS):
		ownership.settle(work)


def subject_for(action: str, party_name: str | None) -> str:
	"""The subject of a work nobody has named: the Action and the client. At most 140 characters."""
	return f"{_(action)}: {party_name}"[:140] if party_name else _(action)


def set_times(work, action=None) -> None:
	"""Day, end and whether it is a timed work follow from the start; another day takes the hours along."""
	_take_hours_along(work)
	work.update(
		derive_times(
			starts_at=work.starts_at,
			ends_at=work.ends_at,
			all_day=work.all_day,
			planned_on=work.planned_on,
			minutes=action and action.default_duration,
			is_new=work.is_new(),
		)
	)
	set_reminder(work)


def _take_hours_along(work) -> None:
	"""Somebody gives a planned work another day, in the form, the list or the Gantt: start and end move with it."""
	if work.is_new() or not work.starts_at or not work.planned_on or not work.has_value_changed("planned_on"):
		return
	before = work.get_doc_before_save()
	if not before or _moment(before.starts_at) != _moment(work.starts_at):
		return
	shift = getdate(work.planned_on) - get_datetime(work.starts_at).date()
	work.starts_at = get_datetime(work.starts_at) + shift
	if work.ends_at and _moment(before.ends_at) == _moment(work.ends_at):
		work.ends_at = get_datetime(work.ends_at) + shift


def derive_times(*, starts_at, ends_at, all_day, planned_on, minutes: int | None, is_new: bool) -> dict:
	"""What a start brings along; shared by the document and the bulk path.

	:param minutes: usual length of the Action.
	:return: `{"starts_at", "ends_at", "all_day", "planned_on"}`.
	"""
	if not starts_at:
		return {"starts_at": None, "ends_at": ends_at, "all_day": 1, "planned_on": planned_on}
	starts = get_datetime(starts_at)
	if is_new and starts.time() != datetime.time():
		all_day = 0
	if not all_day and not ends_at:
		ends_at = starts + datetime.timedelta(minutes=minutes or DEFAULT_MINUTES)
	return {"starts_at": starts_at, "ends_at": ends_at, "all_day": all_day, "planned_on": starts.date()}


def reminder_for(starts_at, all_day, minutes_before: int):
	"""When a work reminds of itself: some minutes before a timed start, never for a whole day."""
	if not starts_at or all_day:
		return None
	return get_datetime(starts_at) - datetime.timedelta(minutes=minutes_before)


def minutes_before() -> int:
	"""The setting: how many minutes before the start a reminder comes."""
	return int(single_value("Rule24 CRM Settings", "remind_minutes") or 0)


def set_reminder(work) -> None:
	"""A timed work reminds some minutes before its start; a new moment, set by hand or by moving, reminds anew."""
	by_hand = work.remind_at if work.is_new() else work.has_value_changed("remind_at")
	if not by_hand and (work.is_new() or _moved(work)):
		work.remind_at = reminder_for(work.starts_at, work.all_day, minutes_before())
	if work.has_value_changed("remind_at"):
		work.reminded_on = None


def _moved(work) -> bool:
	before = work.get_doc_before_save()
	return [before.all_day, *_moment(before.starts_at)] != [work.all_day, *_moment(work.starts_at)]


def _moment(value) -> list:
	return [get_datetime(value)] if value else []


def set_party(work) -> None:
	"""Keep the client's title and manager beside the reference. That the client exists is Frappe's link validation.

	:raises PartyNotFoundError: a kind of client without a client.
	"""
	if not work.party_type:
		work.party = work.party_name = work.party_manager = None
		return
	if not work.party:
		frappe.throw(
			_("{0} is missing. Choose a {1}, or clear {2}.").format(
				frappe.bold(_("Client")), _(work.party_type), frappe.bold(_("Client Kind"))
			),
			PartyNotFoundError,
		)
	same = not (work.has_value_changed("party") or work.has_value_changed("party_type"))
	if same and (before := work.get_doc_before_save()):
		work.party_manager = before.party_manager  # `work.links` keeps it; nobody else writes it
	if work.party_name and (same or work.flags.party_named):
		return
	check_kind(work.party_type)
	work.party_name = titles(work.party_type, [work.party]).get(work.party)
	work.party_manager = responsible(work.party_type, work.party)


def validate(work) -> None:
	"""All rules that do not depend on closing."""
	validate_frozen(work)
	deal.check(work)
	validate_times(work)
	validate_action(work)
	if work.status in (PLANNED, IN_PROGRESS):
		ownership.check(work)
		ownership.wake(work)
	for field in LINKS_TO_WORK:
		validate_no_loop(work, field)


def validate_frozen(work) -> None:
	"""A closed work is history: its outcome led to other works and documents.

	:raises WorkClosedError: something of the outcome is being changed.
	"""
	before = work.get_doc_before_save()
	if not before or before.status != CLOSED:
		return
	changed = [
		work.meta.get_label(field)
		for field in FROZEN_WHEN_CLOSED
		if (work.get(field) or before.get(field)) and work.has_value_changed(field)
	]
	changed += [
		work.meta.get_label(field)
		for field in FROZEN_ONCE_SET
		if before.get(field) and work.has_value_changed(field)
	]
	if not changed:
		return
	frappe.throw(
		_(
			"{0} was closed by {1} on {2}; {3} cannot be changed any more. Create a new work based on it instead."
		).format(
			frappe.bold(work.subject),
			frappe.utils.get_fullname(before.closed_by),
			format_datetime(before.closed_on),
			", ".join(frappe.bold(_(label)) for label in changed),
		),
		WorkClosedError,
		title=_("Work Is Closed"),
	)


def validate_times(work) -> None:
	""":raises WorkTimeError: the end lies before the start, or there is an end without a start."""
	if work.ends_at and not work.starts_at:
		frappe.throw(
			_("Give {0} as well, or clear {1}.").format(
				frappe.bold(_("Starts At")), frappe.bold(_("Ends At"))
			),
			WorkTimeError,
		)
	if work.ends_at and get_datetime(work.ends_at) < get_datetime(work.starts_at):
		frappe.throw(
			_("The work ends ({0}) before it starts ({1}). Correct one of the two times.").format(
				format_datetime(work.ends_at), format_datetime(work.starts_at)
			),
			WorkTimeError,
			title=_("Ends Before It Starts"),
		)


def validate_action(work) -> None:
	""":raises WorkError: the Action has been switched off and the work is new or gets it only now."""
	if work.action and (work.is_new() or work.has_value_changed("action")):
		if frappe.get_cached_value("Work Action", work.action, "disabled"):
			frappe.throw(
				_("The Action {0} is disabled. Choose another one.").format(frappe.bold(_(work.action))),
				WorkError,
			)


def validate_no_loop(work, field: str) -> None:
	"""Walk up from the work along `field`.

	:raises WorkLoopError: the way leads back to the work itself.
	"""
	above = work.get(field)
	if not above or (work.is_new() and above != work.name):
		return
	if not work.is_new() and not work.has_value_changed(field):
		return
	for _step in range(LONGEST_CHAIN):
		if not above:
			return
		if above == work.name:
			break
		above = frappe.db.get_value("Work", above, field)
	frappe.throw(
		_("{0}: {1} leads back to this work. Choose a work that does not come after it.").format(
			frappe.bold(_(LINKS_TO_WORK[field])), frappe.bold(work.get(field))
		),
		WorkLoopError,
		title=_("Works in a Circle"),
	)


def is_overdue(work) -> bool:
	"""Whether an open work should have been done by now."""
	return work.status in (PLANNED, IN_PROGRESS) and getdate(work.planned_on) < getdate()

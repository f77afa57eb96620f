"""Works in a calendar: what lies in a span of days, and what dragging one means.

Days are told the way a calendar wants them: the end of a whole day is the day after the last one. In a Work the end is
the last moment that still belongs to it.
"""

import datetime

import frappe
from frappe import _
from frappe.utils import add_days, get_datetime, getdate, nowdate

from rule24_crm.exceptions import WorkClosedError, WorkTimeError
from rule24_crm.parties.next_work import OPEN
from rule24_crm.work.rules import DEFAULT_MINUTES

FIELDS = (
	"name", "subject", "action", "status", "sign", "result", "party_type", "party", "party_name", "contact", "assigned_to",
	"planned_on", "starts_at", "ends_at", "all_day", "priority",
)  # fmt: skip
#: a screen shows no more; a month of a manager stays far below
LIMIT = 3000
#: no calendar view shows more days at once
LONGEST_SPAN = 400
LAST_MINUTE = datetime.time(23, 59)


def events(start, end, filters: list | dict | None = None) -> list[dict]:
	"""Works that touch the days from `start` until before `end`, permissions and filters applied.

	:param start: first day, date or datetime.
	:param end: the day after the last one.
	:param filters: filters of a list of Works.
	:return: dicts of `FIELDS` and `start`, `end` (exclusive for whole days), `color`, `overdue`; at most `LIMIT` that begin in the
		span and as many that go on from before. The user is told if there are more.
	:raises WorkTimeError: the span is empty or longer than `LONGEST_SPAN` days.
	"""
	first, after = getdate(start), getdate(end)
	if get_datetime(end) > get_datetime(after):
		after = getdate(add_days(after, 1))
	if not first or not after or not 0 < (after - first).days <= LONGEST_SPAN:
		frappe.throw(
			_("A calendar shows between 1 and {0} days at once.").format(LONGEST_SPAN), WorkTimeError
		)
	wanted = _as_list(filters)
	starting = [["Work", "planned_on", ">=", first], ["Work", "planned_on", "<", after]]
	running = [["Work", "planned_on", "<", first], ["Work", "ends_at", ">=", first]]
	found = [_read(wanted + span) for span in (starting, running)]
	if any(len(rows) > LIMIT for rows in found):
		frappe.msgprint(
			_(
				"These days hold more than {0} works: not all of them are shown. Filter by a manager or an Action, or look "
				"at fewer days."
			).format(LIMIT),
			alert=True,
			indicator="orange",
		)
	rows = [row for rows in found for row in rows[:LIMIT]]
	colors = _colors({row.action for row in rows})
	return [_event(row, colors) for row in rows]


def _as_list(filters: list | dict | None) -> list:
	if isinstance(filters, dict):
		filters = [
			["Work", field, *(value if isinstance(value, list | tuple) else ("=", value))]
			for field, value in filters.items()
		]
	return [row[:4] for row in filters or []]


def _read(filters: list) -> list[dict]:
	return frappe.get_list(
		"Work", filters=filters, fields=list(FIELDS), order_by="planned_on, starts_at", limit=LIMIT + 1
	)


def _colors(actions: set[str]) -> dict[str, str]:
	rows = frappe.get_all(  # colours of the dictionary, for works the user may read
		"Work Action", filters={"name": ("in", [*actions, ""])}, fields=["name", "color"], order_by=None
	)
	return {row.name: row.color for row in rows}


def _event(row: dict, colors: dict[str, str]) -> dict:
	start, end, whole = span(row)
	return {
		**row,
		"start": str(start),
		"end": str(end),
		"all_day": int(whole),
		"color": colors.get(row.action),
		"overdue": int(row.status in OPEN and getdate(row.planned_on) < getdate(nowdate())),
	}


def span(work) -> tuple:
	"""When a work takes place, as `(start, end, whole days)`.

	:return: dates, the end being the day after the last one, for whole days; else datetimes.
	"""
	if not work.starts_at:
		return getdate(work.planned_on), getdate(add_days(work.planned_on, 1)), True
	starts = get_datetime(work.starts_at)
	ends = get_datetime(work.ends_at) if work.ends_at else None
	if work.all_day:
		return starts.date(), getdate(add_days((ends or starts).date(), 1)), True
	return starts, ends or starts + datetime.timedelta(minutes=DEFAULT_MINUTES), False


def reschedule(work, start, end=None, *, all_day: bool) -> dict:
	"""Give an open work another time.

	:param work: a Work document.
	:param start: first day, or the moment it starts.
	:param end: the day after the last one for whole days, else the moment it ends; `None` keeps the length.
	:param all_day: whole days.
	:return: `{"name", "planned_on", "starts_at", "ends_at", "all_day"}`.
	:raises WorkClosedError: the work is closed or cancelled.
	:raises WorkTimeError: the end lies before the start.
	"""
	if work.status not in OPEN:
		frappe.throw(
			_("{0} is {1}: only open works can be moved.").format(
				frappe.bold(work.subject), _(work.status).lower()
			),
			WorkClosedError,
		)
	if end is None:
		was_start, was_end, was_whole = span(work)
		end = get_datetime(start) + (was_end - was_start) if was_whole == all_day else None
	work.update(_whole_days(start, end) if all_day else _hours(work, start, end))
	work.save()
	return {field: work.get(field) for field in ("name", "planned_on", "starts_at", "ends_at", "all_day")}


def _whole_days(start, end) -> dict:
	first = getdate(start)
	last = getdate(add_days(getdate(end), -1)) if end else first
	if last < first:
		frappe.throw(_("The work ends before it starts. Correct one of the two days."), WorkTimeError)
	several = last > first
	return {
		"all_day": 1,
		"planned_on": first,
		"starts_at": datetime.datetime.combine(first, datetime.time()) if several else None,
		"ends_at": datetime.datetime.combine(last, LAST_MINUTE) if several else None,
	}


def _hours(work, start, end) -> dict:
	starts = get_datetime(start)
	minutes = frappe.get_cached_value("Work Action", work.action, "default_duration") or DEFAULT_MINUTES
	return {
		"all_day": 0,
		"planned_on": starts.date(),
		"starts_at": starts,
		"ends_at": get_datetime(end) if end else starts + datetime.timedelta(minutes=minutes),
	}

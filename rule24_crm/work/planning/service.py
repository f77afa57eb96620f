"""Preview and commit of a work plan.

A preview writes nothing. A commit makes the plan again from the works as they are, under a lock, and refuses when anything
it depends on is different from what the preview has shown: what is written is exactly what was seen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, time, timedelta

import frappe
from frappe import _
from frappe.utils import cint, format_date, get_datetime, get_fullname, now_datetime

from rule24_crm.exceptions import PlanError
from rule24_crm.parties import next_work
from rule24_crm.work.campaigns import members
from rule24_crm.work.planning import loading, planner
from rule24_crm.work.planning.loading import Loaded, Request
from rule24_crm.work.planning.writing import write

SHOWN = 500  # works that did not fit, in a preview


def preview(request: Request) -> dict:
	"""The plan as it would be; nothing is written.

	:return: `days` and `managers` with a cell for each of both, `unfitted` with reasons, `left_alone`, and the `token`
		that `commit` wants back.
	"""
	made_at = now_datetime().replace(second=0, microsecond=0)
	loaded = loading.load(request, made_at)
	return {**_shown(loaded, _plan(loaded)), "token": f"{made_at:%Y-%m-%d %H:%M}|{loaded.fingerprint()}"}


def commit(request: Request, token: str) -> dict:
	"""Write the plan that `preview` of the same request has shown.

	:param token: `token` of that preview.
	:return: `{"planned", "moved", "unfitted"}`: works in the plan, those whose day, hour or manager changed, the rest.
	:raises PlanError: something has changed since; nothing is written.
	"""
	made_at, fingerprint = _parts(token)
	if made_at.date() != now_datetime().date() or made_at > now_datetime():
		raise PlanError(_("This preview is of another day. Preview again."))
	loaded = loading.load(request, made_at, lock=True)
	if loaded.fingerprint() != fingerprint:
		raise PlanError(
			_(
				"Works, managers or clients have changed since the preview. Nothing was written: preview again."
			),
		)
	return _write(loaded, _plan(loaded))


def replan(request: Request) -> dict:
	"""Plan and write in one step; see `commit`. Works in progress, closed works and appointments stay where they are."""
	made_at = now_datetime().replace(second=0, microsecond=0)
	loaded = loading.load(request, made_at, lock=True)
	return _write(loaded, _plan(loaded))


def _parts(token: str) -> tuple[datetime, str]:
	try:
		moment, fingerprint = token.split("|")
		return datetime.strptime(moment, "%Y-%m-%d %H:%M"), fingerprint
	except ValueError as error:
		raise PlanError(_("This is no preview of a plan. Preview again.")) from error


def _plan(loaded: Loaded) -> planner.Plan:
	return planner.plan(loaded.works, loaded.managers, loaded.calendar, keep_managers=loaded.keep_managers)


def _write(loaded: Loaded, made: planner.Plan) -> dict:
	rows, changes = loaded.rows, {}
	for assignment in made.assignments:
		changes[assignment.work] = _values(assignment)
	moved = write([rows[name] for name in changes], changes)
	parties = {(rows[name]["party_type"], rows[name]["party"]) for name in moved}
	next_work.refresh(parties)
	for campaign in {rows[name]["campaign"] for name in moved} - {None, ""}:
		members.refresh_works(campaign)
	return {"planned": len(made.assignments), "moved": len(moved), "unfitted": len(made.unfitted)}


def _values(assignment: planner.Assignment) -> dict:
	midnight = datetime.combine(assignment.day, time.min)
	timed = assignment.start is not None
	return {
		"assigned_to": assignment.manager,
		"planned_on": assignment.day,
		"all_day": 0 if timed else 1,
		"starts_at": midnight + timedelta(minutes=assignment.start) if timed else None,
		"ends_at": midnight + timedelta(minutes=assignment.end) if timed else None,
	}


def _shown(loaded: Loaded, made: planner.Plan) -> dict:
	cells: dict[str, Counter] = defaultdict(Counter)
	for assignment in made.assignments:
		cells[assignment.manager][assignment.day] += 1
	used = {day for counter in cells.values() for day in counter}
	last = max(used, default=None)
	days = [day for day in loaded.calendar.days if last and day <= last]
	managers = []
	for manager in loaded.managers:
		row = [
			{
				"planned": cells[manager.user][day],
				"existing": manager.load.get(day, 0),
				"off": day in manager.holidays,
			}
			for day in days
		]
		managers.append(
			{
				"user": manager.user,
				"full_name": get_fullname(manager.user),
				"capacity": manager.capacity,
				"planned": sum(cells[manager.user].values()),
				"days": row,
			}
		)
	handed_over = sum(
		1
		for assignment in made.assignments
		if (was := loaded.rows[assignment.work]["assigned_to"]) and was != assignment.manager
	)
	reasons = Counter(unfitted.reason for unfitted in made.unfitted)
	return {
		"start": loaded.extra["start"],
		"end": loaded.extra["end"],
		"days": days,
		"managers": managers,
		"total": len(loaded.works),
		"planned": len(made.assignments),
		"handed_over": handed_over,
		"last_day": last,
		"unfitted_count": len(made.unfitted),
		"unfitted_summary": [
			{"reason": summary_text(reason), "count": count} for reason, count in reasons.most_common()
		],
		"unfitted": [_unfitted(loaded, unfitted) for unfitted in made.unfitted[:SHOWN]],
		"left_alone": [
			{"reason": _left_text(reason), "count": count}
			for reason, count in Counter(reason for _name, reason in loaded.left_alone).most_common()
		],
	}


def _unfitted(loaded: Loaded, unfitted: planner.Unfitted) -> dict:
	row = loaded.rows[unfitted.work]
	return {
		"work": unfitted.work,
		"subject": row["subject"],
		"party_name": row["party_name"],
		"reason": reason_text(unfitted.reason, loaded, row),
	}


def summary_text(reason: str) -> str:
	"""A reason for a whole group of works."""
	return {
		planner.NO_MANAGERS: _("nobody takes works in this plan"),
		planner.NO_DAYS: _("the period has no working day"),
		planner.NO_CAPACITY: _("all managers are full"),
		planner.MANAGER_FULL: _("the client's manager is full"),
		planner.TOO_LONG: _("longer than a working day"),
		planner.NO_COMMON_HOURS: _("the client's hours never meet ours"),
		planner.HOURS_TAKEN: _("the hours when the client can be called are taken"),
		planner.UNKNOWN_ZONE: _("the client's time zone is not known"),
	}[reason]


def reason_text(reason: str, loaded: Loaded, row: dict) -> str:
	"""Why this work did not fit, and what could be done about it."""
	calendar = loaded.calendar
	end = format_date(loaded.extra["end"])
	work = loaded.work(row["name"])
	hours = f"{_clock(work.call_from or 0)}-{_clock(work.call_to if work.call_to is not None else 24 * 60)}"
	place = work.zone or calendar.zone
	ours = f"{_clock(calendar.day_start)}-{_clock(calendar.day_end)}"
	if reason == planner.NO_MANAGERS:
		return _(
			"No manager has a daily capacity above zero. Set one in the campaign or in Rule24 CRM Settings."
		)
	if reason == planner.NO_DAYS:
		return _(
			"There is no working day until {0}. Take a longer period or look at the Holiday List."
		).format(end)
	if reason == planner.NO_CAPACITY:
		return _(
			"All managers are full until {0}. Take a longer period, more managers or a higher daily capacity."
		).format(end)
	if reason == planner.MANAGER_FULL:
		return _("{0} is full until {1}. Let the plan hand works over, or take a longer period.").format(
			get_fullname(row["assigned_to"]), end
		)
	if reason == planner.TOO_LONG:
		return _("It takes {0} minutes, longer than the working day {1}.").format(work.minutes, ours)
	if reason == planner.NO_COMMON_HOURS:
		return _("The client may be called {0} ({1}); that leaves no {2} minutes within our day {3}.").format(
			hours, place, work.minutes, ours
		)
	if reason == planner.HOURS_TAKEN:
		return _("The hours when the client may be called ({0}, {1}) are taken until {2}.").format(
			hours, place, end
		)
	return _("The time zone {0} of the client is not known. Correct it in the client's card.").format(place)


def _left_text(reason: str) -> str:
	return {
		loading.NOT_PLANNED: _("in progress, closed or cancelled: they stay as they are"),
		loading.EVENT: _("events: they take place when they take place"),
		loading.AGREED: _("meetings and visits with an agreed hour: move them by hand"),
	}[reason]


def _clock(minute: int) -> str:
	return f"{minute // 60 % 25:02d}:{minute % 60:02d}"


def request_from(
	campaign: str | None = None,
	names: list | None = None,
	filters=None,
	managers: list | None = None,
	start=None,
	end=None,
	keep_managers: bool = False,
) -> Request:
	"""A request out of what an endpoint receives.

	:raises PlanError: a value is not what it should be.
	"""
	return Request(
		campaign=campaign or None,
		names=tuple(str(name) for name in names) if names is not None else None,
		filters=filters,
		managers=tuple(_manager(row) for row in managers or ()),
		start=_day(start),
		end=_day(end),
		keep_managers=bool(keep_managers),
	)


def _manager(row) -> tuple[str, int]:
	if isinstance(row, str):
		return row, 0
	if not isinstance(row, dict) or not row.get("user"):
		raise PlanError(_("A manager is given as a user and the works a day."))
	capacity = cint(row.get("capacity_per_day"))
	if capacity < 0:
		raise PlanError(_("The works a day of {0} cannot be less than zero.").format(row["user"]))
	return row["user"], capacity


def _day(value):
	if not value:
		return None
	try:
		return get_datetime(value).date()
	except (ValueError, TypeError, AttributeError, frappe.ValidationError) as error:
		raise PlanError(_("{0} is no date.").format(value)) from error

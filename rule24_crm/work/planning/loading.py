"""Fill the planner's data from the database: works, managers with what they already have, days, the clients' hours."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import frappe
from frappe import _
from frappe.utils import add_days, get_datetime, getdate

from rule24_crm.compat import single_value
from rule24_crm.exceptions import PlanError
from rule24_crm.parties import managers
from rule24_crm.parties.company import default_company
from rule24_crm.parties.next_work import OPEN
from rule24_crm.work import working_days
from rule24_crm.work.campaigns.works import manager_capacities
from rule24_crm.work.planning.planner import PlanCalendar, PlanManager, PlanWork
from rule24_crm.work.rules import DEFAULT_MINUTES, PLANNED

CHUNK = 5_000
LONGEST = 366  # days
USUAL_PERIOD = 60
TIMED_KINDS = ("Call", "Meeting", "Visit")  # what two people do at one time; a letter has no hour
AGREED_KINDS = ("Meeting", "Visit")  # with an hour, these are appointments
RANKS = {"High": 0, "Medium": 1, "Low": 2}
FIELDS = (
	"name", "subject", "status", "action", "assigned_to", "planned_on", "starts_at", "ends_at", "all_day", "priority",
	"party_type", "party", "party_name", "campaign", "remind_at", "reminded_on", "modified",
)  # fmt: skip

NOT_PLANNED, EVENT, AGREED = "not planned", "event", "agreed"


@dataclass(frozen=True)
class Request:
	"""What the head asks for. `managers`: user and works a day, 0 for the usual number of his."""

	campaign: str | None = None
	names: tuple[str, ...] | None = None
	filters: object = None
	managers: tuple[tuple[str, int], ...] = ()
	start: date | None = None
	end: date | None = None
	keep_managers: bool = False


@dataclass
class Loaded:
	"""The planner's input, and the rows it came from."""

	works: list[PlanWork]
	managers: list[PlanManager]
	calendar: PlanCalendar
	rows: dict[str, dict]
	left_alone: list[tuple[str, str]]  # work, why it is not planned
	keep_managers: bool
	extra: dict = field(default_factory=dict)
	_by_name: dict[str, PlanWork] = field(default_factory=dict)

	def work(self, name: str) -> PlanWork:
		if not self._by_name:
			self._by_name.update({work.name: work for work in self.works})
		return self._by_name[name]

	def fingerprint(self) -> str:
		"""Changes with anything the plan depends on, and with any change of the works themselves."""
		data = [
			[[w.name, str(self.rows[w.name]["modified"]), w.manager, w.minutes, w.timed, w.zone, w.call_from, w.call_to, w.rank]
				for w in self.works],
			[[m.user, m.capacity, sorted(m.holidays), sorted(m.load.items()), sorted(m.busy.items())] for m in self.managers],
			[self.calendar.days, self.calendar.day_start, self.calendar.day_end, self.calendar.zone, self.calendar.today,
				self.calendar.now],
			self.keep_managers,
		]  # fmt: skip
		return hashlib.sha256(json.dumps(data, default=str).encode()).hexdigest()


def load(request: Request, made_at: datetime, *, lock: bool = False) -> Loaded:
	"""Everything a plan is made of.

	:param made_at: "now" of the plan, by the site's clock: hours before it are gone.
	:param lock: keep others from changing these works until the transaction ends.
	:raises PlanError: there is nothing to plan, nobody to do it, or the period makes no sense.
	"""
	today = made_at.date()
	campaign = frappe.get_doc("Work Campaign", request.campaign) if request.campaign else None
	rows = _works(request, lock)
	start, end = _period(request, campaign, today)
	works, left_alone = _sorted_out(rows)
	if not works:
		raise PlanError(
			_("There is no planned work to spread here: works in progress, closed and agreed ones stay.")
		)
	planned = {row["name"] for row in works}
	capacities = _capacities(request, campaign, works)
	company = (campaign and campaign.company) or default_company()
	managers = _managers(capacities, company, start, end, planned)
	days = tuple(
		day
		for offset in range((end - start).days + 1)
		if any((day := start + timedelta(days=offset)) not in manager.holidays for manager in managers)
	)
	day_start, day_end = _working_day()
	calendar = PlanCalendar(
		days=days,
		day_start=day_start,
		day_end=day_end,
		zone=site_zone(),
		today=today,
		now=made_at.hour * 60 + made_at.minute + 1,
	)
	if calendar.day_start >= calendar.day_end:
		raise PlanError(_("The working day in Rule24 CRM Settings ends before it starts."))
	return Loaded(
		works=_plan_works(works, calendar),
		managers=managers,
		calendar=calendar,
		rows={row["name"]: row for row in works},
		left_alone=left_alone,
		keep_managers=request.keep_managers,
		extra={"start": start, "end": end},
	)


def _working_day() -> tuple[int, int]:
	"""First minute of the managers' day, and the one after the last. A site that never saved its settings has nine to six."""
	start, end = (
		minute_of(single_value("Rule24 CRM Settings", name), 0) for name in ("day_start", "day_end")
	)
	return (start, end) if start or end else (9 * 60, 18 * 60)


def site_zone() -> str:
	"""The time zone the site's times are kept in."""
	return frappe.db.get_single_value("System Settings", "time_zone") or "Etc/UTC"


def minute_of(value, default: int | None = None) -> int | None:
	"""Minutes from midnight of a Time field."""
	if value in (None, ""):
		return default
	if isinstance(value, str):
		hours, minutes = value.split(":")[:2]
		return int(hours) * 60 + int(minutes)
	return int(value.total_seconds() // 60)


def _works(request: Request, lock: bool) -> list[dict]:
	"""The works asked for, as the user sees them."""
	if request.campaign:
		filters: object = [
			["campaign", "=", request.campaign],
			["party", "is", "set"],
			["status", "in", OPEN],
		]
	elif request.names is not None:
		filters = [["name", "in", list(request.names)]]
	elif request.filters:
		filters = request.filters
	else:
		raise PlanError(_("Say which works to plan: a campaign, selected works, or a filter."))
	rows = frappe.get_list(
		"Work", filters=filters, fields=list(FIELDS), order_by="`tabWork`.`name` asc", limit_page_length=0
	)
	if not lock or not rows:
		return rows
	names = [row["name"] for row in rows]
	work = frappe.qb.DocType("Work")
	current: dict[str, dict] = {}
	for begin in range(0, len(names), CHUNK):
		query = (
			frappe.qb.from_(work)
			.select(*[work[name] for name in FIELDS])
			.where(work.name.isin(names[begin : begin + CHUNK]))
			.orderby(work.name)
			.for_update()
		)
		current.update({row["name"]: row for row in query.run(as_dict=True)})
	return [current[name] for name in names if name in current]


def _period(request: Request, campaign, today: date) -> tuple[date, date]:
	start = request.start or max(
		today, getdate(campaign.starts_on) if campaign and campaign.starts_on else today
	)
	end = request.end
	if not end and campaign and campaign.ends_on and getdate(campaign.ends_on) >= start:
		end = getdate(campaign.ends_on)
	end = end or getdate(add_days(start, USUAL_PERIOD - 1))
	if start < today:
		raise PlanError(_("A plan cannot begin in the past: choose today or a later day."))
	if end < start:
		raise PlanError(_("The plan ends before it begins."))
	if (end - start).days >= LONGEST:
		raise PlanError(_("A plan is made for a year at most."))
	return start, end


def _sorted_out(rows: list[dict]) -> tuple[list[dict], list[tuple[str, str]]]:
	kinds = dict(frappe.get_all("Work Action", fields=["name", "kind"], as_list=True, order_by=None))
	works, left_alone = [], []
	for row in rows:
		kind = kinds.get(row["action"])
		row["kind"] = kind
		if row["status"] != PLANNED:
			left_alone.append((row["name"], NOT_PLANNED))
		elif kind == "Event":
			left_alone.append((row["name"], EVENT))
		elif kind in AGREED_KINDS and row["starts_at"] and not row["all_day"]:
			left_alone.append((row["name"], AGREED))
		else:
			works.append(row)
	return works, left_alone


def _capacities(request: Request, campaign, works: list[dict]) -> dict[str, int]:
	if request.managers:
		wanted = dict(request.managers)
	elif campaign:
		return manager_capacities(campaign)
	else:
		wanted = {row["assigned_to"]: 0 for row in works if row["assigned_to"]}
	active = [user for user in sorted(wanted) if managers.is_active(user)]
	if request.managers and len(active) < len(wanted):
		missing = sorted(set(wanted) - set(active))
		raise PlanError(_("These managers do not exist or are not active: {0}.").format(", ".join(missing)))
	if not active:
		raise PlanError(_("Choose the managers who are to do the works."))
	own = managers.capacities(active)
	return {user: wanted[user] or own[user] for user in active}


def _managers(
	capacities: dict[str, int], company: str | None, start: date, end: date, planned: set[str]
) -> list[PlanManager]:
	holidays = _holidays(list(capacities), company, start, end)
	load, busy = _already(list(capacities), start, end, planned)
	return [
		PlanManager(user, capacity, holidays[user], load[user], busy[user])
		for user, capacity in sorted(capacities.items())
	]


def _holidays(users: list[str], company: str | None, start: date, end: date) -> dict[str, frozenset[date]]:
	"""Days off of each manager: his own Holiday List if he is an Employee with one, else his company's."""
	lists: dict[str, str | None] = {}
	companies: dict[str, str | None] = {}
	if frappe.db.table_exists("Employee"):
		for row in frappe.get_all(
			"Employee",
			{"user_id": ("in", users), "status": "Active"},
			["user_id", "holiday_list", "company"],
			order_by="name asc",
		):
			lists[row.user_id], companies[row.user_id] = row.holiday_list, row.company
	calendars: dict[tuple, frozenset[date]] = {}
	result = {}
	for user in users:
		key = (lists.get(user), companies.get(user) or company)
		if key not in calendars:
			days = working_days.for_list(key[0]) if key[0] else working_days.for_company(key[1])
			calendars[key] = frozenset(
				day
				for offset in range((end - start).days + 1)
				if not days.is_working(day := start + timedelta(days=offset))
			)
		result[user] = calendars[key]
	return result


def _already(users: list[str], start: date, end: date, planned: set[str]):
	"""What managers have in these days besides the works being planned: works a day, and taken minutes."""
	load: dict[str, dict[date, int]] = {user: defaultdict(int) for user in users}
	busy: dict[str, dict[date, list]] = {user: defaultdict(list) for user in users}
	fields = ["name", "assigned_to", "planned_on", "starts_at", "ends_at", "all_day"]
	common = {"assigned_to": ("in", users), "status": ("in", OPEN)}
	# The system's own need: a head plans around works he is not shown, too.
	rows = frappe.get_all(
		"Work", {**common, "planned_on": ("between", (start, end))}, fields, order_by="name asc"
	)
	rows += frappe.get_all(
		"Work", {**common, "planned_on": ("<", start), "ends_at": (">=", start)}, fields, order_by="name asc"
	)
	for row in rows:
		if row.name in planned:
			continue
		day = getdate(row.planned_on)
		if start <= day <= end:
			load[row.assigned_to][day] += 1
		for day, interval in _taken(row, start, end):
			busy[row.assigned_to][day].append(interval)
	return (
		{user: dict(days) for user, days in load.items()},
		{user: {day: tuple(sorted(taken)) for day, taken in days.items()} for user, days in busy.items()},
	)


def _taken(row, start: date, end: date):
	"""(day, (first minute, minute after the last)) for every day a work with hours, or of several days, takes."""
	if not row.starts_at:
		return
	begins = get_datetime(row.starts_at)
	ends = get_datetime(row.ends_at) if row.ends_at else begins + timedelta(minutes=DEFAULT_MINUTES)
	if row.all_day:
		if begins.date() == ends.date():
			return  # some time that day, no hour of it
		begins, ends = (
			datetime.combine(begins.date(), datetime.min.time()),
			datetime.combine(ends.date() + timedelta(days=1), datetime.min.time()),
		)
	day = max(begins.date(), start)
	while day <= min(ends.date(), end):
		midnight = datetime.combine(day, datetime.min.time())
		low = max(0, int((begins - midnight).total_seconds() // 60))
		high = min(24 * 60, -int(-(ends - midnight).total_seconds() // 60))
		if low < high:
			yield day, (low, high)
		day += timedelta(days=1)


def _plan_works(rows: list[dict], calendar: PlanCalendar) -> list[PlanWork]:
	minutes = dict(
		frappe.get_all("Work Action", fields=["name", "default_duration"], as_list=True, order_by=None)
	)
	hours = _client_hours(rows)
	works = []
	for row in rows:
		zone, call_from, call_to = hours.get((row["party_type"], row["party"]), (None, None, None))
		if zone and call_from is None and call_to is None:
			# Nothing is known but where the client lives: he is called in the hours we work, by his own clock.
			call_from, call_to = calendar.day_start, calendar.day_end
		works.append(
			PlanWork(
				name=row["name"],
				manager=row["assigned_to"],
				minutes=minutes.get(row["action"]) or DEFAULT_MINUTES,
				timed=row["kind"] in TIMED_KINDS,
				zone=zone,
				call_from=call_from,
				call_to=call_to,
				rank=RANKS.get(row["priority"], 1),
			)
		)
	return works


def _client_hours(rows: list[dict]) -> dict[tuple[str, str], tuple]:
	by_type: dict[str, set[str]] = defaultdict(set)
	for row in rows:
		if row["party"]:
			by_type[row["party_type"]].add(row["party"])
	found = {}
	for party_type, names in by_type.items():
		party = frappe.qb.DocType(party_type)
		ordered = sorted(names)
		for begin in range(0, len(ordered), CHUNK):
			for name, zone, call_from, call_to in (
				frappe.qb.from_(party)
				.select(party.name, party.rule24_timezone, party.rule24_call_from, party.rule24_call_to)
				.where(
					party.name.isin(ordered[begin : begin + CHUNK])
					& (
						(party.rule24_timezone != "")
						| party.rule24_call_from.isnotnull()
						| party.rule24_call_to.isnotnull()
					)
				)
				.run()
			):
				found[party_type, name] = (zone or None, minute_of(call_from), minute_of(call_to))
	return found

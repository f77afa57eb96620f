"""Spread works over managers and working days. Pure: the same input gives the same plan, always.

How it goes:

1. Everybody's share first. Works are dealt one at a time to the manager whose plan would be the smallest for his daily
   capacity, as long as he has free places in the period. With equal capacity no one ends up more than one above another.
2. A work stays with the manager who has it while his share lasts; the rest are dealt out kind by kind, so that clients
   who are hard to reach do not gather at one desk.
3. Each manager's days are filled from the first one: urgent works first, then the clients with the fewest common hours.
4. What one manager cannot place is offered to the others, and shares that this made uneven are evened out again.
5. What no one can place is returned with the reason.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from rule24_crm.work.planning.windows import Interval, client_hours, subtract, zone_of

GRID = 5  # minutes; nobody calls at 10:07

NO_MANAGERS = "no managers"
NO_DAYS = "no working days"
NO_CAPACITY = "no capacity"
MANAGER_FULL = "manager full"
TOO_LONG = "too long"
NO_COMMON_HOURS = "no common hours"
HOURS_TAKEN = "hours taken"
UNKNOWN_ZONE = "unknown zone"


@dataclass(frozen=True)
class PlanWork:
	"""A work to plan. Minutes are counted from midnight: of the client's day in `call_from` and `call_to`."""

	name: str
	manager: str | None = None
	minutes: int = 15
	timed: bool = True
	zone: str | None = None
	call_from: int | None = None
	call_to: int | None = None
	rank: int = 0


@dataclass(frozen=True)
class PlanManager:
	"""A manager: works a day, days off, and what is already there (`load` in works, `busy` in minutes of the day)."""

	user: str
	capacity: int
	holidays: frozenset[date] = frozenset()
	load: Mapping[date, int] = field(default_factory=dict)
	busy: Mapping[date, Sequence[Interval]] = field(default_factory=dict)


@dataclass(frozen=True)
class PlanCalendar:
	"""The days to fill, and the working day by the site's clock. Minutes before `now` of the day `today` are gone."""

	days: tuple[date, ...]
	day_start: int
	day_end: int
	zone: str
	today: date | None = None
	now: int = 0


@dataclass(frozen=True)
class Assignment:
	"""Where a work goes. `start` and `end` are minutes of the site's day, None for a work without an hour."""

	work: str
	manager: str
	day: date
	start: int | None = None
	end: int | None = None


@dataclass(frozen=True)
class Unfitted:
	work: str
	reason: str


@dataclass(frozen=True)
class Plan:
	assignments: tuple[Assignment, ...]
	unfitted: tuple[Unfitted, ...]


def plan(
	works: Iterable[PlanWork],
	managers: Iterable[PlanManager],
	calendar: PlanCalendar,
	*,
	keep_managers: bool = False,
) -> Plan:
	"""Spread `works` over `managers` and the days of `calendar`.

	:param keep_managers: leave every work with the manager who has it, even if that is uneven; works of nobody, or of
		somebody who is not in `managers`, are dealt out all the same.
	"""
	return _Planner(list(works), list(managers), calendar, keep_managers).run()


class _Desk:
	"""One manager's days while they are being filled."""

	def __init__(self, manager: PlanManager, calendar: PlanCalendar):
		self.user = manager.user
		self.capacity = max(0, manager.capacity)
		self.free = [
			0 if day in manager.holidays else max(0, self.capacity - manager.load.get(day, 0))
			for day in calendar.days
		]
		self.places = sum(self.free)
		self.taken: dict[str, tuple[int, int | None, int | None]] = {}
		self._manager = manager
		self._calendar = calendar
		self._hours: dict[int, list[Interval]] = {}
		self._first: dict[_Kind, int] = {}

	def hours(self, index: int) -> list[Interval]:
		"""The minutes of that day nobody has yet."""
		if index not in self._hours:
			calendar, day = self._calendar, self._calendar.days[index]
			start = calendar.day_start
			if day == calendar.today:
				start = max(start, calendar.now)
			whole = [(start, calendar.day_end)] if start < calendar.day_end else []
			self._hours[index] = subtract(whole, list(self._manager.busy.get(day, ())))
		return self._hours[index]

	def place(self, work: PlanWork, kind: _Kind) -> bool:
		"""Put the work on the first day, at the first minute, that takes it."""
		for index in range(self._first.get(kind, 0), len(self.free)):
			if self.free[index] <= 0:
				continue
			start = self._start(index, kind) if kind.timed else None
			if start is None and kind.timed:
				continue
			self._first[kind] = index
			self.free[index] -= 1
			end = None
			if start is not None:
				end = start + kind.minutes
				self._hours[index] = subtract(self.hours(index), [(start, end)])
			self.taken[work.name] = (index, start, end)
			return True
		# Days only fill up, so what did not fit once does not fit later.
		self._first[kind] = len(self.free)
		return False

	def _start(self, index: int, kind: _Kind) -> int | None:
		for low, high in kind.hours[index]:
			for start, end in self.hours(index):
				if start >= high:
					break
				start = -(-max(low, start) // GRID) * GRID
				if start + kind.minutes <= min(high, end):
					return start
		return None

	def give_back(self, name: str):
		index, start, end = self.taken.pop(name)
		self.free[index] += 1
		if start is not None and end is not None:
			self._hours[index] = _with(self._hours[index], (start, end))
		self._first.clear()


def _with(intervals: list[Interval], new: Interval) -> list[Interval]:
	out: list[Interval] = []
	for low, high in sorted([*intervals, new]):
		if out and out[-1][1] == low:
			out[-1] = (out[-1][0], high)
		else:
			out.append((low, high))
	return out


@dataclass(frozen=True, eq=False)
class _Kind:
	"""Works that are alike for the planner: the same length and the same hours of the client."""

	timed: bool
	minutes: int
	hours: tuple[tuple[Interval, ...], ...]
	room: int  # minutes of the whole period in which such a work may start: the smaller, the harder to place
	problem: str | None


class _Planner:
	def __init__(
		self, works: list[PlanWork], managers: list[PlanManager], calendar: PlanCalendar, keep_managers: bool
	):
		self.works = sorted(works, key=lambda work: (work.rank, work.name))
		self.calendar = calendar
		self.keep_managers = keep_managers
		self.desks = [_Desk(manager, calendar) for manager in sorted(managers, key=lambda m: m.user)]
		self.desk_of = {desk.user: desk for desk in self.desks}
		self.by_name = {work.name: work for work in self.works}
		self._kinds: dict[tuple, _Kind] = {}
		self._kind_of: dict[str, _Kind] = {work.name: self._kind(work) for work in self.works}
		self.unfitted: dict[str, str] = {}

	def run(self) -> Plan:
		fitting = []
		nobody = self._nobody()
		for work in self.works:
			problem = nobody or self._kind_of[work.name].problem
			if not problem and not any(desk.places for desk in self.desks):
				problem = NO_CAPACITY
			if problem:
				self.unfitted[work.name] = problem
			else:
				fitting.append(work)

		bound = [work for work in fitting if self._bound(work)]
		loose = [work for work in fitting if not self._bound(work)]
		shares = self._shares(Counter(work.manager for work in bound), len(loose))
		for desk, mine in self._deal(loose, shares).items():
			mine += [work for work in bound if work.manager == desk.user]
			self._fill(desk, mine)
		self._offer_round(loose)
		self._even_out()
		return self._result(fitting)

	def _nobody(self) -> str | None:
		"""Why no work at all can be placed."""
		if not any(desk.capacity for desk in self.desks):
			return NO_MANAGERS
		return None if self.calendar.days else NO_DAYS

	def _bound(self, work: PlanWork) -> bool:
		return self.keep_managers and work.manager in self.desk_of

	def _kind(self, work: PlanWork) -> _Kind:
		key = (work.timed, work.minutes, work.zone, work.call_from, work.call_to)
		if key not in self._kinds:
			self._kinds[key] = self._new_kind(work)
		return self._kinds[key]

	def _new_kind(self, work: PlanWork) -> _Kind:
		calendar = self.calendar
		if not calendar.days:
			return _Kind(work.timed, work.minutes, (), 0, None)
		if not work.timed:
			return _Kind(False, work.minutes, (), 0, None)
		if work.minutes > calendar.day_end - calendar.day_start:
			return _Kind(True, work.minutes, (), 0, TOO_LONG)

		site_zone, client_zone = zone_of(calendar.zone), zone_of(work.zone or calendar.zone)
		if site_zone is None or client_zone is None:
			return _Kind(True, work.minutes, (), 0, UNKNOWN_ZONE)
		hours = []
		for day in calendar.days:
			if work.call_from is None and work.call_to is None and not work.zone:
				hours.append(((calendar.day_start, calendar.day_end),))
				continue
			hours.append(
				tuple(
					client_hours(
						day,
						client_zone=client_zone,
						site_zone=site_zone,
						call_from=work.call_from or 0,
						call_to=24 * 60 if work.call_to is None else work.call_to,
						day_start=calendar.day_start,
						day_end=calendar.day_end,
					)
				)
			)
		room = sum(max(0, high - low - work.minutes + 1) for day in hours for low, high in day)
		return _Kind(True, work.minutes, tuple(hours), room, None if room else NO_COMMON_HOURS)

	def _shares(self, counts: Counter, loose: int) -> dict[_Desk, int]:
		"""How many of the `loose` works each manager gets, on top of the works bound to him."""
		heap = [
			((counts[desk.user] + 1) / desk.capacity, position)
			for position, desk in enumerate(self.desks)
			if desk.capacity and desk.places > counts[desk.user]
		]
		heapq.heapify(heap)
		total = [counts[desk.user] for desk in self.desks]
		for _ in range(loose):
			if not heap:
				break
			position = heap[0][1]
			desk = self.desks[position]
			total[position] += 1
			if total[position] < desk.places:
				heapq.heapreplace(heap, ((total[position] + 1) / desk.capacity, position))
			else:
				heapq.heappop(heap)
		return {desk: count - counts[desk.user] for desk, count in zip(self.desks, total, strict=True)}

	def _deal(self, loose: list[PlanWork], shares: dict[_Desk, int]) -> dict[_Desk, list[PlanWork]]:
		hands: dict[_Desk, list[PlanWork]] = {desk: [] for desk in self.desks}
		left = dict(shares)
		homeless = []
		for work in loose[: sum(shares.values())]:
			desk = self.desk_of.get(work.manager or "")
			if desk and left[desk] > 0:
				left[desk] -= 1
				hands[desk].append(work)
			else:
				homeless.append(work)

		homeless.sort(key=lambda work: (self._kind_of[work.name].room, work.rank, work.name))
		heap = [
			(-left[desk] / desk.capacity, position) for position, desk in enumerate(self.desks) if left[desk]
		]
		heapq.heapify(heap)
		for work in homeless:
			position = heap[0][1]
			desk = self.desks[position]
			hands[desk].append(work)
			left[desk] -= 1
			if left[desk]:
				heapq.heapreplace(heap, (-left[desk] / desk.capacity, position))
			else:
				heapq.heappop(heap)
		return hands

	def _fill(self, desk: _Desk, works: list[PlanWork]):
		"""Fill one manager's days: by urgency, or, where that leaves somebody out, the hardest to reach first."""
		kinds = self._kind_of
		by_rank = sorted(works, key=lambda work: (work.rank, kinds[work.name].room, work.name))
		failed = [work for work in by_rank if not desk.place(work, kinds[work.name])]
		if not failed or len(works) == len(failed):
			return
		before = dict(desk.taken)
		for name in before:
			desk.give_back(name)
		by_room = sorted(works, key=lambda work: (kinds[work.name].room, work.rank, work.name))
		again = [work for work in by_room if not desk.place(work, kinds[work.name])]
		if len(again) < len(failed):
			return
		for name in list(desk.taken):
			desk.give_back(name)
		for work in by_rank:
			desk.place(work, kinds[work.name])

	def _offer_round(self, loose: list[PlanWork]):
		"""Offer works without a place to every other manager, the least loaded first."""
		placed = {name for desk in self.desks for name in desk.taken}
		hopeless: set[_Kind] = set()
		for work in loose:
			kind = self._kind_of[work.name]
			if work.name in placed or kind in hopeless:
				continue
			desks = sorted(
				(desk for desk in self.desks if desk.capacity),
				key=lambda desk: ((len(desk.taken) + 1) / desk.capacity, desk.user),
			)
			if not any(desk.place(work, kind) for desk in desks):
				hopeless.add(kind)

	def _even_out(self):
		"""Move works from the fullest desk to the emptiest of the same capacity while they differ by more than one."""
		alike: dict[int, list[_Desk]] = defaultdict(list)
		for desk in self.desks:
			if desk.capacity:
				alike[desk.capacity].append(desk)
		for desks in alike.values():
			# A desk that nothing can be moved to stays as it is: it has no common hours left with anybody's clients.
			closed: set[_Desk] = set()
			while True:
				desks.sort(key=lambda desk: (len(desk.taken), desk.user))
				poor = next((desk for desk in desks if desk not in closed), None)
				if poor is None or len(desks[-1].taken) - len(poor.taken) < 2:
					break
				if not any(
					self._move(rich, poor)
					for rich in reversed(desks)
					if len(rich.taken) - len(poor.taken) >= 2
				):
					closed.add(poor)

	def _move(self, rich: _Desk, poor: _Desk) -> bool:
		tried: set[_Kind] = set()
		for name in sorted(rich.taken, key=lambda name: (rich.taken[name][0], name), reverse=True):
			work, kind = self.by_name[name], self._kind_of[name]
			if kind in tried or self._bound(work):
				continue
			tried.add(kind)
			if poor.place(work, kind):
				rich.give_back(name)
				return True
		return False

	def _result(self, fitting: list[PlanWork]) -> Plan:
		assignments = []
		days = self.calendar.days
		for desk in self.desks:
			for name, (index, start, end) in desk.taken.items():
				assignments.append(Assignment(name, desk.user, days[index], start, end))
		assignments.sort(key=lambda a: (a.day, a.manager, -1 if a.start is None else a.start, a.work))

		placed = {assignment.work for assignment in assignments}
		room = any(any(desk.free) for desk in self.desks)
		for work in fitting:
			if work.name in placed:
				continue
			if self._bound(work):
				full = not any(self.desk_of[work.manager].free)
				self.unfitted[work.name] = MANAGER_FULL if full else HOURS_TAKEN
			else:
				self.unfitted[work.name] = HOURS_TAKEN if room else NO_CAPACITY
		unfitted = tuple(
			Unfitted(work.name, self.unfitted[work.name]) for work in self.works if work.name in self.unfitted
		)
		return Plan(tuple(assignments), unfitted)

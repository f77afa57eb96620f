"""The planner, held against its promises on made-up and random data. No database."""

import random
import sys
import unittest
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from rule24_crm.work.planning import planner
from rule24_crm.work.planning.planner import PlanCalendar, PlanManager, PlanWork, plan
from rule24_crm.work.planning.windows import client_hours, subtract

MONDAY = date(2026, 3, 2)
ZONES = (
	None,
	"Europe/Moscow",
	"Asia/Vladivostok",
	"Asia/Novosibirsk",
	"Europe/Kaliningrad",
	"America/New_York",
)


def week(days: int = 5, start: date = MONDAY) -> tuple[date, ...]:
	found, day = [], start
	while len(found) < days:
		if day.weekday() < 5:
			found.append(day)
		day += timedelta(days=1)
	return tuple(found)


def calendar(days: int = 5, **values) -> PlanCalendar:
	return PlanCalendar(
		**{"days": week(days), "day_start": 540, "day_end": 1080, "zone": "Europe/Moscow", **values}
	)


def works(count: int, **values) -> list[PlanWork]:
	return [PlanWork(f"W{number:05}", **values) for number in range(count)]


def per_manager(made: planner.Plan) -> Counter:
	return Counter(assignment.manager for assignment in made.assignments)


class TestFairness(unittest.TestCase):
	def test_equal_capacity_gives_equal_shares(self):
		for count in (0, 1, 7, 50, 99, 150):
			made = plan(works(count), [PlanManager(f"m{n}", 10) for n in range(3)], calendar())
			shares = [per_manager(made)[f"m{n}"] for n in range(3)]
			self.assertLessEqual(max(shares) - min(shares), 1, count)
			self.assertEqual(sum(shares), count)

	def test_every_day_is_shared_equally_too(self):
		made = plan(works(100, timed=False), [PlanManager(f"m{n}", 10) for n in range(3)], calendar())
		days = defaultdict(Counter)
		for assignment in made.assignments:
			days[assignment.day][assignment.manager] += 1
		for day, shares in days.items():
			counts = [shares[f"m{n}"] for n in range(3)]
			self.assertLessEqual(max(counts) - min(counts), 1, day)

	def test_all_works_of_one_manager_are_shared_and_only_as_many_move_as_must(self):
		made = plan(works(30, manager="m0"), [PlanManager(f"m{n}", 10) for n in range(3)], calendar())
		self.assertEqual(per_manager(made), {"m0": 10, "m1": 10, "m2": 10})
		made = plan(
			works(4, manager="m0") + [PlanWork(f"X{n}", manager="m1") for n in range(4)],
			[PlanManager("m0", 10), PlanManager("m1", 10)],
			calendar(),
		)
		moved = [a for a in made.assignments if (a.manager == "m0") != a.work.startswith("W")]
		self.assertEqual(moved, [])

	def test_a_manager_on_leave_catches_up_later(self):
		away = PlanManager("away", 10, holidays=frozenset(week(2)))
		made = plan(works(30), [away, PlanManager("here", 10)], calendar())
		self.assertEqual(per_manager(made), {"away": 15, "here": 15})
		self.assertFalse([a for a in made.assignments if a.manager == "away" and a.day in week(2)])

	def test_capacity_that_differs_is_kept_in_proportion(self):
		made = plan(works(30), [PlanManager("half", 5), PlanManager("whole", 10)], calendar())
		self.assertEqual(per_manager(made), {"half": 10, "whole": 20})

	def test_clients_who_are_hard_to_reach_do_not_make_it_uneven(self):
		east = [
			PlanWork(f"E{n}", manager="m0", zone="Asia/Vladivostok", call_from=600, call_to=1020)
			for n in range(20)
		]
		made = plan(
			east + works(20, manager="m1"), [PlanManager("m0", 10), PlanManager("m1", 10)], calendar(10)
		)
		shares = per_manager(made)
		self.assertLessEqual(abs(shares["m0"] - shares["m1"]), 1)

	def test_keeping_managers_leaves_every_client_where_it_is(self):
		made = plan(
			works(30, manager="m0"),
			[PlanManager("m0", 5), PlanManager("m1", 5)],
			calendar(),
			keep_managers=True,
		)
		self.assertEqual(per_manager(made), {"m0": 25})
		self.assertEqual({unfitted.reason for unfitted in made.unfitted}, {planner.MANAGER_FULL})


class TestLimits(unittest.TestCase):
	def test_what_a_manager_has_already_counts(self):
		load = {day: 8 for day in week()}
		made = plan(works(30), [PlanManager("m", 10, load=load)], calendar())
		self.assertEqual(len(made.assignments), 10)
		self.assertEqual(max(Counter(a.day for a in made.assignments).values()), 2)
		self.assertEqual({unfitted.reason for unfitted in made.unfitted}, {planner.NO_CAPACITY})

	def test_taken_hours_are_left_free(self):
		busy = {day: ((540, 780), (840, 1080)) for day in week()}
		made = plan(works(20, minutes=30), [PlanManager("m", 10, busy=busy)], calendar())
		self.assertEqual({(a.start, a.end) for a in made.assignments}, {(780, 810), (810, 840)})
		self.assertEqual(Counter(unfitted.reason for unfitted in made.unfitted), {planner.HOURS_TAKEN: 10})

	def test_hours_that_are_gone_today_are_not_used(self):
		made = plan(works(1), [PlanManager("m", 1)], calendar(today=MONDAY, now=14 * 60 + 3))
		self.assertEqual((made.assignments[0].day, made.assignments[0].start), (MONDAY, 14 * 60 + 5))
		made = plan(works(1), [PlanManager("m", 1)], calendar(today=MONDAY, now=18 * 60))
		self.assertEqual(made.assignments[0].day, MONDAY + timedelta(days=1))

	def test_every_reason(self):
		managers = [PlanManager("m", 10)]
		for reason, given, who, when in (
			(planner.NO_MANAGERS, works(1), [], calendar()),
			(planner.NO_MANAGERS, works(1), [PlanManager("m", 0)], calendar()),
			(planner.NO_DAYS, works(1), managers, calendar(days=0)),
			(planner.NO_CAPACITY, works(1), [PlanManager("m", 10, holidays=frozenset(week()))], calendar()),
			(planner.TOO_LONG, works(1, minutes=541), managers, calendar()),
			(planner.NO_COMMON_HOURS, works(1, zone="America/Los_Angeles", call_from=540, call_to=1020), managers,
				calendar(day_end=17 * 60)),
			(planner.NO_COMMON_HOURS, works(1, minutes=30, call_from=600, call_to=620), managers, calendar()),
			(planner.UNKNOWN_ZONE, works(1, zone="Moscow"), managers, calendar()),
		):  # fmt: skip
			with self.subTest(reason=reason):
				made = plan(given, who, when)
				self.assertEqual([unfitted.reason for unfitted in made.unfitted], [reason])

	def test_urgent_works_come_first(self):
		given = [PlanWork("low", rank=2), PlanWork("high", rank=0), PlanWork("usual", rank=1)]
		made = plan(given, [PlanManager("m", 1)], calendar(days=2))
		self.assertEqual([a.work for a in made.assignments], ["high", "usual"])
		self.assertEqual(made.unfitted[0].work, "low")

	def test_a_narrow_window_is_not_lost_to_urgent_works_that_could_wait(self):
		given = [PlanWork(f"A{n}", minutes=60, rank=0) for n in range(3)]
		given.append(PlanWork("narrow", minutes=60, rank=2, call_from=540, call_to=600))
		made = plan(given, [PlanManager("m", 4)], calendar(days=1))
		self.assertEqual(made.unfitted, ())


class TestClientHours(unittest.TestCase):
	def hours(self, day, zone, call_from, call_to, site="Europe/Moscow", day_start=540, day_end=1080):
		return client_hours(
			day,
			client_zone=ZoneInfo(zone),
			site_zone=ZoneInfo(site),
			call_from=call_from,
			call_to=call_to,
			day_start=day_start,
			day_end=day_end,
		)

	def test_the_client_s_clock_is_moved_to_ours(self):
		self.assertEqual(self.hours(MONDAY, "Asia/Krasnoyarsk", 540, 1080), [(540, 840)])
		self.assertEqual(self.hours(MONDAY, "Asia/Vladivostok", 540, 960), [])
		self.assertEqual(self.hours(MONDAY, "Europe/Kaliningrad", 540, 1080), [(600, 1080)])

	def test_summer_time_moves_the_window_on_its_day(self):
		# Berlin: 29 March 2026
		self.assertEqual(self.hours(date(2026, 3, 27), "Europe/Berlin", 540, 1080), [(660, 1080)])
		self.assertEqual(self.hours(date(2026, 3, 30), "Europe/Berlin", 540, 1080), [(600, 1080)])
		self.assertEqual(
			self.hours(date(2026, 3, 30), "Europe/Moscow", 540, 1080, site="Europe/Berlin"), [(540, 1020)]
		)

	def test_a_window_over_midnight_and_one_of_two_days(self):
		self.assertEqual(self.hours(MONDAY, "Europe/Moscow", 22 * 60, 10 * 60), [(540, 600)])
		self.assertEqual(
			self.hours(MONDAY, "Pacific/Auckland", 0, 24 * 60, day_start=0, day_end=1440), [(0, 1440)]
		)

	def test_half_hour_zones(self):
		self.assertEqual(self.hours(MONDAY, "Asia/Kolkata", 540, 1080), [(540, 930)])

	def test_subtract(self):
		self.assertEqual(subtract([(0, 10)], [(2, 3), (3, 5), (9, 20), (7, 7)]), [(0, 2), (5, 9)])


class TestAnyData(unittest.TestCase):
	def random_case(self, seed: int):
		rng = random.Random(seed)
		days = week(rng.randint(1, 12), MONDAY + timedelta(days=rng.randint(0, 300)))
		equal = rng.random() < 0.6
		managers = []
		for number in range(rng.randint(1, 6)):
			managers.append(
				PlanManager(
					f"m{number}",
					8 if equal else rng.randint(0, 12),
					holidays=frozenset(day for day in days if rng.random() < 0.2),
					load={day: rng.randint(0, 5) for day in days if rng.random() < 0.3},
					busy={
						day: ((m := rng.randint(500, 1000), m + rng.randint(1, 120)),)
						for day in days
						if rng.random() < 0.3
					},
				)
			)
		given = []
		for number in range(rng.randint(0, 120)):
			low = rng.choice([None, None, rng.randint(0, 1380)])
			given.append(
				PlanWork(
					f"W{number:03}",
					manager=rng.choice([None, "m0", "m1", "stranger"]),
					minutes=rng.choice([10, 15, 30, 60]),
					timed=rng.random() < 0.8,
					zone=rng.choice(ZONES),
					call_from=low,
					call_to=rng.choice([None, rng.randint(1, 1440)]),
					rank=rng.randint(0, 2),
				)
			)
		return (
			given,
			managers,
			PlanCalendar(days, 540, 1080, rng.choice(ZONES[1:]), days[0], rng.randint(0, 1100)),
		)

	def test_a_plan_breaks_no_limit_loses_no_work_and_is_always_the_same(self):
		for seed in range(150):
			given, managers, when = self.random_case(seed)
			with self.subTest(seed=seed):
				made = plan(given, managers, when)
				self.check_limits(given, managers, when, made)
				shuffled = given[:]
				random.Random(seed).shuffle(shuffled)
				self.assertEqual(made, plan(shuffled, managers[::-1], when))
				kept = plan(given, managers, when, keep_managers=True)
				self.check_limits(given, managers, when, kept)
				owner = {work.name: work.manager for work in given}
				names = {manager.user for manager in managers}
				for assignment in kept.assignments:
					if owner[assignment.work] in names:
						self.assertEqual(assignment.manager, owner[assignment.work])

	def check_limits(self, given, managers, when, made):
		names = [a.work for a in made.assignments] + [u.work for u in made.unfitted]
		self.assertEqual(sorted(names), [work.name for work in given])
		by_name = {work.name: work for work in given}
		by_user = {manager.user: manager for manager in managers}
		counts, slots = Counter(), defaultdict(list)
		for a in made.assignments:
			work, manager = by_name[a.work], by_user[a.manager]
			self.assertIn(a.day, when.days)
			self.assertNotIn(a.day, manager.holidays)
			counts[a.manager, a.day] += 1
			if not work.timed:
				self.assertIsNone(a.start)
				continue
			self.assertEqual(a.end - a.start, work.minutes)
			self.assertTrue(when.day_start <= a.start and a.end <= when.day_end)
			self.assertFalse(a.day == when.today and a.start < when.now)
			for low, high in manager.busy.get(a.day, ()):
				self.assertTrue(a.end <= low or high <= a.start)
			slots[a.manager, a.day].append((a.start, a.end))
			self.assertTrue(self.within_hours(work, a, when))
		for (user, day), count in counts.items():
			self.assertLessEqual(count + by_user[user].load.get(day, 0), by_user[user].capacity)
		for taken in slots.values():
			taken.sort()
			for (_low, high), (low, _high) in pairwise(taken):
				self.assertLessEqual(high, low)

	def within_hours(self, work, assignment, when) -> bool:
		"""Minute by minute, on the client's own clock."""
		if work.zone is None and work.call_from is None and work.call_to is None:
			return True
		low = work.call_from or 0
		high = 1440 if work.call_to is None else work.call_to
		site, client = ZoneInfo(when.zone), ZoneInfo(work.zone or when.zone)
		midnight = datetime.combine(assignment.day, datetime.min.time(), tzinfo=site)
		for minute in (assignment.start, assignment.end - 1):
			theirs = (midnight + timedelta(minutes=minute)).astimezone(client)
			clock = theirs.hour * 60 + theirs.minute
			inside = low <= clock < high if high > low else clock >= low or clock < high
			if not inside:
				return False
		return True

	def test_equal_managers_with_open_hours_are_never_more_than_one_apart(self):
		for seed in range(100):
			rng = random.Random(seed)
			days = week(rng.randint(2, 15))
			managers = [
				PlanManager(f"m{n}", 8, holidays=frozenset(day for day in days if rng.random() < 0.2))
				for n in range(rng.randint(1, 7))
			]
			room = min(8 * len([day for day in days if day not in manager.holidays]) for manager in managers)
			given = [
				PlanWork(
					f"W{n:04}", manager=rng.choice([None, "m0", "m1"]), minutes=15, rank=rng.randint(0, 2)
				)
				for n in range(rng.randint(0, room * len(managers)))
			]
			with self.subTest(seed=seed):
				made = plan(given, managers, PlanCalendar(days, 540, 1080, "Europe/Moscow"))
				self.assertEqual(made.unfitted, ())
				shares = [per_manager(made)[manager.user] for manager in managers]
				self.assertLessEqual(max(shares) - min(shares), 1)

	def test_no_single_move_would_make_a_random_plan_fairer(self):
		"""Where limits make shares uneven, no work of a fuller desk could have gone to an emptier one of its capacity."""
		for seed in range(150):
			given, managers, when = self.random_case(seed)
			made = plan(given, managers, when)
			shares = per_manager(made)
			by_name = {work.name: work for work in given}
			for rich in managers:
				for poor in managers:
					if rich.capacity != poor.capacity or shares[rich.user] - shares[poor.user] < 2:
						continue
					theirs = [a for a in made.assignments if a.manager == poor.user]
					for a in [a for a in made.assignments if a.manager == rich.user]:
						with self.subTest(seed=seed, work=a.work):
							self.assertFalse(self.room_for(by_name[a.work], poor, theirs, when))

	def room_for(self, work, manager, theirs, when) -> bool:
		for day in when.days:
			mine = [a for a in theirs if a.day == day]
			if day in manager.holidays or len(mine) + manager.load.get(day, 0) >= manager.capacity:
				continue
			if not work.timed:
				return True
			taken = [(a.start, a.end) for a in mine if a.start is not None] + list(manager.busy.get(day, ()))
			for start in range(when.day_start, when.day_end - work.minutes + 1, planner.GRID):
				if day == when.today and start < when.now:
					continue
				if any(start < high and low < start + work.minutes for low, high in taken):
					continue
				if self.within_hours(
					work, planner.Assignment(work.name, manager.user, day, start, start + work.minutes), when
				):
					return True
		return False


def calls(job, *arguments) -> int:
	"""How many functions of Python a job calls: its work, whatever the machine does meanwhile."""
	counted, before = Counter(), sys.getprofile()
	sys.setprofile(lambda _frame, event, _arg: counted.update((event,)))
	try:
		job(*arguments)
	finally:
		sys.setprofile(before)
	return counted["call"]


class TestManyWorks(unittest.TestCase):
	"""Seconds are measured in `benchmarks/planning.py`."""

	def given(self, count: int) -> list[PlanWork]:
		rng = random.Random(7)
		return [
			PlanWork(f"W{n:06}", rng.choice([None, "m1", "m2"]), rng.choice([10, 15, 30]), rng.random() < 0.8,
				zone := rng.choice(ZONES), 540 if zone else None, 1080 if zone else None, rng.randint(0, 2))
			for n in range(count)
		]  # fmt: skip

	def test_ten_thousand_works(self):
		made = plan(self.given(10_000), [PlanManager(f"m{n}", 10) for n in range(50)], calendar(60))
		self.assertEqual(len(made.assignments), 10_000)

	def test_twice_as_many_are_twice_the_work(self):
		managers, days = [PlanManager(f"m{n}", 10) for n in range(20)], calendar(20)
		few, many = (calls(plan, self.given(count), managers, days) for count in (1_000, 2_000))
		self.assertLess(many / few, 2.5)

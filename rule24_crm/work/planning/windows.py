"""When a client may be called, in the wall clock of the site.

The client's hours are hours of the client's own place. `zoneinfo` moves them to the site's clock for every single day,
so the change to summer time, there or here, is met on the day it happens.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

DAY = 24 * 60

Interval = tuple[int, int]


@cache
def zone_of(name: str) -> ZoneInfo | None:
	"""The time zone with that IANA name, or None when there is none."""
	try:
		return ZoneInfo(name)
	except (KeyError, ValueError, OSError):
		return None


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
	day += timedelta(days=minute // DAY)
	return datetime.combine(day, time(minute % DAY // 60, minute % 60), tzinfo=zone)


def client_hours(
	day: date,
	*,
	client_zone: ZoneInfo,
	site_zone: ZoneInfo,
	call_from: int,
	call_to: int,
	day_start: int,
	day_end: int,
) -> list[Interval]:
	"""Half-open intervals of the manager's day in which the client may be called.

	:param day: the day of the site.
	:param call_from: first minute of the client's day, 0 is midnight.
	:param call_to: the minute after the last one; not later than `call_from` means the next day (a night shift).
	:param day_start: first minute of the manager's day, by the site's clock; `day_end` the minute after the last.
	:return: minutes of the site's day, in order, not touching each other; empty when the two never meet.
	"""
	midnight = datetime.combine(day, time.min)
	length = call_to if call_to > call_from else call_to + DAY
	found: list[Interval] = []
	# The client's yesterday and tomorrow may lie within the site's today.
	for shift in (-1, 0, 1):
		theirs = day + timedelta(days=shift)
		start, end = (
			(_moment(theirs, minute, client_zone).astimezone(site_zone).replace(tzinfo=None) - midnight)
			/ timedelta(minutes=1)
			for minute in (call_from, length)
		)
		low = max(day_start, -int(-start // 1))
		high = min(day_end, int(end // 1))
		if low < high:
			found.append((low, high))
	return _joined(found)


def _joined(intervals: list[Interval]) -> list[Interval]:
	out: list[Interval] = []
	for low, high in sorted(intervals):
		if out and low <= out[-1][1]:
			out[-1] = (out[-1][0], max(high, out[-1][1]))
		else:
			out.append((low, high))
	return out


def subtract(intervals: list[Interval], busy: list[Interval]) -> list[Interval]:
	"""What is left of `intervals` when `busy` is taken away."""
	left = intervals
	for low, high in busy:
		if low >= high:
			continue
		rest: list[Interval] = []
		for start, end in left:
			if high <= start or end <= low:
				rest.append((start, end))
				continue
			if start < low:
				rest.append((start, low))
			if high < end:
				rest.append((high, end))
		left = rest
	return left

"""What all measures share: interleaved rounds, medians, and a ratio with the bound it has to keep.

Only ratios are kept: both sides are measured in one run, turn by turn, so the machine's mood falls out.
"""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import frappe


@dataclass
class Ratio:
	"""One figure.

	:param title: what is compared with what.
	:param value: the ratio.
	:param bound: what it has to keep.
	:param at_least: whether `bound` is a floor (else a ceiling).
	:param unit: "x" for a ratio, "s" for processor seconds.
	:param detail: the figures behind it, for people.
	"""

	title: str
	value: float
	bound: float
	at_least: bool
	unit: str = "x"
	detail: str = ""

	@property
	def kept(self) -> bool:
		return self.value >= self.bound if self.at_least else self.value <= self.bound


@dataclass
class Side:
	"""One of the jobs compared: `prepare` is not timed, `run` is, `undo` is not."""

	run: Callable
	prepare: Callable = lambda: None
	undo: Callable = lambda: None
	#: how many units one run does: times are divided by it
	units: int = 1


def interleaved(
	sides: dict[str, Side], rounds: int = 5, warm_up: int = 1, clock: Callable = time.perf_counter
) -> dict[str, float]:
	"""Median seconds for one unit of each side; the sides take turns in every round."""
	times: dict[str, list[float]] = {name: [] for name in sides}
	for number in range(rounds + warm_up):
		for name, side in sides.items():
			side.prepare()
			gc.collect()
			start = clock()
			side.run()
			taken = clock() - start
			side.undo()
			if number >= warm_up:
				times[name].append(taken / side.units)
	return {name: statistics.median(values) for name, values in times.items()}


@dataclass
class Paired:
	"""What `paired` has found.

	:param ours: median wall-clock seconds for one unit, likewise `other`.
	:param ratio: median of the rounds' own ratios.
	:param processor_ratio: the same of this process's processor time, which the machine's other work does not stretch.
	"""

	ours: float
	other: float
	ratio: float
	processor_ratio: float


def paired(ours: Side, other: Side, rounds: int = 15, warm_up: int = 2) -> Paired:
	"""Two jobs round by round, next to each other, in turns the one or the other first.

	Whatever else the machine does lasts longer than a round and falls on both halves of it, so each round gives a ratio
	of its own, and their median is not moved by the rounds in which it does not.
	"""
	walls: list[tuple[float, float]] = []
	processors: list[tuple[float, float]] = []
	for number in range(rounds + warm_up):
		order = (ours, other) if number % 2 else (other, ours)
		taken = {id(side): _timed(side) for side in order}
		if number >= warm_up:
			wall, processor = zip(taken[id(ours)], taken[id(other)], strict=True)
			walls.append(wall)
			processors.append(processor)
	return Paired(
		ours=statistics.median(mine for mine, _theirs in walls),
		other=statistics.median(theirs for _mine, theirs in walls),
		ratio=statistics.median(mine / theirs for mine, theirs in walls),
		processor_ratio=statistics.median(mine / theirs for mine, theirs in processors),
	)


def _timed(side: Side) -> tuple[float, float]:
	"""Wall-clock and processor seconds of one unit."""
	side.prepare()
	gc.collect()
	wall, processor = time.perf_counter(), time.process_time()
	side.run()
	wall, processor = time.perf_counter() - wall, time.process_time() - processor
	side.undo()
	return wall / side.units, processor / side.units


def rows_of_tables() -> dict[str, set[str] | int]:
	"""What every table of the site holds: its names, or where it has none how many rows."""
	named = set(_tables("column_name = 'name'"))
	return {
		table: set(frappe.db.sql(f"select name from `{table}`", pluck=True))
		if table in named
		else _count(table)
		for table in _tables()
	}


def forget_all_but(start: dict[str, set[str] | int]) -> None:
	"""Delete every row that has come since `rows_of_tables` and commit: the next measure finds the site as this one did.

	Tables without names are emptied if they were empty.
	"""
	for table, rows in start.items():
		if _count(table) <= (len(rows) if isinstance(rows, set) else rows):
			continue
		if not rows:
			frappe.db.sql_ddl(f"truncate table `{table}`")
		elif isinstance(rows, set):
			frappe.db.sql(f"delete from `{table}` where name not in %s", (tuple(rows),))
	frappe.db.commit()  # the site is thrown away
	frappe.clear_cache()


def _tables(having: str = "true") -> list[str]:
	return frappe.db.sql(
		"select distinct table_name from information_schema.columns join information_schema.tables using "
		f"(table_schema, table_name) where table_schema = database() and table_type = 'BASE TABLE' and {having}",
		pluck=True,
	)


def _count(table: str) -> int:
	return frappe.db.sql(f"select count(*) from `{table}`")[0][0]

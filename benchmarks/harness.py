"""What all measures share: interleaved rounds, medians, and a ratio with the bound it has to keep.

Only ratios are kept: both sides are measured in one run, turn by turn, so the machine's mood falls out.
"""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


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

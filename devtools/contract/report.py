"""What a check found: differences, and how much was looked at."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Report:
	"""Differences one a line, and counts of the things compared."""

	differences: list[str] = field(default_factory=list)
	compared: Counter = field(default_factory=Counter)

	def count(self, kind: str, number: int = 1) -> None:
		self.compared[kind] += number

	def differ(self, place: str, what: str) -> None:
		self.differences.append(f"{place}: {what}")

	def unequal(self, place: str, ours, theirs) -> None:
		"""Note that the stand-in has `ours` where ERPNext has `theirs`."""
		self.differ(place, f"stand-in has {shown(ours)}, ERPNext has {shown(theirs)}")

	def summary(self) -> str:
		looked_at = ", ".join(f"{number} {kind}" for kind, number in self.compared.items())
		return f"compared {looked_at}; {len(self.differences)} differences"


def shown(value) -> str:
	if value in (None, ""):
		return "nothing"
	text = repr(value)
	return text if len(text) <= 120 else text[:117] + "..."

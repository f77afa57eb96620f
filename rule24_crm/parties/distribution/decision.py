"""What was decided, and why."""

from dataclasses import dataclass

from frappe import _

RULE, INHERITED, CREATOR, FALLBACK, BY_HAND = (
	"Rule", "Client's Manager", "Creator", "Fallback Manager", "By Hand"
)  # fmt: skip


@dataclass(frozen=True)
class Candidate:
	"""A manager who was considered, and what spoke for or against him."""

	user: str
	name: str
	note: str
	free: bool = True

	def __str__(self) -> str:
		return f"{self.name} ({self.user}): {self.note}" if self.note else f"{self.name} ({self.user})"


@dataclass(frozen=True)
class Decision:
	"""The responsible manager of one record.

	`rule` is the name of the Distribution Rule, None where none applied; `way` one of the constants above; `explanation`
	is for people, in the language of the session.
	"""

	manager: str
	rule: str | None
	explanation: str
	way: str = RULE
	candidates: tuple[Candidate, ...] = ()

	def candidate_lines(self) -> str:
		"""The candidates for display, one a line, the chosen one marked."""
		return "\n".join(
			f"{each} - {_('chosen')}" if each.user == self.manager else str(each) for each in self.candidates
		)

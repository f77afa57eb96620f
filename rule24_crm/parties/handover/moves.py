"""A move: one value of one record that goes from the manager to a receiver, as it stands in the log."""

from __future__ import annotations

from dataclasses import dataclass, replace

#: the pseudo-field of moves that make or delete a whole row; its values are the row as JSON, or nothing
WHOLE_ROW = "*"


@dataclass(frozen=True)
class Move:
	"""What one line of `Client Handover Item` says.

	:param field: the field; a table of the record when `row` is given or the DocType keeps users in a table; `WHOLE_ROW`.
	:param row: name of the row in the table.
	:param old: the value before, nothing for what did not exist.
	:param new: the value after, nothing for what is taken away.
	"""

	doctype: str
	name: str
	field: str
	old: str
	new: str
	row: str = ""

	def back(self) -> Move:
		"""The move that takes this one back."""
		return replace(self, old=self.new, new=self.old)


@dataclass(frozen=True)
class Step:
	"""A move with what people are told about it.

	:param kind: what they call it, a DocType.
	:param receiver: who gets it.
	"""

	kind: str
	title: str
	receiver: str
	move: Move

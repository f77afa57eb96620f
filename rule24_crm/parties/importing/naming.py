"""Names for clients whose names are taken, the way ERPNext itself numbers namesakes."""

from __future__ import annotations

import re

import frappe
from pypika.terms import Criterion

from rule24_crm.parties.record_names import DATA_LENGTH, same_name

#: room for the number after a long title
NUMBER_LENGTH = 12
#: titles whose namesakes are looked for in one statement
CHUNK = 100
_NUMBERED = re.compile(r"^(?P<base>.*) - (?P<number>\d+)$", re.DOTALL)


class FreeNames:
	"""Names of one DocType that are named by what they are called: Customer and Prospect.

	ERPNext gives the second «Ромашка» the name «Ромашка - 1» and lets both be called «Ромашка». Names taken here count as
	taken at once, before they are written.

	:param wanted: names that will be asked for; those in the base are loaded at once.
	"""

	def __init__(self, doctype: str, wanted: list[str]):
		self.doctype = doctype
		self._taken: set[str] = set()
		self._numbers: dict[str, int] = {}
		#: titles whose namesakes are known with their numbers
		self._counted: set[str] = set()
		for doctype_ in (doctype, "Customer Group") if doctype == "Customer" else (doctype,):
			# a Customer may not be called as a Customer Group either
			for start in range(0, len(wanted), 2000):
				found = frappe.get_all(
					doctype_, {"name": ("in", wanted[start : start + 2000])}, pluck="name", order_by=None
				)  # names taken by whomever
				self._taken.update(map(same_name, found))
		self._in_the_base = [title.strip() for title in wanted if same_name(title) in self._taken]

	def take(self, title: str) -> str:
		"""The title itself, or the title with the next number."""
		title = title.strip()
		name = title
		while same_name(name) in self._taken:
			self._load_numbers(title)
			number = self._numbers.get(same_name(title), 0) + 1
			self._numbers[same_name(title)] = number
			mark = f" - {number}"
			name = title[: DATA_LENGTH - len(mark)].rstrip() + mark
		self._taken.add(same_name(name))
		return name

	def _load_numbers(self, title: str) -> None:
		"""Numbers that namesakes have, of all titles in the base at once: of theirs only, however many others have one."""
		if same_name(title) in self._counted:
			return
		due = {
			same_name(each): each
			for each in (*self._in_the_base, title)
			if same_name(each) not in self._counted
		}
		self._counted.update(due)
		titles = list(due.values())
		table = frappe.qb.DocType(self.doctype)
		for start in range(0, len(titles), CHUNK):
			namesakes = Criterion.any(
				table.name.like(_numbered(each)) for each in titles[start : start + CHUNK]
			)
			for (name,) in frappe.qb.from_(table).select(table.name).where(namesakes).run():
				if match := _NUMBERED.match(name):
					base, number = same_name(match["base"]), int(match["number"])
					self._numbers[base] = max(self._numbers.get(base, 0), number)
					self._taken.add(same_name(name))


def _numbered(title: str) -> str:
	"""What names of a title with a number are like; a long title gives way to the number."""
	kept = title[: DATA_LENGTH - NUMBER_LENGTH].rstrip()  # blanks before the number are left out
	literally = kept.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
	return f"{literally} - %" if kept == title else f"{literally}%"

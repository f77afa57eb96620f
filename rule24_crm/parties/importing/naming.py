"""Names for clients whose names are taken, the way ERPNext itself numbers namesakes."""

from __future__ import annotations

import re

import frappe

NAME_LENGTH = 140
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
		self._numbers_loaded = False
		for doctype_ in (doctype, "Customer Group") if doctype == "Customer" else (doctype,):
			# a Customer may not be called as a Customer Group either
			for start in range(0, len(wanted), 2000):
				found = frappe.get_all(
					doctype_, {"name": ("in", wanted[start : start + 2000])}, pluck="name", order_by=None
				)  # names taken by whomever
				self._taken.update(map(_key, found))

	def take(self, title: str) -> str:
		"""The title itself, or the title with the next number."""
		title = title.strip()
		name = title
		while _key(name) in self._taken:
			self._load_numbers()
			number = self._numbers.get(_key(title), 0) + 1
			self._numbers[_key(title)] = number
			mark = f" - {number}"
			name = title[: NAME_LENGTH - len(mark)] + mark
		self._taken.add(_key(name))
		return name

	def _load_numbers(self) -> None:
		if self._numbers_loaded:
			return
		self._numbers_loaded = True
		for name in frappe.get_all(self.doctype, {"name": ("like", "% - %")}, pluck="name", order_by=None):
			if match := _NUMBERED.match(name):
				base, number = _key(match["base"]), int(match["number"])
				self._numbers[base] = max(self._numbers.get(base, 0), number)
				self._taken.add(_key(name))


def _key(name: str) -> str:
	"""Names that MariaDB holds for the same."""
	return name.strip().casefold().replace("ё", "е")

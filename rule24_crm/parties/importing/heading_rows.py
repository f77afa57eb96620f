"""Headings in two or three rows: «Контакт» over «Телефон» and «E-mail», as merged cells leave them in a file.

Of merged cells the first one has the text, in a workbook as in a CSV file; those to its right, or below it, are empty.
"""

from __future__ import annotations

from rule24_crm.parties.identity.legal_forms import kind_of
from rule24_crm.parties.importing.headings import GROUPED, field_for, group_of

DEEPEST = 3
#: a cell with more digits than that is a value, not a heading
_DIGITS = 4


def count(rows: list[list[str]], index: int) -> int:
	"""How many rows from this one on are the headings of one table; 1 where nothing says that there are more."""
	top, found = rows[index], 1
	while found < DEEPEST and index + found < len(rows) and _is_over(top, rows[index + found]):
		top = _under(top, rows[index + found])
		found += 1
	return found


def together(rows: list[list[str]]) -> list[str]:
	"""The headings of these rows as one: «Контакт → Телефон»."""
	top = rows[0]
	for row in rows[1:]:
		top = _under(top, row)
	return top


def _under(top: list[str], row: list[str]) -> list[str]:
	"""A row of headings under another; cells that are merged over both stay as they are."""
	width, found = max(len(top), len(row)), []
	above, below = _padded(top, width), _padded(row, width)
	for at, owner in enumerate(_owners(above)):
		group = above[owner] if owner is not None and below[owner] else ""
		if not below[at]:
			found.append(above[at])
		else:
			found.append(f"{group}{GROUPED}{below[at]}" if group else below[at])
	return found


def _padded(row: list[str], width: int) -> list[str]:
	return [cell.strip() for cell in row] + [""] * (width - len(row))


def _owners(row: list[str]) -> list[int | None]:
	"""For each column the nearest one at its left, or itself, that has a text."""
	owners, owner = [], None
	for at, cell in enumerate(row):
		owner = at if cell else owner
		owners.append(owner)
	return owners


def _is_over(top: list[str], row: list[str]) -> bool:
	"""Whether one row groups the headings of the row below it.

	A title above one row of headings is none: it stands over all of them. Nor is a row of headings over a row of values, even
	if some headings are empty: values are no known headings.
	"""
	width = max(len(top), len(row))
	above, below = _padded(top, width), _padded(row, width)
	given = [at for at, cell in enumerate(below) if cell]
	if any(_is_value(below[at]) for at in given):
		return False
	owners = _owners(above)
	groups = [
		at
		for at, cell in enumerate(above)
		if cell and below[at] and sum(1 for each in given if owners[each] == at) > 1
	]
	is_title = sum(map(bool, above)) == 1 and all(owners[at] is not None for at in given)
	if is_title or not groups:
		return False
	headings = _under(top, row)
	known = [at for at in given if field_for(headings[at])]
	if len(known) < 2 or 2 * len(known) < len(given):
		return False
	alone = [at for at in given if above[at] and at not in groups and field_for(above[at])]
	if len({owners[at] for at in known}) == 1 and not set(alone) <= set(known):
		return False  # «Ромашка» under «Компания» is a client, though there are «Директор» and «Почта» under «Контакт»
	if any(cell and not below[at] and field_for(cell) for at, cell in enumerate(above)):
		return True  # a heading of its own that is merged over both rows
	return all(group_of(above[at]) or field_for(above[at]) for at in groups) and not _is_sentence(
		above, groups
	)


def _is_value(cell: str) -> bool:
	"""An address, a number, a company: «ООО Роза», but not «ОГРН (ИП)»."""
	if "@" in cell or sum(char.isdigit() for char in cell) > _DIGITS:
		return True
	return bool(kind_of(cell)) and not field_for(cell)


def _is_sentence(row: list[str], groups: list[int]) -> bool:
	"""«Контакты клиентов на 01.02.2024» is a title."""
	return any(len(row[at].split()) > 3 or sum(char.isdigit() for char in row[at]) > 1 for at in groups)

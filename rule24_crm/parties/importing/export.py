"""Rows of the register as a workbook: as they came, corrections included, each with its state and the reason in words.

The file can be corrected and imported again. No cell is a formula, whatever stands in it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import frappe
from frappe import _

from rule24_crm.parties.importing.checking import as_cell
from rule24_crm.parties.importing.recognising import MEANING_OF
from rule24_crm.parties.importing.register import COLUMNS, ROW

CHUNK = 2000
#: XML has no place for these characters
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32)])


def workbook(doc, states: list[str]) -> bytes:
	"""An XLSX file of the rows in these states.

	:param doc: a Party Import the user may read.
	"""
	from openpyxl import Workbook
	from openpyxl.cell import WriteOnlyCell
	from openpyxl.styles import Alignment, Font

	book = Workbook(write_only=True)
	sheet = book.create_sheet(_("Rows"))
	widths = [8, 14, 60, *([22] * len(doc.columns))]
	for number, width in enumerate(widths, start=1):
		sheet.column_dimensions[_letter(number)].width = width
	sheet.freeze_panes = "A2"

	def cell(value, **style):
		if isinstance(value, str):
			value = value.translate(_CONTROLS)[:32_000]
		made = WriteOnlyCell(sheet, value=value)
		if isinstance(value, str):
			made.data_type = "s"  # openpyxl takes what begins with "=" for a formula
		for name, setting in style.items():
			setattr(made, name, setting)
		return made

	bold, wrapped = Font(bold=True), Alignment(wrap_text=True, vertical="top")
	headings = [_("Row"), _("State"), _("Reason"), *(column.heading for column in doc.columns)]
	sheet.append([cell(as_cell(heading), font=bold) for heading in headings])
	for row in _rows(doc, states):
		sheet.append(
			[
				cell(row.row_no),
				cell(_(row.state, context=ROW)),
				cell(as_cell(row.reason or ""), alignment=wrapped),
				*(cell(value) for value in _values(doc, row)),
			]
		)
	out = io.BytesIO()
	book.save(out)
	return out.getvalue()


def _rows(doc, states: list[str]) -> Iterator:
	last = ""
	while rows := frappe.get_all(  # of an import the user may read
		ROW,
		{"party_import": doc.name, "state": ("in", states), "name": (">", last)},
		["*"],
		order_by="name",
		limit=CHUNK,
	):
		last = rows[-1].name
		yield from rows


def _values(doc, row) -> Iterator[str]:
	"""Cells under the file's own headings; a corrected value stands in the first column of its field."""
	cells = json.loads(row.cells or "[]")
	seen = set()
	for number, column in enumerate(doc.columns):
		cell = as_cell(cells[number]) if number < len(cells) else ""
		field = MEANING_OF.get(column.meaning)
		if field:
			now = row[COLUMNS[field]] or ""
			mine = [
				cells[other]
				for other, each in enumerate(doc.columns)
				if MEANING_OF.get(each.meaning) == field and other < len(cells) and cells[other]
			]
			if now not in (as_cell("; ".join(mine)), as_cell(mine[0]) if mine else ""):
				cell = "" if field in seen else now
			seen.add(field)
		yield cell


def _letter(number: int) -> str:
	from openpyxl.utils import get_column_letter

	return get_column_letter(number)

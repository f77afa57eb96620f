"""Read a file of companies and people: CSV or XLSX, as a stream of records under the headings they belong to."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from frappe import _

from rule24_crm.exceptions import ImportFileError
from rule24_crm.parties.importing.csv_files import CsvFile
from rule24_crm.parties.importing.headings import (
	BUILDING,
	HOUSE,
	LISTS,
	OFFICE,
	STREET,
	is_plain_address,
	part_of_address,
	part_of_name,
)
from rule24_crm.parties.importing.recognising import Layout, recognise
from rule24_crm.parties.importing.xlsx_files import XlsxFile

ROWS = 200_000
FILE_BYTES = 150_000_000
#: characters of a record; what is longer is a text file, not a row of a base
RECORD_LENGTH = 60_000
_SIGNATURES = (
	(b"\xd0\xcf\x11\xe0", "XLS"),
	(b"%PDF", "PDF"),
	(b"\x1f\x8b", "GZIP"),
	(b"Rar!", "RAR"),
	(b"7z\xbc\xaf", "7Z"),
)


@dataclass(frozen=True)
class Record:
	"""One row of the file. `line` counts records as a spreadsheet does: the headings are usually row 1."""

	line: int
	values: dict[str, str]
	cells: tuple[str, ...]
	error: str = ""
	warning: str = ""


@dataclass(frozen=True)
class Sheet:
	"""A file that has been understood: its own headings, and the rows under them."""

	headings: tuple[str, ...]
	columns: dict[str, str]  # field -> the heading it was found under
	records: tuple[Record, ...] = ()


class Table:
	"""A file with the layout it is read by.

	:raises ImportFileError: it is empty, too large, or neither CSV nor XLSX.
	"""

	def __init__(self, opener: Callable[[], BinaryIO], size: int, layout: Layout | None = None):
		layout = layout or Layout()
		self.file = _file(opener, size, layout)
		self.layout = recognise(self.file, layout)
		self.file.delimiter = self.layout.delimiter

	def survey(self) -> None:
		"""Read through once: refuse what cannot be read to its end, before anything is kept."""
		self.file.survey(ROWS + self._last_heading())

	def sheet(self) -> Sheet:
		"""Headings and columns, without the rows."""
		columns: dict[str, str] = {}
		for column in self.layout.columns:
			if column.field:
				columns.setdefault(column.field, column.heading)
		return Sheet(tuple(column.heading for column in self.layout.columns), columns)

	def _last_heading(self) -> int:
		"""Number of the row after which the clients begin; 0 when there are no headings."""
		first, count = self.layout.header_row, self.layout.header_rows
		return first and first + max(count, 1) - 1

	def records(self) -> Iterator[Record]:
		"""The rows under the headings, empty ones left out."""
		fields = [column.field for column in self.layout.columns]
		parts = _parts(self.layout)
		last = self._last_heading()
		for line, row in enumerate(self.file.rows(), start=1):
			if line <= last:
				continue
			cells = tuple(cell.strip() for cell in row)
			if any(cells):
				yield _record(line, fields, cells, parts)


def open_path(path: str | Path, layout: Layout | None = None) -> Table:
	"""A file on disk."""
	return Table(lambda: open(path, "rb"), Path(path).stat().st_size, layout)


def read(content: bytes) -> Sheet:
	"""Read a whole file that must tell by itself what its columns mean.

	:raises ImportFileError: it is empty, is no table, its quotes do not close, or it has no column with names.
	"""
	table = Table(lambda: io.BytesIO(content), len(content))
	sheet = table.sheet()
	if "name" not in sheet.columns:
		raise no_names(sheet.headings)
	table.survey()
	return Sheet(sheet.headings, sheet.columns, tuple(table.records()))


def no_names(headings: tuple[str, ...]) -> ImportFileError:
	"""The error of a file in which no column is known to hold the names of clients."""
	return ImportFileError(
		_(
			"The file has no column with names. Its first row is: {0}. A heading such as {1} is needed."
		).format(", ".join(headings)[:200] or "-", "«Наименование», «Название», «Компания», “Name”")
	)


def _file(opener: Callable[[], BinaryIO], size: int, layout: Layout) -> CsvFile | XlsxFile:
	if size > FILE_BYTES:
		raise ImportFileError(
			_("The file is larger than {0} MB. Split it and import the parts one after another.").format(
				FILE_BYTES // 1_000_000
			)
		)
	with opener() as stream:
		head = stream.read(8192)
	if not head.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
		raise ImportFileError(_("The file is empty."))
	if head.startswith(b"PK\x03\x04"):
		return XlsxFile(opener, layout.worksheet)
	for signature, name in _SIGNATURES:
		if head.startswith(signature):
			raise ImportFileError(
				_("This is a {0} file. Save the table as XLSX or CSV and upload it again.").format(name)
			)
	return CsvFile(opener, layout.encoding, layout.delimiter)


#: place of the patronymic among the parts of a name
_PATRONYMIC = 3
#: what stands under «Дом» or «Офис» without a word of its own: 5, 5А, 12/3
_BARE = re.compile(r"\d+\s?[^\W\d_]?([/-]\d+[^\W\d_]?)?")
#: how a street says that it has such a part itself
_HAS_PART = {
	place: re.compile(rf"(?<!\w)({words})\b\.?\s*(№|no\.?)?\s*\d", re.IGNORECASE)
	for place, words in {
		HOUSE: "д|дом|вл|владение|house",
		BUILDING: "к|корп|корпус|стр|строение|bldg|building|block",
		OFFICE: "оф|офис|пом|помещение|кв|квартира|office|suite|flat|apartment|apt|unit",
	}.items()
}


def _parts(layout: Layout) -> dict[str, list[tuple[int, int, str]]]:
	"""Field -> (place in the whole, column, what is written before a number) where a name or address stands in several columns."""
	found: dict[str, list[tuple[int, int, str]]] = {}
	whole = []
	for at, column in enumerate(layout.columns):
		place, before = part_of_name(column.heading), ""
		if column.field == "address":
			place, before = part_of_address(column.heading)
			if is_plain_address(column.heading):
				whole.append((STREET, at, ""))
		if column.field in ("name", "contact", "address") and place:
			found.setdefault(column.field, []).append((place, at, before))
	if whole and all(place != STREET for place, _at, _before in found.get("address", ())):
		found.setdefault("address", []).append(whole[0])  # «Адрес» beside «Дом» is the street
	return {field: sorted(places) for field, places in found.items() if len(places) > 1}


def _together(field: str, cells: tuple[str, ...], places: list[tuple[int, int, str]]) -> str:
	"""«Иванов Иван Иванович», and without a patronymic «Иван Иванов»: so it is read which of them is the surname.

	An address: «ул. Ленина, д. 5, оф. 12».
	"""
	given = [(place, cells[at], before) for place, at, before in places if at < len(cells) and cells[at]]
	if field == "address":
		street = given[0][1] if given and given[0][0] == STREET else ""
		return ", ".join(
			f"{before}{cell}" if _BARE.fullmatch(cell) else cell
			for place, cell, before in given
			if place == STREET or not _has_part(street, place, cell, before)
		)
	if all(place != _PATRONYMIC for place, _cell, _before in given):
		given.reverse()
	return " ".join(cell for _place, cell, _before in given)


def _has_part(street: str, place: int, cell: str, before: str) -> bool:
	"""Whether house or office are written with the street already: «ул. Ленина, д. 5», or «Ленина, 5» for the house 5.

	:param before: what is written before a mere number; «Address Line 2», which has nothing there, may be anything.
	"""
	has = _HAS_PART[place].search
	if before and (_BARE.fullmatch(cell) or has(cell)) and has(street):
		return True
	return place == HOUSE and bool(re.search(rf"[,\s]{re.escape(cell)}\s*(,|$)", street, re.IGNORECASE))


def _record(
	line: int,
	fields: list[str],
	cells: tuple[str, ...],
	parts: dict[str, list[tuple[int, int, str]]] | None = None,
) -> Record:
	error = warning = ""
	if sum(map(len, cells)) > RECORD_LENGTH:
		error = _(
			"The row is longer than {0} characters. Shorten it, or close a quotation mark in it."
		).format(RECORD_LENGTH)
		cells = tuple(cell[:200] for cell in cells[: len(fields)])
	else:
		warning = shape_warning(cells, len(fields))
	values: dict[str, str] = {}
	parts = parts or {}
	in_parts = {at for places in parts.values() for _place, at, _before in places}
	for at, (field, cell) in enumerate(zip(fields, cells, strict=False)):
		if not field or not cell or at in in_parts:
			continue
		if field not in values:
			values[field] = cell
		elif field in LISTS:
			values[field] += f"; {cell}"
	for field, places in parts.items():
		if field not in values and (together := _together(field, cells, places)):
			values[field] = together
	return Record(line, values, cells, error, warning)


def shape_warning(cells: tuple[str, ...], width: int) -> str:
	"""What is wrong with a row that has more values than there are headings, or nothing."""
	if len(cells) <= width or not any(cells[width:]):
		return ""
	return _(
		"the row has {0} values for {1} headings: a value with the separator in it needs quotation marks"
	).format(len(cells), width)

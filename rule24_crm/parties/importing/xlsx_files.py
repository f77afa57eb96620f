"""An XLSX workbook read as a stream, with what a hostile one could do measured before and while it is read."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable, Iterator
from typing import BinaryIO

from frappe import _

from rule24_crm.exceptions import ImportFileError
from rule24_crm.parties.importing.csv_files import too_many_rows
from rule24_crm.parties.importing.xlsx_texts import Texts

ENTRIES = 2_000
#: bytes after unpacking: the sheet is streamed, the texts and all the rest are held in memory
SHEET_BYTES = 1_000_000_000
TEXTS_BYTES = 120_000_000
OTHER_BYTES = 20_000_000
#: bytes of the sheet between one row and the next: as cells they take up to a hundred times as many
ROW_BYTES = 2_000_000


class XlsxFile:
	"""Rows of one worksheet as text.

	:param opener: gives a new stream over the bytes each time it is called.
	:param worksheet: empty: the first one that is visible.
	:raises ImportFileError: it is not a workbook, or it would unpack to more than is sane.
	"""

	kind = "XLSX"
	encoding = delimiter = ""
	delimiters = ("",)

	def __init__(self, opener: Callable[[], BinaryIO], worksheet: str = ""):
		self.opener = opener
		self.worksheet = worksheet
		self.worksheets: tuple[str, ...] = ()
		self._texts: Texts | None = None
		with opener() as stream:
			_measure(stream)

	def rows(self, delimiter: str = "", limit: int | None = None) -> Iterator[list[str]]:
		"""Rows of the worksheet; formulas give the value that was last computed."""
		with self.opener() as stream:
			meter = _Meter()
			book = self._open(stream, meter)
			try:
				sheet = self._sheet(book)
				sheet.reset_dimensions()  # a workbook may claim 16,384 columns
				for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
					meter.next_row()
					yield _trimmed([as_text(value) for value in row])
					if number == limit:
						return
			except ImportFileError:
				raise
			except Exception as error:  # openpyxl and the XML reader have no error of their own
				raise _broken() from error
			finally:
				book.close()

	def survey(self, longest: int) -> None:
		"""Read through once, before anything is kept.

		:raises ImportFileError: it is broken or too long.
		"""
		for number, _row in enumerate(self.rows(), start=1):
			if number > longest:
				raise too_many_rows(longest)

	def _open(self, stream: BinaryIO, meter: _Meter):
		"""The workbook; its texts are read once, however often it is gone through."""
		from openpyxl.reader.excel import SHARED_STRINGS, ExcelReader

		try:
			reader = ExcelReader(stream, read_only=True, data_only=True, keep_links=False)
			meter.watch(reader.archive)

			def read_strings():
				part = reader.package.find(SHARED_STRINGS)
				if part is not None and self._texts is None:
					with reader.archive.open(part.PartName[1:]) as source:
						self._texts = Texts(source)
				reader.shared_strings = self._texts or []

			reader.read_strings = read_strings
			reader.read()
			meter.opened = True
			return reader.wb
		except Exception as error:  # as above
			raise _broken() from error

	def _sheet(self, book):
		self.worksheets = tuple(sheet.title for sheet in book.worksheets)
		if not self.worksheets:
			raise ImportFileError(_("The workbook has no worksheet."))
		if self.worksheet:
			if self.worksheet not in self.worksheets:
				raise ImportFileError(
					_("There is no worksheet «{0}» in the file. There are: {1}.").format(
						self.worksheet, ", ".join(self.worksheets)
					)
				)
			return book[self.worksheet]
		visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
		return (visible or book.worksheets)[0]


_NO_SHEET = (
	b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
)


def _is_sheet(name: str) -> bool:
	return "worksheets/" in name.lower() and not name.lower().endswith(".rels")


class _Meter:
	"""Counts what is unpacked of the sheets, whatever the directory of the archive has said.

	Until the workbook is open, sheets look empty: openpyxl would go through each of them in search of its dimensions.
	"""

	def __init__(self):
		self.total = self.since = 0
		self.opened = False

	def watch(self, archive: zipfile.ZipFile) -> None:
		"""Count what is read of this archive from now on."""
		plain = archive.open

		def guarded(name, *args, **kwargs):
			if not _is_sheet(getattr(name, "filename", name)):
				return plain(name, *args, **kwargs)
			return self._counted(plain(name, *args, **kwargs)) if self.opened else io.BytesIO(_NO_SHEET)

		archive.open = guarded

	def _counted(self, stream):
		read = stream.read

		def measured(*size):
			data = read(*size)
			self.count(len(data))
			return data

		stream.read = measured
		return stream

	def count(self, size: int) -> None:
		self.total += size
		self.since += size
		if self.since > ROW_BYTES:
			raise ImportFileError(
				_("A row of the workbook is larger than {0} MB. This is not a client base.").format(
					ROW_BYTES // 1_000_000
				)
			)
		if self.total > SHEET_BYTES:
			raise _too_large()

	def next_row(self) -> None:
		self.since = 0


def _measure(stream: BinaryIO) -> None:
	"""Look at the archive's directory before anything of it is unpacked."""
	try:
		with zipfile.ZipFile(stream) as archive:
			entries = archive.infolist()
	except zipfile.BadZipFile as error:
		raise _broken() from error
	if len(entries) > ENTRIES:
		raise _too_large()
	texts = sheets = other = 0
	for entry in entries:
		if entry.flag_bits & 1:
			raise ImportFileError(_("The workbook is protected by a password. Save it without one."))
		name = entry.filename.lower()
		if name.endswith("sharedstrings.xml"):
			texts += entry.file_size
		elif _is_sheet(name):
			sheets += entry.file_size
		elif not name.startswith("xl/media/"):
			other += entry.file_size
	if texts > TEXTS_BYTES or sheets > SHEET_BYTES or other > OTHER_BYTES:
		raise _too_large()


def _broken() -> ImportFileError:
	return ImportFileError(
		_(
			"The file cannot be read as an XLSX workbook. Open it, save it as XLSX or CSV, and upload it again."
		)
	)


def _too_large() -> ImportFileError:
	return ImportFileError(
		_(
			"Unpacked, the workbook is too large. Save the table alone as CSV, or split it and import the parts."
		)
	)


#: a spreadsheet keeps 15 digits of a number: what is longer has lost its last ones, and is shown so that this is seen
EXACT = 10**15


def as_text(value) -> str:
	"""A cell as a person reads it: whole numbers without a fraction, days without a time of day."""
	if value is None:
		return ""
	if isinstance(value, bool):
		return "1" if value else "0"
	if isinstance(value, int | float) and abs(value) >= EXACT:
		return f"{value:.5E}"
	if isinstance(value, float):
		return str(int(value)) if value.is_integer() else repr(value)
	if isinstance(value, datetime.datetime):
		return str(value.date()) if value.time() == datetime.time() else str(value)
	return str(value)


def _trimmed(row: list[str]) -> list[str]:
	while row and not row[-1]:
		row.pop()
	return row

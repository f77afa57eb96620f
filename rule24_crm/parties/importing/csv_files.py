"""A CSV file, however the other side's program wrote it, read as a stream.

Comma, semicolon, tab or bar; UTF-8 with or without BOM, UTF-16, cp1251; separators, quotes and line breaks inside values.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import BinaryIO

from frappe import _

from rule24_crm.exceptions import ImportFileError

DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "cp866", "koi8-r")
#: a file to which somebody has added lines in another encoding: those that cannot be UTF-8 are all in one code page
MIXED = "utf-8/cp1251"
#: signs beyond ASCII that make up no UTF-8 by chance
_NO_CHANCE = 3
BLOCK = 1 << 20
#: a value longer than this is no value: a quotation mark before it is not closed (what csv itself allows)
VALUE_LENGTH = 131_072
#: characters of one record at most, whatever is in them: as values they take up to a hundred times as many bytes
ROW_LENGTH = 2_000_000


class CsvFile:
	"""Rows of a CSV file; the file is never in memory as a whole.

	:param opener: gives a new stream over the bytes each time it is called.
	:param encoding: empty to recognise it.
	"""

	kind = "CSV"

	def __init__(self, opener: Callable[[], BinaryIO], encoding: str = "", delimiter: str = ""):
		self.opener = opener
		self.encoding = encoding or recognise_encoding(opener)
		self.delimiter = delimiter
		self.strict = False
		self._offset = 0

	@property
	def delimiters(self) -> tuple[str, ...]:
		"""The separators to try: the one that is given, or the usual ones."""
		return (self.delimiter,) if self.delimiter else DELIMITERS

	def rows(self, delimiter: str = "", limit: int | None = None) -> Iterator[list[str]]:
		"""Records of the file, from the first one on; a line `sep=;` above them is none."""
		with self.opener() as raw:
			text = self._text(raw)
			first = text.readline(16)
			if not (first.lower().startswith("sep=") and first.endswith(("\r", "\n"))):
				text.seek(0)
			lines = _Lines(text)
			reader = csv.reader(lines, delimiter=delimiter or self.delimiter or ",", strict=self.strict)
			for number, row in enumerate(reader, start=1):
				lines.of_row = 0
				yield row
				if number == limit:
					return

	def survey(self, longest: int) -> None:
		"""Read through once, before anything is kept.

		:param longest: records the file may have.
		:raises ImportFileError: quotes do not close, the file is not in that encoding, or it is too long.
		"""
		for self.strict in (True, False):
			number = 0
			try:
				for number, _row in enumerate(self.rows(), start=1):
					if number > longest:
						raise too_many_rows(longest)
				return
			except UnicodeError as error:
				raise self.written_otherwise() from error
			except _RowTooLongError as error:
				raise ImportFileError(
					_(
						"Row {0} is longer than {1} million characters. This is not a client base, or a quotation mark in it is not closed."
					).format(number + 1, ROW_LENGTH // 1_000_000)
				) from error
			except csv.Error as error:
				if "unexpected end" in str(error) or "field larger" in str(error):
					raise ImportFileError(
						_(
							"Quotation marks of a value are not closed: the rest of the file would become one value. Look at row {0} and what follows."
						).format(number + 1)
					) from error
				# «"Ромашка" ООО» without doubled quotes is not CSV, but people write it and the meaning is plain.

	def written_otherwise(self) -> ImportFileError:
		"""The error of a file that is not in the encoding it is read in; in UTF-8 a line can be told that is not."""
		line = 0
		if self.encoding == "utf-8":
			with self.opener() as raw:
				line = next((at for at, each in enumerate(_lines(raw), start=1) if not _is_utf8(each)), 0)
		if not line:
			return ImportFileError(
				_("The file is not written in {0}. Choose another encoding.").format(self.encoding)
			)
		return ImportFileError(
			_(
				"Line {0} of the file is not written in {1}. Choose another encoding, or none: it is recognised line by line."
			).format(line, self.encoding)
		)

	def _text(self, raw: BinaryIO):
		if self.encoding == MIXED:
			return _MixedText(raw, self.code_page)
		return io.TextIOWrapper(raw, encoding=self._codec(), errors=self._errors(), newline="")

	@cached_property
	def code_page(self) -> str:
		"""The code page of the lines that are not UTF-8."""
		with self.opener() as raw:
			return _code_page(_others(raw))

	def _codec(self) -> str:
		return "utf-8-sig" if self.encoding == "utf-8" else self.encoding

	def _errors(self) -> str:
		# Every byte but one means something in the Russian code pages; a stray one is no reason to refuse a base.
		return "strict" if self.encoding.startswith("utf") else "replace"


class _MixedText:
	"""A text of which every line is UTF-8 or, where it cannot be that, in a code page; as far as `CsvFile` needs one.

	:param code_page: of all those lines: one alone is too short to tell.
	"""

	def __init__(self, raw: BinaryIO, code_page: str):
		self._raw = raw
		self._code_page = code_page
		self._more: list[str] = []

	def seek(self, _start: int) -> None:
		self._raw.seek(0)
		self._more.clear()

	def readline(self, size: int) -> str:
		"""A line, or of an endless one at least `size` characters."""
		if not self._more:
			line = self._raw.readline(4 * size)  # bytes of a character
			encoding = "utf-8" if _is_utf8(line) else self._code_page
			text = line.decode(encoding, "replace").removeprefix("\ufeff")
			# csv wants lines, and a \r inside ends one, too
			self._more = re.split(r"(?<=\r)(?!\n)", text)[::-1] if "\r" in text[:-2] else [text]
		return self._more.pop()


def _lines(raw: BinaryIO) -> Iterator[bytes]:
	return iter(lambda: raw.readline(BLOCK), b"")


def _others(raw: BinaryIO) -> Iterator[bytes]:
	"""Lines that are not UTF-8."""
	return (line for line in _lines(raw) if not line.isascii() and not _is_utf8(line))


def _is_utf8(line: bytes) -> bool:
	try:
		line.decode("utf-8")
	except UnicodeDecodeError:
		return False
	return True


class _RowTooLongError(csv.Error):
	pass


class _Lines:
	"""Lines of a text for `csv.reader`, which holds a record as a whole, over however many lines it goes."""

	def __init__(self, text: io.TextIOBase):
		self._read = text.readline
		self.of_row = 0

	def __iter__(self):
		return self

	def __next__(self) -> str:
		line = self._read(ROW_LENGTH - self.of_row + 1)
		if not line:
			raise StopIteration
		self.of_row += len(line)
		if self.of_row > ROW_LENGTH:
			raise _RowTooLongError
		return line


def too_many_rows(longest: int) -> ImportFileError:
	"""The error of a file with more rows than an import takes."""
	return ImportFileError(
		_("The file has more than {0} rows. Split it and import the parts one after another.").format(longest)
	)


def recognise_encoding(opener: Callable[[], BinaryIO]) -> str:
	"""The encoding of a text file, by its mark, else by what its bytes can be.

	:raises ImportFileError: it is no text at all.
	"""
	with opener() as stream:
		head = stream.read(BLOCK)
		if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
			return "utf-16"
		if wide := _wide(head):
			return wide
		decoder = codecs.getincrementaldecoder("utf-8")()
		utf8, block = True, head
		while block:
			if b"\0" in block or _controls(block) > len(block) // 50:
				raise ImportFileError(
					_(
						"This is not a table: neither CSV nor XLSX. Save it in one of these and upload it again."
					)
				)
			if utf8:
				try:
					decoder.decode(block)
				except UnicodeDecodeError:
					utf8 = False
			block = stream.read(BLOCK)
		if utf8:
			try:
				decoder.decode(b"", final=True)
				return "utf-8"
			except UnicodeDecodeError:
				pass
	with opener() as stream:
		for line in _lines(stream):
			if (
				not line.isascii()
				and _is_utf8(line)
				and sum(char > "\x7f" for char in line.decode()) >= _NO_CHANCE
			):
				return MIXED
	with opener() as stream:
		return _code_page(_others(stream))


_RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
#: quotation marks, dashes, dots and the no-break space of cp1251 and cp1252, which are letters in cp866: they tell nothing
_SIGNS = "…‘’“”•–—\u00a0«»".encode("cp1251")
#: code page -> words in it: at least two neighbours of the bytes that are Russian letters in it
_WORDS = {
	page: re.compile(
		b"[%s]{2,}" % re.escape((_RUSSIAN + _RUSSIAN.upper()).encode(page).translate(None, _SIGNS))
	)
	for page in ("cp1251", "cp866")
}


def _code_page(lines: Iterable[bytes]) -> str:
	"""cp1251, or cp866 of DOS where clearly more letters make up words in that. Only counters are kept of the lines."""
	letters = dict.fromkeys(_WORDS, 0)
	for line in lines:
		for page, words in _WORDS.items():
			letters[page] += len(line) - len(words.sub(b"", line))
	# a text in cp866 has more than twice as many, one in cp1251 fewer
	return "cp866" if 2 * letters["cp866"] > 3 * letters["cp1251"] else "cp1251"


def _wide(head: bytes) -> str:
	"""UTF-16 without its mark: one byte of nearly every pair is the same small number."""
	sample = head[:2000]
	if b"\0" not in sample or len(sample) < 4:
		return ""
	for encoding in ("utf-16-le", "utf-16-be"):
		try:
			text = sample[: len(sample) // 2 * 2].decode(encoding)
		except UnicodeDecodeError:
			continue
		if all(char.isprintable() or char in "\r\n\t" for char in text):
			return encoding
	return ""


_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\v\x1a"))


def _controls(block: bytes) -> int:
	return len(block) - len(block.translate(None, _CONTROLS))

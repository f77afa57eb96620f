"""The shared texts of an XLSX workbook, in a tenth of the memory that a list of them takes.

Excel keeps every text of a workbook once, in one table. A base of 100,000 clients has a million of them: as Python strings
they would be most of what a worker may use.
"""

from __future__ import annotations

from array import array
from typing import BinaryIO
from xml.parsers import expat

BLOCK = 1 << 16


class Texts:
	"""The table as one block of bytes; `texts[number]` is a text, as openpyxl asks for it.

	:param stream: `xl/sharedStrings.xml`; its size is the caller's to limit.
	:raises xml.parsers.expat.ExpatError: it is not XML.
	:raises ValueError: it declares entities, which no workbook needs.
	"""

	def __init__(self, stream: BinaryIO):
		self._bytes = bytearray()
		self._ends = array("I", [0])
		self._parts: list[str] = []
		self._inside = self._spoken = False
		parser = expat.ParserCreate(namespace_separator=" ")
		parser.buffer_text = True
		parser.StartDoctypeDeclHandler = _refuse
		parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
		parser.CharacterDataHandler = self._text
		while block := stream.read(BLOCK):
			parser.Parse(block)
		parser.Parse(b"", True)

	def __len__(self) -> int:
		return len(self._ends) - 1

	def __getitem__(self, number: int) -> str:
		if not 0 <= number < len(self):
			raise IndexError(number)
		return self._bytes[self._ends[number] : self._ends[number + 1]].decode()

	# a text is <si><t>..</t></si>, or runs of one format each: <si><r><t>..</t></r><r>..</r></si>; <rPh> is how it is read aloud

	def _start(self, name: str, _attributes: dict) -> None:
		name = name.rpartition(" ")[2]
		if name == "t":
			self._inside = not self._spoken
		elif name == "rPh":
			self._spoken = True

	def _text(self, text: str) -> None:
		if self._inside:
			self._parts.append(text)

	def _end(self, name: str) -> None:
		name = name.rpartition(" ")[2]
		if name == "t":
			self._inside = False
		elif name == "rPh":
			self._spoken = False
		elif name == "si":
			# as openpyxl: the escape of an underscore
			self._bytes += "".join(self._parts).replace("x005F_", "").encode()
			self._ends.append(len(self._bytes))
			self._parts.clear()


def _refuse(*_declaration) -> None:
	raise ValueError("a document type is declared")

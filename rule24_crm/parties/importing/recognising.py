"""Recognise how a file is laid out: separator, row of headings, meaning of every column.

Whatever is given (by a person, or by a template) stays; the rest is recognised.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace

from frappe import _

from rule24_crm.exceptions import ImportFileError
from rule24_crm.parties.importing import heading_rows
from rule24_crm.parties.importing.headings import (
	GROUPED,
	HEADINGS,
	HOUSE,
	STREET,
	field_by_values,
	field_for,
	group_of,
	is_plain_address,
	key,
	own,
	part_of_address,
	part_of_name,
)

HEADER_WITHIN = 10  # records: exports of accounting programs put a title above the headings
SAMPLE = 20
#: fields that make up one address
ADDRESS = ("address", "city", "region", "postal_code", "country")
COLUMNS = 500

#: what people choose a meaning of a column from -> field
MEANING_OF = {
	"Name": "name",
	"Kind of Client": "kind",
	"INN": "inn",
	"INN/KPP": "inn_kpp",
	"KPP": "kpp",
	"OGRN": "ogrn",
	"Address": "address",
	"City": "city",
	"Region": "region",
	"Postal Code": "postal_code",
	"Country": "country",
	"Phone": "phone",
	"E-mail": "email",
	"Website": "website",
	"Contact Person": "contact",
	"Job Title": "job_title",
	"Industry": "industry",
	"Number of Employees": "employees",
	"Bank Account No": "account",
	"BIC": "bic",
	"Bank": "bank",
	"Market Segment": "segment",
	"Responsible": "manager",
}
MEANING = {field: meaning for meaning, field in MEANING_OF.items()}


@dataclass(frozen=True)
class Column:
	"""One column of the file. `sample` is a value of it, for a person to recognise it by."""

	heading: str
	field: str = ""
	sample: str = ""


@dataclass(frozen=True)
class Layout:
	"""How a file is to be read. Empty values are recognised; `header_row` 0 says that there are no headings.

	:param header_rows: how many rows the headings take, from `header_row` on; see `heading_rows`.
	:param fields: key of a heading -> field, from a template or a person; an empty field means "leave it out".
	"""

	encoding: str = ""
	delimiter: str = ""
	worksheet: str = ""
	header_row: int | None = None
	header_rows: int = 0
	columns: tuple[Column, ...] = ()
	fields: dict[str, str] | None = None


def recognise(file, layout: Layout) -> Layout:
	"""The layout with everything in it.

	:param file: a `CsvFile` or `XlsxFile`.
	:raises ImportFileError: the file has no rows, or more columns than a client base can have.
	"""
	best: tuple[tuple, str, int, int, list[list[str]]] | None = None
	for delimiter in file.delimiters:
		rows = _head(file, delimiter, layout)
		for index, deep in _candidates(rows, layout):
			score = _score(heading_rows.together(rows[index : index + deep]), rows[index + deep :])
			if best is None or score > best[0]:
				best = (score, delimiter, index, deep, rows)
	if best is None:
		file.survey(SAMPLE)  # it may be one value without end
		raise ImportFileError(
			_("The file is empty.")
			if layout.header_row is None
			else _("There is no row {0} with headings in the file.").format(layout.header_row)
		)
	_scored, delimiter, index, deep, rows = best
	header_row = index + 1 if layout.header_row is None else layout.header_row
	if header_row:
		headings = [cell.strip() for cell in heading_rows.together(rows[index : index + deep])]
		body = rows[index + deep :]
	else:
		headings, body = [], rows
	width = max((len(row) for row in body), default=0)
	if header_row == 0:
		headings = [_("Column {0}").format(number + 1) for number in range(width)]
	if len(headings) > COLUMNS:
		raise ImportFileError(
			_(
				"The table has {0} columns. At most {1} are taken; leave out what is no data of clients."
			).format(len(headings), COLUMNS)
		)
	return replace(
		layout,
		encoding=file.encoding,
		delimiter=delimiter,
		header_row=header_row,
		header_rows=deep,
		columns=_columns(headings, body, layout.fields),
	)


def _candidates(rows: list[list[str]], layout: Layout) -> Iterator[tuple[int, int]]:
	"""Where the headings may be: index of their first row, and how many rows they take."""
	if layout.header_row is not None:
		index = max(layout.header_row, 1) - 1
		if index < len(rows):
			deep = layout.header_rows or heading_rows.count(rows, index)
			yield index, deep if layout.header_row else 1
		return
	index = 0
	while index < min(len(rows), HEADER_WITHIN):
		deep = layout.header_rows or heading_rows.count(rows, index)
		yield index, deep
		index += 1 if layout.header_rows else deep


def _head(file, delimiter: str, layout: Layout) -> list[list[str]]:
	limit, rows = max(HEADER_WITHIN, layout.header_row or 0) + SAMPLE, []
	try:
		for row in file.rows(delimiter, limit=limit):
			rows.append(row)
	except UnicodeError as error:
		raise file.written_otherwise() from error
	except csv.Error:
		pass  # an endless value: the survey says so, and where, if it is one with the right separator, too
	return rows


def _score(row: list[str], below: list[list[str]]) -> tuple:
	"""How much a row looks like the headings: a column of names, known words, and rows of its own width below it."""
	fields = {field_for(cell) for cell in row} - {""}
	width = len([cell for cell in row if cell.strip()])
	like = sum(1 for other in below if len(other) == len(row)) if width > 1 else 0
	return ("name" in fields, len(fields), like > 0, min(width, 60), like)


def _columns(headings: list[str], body: list[list[str]], given: dict[str, str] | None) -> tuple[Column, ...]:
	columns, taken = [], set()
	for number, heading in enumerate(headings):
		values = [row[number].strip() for row in body if number < len(row)]
		sample = next((value for value in values if value), "")[:140]
		if given is not None and key(heading) in given:
			field = given[key(heading)]
		else:
			field = field_for(heading)
		field = field if field in HEADINGS else ""
		columns.append((heading, field, sample, values))
	columns = _people_of_companies(columns, given)
	columns = _one_address(columns, given)
	taken.update(field for _heading, field, _sample, _values in columns)
	return tuple(
		Column(heading, field or _by_values(heading, values, taken, given), sample)
		for heading, field, sample, values in columns
	)


def _people_of_companies(columns: list[tuple], given: dict[str, str] | None) -> list[tuple]:
	"""Where another column names the client, «Имя» and «Фамилия» are those of its contact person."""
	if not any(field == "name" and not _is_persons(heading) for heading, field, *_more in columns):
		return columns
	return [
		(heading, "contact", *more)
		if field == "name" and _is_persons(heading) and key(heading) not in (given or {})
		else (heading, field, *more)
		for heading, field, *more in columns
	]


def _is_persons(heading: str) -> bool:
	"""Whether it is a name of somebody, which in a company is not its own: a part of a name, or «ФИО» of a group of columns."""
	return bool(part_of_name(heading)) or (GROUPED in heading and key(own(heading)) == "фио")


def _one_address(columns: list[tuple], given: dict[str, str] | None) -> list[tuple]:
	"""Of several groups with an address the first one counts: a street of one and a town of another are no address.

	«Корпус» and «Офис» are parts of an address only where a street or house stands in a column of its own, and none of a full one.
	"""
	groups = [
		heading.rpartition(GROUPED)[0]
		for heading, field, *_more in columns
		if field in ADDRESS and GROUPED in heading and group_of(heading.rpartition(GROUPED)[0]) == "address"
	]
	addresses = {
		heading: part_of_address(heading)[0] for heading, field, *_more in columns if field == "address"
	}
	begun = any(place == STREET or is_plain_address(heading) for heading, place in addresses.items())
	split = begun and any(place in (STREET, HOUSE) for place in addresses.values())

	def counts(heading: str, field: str) -> bool:
		if key(heading) in (given or {}) or field not in ADDRESS:
			return True
		group, place = heading.rpartition(GROUPED)[0], part_of_address(heading)[0]
		if groups and group != groups[0] and group_of(group) == "address":
			return False
		return field != "address" or place in (0, STREET) or split

	return [(heading, field if counts(heading, field) else "", *more) for heading, field, *more in columns]


def _by_values(heading: str, values: list[str], taken: set[str], given: dict[str, str] | None) -> str:
	if given is not None and key(heading) in given:
		return ""
	field = field_by_values(values)
	if field in taken:
		return ""
	taken.add(field)
	return field

"""Recognise how a file is laid out: separator, row of headings, meaning of every column.

Whatever is given (by a person, or by a template) stays; the rest is recognised.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace

from frappe import _

from rule24_crm.exceptions import ImportFileError
from rule24_crm.parties.importing.headings import HEADINGS, PARTS, field_by_values, field_for, key

HEADER_WITHIN = 10  # records: exports of accounting programs put a title above the headings
SAMPLE = 20
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

	:param fields: key of a heading -> field, from a template or a person; an empty field means "leave it out".
	"""

	encoding: str = ""
	delimiter: str = ""
	worksheet: str = ""
	header_row: int | None = None
	columns: tuple[Column, ...] = ()
	fields: dict[str, str] | None = None


def recognise(file, layout: Layout) -> Layout:
	"""The layout with everything in it.

	:param file: a `CsvFile` or `XlsxFile`.
	:raises ImportFileError: the file has no rows, or more columns than a client base can have.
	"""
	best: tuple[tuple, str, int, list[list[str]]] | None = None
	for delimiter in file.delimiters:
		rows = _head(file, delimiter, layout)
		for index, row in enumerate(rows[:HEADER_WITHIN]):
			if layout.header_row is not None and index + 1 != max(layout.header_row, 1):
				continue
			score = _score(row, rows[index + 1 :])
			if best is None or score > best[0]:
				best = (score, delimiter, index, rows)
	if best is None:
		file.survey(SAMPLE)  # it may be one value without end
		raise ImportFileError(
			_("The file is empty.")
			if layout.header_row is None
			else _("There is no row {0} with headings in the file.").format(layout.header_row)
		)
	_scored, delimiter, index, rows = best
	header_row = index + 1 if layout.header_row is None else layout.header_row
	if header_row:
		headings = [cell.strip() for cell in rows[index]]
		body = rows[index + 1 :]
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
		columns=_columns(headings, body, layout.fields),
	)


def _head(file, delimiter: str, layout: Layout) -> list[list[str]]:
	limit, rows = max(HEADER_WITHIN, layout.header_row or 0) + SAMPLE, []
	try:
		for row in file.rows(delimiter, limit=limit):
			rows.append(row)
	except UnicodeError as error:
		raise ImportFileError(
			_("The file is not written in {0}. Choose another encoding.").format(file.encoding)
		) from error
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
	taken.update(field for _heading, field, _sample, _values in columns)
	return tuple(
		Column(heading, field or _by_values(heading, values, taken, given), sample)
		for heading, field, sample, values in columns
	)


def _people_of_companies(columns: list[tuple], given: dict[str, str] | None) -> list[tuple]:
	"""Where another column names the client, «Имя» and «Фамилия» are those of its contact person."""
	if not any(field == "name" and key(heading) not in PARTS for heading, field, *_more in columns):
		return columns
	return [
		(heading, "contact", *more)
		if field == "name" and key(heading) in PARTS and key(heading) not in (given or {})
		else (heading, field, *more)
		for heading, field, *more in columns
	]


def _by_values(heading: str, values: list[str], taken: set[str], given: dict[str, str] | None) -> str:
	if given is not None and key(heading) in given:
		return ""
	field = field_by_values(values)
	if field in taken:
		return ""
	taken.add(field)
	return field

"""Read a CSV file of companies and people, however the other side's program wrote it.

Comma, semicolon or tab; UTF-8 with or without BOM, UTF-16, cp1251; separators, quotes and line breaks inside values;
headings in any order and by any of the usual names. Pure but for the translation of messages.
"""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass

from frappe import _

from rule24_crm.exceptions import CampaignError

DELIMITERS = (",", ";", "\t")
HEADER_WITHIN = 10  # records: exports of accounting programs put a title above the headings

#: field -> headings it is known by, without case, spaces and punctuation; the first name is the usual one
HEADINGS: dict[str, tuple[str, ...]] = {
	"name": (
		"наименование",
		"название",
		"компания",
		"организация",
		"названиеорганизации",
		"контрагент",
		"клиент",
		"фио",
		"имя",
		"полноенаименование",
		"сокращенноенаименование",
		"краткоенаименование",
		"наименованиеорганизации",
		"наименованиекомпании",
		"названиекомпании",
		"наименованиеконтрагента",
		"name",
		"company",
		"companyname",
		"organization",
		"customer",
		"customername",
		"fullname",
		"client",
	),
	"kind": (
		"тип",
		"типконтрагента",
		"типклиента",
		"видконтрагента",
		"юрфизлицо",
		"лицо",
		"видлица",
		"типлица",
		"type",
		"kind",
		"partytype",
		"customertype",
		"legalform",
	),
	"inn": ("инн", "иннконтрагента", "inn", "taxid", "tin"),
	"inn_kpp": ("иннкпп", "innkpp"),
	"kpp": ("кпп", "kpp"),
	"ogrn": ("огрн", "огрнип", "огрногрнип", "ogrn", "ogrnip"),
	"address": ("адрес", "юридическийадрес", "юрадрес", "фактическийадрес", "почтовыйадрес", "address"),
	"phone": (
		"телефон",
		"телефоны",
		"тел",
		"номертелефона",
		"контактныйтелефон",
		"мобильный",
		"мобильныйтелефон",
		"phone",
		"phones",
		"telephone",
		"mobile",
		"mobileno",
	),
	"email": (
		"email",
		"emailaddress",
		"mail",
		"почта",
		"электроннаяпочта",
		"адресэлектроннойпочты",
		"элпочта",
		"емайл",
		"имейл",
	),
	"website": ("сайт", "вебсайт", "адрессайта", "website", "site", "url", "web"),
	"contact": (
		"контактноелицо",
		"контакт",
		"фиоконтакта",
		"фиоконтактноголица",
		"представитель",
		"contact",
		"contactperson",
		"contactname",
	),
	"job_title": (
		"должность",
		"должностьконтакта",
		"должностьконтактноголица",
		"position",
		"jobtitle",
		"designation",
	),
	"industry": ("сферадеятельности", "отрасль", "виддеятельности", "сфера", "industry"),
	"employees": (
		"численность",
		"численностьсотрудников",
		"числосотрудников",
		"количествосотрудников",
		"штат",
		"employees",
		"noofemployees",
		"headcount",
	),
	"region": ("регион", "область", "субъектрф", "region", "state"),
	"account": (
		"расчетныйсчет",
		"рс",
		"расчсчет",
		"счет",
		"номерсчета",
		"банковскийсчет",
		"account",
		"bankaccount",
	),
	"bic": ("бик", "бикбанка", "bic"),
}

FIELD_OF = {heading: field for field, headings in HEADINGS.items() for heading in headings}


@dataclass(frozen=True)
class Record:
	"""One row of the file. `line` counts records as a spreadsheet does: the headings are usually row 1."""

	line: int
	values: dict[str, str]
	cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
	"""A file that has been understood: its own headings, and the rows under them."""

	headings: tuple[str, ...]
	columns: dict[str, str]  # field -> the heading it was found under
	records: tuple[Record, ...]


def read(content: bytes) -> Sheet:
	"""Read the file.

	:raises CampaignError: it is empty, is not text, its quotes do not close, or it has no column with names.
	"""
	text = _decode(content)
	if text.lower().startswith("sep=") and "\n" in text:
		text = text.split("\n", 1)[1]
	if not text.strip():
		raise CampaignError(_("The file is empty."))

	best: tuple[int, int, list[list[str]], str] | None = None
	for delimiter in DELIMITERS:
		rows = _rows(text, delimiter, limit=HEADER_WITHIN)
		for index, row in enumerate(rows):
			known = len({FIELD_OF[cell] for cell in map(_key, row) if cell in FIELD_OF})
			if any(FIELD_OF.get(_key(cell)) == "name" for cell in row) and (best is None or known > best[0]):
				best = (known, index, rows, delimiter)
	if best is None:
		first = next((cells for cells in _rows(text, ",", limit=1)), [])
		raise CampaignError(
			_(
				"The file has no column with names. Its first row is: {0}. A heading such as {1} is needed."
			).format(", ".join(first)[:200] or "-", "«Наименование», «Название», «Компания», “Name”")
		)
	_known, top, _head, delimiter = best
	rows = _rows(text, delimiter)
	headings = tuple(cell.strip() for cell in rows[top])
	fields = [FIELD_OF.get(_key(heading)) for heading in headings]
	columns: dict[str, str] = {}
	for field, heading in zip(fields, headings, strict=True):
		if field:
			columns.setdefault(field, heading)

	records = []
	for index, row in enumerate(rows[top + 1 :], start=top + 2):
		cells = tuple(cell.strip() for cell in row)
		if not any(cells):
			continue
		values: dict[str, str] = {}
		for field, cell in zip(fields, cells, strict=False):
			# Two columns may mean the same field ("phone" and "mobile"): the first one filled in counts.
			if field and cell and not values.get(field):
				values[field] = cell
		records.append(Record(index, values, cells))
	return Sheet(headings, columns, tuple(records))


def _key(heading: str) -> str:
	return "".join(char for char in heading.casefold().replace("ё", "е") if char.isalnum())


def _decode(content: bytes) -> str:
	for bom, encoding in (
		(codecs.BOM_UTF8, "utf-8-sig"),
		(codecs.BOM_UTF16_LE, "utf-16"),
		(codecs.BOM_UTF16_BE, "utf-16"),
	):
		if content.startswith(bom):
			try:
				return content.decode(encoding)
			except UnicodeDecodeError:
				break
	if b"\0" in content or content.startswith(b"PK\x03\x04"):
		raise CampaignError(_("This is not a CSV file. Save the table as CSV and try again."))
	try:
		return content.decode("utf-8")
	except UnicodeDecodeError:
		# Every byte but one means something in cp1251, so this is the last thing to try.
		return content.decode("cp1251", errors="replace")


def _rows(text: str, delimiter: str, limit: int | None = None) -> list[list[str]]:
	"""Records of the text, quotes and line breaks inside values respected."""
	if limit is not None:
		return _parse(text, delimiter, limit, strict=False)
	try:
		return _parse(text, delimiter, limit, strict=True)
	except csv.Error as error:
		if "unexpected end of data" in str(error):
			raise CampaignError(
				_("Quotation marks of a value are not closed: the rest of the file would become one value.")
			) from error
	# «"Ромашка" ООО» without doubled quotes is not CSV, but people write it and the meaning is plain.
	return _parse(text, delimiter, limit, strict=False)


def _parse(text: str, delimiter: str, limit: int | None, strict: bool) -> list[list[str]]:
	previous = csv.field_size_limit(1_000_000)
	try:
		rows = []
		for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict):
			rows.append(row)
			if limit is not None and len(rows) >= limit:
				break
		return rows
	finally:
		csv.field_size_limit(previous)

"""Reads files as they come and says what it has cost: `python -m rule24_crm.tests.import_memory <site> <sites> <folder>`.

A process of its own, because memory that a process has used once counts for good. Prints JSON: what each file came to, and
the peak of resident memory so far in MB.
"""

import io
import json
import os
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import frappe

from rule24_crm.exceptions import ImportFileError
from rule24_crm.parties.importing import reading, xlsx_files

ROWS = 100_000
HEADINGS = (
	"Наименование", "Тип", "ИНН", "КПП", "ОГРН", "Адрес", "Телефон", "E-mail", "Сайт", "Контактное лицо", "Должность",
	"Отрасль", "Численность", "Регион", "БИК",
)  # fmt: skip
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def clients(count: int) -> Iterator[tuple[str, ...]]:
	"""Rows of that many companies, hardly a value of them the same."""
	for number in range(count):
		yield (
			f"ООО Ромашка {number}", "ЮЛ", f"77{number:08d}", "773601001", f"1027{number:09d}",
			f"Москва, ул. Северная, д. {number}, офис {number}", f"+7495{number:07d}", f"info{number}@example.ru",
			f"www.example-{number}.ru", f"Иванов Иван {number}", "Директор", "ИТ", str(number % 1000), "Москва",
			f"04{number:07d}",
		)  # fmt: skip


def write_workbook(path: Path, count: int) -> None:
	"""A workbook with these rows as Excel writes one: every text once, in a table of texts."""
	texts: dict[str, int] = {}
	with _archive(path) as archive:
		parts = {"workbook": "sheet.main", "worksheets/sheet1": "worksheet", "sharedStrings": "sharedStrings"}
		archive.writestr(
			"[Content_Types].xml",
			f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
			'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
			+ "".join(
				f'<Override PartName="/xl/{part}.xml" ContentType="{_TYPE}.{kind}+xml"/>'
				for part, kind in parts.items()
			)
			+ "</Types>",
		)
		archive.writestr("_rels/.rels", _relations({"officeDocument": "xl/workbook.xml"}))
		archive.writestr(
			"xl/_rels/workbook.xml.rels",
			_relations({"worksheet": "worksheets/sheet1.xml", "sharedStrings": "sharedStrings.xml"}),
		)
		archive.writestr(
			"xl/workbook.xml",
			f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="Клиенты" sheetId="1" r:id="rId0"/>'
			"</sheets></workbook>",
		)
		with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
			sheet.write(f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
			for number, row in enumerate((HEADINGS, *clients(count)), start=1):
				cells = "".join(
					f'<c r="{chr(65 + at)}{number}" t="s"><v>{texts.setdefault(value, len(texts))}</v></c>'
					for at, value in enumerate(row)
				)
				sheet.write(f'<row r="{number}">{cells}</row>'.encode())
			sheet.write(b"</sheetData></worksheet>")
		with archive.open("xl/sharedStrings.xml", "w") as table:
			table.write(f'<sst xmlns="{_MAIN}">'.encode())
			for text in texts:
				table.write(f"<si><t>{escape(text)}</t></si>".encode())
			table.write(b"</sst>")


def _archive(path: Path) -> zipfile.ZipFile:
	return zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)


def _relations(targets: dict[str, str]) -> str:
	rows = "".join(
		f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
		for number, (kind, target) in enumerate(targets.items())
	)
	return f'<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def hostile(folder: Path) -> Iterator[tuple[str, Path]]:
	"""Files that no client base is."""
	header = "Название;Адрес\n".encode()
	block = b"a" * 1_000_000
	files = {
		"empty": [],
		"binary": [b"\x89PNG\r\n\x1a\n", os.urandom(1_000_000)],
		"columns": [(";".join(["Название"] * 300) + "\n" + ";".join(["А"] * 300)).encode()],
		"row": [header, "А;".encode(), "я".encode() * 1_000_000],
		"wide row": [header, ("А" + ";я" * 600_000).encode()],
		"one line": [block] * 140,
		"quotation": [header, b'"', *[block] * 140],
		"record of many lines": [header, *[b'"\n";' * 250_000] * 140],
	}
	for name, parts in files.items():
		path = folder / name
		with path.open("wb") as file:
			file.writelines(parts)
		yield name, path
	path = folder / "large"
	with path.open("wb") as file:
		file.write(header)
		file.truncate(200_000_000)
	yield "large", path
	yield "bomb", _bomb(folder / "bomb", "xl/sharedStrings.xml", 2 * xlsx_files.TEXTS_BYTES)
	yield (
		"bomb of a row",
		_bomb(folder / "bomb of a row", "xl/worksheets/sheet1.xml", 10 * xlsx_files.ROW_BYTES),
	)
	yield "row of nothing", _row_of_nothing(folder / "row of nothing")
	yield "texts of nothing", _texts_of_nothing(folder / "texts of nothing")


def _bomb(path: Path, part: str, size: int) -> Path:
	"""A small workbook, one part of which unpacks to `size` bytes of one value."""
	return _swollen(path, part, "<si><t>" if "shared" in part else '<row r="1"><c t="str"><v>', "0", size)


def _row_of_nothing(path: Path) -> Path:
	"""A workbook with as many cells in a row as its limit has room for."""
	size = xlsx_files.ROW_BYTES - 200_000
	return _swollen(path, "xl/worksheets/sheet1.xml", "<row>", "<c/>", size, "</row>")


def _texts_of_nothing(path: Path) -> Path:
	"""A workbook with as many texts as its limit has room for."""
	return _swollen(path, "xl/sharedStrings.xml", "", "<si/>", xlsx_files.TEXTS_BYTES // 20)


def _swollen(path: Path, part: str, before: str, repeated: str, size: int, after: str = "") -> Path:
	plain = path.with_suffix(".plain")
	write_workbook(plain, 1)
	block = (repeated * (100_000 // len(repeated))).encode()
	with zipfile.ZipFile(plain) as source, _archive(path) as target:
		for entry in source.infolist():
			data = source.read(entry)
			if entry.filename != part:
				target.writestr(entry, data)
				continue
			start = data.index(b"<si>" if b"<si>" in data else b"<row")
			with target.open(entry.filename, "w", force_zip64=True) as out:
				out.write(data[:start] + before.encode())
				for _block in range(size // len(block)):
					out.write(block)
				out.write(after.encode() + data[start:])
	return path


def came_to(path: Path) -> str:
	"""How many rows the file has, or why it is refused."""
	try:
		table = reading.open_path(path)
		table.survey()
		return f"{sum(1 for _record in table.records())} rows"
	except ImportFileError as error:
		return str(error)


def main(site: str, sites: str, folder: Path) -> None:
	"""Write each file, read it, forget it."""
	frappe.init(site=site, sites_path=sites)
	frappe.connect()
	found = {}
	for name, path in hostile(folder):
		found[name] = [came_to(path), _peak()]
		path.unlink()
	path = folder / "base.xlsx"
	if os.fork() == 0:  # what writing it takes is not what reading it takes
		write_workbook(path, ROWS)
		os._exit(0)
	os.wait()
	found["workbook"] = [came_to(path), _peak()]
	print(json.dumps(found, ensure_ascii=False))


def _peak() -> int:
	"""Of this program alone: `ru_maxrss` would begin with the memory of the process that started it."""
	status = Path("/proc/self/status").read_text()
	return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) // 1024


if __name__ == "__main__":
	sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8")
	main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))

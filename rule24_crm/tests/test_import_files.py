"""Files as they come: encodings, workbooks, broken and hostile ones."""

import io
import json
import os
import subprocess
import sys
import tempfile
import tracemalloc
import zipfile
from xml.parsers import expat

import frappe
import openpyxl

from rule24_crm.exceptions import ImportFileError
from rule24_crm.parties.importing import headings, reading, xlsx_files
from rule24_crm.parties.importing.recognising import Layout
from rule24_crm.parties.importing.xlsx_texts import Texts
from rule24_crm.tests import import_memory
from rule24_crm.tests.base import CRMTestCase


def table(content: bytes, layout: Layout | None = None) -> reading.Table:
	return reading.Table(lambda: io.BytesIO(content), len(content), layout)


def workbook(*rows, title="Sheet") -> bytes:
	book = openpyxl.Workbook()
	book.active.title = title
	for row in rows:
		book.active.append(row)
	out = io.BytesIO()
	book.save(out)
	return out.getvalue()


def values(content: bytes, layout: Layout | None = None) -> list[dict]:
	return [record.values for record in table(content, layout).records()]


class TestRecognising(CRMTestCase):
	def test_english_headings_in_any_order(self):
		content = (
			b"E-mail,Company Name,Tax ID,Mobile No,Market Segment,Account Manager\na@b.ru,Rose,1,2,Big,Ann\n"
		)
		self.assertEqual(
			values(content),
			[
				{
					"email": "a@b.ru",
					"name": "Rose",
					"inn": "1",
					"phone": "2",
					"segment": "Big",
					"manager": "Ann",
				}
			],
		)

	def test_headings_with_words_around_them(self):
		for heading, field in (
			("Наименование контрагента (полное)", "name"),
			("Тел. / факс", "phone"),
			("Телефон контактного лица", "phone"),
			("Рабочий e-mail", "email"),
			("Корпоративный сайт", "website"),
			("Основной банковский счёт", "account"),
			("Основное контактное лицо", "contact"),
			("Конт. лицо", "contact"),
			("Primary Contact Name", "contact"),
			("Client contact name", "contact"),
			("Company contact name", "contact"),
			("Имя контакта клиента", "contact"),
			("ФИО контактного лица клиента", "contact"),
			("Отв. менеджер", "manager"),
			("Кол-во сотрудников", "employees"),
			("VAT No.", "inn"),
			("Work Phone", "phone"),
			("State/Province", "region"),
			("Дата рождения контактного лица", ""),
			("Тип компании", ""),
			("Код клиента", ""),
			("Номер", ""),
		):
			self.assertEqual(headings.field_for(heading), field, heading)

	def test_a_name_in_parts(self):
		whole = [{"name": "Иванов Иван Иванович", "phone": "1"}]
		self.assertEqual(values("Имя;Отчество;Фамилия;Телефон\nИван;Иванович;Иванов;1".encode()), whole)
		self.assertEqual(values("Фамилия;Имя;Телефон\n;Анна;1".encode()), [{"name": "Анна", "phone": "1"}])
		self.assertEqual(
			values("Имя;Фамилия;Компания\nИван;Иванов;ООО Роза".encode()),
			[{"name": "ООО Роза", "contact": "Иван Иванов"}],
		)
		self.assertEqual(
			values(b"Company,Contact First Name,Contact Last Name\nRose,Ann,Lee"),
			[{"name": "Rose", "contact": "Ann Lee"}],
		)
		content = (
			"Компания;Имя;Контактное лицо;Фамилия\nООО Роза;Иван;Петрова Анна;Иванов\nООО Мак;Иван;;Иванов"
		)
		self.assertEqual(
			values(content.encode()),
			[{"name": "ООО Роза", "contact": "Петрова Анна"}, {"name": "ООО Мак", "contact": "Иван Иванов"}],
			"a whole name stays, parts are for where there is none",
		)
		self.assertEqual(values("Имя;ИНН\nООО Роза;1".encode()), [{"name": "ООО Роза", "inn": "1"}])

	def test_places(self):
		for heading, field in (
			("Город, адрес", "address"),
			("Адрес (город)", "address"),
			("Улица, дом", "address"),
			("Город", "city"),
			("Населённый пункт", "city"),
			("Почтовый индекс", "postal_code"),
			("Страна", "country"),
			("Область/край", "region"),
		):
			with self.subTest(heading=heading):
				self.assertEqual(values(f"Название|{heading}\nА|Б".encode()), [{"name": "А", field: "Б"}])

	def test_the_kind_by_the_words_people_use(self):
		for heading in ("Форма", "ОПФ", "Орг. форма", "Тип контрагента", "Legal form"):
			with self.subTest(heading=heading):
				content = f"{heading};Название\nИП;Иванов".encode()
				self.assertEqual(values(content), [{"kind": "ИП", "name": "Иванов"}])

	def test_every_heading_belongs_to_one_field(self):
		seen = {}
		for field, words in headings.HEADINGS.items():
			for word in words:
				self.assertEqual(word, headings.key(word))
				self.assertEqual(seen.setdefault(word, field), field, word)

	def test_columns_are_told_by_their_values_where_headings_say_nothing(self):
		content = (
			"Название;Код;Связь\nА;7707083893;a@b.ru\nБ;7736050003;c@d.ru\nВ;5406102806;e@f.ru\nГ;7728168971;g@h.ru\nД;;i@j.ru"
		).encode()
		self.assertEqual(set(table(content).sheet().columns), {"name", "inn", "email"})
		table_ = table(content, Layout(fields={"код": "", "название": "name"}))
		self.assertEqual(set(table_.sheet().columns), {"name", "email"}, "what a person leaves out stays out")

	def test_what_is_given_is_kept(self):
		content = "Фирма|Номер\nРомашка|5".encode("cp866")
		layout = Layout(
			encoding="cp866", delimiter="|", header_row=1, fields={"фирма": "name", "номер": "phone"}
		)
		self.assertEqual(values(content, layout), [{"name": "Ромашка", "phone": "5"}])
		self.assertEqual(values("А;Б\n1;2".encode(), Layout(header_row=0))[0:0], [])
		self.assertEqual(len(list(table("А;Б\n1;2".encode(), Layout(header_row=0)).records())), 2)

	def test_several_columns_of_phones_are_one_list(self):
		self.assertEqual(
			values("Название;Телефон;Мобильный\nА;1;2".encode()), [{"name": "А", "phone": "1; 2"}]
		)

	def test_utf_16_without_its_mark(self):
		for encoding in ("utf-16-le", "utf-16-be"):
			self.assertEqual(values("Название;ИНН\r\nЁж;1".encode(encoding)), [{"name": "Ёж", "inn": "1"}])

	def test_a_wrong_encoding_is_said(self):
		with self.assertRaisesWith(ImportFileError, "utf-8"):
			table("Название\nЁлка".encode("cp1251"), Layout(encoding="utf-8"))


class TestWorkbooks(CRMTestCase):
	def test_numbers_days_and_empty_cells(self):
		import datetime

		content = workbook(
			["Выгрузка"],
			["Название", "ИНН", "БИК", "Создан", None],
			["Ромашка", 7707083893, 44525225.0, datetime.datetime(2026, 1, 2)],
			[None, None],
			["Астра", "7736050003"],
		)
		made = table(content)
		self.assertEqual([record.line for record in made.records()], [3, 5])
		self.assertEqual(next(made.records()).cells, ("Ромашка", "7707083893", "44525225", "2026-01-02"))

	def test_a_number_that_is_too_long_for_a_spreadsheet_shows_that_it_was_rounded(self):
		content = workbook(["Название", "Счёт", "ОГРНИП"], ["А", 40702810200000000001, 304500000000140])
		self.assertEqual(
			values(content), [{"name": "А", "account": "4.07028E+19", "ogrn": "304500000000140"}]
		)

	def test_a_worksheet_by_its_name(self):
		book = openpyxl.Workbook()
		book.active.append(["Название"])
		book.create_sheet("Клиенты").append(["Название", "ИНН"])
		out = io.BytesIO()
		book.save(out)
		self.assertEqual(
			set(table(out.getvalue(), Layout(worksheet="Клиенты")).sheet().columns), {"name", "inn"}
		)
		with self.assertRaisesWith(ImportFileError, "Нет такого", "Клиенты"):
			table(out.getvalue(), Layout(worksheet="Нет такого"))

	def test_formulas_are_never_computed(self):
		book = openpyxl.Workbook()
		book.active.append(["Название", "Адрес"])
		book.active.append(["=1+1", "x"])
		out = io.BytesIO()
		book.save(out)
		self.assertEqual(values(out.getvalue()), [{"address": "x"}])


class TestHostileFiles(CRMTestCase):
	def refused(self, content: bytes, *words):
		with self.assertRaisesWith(ImportFileError, *words):
			made = table(content)
			made.survey()
			list(made.records())

	def test_not_a_table(self):
		self.refused(b"", "empty")
		self.refused(b"\xff\xfe", "empty")
		self.refused(bytes(range(256)) * 50, "not a table")
		self.refused(b"\x89PNG\r\n\x1a\n" + os.urandom(5000), "not a table")
		self.refused(b"\xd0\xcf\x11\xe0" + b"x" * 100, "XLS")
		self.refused(b"%PDF-1.7 " + b"x" * 100, "PDF")
		self.refused(b"PK\x03\x04" + b"x" * 100, "cannot be read")
		empty = io.BytesIO()
		zipfile.ZipFile(empty, "w").close()
		self.refused(b"PK\x03\x04" + empty.getvalue(), "cannot be read")

	def test_a_zip_bomb(self):
		out = io.BytesIO(workbook(["Название"], ["А"]))
		with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
			archive.writestr("xl/sharedStrings2.xml", b"x")
			archive.writestr("xl/more/sharedStrings.xml", b"0" * (xlsx_files.TEXTS_BYTES + 1))
		self.assertLess(len(out.getvalue()), 1_000_000)
		self.refused(out.getvalue(), "too large")

	def test_a_row_that_unpacks_without_end(self):
		from unittest.mock import patch

		content = workbook(["Название"], ["А" * 30_000], *([["Б", "В" * 30_000]] * 3))
		with patch.object(xlsx_files, "ROW_BYTES", 20_000), self.assertRaisesWith(ImportFileError, "larger"):
			inline = _with_inline_texts(content)
			list(table(inline).records())

	def test_a_directory_that_lies(self):
		content = bytearray(workbook(["Название"], *([["А"]] * 2000)))
		at = content.rfind(b"xl/worksheets/sheet1.xml") - 46 + 24
		content[at : at + 4] = (100).to_bytes(4, "little")
		self.refused(bytes(content), "cannot be read")

	def test_three_hundred_columns(self):
		header = ";".join(["Название", *(f"Поле {number}" for number in range(299))])
		made = table((header + "\n" + ";".join(["А"] * 300)).encode())
		self.assertEqual(len(made.sheet().headings), 300)
		self.assertEqual(next(made.records()).values, {"name": "А"})
		self.refused((";".join(["Название"] * 501) + "\nА").encode(), "501 columns")

	def test_a_row_of_a_megabyte(self):
		long = "Название;Адрес\nА;" + "я" * 1_000_000 + "\nБ;б"
		self.refused(long.encode(), "not closed", "row 2")
		wide = "Название;Адрес\nА;" + ";".join(["я" * 1000] * 1000) + "\nБ;б"
		records = list(table(wide.encode()).records())
		self.assertIn("longer than", records[0].error)
		self.assertLess(sum(map(len, records[0].cells)), 1000)
		self.assertEqual(records[1].values["name"], "Б")

	def test_two_hundred_megabytes(self):
		with tempfile.NamedTemporaryFile() as file:
			file.write("Название;Адрес\n".encode())
			file.truncate(200_000_000)
			with self.assertRaisesWith(ImportFileError, "150 MB"):
				reading.open_path(file.name)

	def test_a_large_file_is_not_held_in_memory(self):
		line = ("Ромашка;" + "адрес " * 60 + "\n").encode()
		with tempfile.NamedTemporaryFile() as file:
			file.write("Название;Адрес\n".encode())
			for _number in range(100):
				file.write(line * 500)
			file.flush()
			tracemalloc.start()
			made = reading.open_path(file.name)
			made.survey()
			count = sum(1 for _record in made.records())
			_now, peak = tracemalloc.get_traced_memory()
			tracemalloc.stop()
		self.assertEqual(count, 50_000)
		self.assertLess(peak, 20_000_000)

	def test_too_many_rows(self):
		from unittest.mock import patch

		with patch.object(reading, "ROWS", 10):
			self.refused(("Название\n" + "А\n" * 11).encode(), "more than", "Split")
			made = table(("Название\n" + "А\n" * 10).encode())
			made.survey()


class TestUpload(CRMTestCase):
	def test_a_file_of_no_bytes_is_refused_with_words(self):
		for nothing in (b"", ""):
			frappe.msgprint(
				"Party Import new-party-import-1 not found"
			)  # what Frappe says of what is not saved yet
			with self.assertRaisesRegex(frappe.ValidationError, r"clients\.csv.*0 bytes"):
				frappe.get_doc({"doctype": "File", "file_name": "clients.csv", "content": nothing}).insert()
			[told] = frappe.get_message_log()  # the window for uploads shows all of it as plain text
			self.assertNotRegex(str(told), "<|not found")
			frappe.clear_messages()
		frappe.get_doc({"doctype": "File", "file_name": "clients.csv", "content": b"x"}).insert()
		frappe.get_doc(
			{"doctype": "File", "file_name": f"Folder {frappe.generate_hash(length=8)}", "is_folder": 1}
		).insert()


class TestMemory(CRMTestCase):
	def test_whatever_is_uploaded_takes_less_than_400_megabytes(self):
		with tempfile.TemporaryDirectory() as folder:
			sites = os.path.abspath(frappe.local.sites_path)
			done = subprocess.run(
				[sys.executable, "-m", import_memory.__name__, frappe.local.site, sites, folder],
				cwd=sites,
				stdout=subprocess.PIPE,
				check=True,
				text=True,
			)
		found = json.loads(done.stdout.splitlines()[-1])
		for name, words in (
			("empty", "empty"),
			("binary", "not a table"),
			("columns", "1 rows"),
			("row", "not closed"),
			("wide row", "1 rows"),
			("one line", "Row 1 is longer"),
			("quotation", "Row 2 is longer"),
			("record of many lines", "Row 2 is longer"),
			("large", "150 MB"),
			("bomb", "too large"),
			("bomb of a row", "2 MB"),
			("row of nothing", "0 rows"),
			("texts of nothing", "0 rows"),
			("workbook", f"{import_memory.ROWS} rows"),
		):
			came_to, peak = found.pop(name)
			self.assertIn(words, came_to, name)
			self.assertLess(peak, 400, name)
		self.assertEqual(found, {})


class TestTexts(CRMTestCase):
	def texts(self, inside: str) -> list[str]:
		made = Texts(io.BytesIO(f'<x:sst xmlns:x="urn:x">{inside}</x:sst>'.encode()))
		return [made[number] for number in range(len(made))]

	def test_runs_escapes_and_what_is_only_spoken(self):
		self.assertEqual(
			self.texts(
				"<x:si><x:t>Ёж &amp; Ко</x:t></x:si><x:si/>"
				"<x:si><x:r><x:rPr/><x:t>Рома</x:t></x:r><x:r><x:t xml:space='preserve'>шка </x:t></x:r>"
				"<x:rPh sb='0' eb='1'><x:t>вслух</x:t></x:rPh></x:si><x:si><x:t>a_x005F_b</x:t></x:si>"
			),
			["Ёж & Ко", "", "Ромашка ", "a_b"],
		)

	def test_as_openpyxl_reads_them(self):
		book = openpyxl.Workbook()
		values = ["Ромашка", "", "  с краю ", "две\nстроки", "a_x000D_b", "<&>", "x005F_", "😀", "Ромашка"]
		for value in values:
			book.active.append([value, "."])
		out = io.BytesIO()
		book.save(out)
		theirs = [row[0] or "" for row in openpyxl.load_workbook(out).active.iter_rows(values_only=True)]
		self.assertEqual(
			[(row or [""])[0] for row in xlsx_files.XlsxFile(lambda: io.BytesIO(out.getvalue())).rows()],
			theirs,
		)

	def test_hostile_ones(self):
		with self.assertRaises(ValueError):
			Texts(io.BytesIO(b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'))
		with self.assertRaises(expat.ExpatError):
			self.texts("<x:si>")
		one = Texts(io.BytesIO(b"<sst><si><t>a</t></si></sst>"))
		for number in (-1, 1):
			self.assertRaises(IndexError, one.__getitem__, number)


def _with_inline_texts(content: bytes) -> bytes:
	"""The same workbook with its texts in the sheet itself."""
	book = openpyxl.load_workbook(io.BytesIO(content))
	rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
	out, sheet = io.BytesIO(), ""
	for number, row in enumerate(rows, 1):
		cells = "".join(
			f'<c r="{"AB"[at]}{number}" t="inlineStr"><is><t>{value}</t></is></c>'
			for at, value in enumerate(row)
			if value
		)
		sheet += f'<row r="{number}">{cells}</row>'
	with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
		for entry in source.infolist():
			data = source.read(entry)
			if entry.filename.endswith("sheet1.xml"):
				data = (
					'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
					f"{sheet}</sheetData></worksheet>"
				).encode()
			target.writestr(entry.filename, data)
	return out.getvalue()

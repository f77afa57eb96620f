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

	def test_an_address_in_parts(self):
		self.assertEqual(
			values(
				"Название;Город;Улица;Дом;Корпус;Строение;Офис/Квартира\nА;Тверь;ул. Ленина;5;2;1;12".encode()
			),
			[{"name": "А", "city": "Тверь", "address": "ул. Ленина, д. 5, корп. 2, стр. 1, кв./оф. 12"}],
		)
		self.assertEqual(
			values("Название;Квартира;Дом;Улица\nА;кв. 7;дом 5/2;Невский пр.\nБ;;12А;Мира\nВ;;;".encode()),
			[
				{"name": "А", "address": "Невский пр., дом 5/2, кв. 7"},
				{"name": "Б", "address": "Мира, д. 12А"},
				{"name": "В"},
			],
		)
		self.assertEqual(
			values(b"Company,Street,House,Building,Office\nRose,Main Street,5,2,12\nLily,Main Street,,,"),
			[
				{"name": "Rose", "address": "Main Street, 5, bldg. 2, office 12"},
				{"name": "Lily", "address": "Main Street"},
			],
		)
		self.assertEqual(
			values(b"Company,Address Line 1,Address Line 2\nRose,5 Main Street,Floor 2"),
			[{"name": "Rose", "address": "5 Main Street, Floor 2"}],
		)
		self.assertEqual(
			values("Название;Адрес;Дом;Квартира\nА;Мира;5;7".encode()),
			[{"name": "А", "address": "Мира, д. 5, кв. 7"}],
		)
		self.assertEqual(
			values("Название;Улица;Дом;Адрес\nА;Мира;5;Тверь, Мира, 5\nБ;Мира;5;".encode()),
			[{"name": "А", "address": "Тверь, Мира, 5"}, {"name": "Б", "address": "Мира, д. 5"}],
			"a whole address stays, parts are for where there is none",
		)

	def test_a_part_that_the_address_has_is_not_added(self):
		for heads, row, address in (
			("Полный адрес;Офис;Дом", "Тверь, ул. Мира, д. 5, оф. 3;3;5", "Тверь, ул. Мира, д. 5, оф. 3"),
			("Полный адрес;Офис;Дом", ";3;5", None),
			("Юридический адрес;Дом;Офис", "Тверь, Мира, 5;7;3", "Тверь, Мира, 5"),
			("Адрес;Дом", "ул. Мира, д. 5;5", "ул. Мира, д. 5"),
			("Адрес;Дом;Офис", "Мира, 5;5;3", "Мира, 5, оф. 3"),
			("Улица;Дом;Корпус", "ул. Мира, корп. 2;5;2", "ул. Мира, корп. 2, д. 5"),
			("Улица;Дом", "ул. 8 Марта;8", "ул. 8 Марта, д. 8"),
			("Адрес;Офис;Дом", "ул. К. Маркса;3;5", "ул. К. Маркса, д. 5, оф. 3"),
			("Address Line 1;Address Line 2", "House 5, Main Street;2", "House 5, Main Street, 2"),
		):
			with self.subTest(heads=heads, row=row):
				[found] = values(f"Название;{heads}\nА;{row}".encode())
				self.assertEqual(found.get("address"), address)

	def test_an_office_alone_is_no_address(self):
		self.assertEqual(
			values("Название;Офис;Корпус\nА;Северный;Б".encode()), [{"name": "А"}], "it may be one of ours"
		)
		self.assertEqual(
			values("Название;Адрес;Офис\nА;Мира, 5;Северный".encode()), [{"name": "А", "address": "Мира, 5"}]
		)

	def test_utf_16_without_its_mark(self):
		for encoding in ("utf-16-le", "utf-16-be"):
			self.assertEqual(values("Название;ИНН\r\nЁж;1".encode(encoding)), [{"name": "Ёж", "inn": "1"}])

	def test_a_wrong_encoding_is_said(self):
		with self.assertRaisesWith(ImportFileError, "utf-8"):
			table("Название\nЁлка".encode("cp1251"), Layout(encoding="utf-8"))


class TestMixedLines(CRMTestCase):
	"""Lines that another program has added in its own encoding."""

	TEXT = ("Название;Город", "ООО Ёлка;Тверь", "ООО Мак;Орёл", "ООО Роза №1;Пермь")

	def lines(self, *others: int, end: str = "\n") -> bytes:
		return b"".join(
			f"{line}{end}".encode("cp1251" if at in others else "utf-8") for at, line in enumerate(self.TEXT)
		)

	def test_each_line_is_read_as_what_it_is(self):
		names = [{"name": name, "city": city} for name, city in (line.split(";") for line in self.TEXT[1:])]
		for others in ((), (2,), (1, 3), (0,), (0, 1, 3), (0, 1, 2, 3)):
			for end in ("\n", "\r\n"):
				with self.subTest(others=others, end=end):
					self.assertEqual(values(self.lines(*others, end=end)), names)
		made = table(b"\xef\xbb\xbf" + self.lines(2))
		self.assertEqual(made.layout.encoding, "utf-8/cp1251")
		self.assertEqual([record.values for record in made.records()], names)
		made.survey()
		self.assertEqual(table(self.lines(0, 1, 2, 3)).layout.encoding, "cp1251")
		self.assertEqual(values(b"sep=;\n" + self.lines(2)), names)

	def test_lines_of_dos(self):
		names = [{"name": "ООО Мак", "city": "Орёл"}, {"name": "ЗАО Ёлка", "city": "ТВЕРЬ"}]
		lines = ["Название;Город\n", "ООО Мак;Орёл\n", "ЗАО Ёлка;ТВЕРЬ\n"]
		for encodings in (
			("utf-8", "cp866", "cp866"),
			("utf-8", "cp1251", "cp1251"),
			("utf-8", "utf-8", "cp866"),
			("cp866",) * 3,
			("cp1251",) * 3,
		):
			with self.subTest(encodings=encodings):
				content = b"".join(line.encode(each) for line, each in zip(lines, encodings, strict=True))
				self.assertEqual(values(content), names)

	def test_signs_of_windows_are_no_letters_of_dos(self):
		text = "Company;City\r\nO’Brien – Ltd;Cork…\r\n“Smith”\u00a0& Co;«Dublin» — ‘Bay’\r\n"
		rows = [
			{"name": "O’Brien – Ltd", "city": "Cork…"},
			{"name": "“Smith”\u00a0& Co", "city": "«Dublin» — ‘Bay’"},
		]
		for page in ("cp1252", "cp1251"):
			with self.subTest(page=page):
				self.assertEqual(values(text.encode(page)), rows)
		mixed = "Компания;Город\nООО Ёлка;Тверь\n".encode() + "ACME – Trade;Riga\n".encode("cp1251")
		self.assertEqual(values(mixed)[1], {"name": "ACME – Trade", "city": "Riga"})

	def test_the_lines_that_are_not_utf_8_are_all_in_one_code_page(self):
		"""«сыр» alone could be either."""
		for page in ("cp1251", "cp866"):
			with self.subTest(page=page):
				made = table(
					"Название;Город\nООО Роза;Тверь\n".encode()
					+ "ёж;1\nООО Дубрава;Нижний Новгород\nсыр;2\n".encode(page)
				)
				self.assertEqual(made.layout.encoding, "utf-8/cp1251")
				self.assertEqual(
					[record.values["name"] for record in made.records()],
					["ООО Роза", "ёж", "ООО Дубрава", "сыр"],
				)

	def test_values_over_several_lines(self):
		content = (
			'Название;Адрес\nА;"Тверь,\n'.encode()
			+ 'Орёл"\n'.encode("cp1251")
			+ "Б;Пермь\rВ;Тула\r\n".encode()
		)
		self.assertEqual([row["name"] for row in values(content)], ["А", "Б", "В"])
		self.assertEqual(values(content)[0]["address"], "Тверь,\nОрёл")

	def test_a_given_encoding_that_is_not_that_of_a_line_names_the_line(self):
		with self.assertRaisesWith(ImportFileError, "Line 3", "utf-8"):
			table(self.lines(2), Layout(encoding="utf-8"))

	def test_endless_lines(self):
		content = self.lines(2) + ("А;" + "я" * 3_000_000).encode()
		made = table(content)
		with self.assertRaisesWith(ImportFileError, "not closed"):
			made.survey()


class TestHeadingRows(CRMTestCase):
	"""Merged cells: the first one has the text, those to its right and below are empty."""

	ROWS = (
		("Наименование", "ИНН", "Контакт", "", "", "Юридический адрес", "", "", "Сегмент"),
		("", "", "Телефон", "E-mail", "ФИО", "Индекс", "Город", "Улица", ""),
		(
			"ООО Роза",
			"7707083893",
			"84955005550",
			"a@b.ru",
			"Иванов Иван",
			"170000",
			"Тверь",
			"Мира, 5",
			"Опт",
		),
		("ООО Мак", "", "", "", "", "", "Орёл", "", ""),
	)
	EXPECTED = {
		"name": "ООО Роза",
		"inn": "7707083893",
		"phone": "84955005550",
		"email": "a@b.ru",
		"contact": "Иванов Иван",
		"postal_code": "170000",
		"city": "Тверь",
		"address": "Мира, 5",
		"segment": "Опт",
	}

	def csv(self, *rows) -> bytes:
		return "\n".join(";".join(row) for row in rows).encode()

	def test_two_rows_of_a_csv_file(self):
		made = table(self.csv(*self.ROWS))
		self.assertEqual((made.layout.header_row, made.layout.header_rows), (1, 2))
		self.assertEqual(
			made.sheet().headings[1:6],
			("ИНН", "Контакт → Телефон", "Контакт → E-mail", "Контакт → ФИО", "Юридический адрес → Индекс"),
		)
		self.assertEqual(
			[record.values for record in made.records()], [self.EXPECTED, {"name": "ООО Мак", "city": "Орёл"}]
		)
		self.assertEqual([record.line for record in made.records()], [3, 4])

	def test_merged_cells_of_a_workbook_under_a_title(self):
		book = openpyxl.Workbook()
		sheet = book.active
		sheet.append(["Клиенты компании"])
		sheet.append([])
		for row in self.ROWS:
			sheet.append([cell or None for cell in row])
		for cells in ("A1:I1", "A3:A4", "B3:B4", "C3:E3", "F3:H3", "I3:I4"):
			sheet.merge_cells(cells)
		out = io.BytesIO()
		book.save(out)
		made = table(out.getvalue())
		self.assertEqual((made.layout.header_row, made.layout.header_rows), (3, 2))
		self.assertEqual(next(made.records()).values, self.EXPECTED)
		made.survey()

	def test_what_was_read_once_in_one_row_is_known_again(self):
		"""The workbook of errors has one row of headings."""
		headings_ = table(self.csv(*self.ROWS)).sheet().headings
		self.assertEqual(values(self.csv(headings_, *self.ROWS[2:]))[0], self.EXPECTED)

	def test_three_rows_and_two_addresses(self):
		rows = (
			("Наименование", "Адрес", "", "", "", "Контакты", ""),
			("", "Юридический", "", "Фактический", "", "", ""),
			("", "Индекс", "Город", "Индекс", "Город", "Рабочий", "E-mail"),
			("ООО Роза", "", "Тверь", "101000", "Москва", "", "a@b.ru"),
		)
		made = table(self.csv(*rows))
		self.assertEqual(made.layout.header_rows, 3)
		self.assertEqual(made.sheet().headings[1], "Адрес → Юридический → Индекс")
		self.assertEqual(
			[record.values for record in made.records()],
			[{"name": "ООО Роза", "city": "Тверь", "email": "a@b.ru"}],
			"a town of one address and a postal code of another are no address",
		)

	def test_what_a_group_is_about_counts(self):
		rows = (
			("Клиент", "", "Руководитель", "", "", "Банк", "", "", "Менеджер", ""),
			("Название", "ИНН", "Фамилия", "Имя", "Телефон", "Наименование", "БИК", "ИНН", "ФИО", "Телефон"),
			("ООО Роза", "1", "Иванов", "Иван", "5", "Сбербанк", "2", "3", "Петров", "6"),
		)
		self.assertEqual(
			values(self.csv(*rows)),
			[
				{
					"name": "ООО Роза",
					"inn": "1",
					"contact": "Иван Иванов",
					"phone": "5",
					"bank": "Сбербанк",
					"bic": "2",
					"manager": "Петров",
				}
			],
		)
		english = (
			("Company", "Primary contact", "", "", "Address", "", ""),
			("", "Full Name", "Phone", "E-mail", "Street", "City", "Zip"),
			("Rose", "Ann Lee", "5", "a@b.com", "1 Main St", "York", "YO1"),
		)
		self.assertEqual(
			values(self.csv(*english)),
			[
				{
					"name": "Rose",
					"contact": "Ann Lee",
					"phone": "5",
					"email": "a@b.com",
					"address": "1 Main St",
					"city": "York",
					"postal_code": "YO1",
				}
			],
		)

	def test_the_kind_of_a_client_by_its_short_heading(self):
		for heading in ("Вид", "Вид клиента", "Тип"):
			found = values(self.csv(("Название", heading, "Телефон"), ("ООО Роза", "ЮЛ", "5")))
			self.assertEqual(found, [{"name": "ООО Роза", "kind": "ЮЛ", "phone": "5"}])

	def test_a_firm_is_a_heading_under_a_merged_one_and_alone(self):
		for firm in ("Фирма", "Предприятие"):
			for rows in (
				(("Клиент", "", "Телефон"), (firm, "ИНН", ""), ("ООО Роза", "1", "5")),
				((firm, "", "Телефон"), ("Название", "ИНН", ""), ("ООО Роза", "1", "5")),
				((firm, "ИНН", "Телефон"), ("ООО Роза", "1", "5")),
			):
				with self.subTest(rows=rows):
					self.assertEqual(
						values(self.csv(*rows)), [{"name": "ООО Роза", "inn": "1", "phone": "5"}]
					)
		three = (("Клиент", "", "", ""), (firm, "Контакт", "", "Город"), ("", "ФИО", "Телефон", ""))
		self.assertEqual(
			values(self.csv(*three, ("ООО Роза", "Иванов", "5", "Тверь"))),
			[{"name": "ООО Роза", "contact": "Иванов", "phone": "5", "city": "Тверь"}],
		)

	def test_a_group_without_an_end_takes_nothing_of_the_client(self):
		rows = (
			("Клиент", "", "Банковские реквизиты", "", "", "", "Менеджер", "", ""),
			("Наименование", "ИНН", "БИК", "Счет", "Телефон", "E-mail", "ФИО", "Должность", "Город"),
			("ООО Роза", "1", "2", "3", "4", "a@b.ru", "Петров", "Куратор", "Тверь"),
		)
		self.assertEqual(
			values(self.csv(*rows)),
			[
				{
					"name": "ООО Роза",
					"inn": "1",
					"bic": "2",
					"account": "3",
					"phone": "4",
					"email": "a@b.ru",
					"manager": "Петров",
					"city": "Тверь",
				}
			],
		)

	def test_values_are_no_headings(self):
		for rows in (
			(("Компания", "Контакт", "", "Город"), ("Ромашка", "Директор", "Почта", "Москва")),
			(("Компания", "Контакт", "", "Город"), ("ООО Роза", "Директор", "Почта", "")),
			(("Название", "Контакт", "", "ИНН"), ("", "Директор", "Почта", "7707083893")),
		):
			with self.subTest(rows=rows):
				made = table(self.csv(*rows))
				self.assertEqual(made.layout.header_rows, 1)
				self.assertEqual(len(list(made.records())), 1)
		forms = (("Клиент", "", "Контакт", ""), ("Название", "ОГРН (ИП)", "Телефон", "E-mail"))
		self.assertEqual(table(self.csv(*forms, ("А", "", "1", ""))).layout.header_rows, 2)

	def test_headings_below_a_group_that_does_not_reach_the_name(self):
		rows = (
			("", "", "Контакт", "", ""),
			("Название", "ИНН", "ФИО", "Телефон", "E-mail"),
			("ООО Роза", "1", "Иванов", "5", "a@b.ru"),
		)
		made = table(self.csv(*rows))
		self.assertEqual(made.layout.header_rows, 2)
		self.assertEqual(
			[record.values for record in made.records()],
			[{"name": "ООО Роза", "inn": "1", "contact": "Иванов", "phone": "5", "email": "a@b.ru"}],
		)

	def test_one_row_stays_one(self):
		heads = ("Название", "Телефон", "", "E-mail")
		for rows, first in (
			((heads, ("ООО Роза", "1", "2", "a@b.ru")), 1),
			((heads, ("ООО Роза", "тел", "моб", "")), 1),
			((("Контакты", "", ""), ("Название", "Телефон", "E-mail"), ("А", "1", "a@b.ru")), 2),
			(
				(
					("Выгрузка", "", "", "Период: 2024"),
					("Название", "ИНН", "Телефон", "Город", "E-mail"),
					("А",) * 5,
				),
				2,
			),
			((("Клиенты на 01.02.2024",), (), ("Название", "ИНН"), ("А", "1")), 3),
			((("Название", "Адрес", ""), ("Телефон Сервис", "Почта России", "Город мастеров")), 1),
		):
			with self.subTest(rows=rows):
				layout = table(self.csv(*rows)).layout
				self.assertEqual((layout.header_row, layout.header_rows), (first, 1))

	def test_a_person_says_how_many_there_are(self):
		rows = (("Название", "Связь", ""), ("", "первая", "вторая"), ("ООО Роза", "1", "2"))
		self.assertEqual(table(self.csv(*rows)).layout.header_rows, 1)
		made = table(self.csv(*rows), Layout(header_row=1, header_rows=2))
		self.assertEqual(made.sheet().headings, ("Название", "Связь → первая", "Связь → вторая"))
		self.assertEqual([record.values for record in made.records()], [{"name": "ООО Роза"}])
		forced = table(self.csv(*self.ROWS), Layout(header_row=1, header_rows=1))
		self.assertEqual(len(list(forced.records())), 3)


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

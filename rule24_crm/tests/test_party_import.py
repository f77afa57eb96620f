"""An import from the file to the clients: register, corrections, creating, export, endpoints."""

import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from unittest.mock import patch

import frappe
import openpyxl
from frappe.utils.background_jobs import create_job_id, execute_job, get_job, get_redis_conn
from rq.job import Job, JobStatus

from rule24_crm.api import imports as api
from rule24_crm.exceptions import PartyImportError
from rule24_crm.parties.company import default_company
from rule24_crm.parties.importing import bulk, creating, fast_path, jobs, locks, register
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.tests.concurrency import at_once

HEADER = "Наименование;Тип;ИНН;КПП;Адрес;Телефон;E-mail;Контактное лицо;Сегмент;Ответственный;Прочее"
FILE = "\n".join(
	(
		HEADER,
		"ООО Ромашка;ЮЛ;7707083893;773601001;г. Тверь, ул. Вавилова, 19;8 (495) 500-55-50;info@romashka.example.ru;Иванов Иван;;;x1",
		"ИП Попов Михаил;ИП;500100732259;;Москва;;;;;;x2",
		"Зайцева Анна Петровна;ФЛ;;;;89161112233;;;;;x3",
		"ООО Предупреждение;ЮЛ;7707083894;;;;;;Неизвестный;Никто;x4",
		";ЮЛ;;;;;;;;;=1+1",
		"ООО Ромашка;ЮЛ;7707083893;773601001;;;;;;;x6",
		'"=HYPERLINK(""http://x.example"")";ЮЛ;;;"<script>alert(1)</script>";;;;;;@SUM(A1)',
	)
)


def make_import(text: str = FILE, name: str = "base.csv", **values):
	"""A saved import with an uploaded file, read and checked."""
	doc = frappe.get_doc({"doctype": "Party Import", **values}).insert()
	upload(doc, text if isinstance(text, bytes) else text.encode("cp1251"), name)
	api.recognise(doc.name)
	return fresh(doc)


def fresh(doc):
	"""The document as it is now: `reload` returns nothing on early Frappe 15."""
	doc.reload()
	return doc


def contact_of(row):
	return frappe.db.get_value("Customer", row.party, "customer_primary_contact")


def upload(doc, content: bytes, name: str = "base.csv"):
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": name,
			"is_private": 1,
			"attached_to_doctype": doc.doctype,
			"attached_to_name": doc.name,
			"content": content,
		}
	).insert()
	doc.db_set("file", file.file_url)


def rows_of(doc, **filters):
	return frappe.get_all("Party Import Row", {"party_import": doc.name, **filters}, ["*"], order_by="row_no")


class TestRegister(CRMTestCase):
	def test_every_row_has_its_state_in_words(self):
		doc = make_import()
		self.assertEqual(
			(doc.status, doc.encoding, doc.delimiter, doc.header_row), ("Checked", "cp1251", "Semicolon", 1)
		)
		self.assertEqual(
			[(row.row_no, row.state) for row in rows_of(doc)],
			[
				(2, "Ready"),
				(3, "Ready"),
				(4, "Ready"),
				(5, "Warning"),
				(6, "Error"),
				(7, "Duplicate"),
				(8, "Warning"),
			],
		)
		warned = rows_of(doc, row_no=5)[0].reason
		for words in ("7707083894", "Неизвестный", "Никто"):
			self.assertIn(words, warned)
		self.assertEqual(rows_of(doc, row_no=6)[0].reason, "There is no name.")
		repeated = rows_of(doc, row_no=7)[0]
		self.assertEqual(repeated.duplicate_row, 2)
		self.assertIn("repeats row 2: the same", repeated.reason)
		self.assertEqual(
			(doc.rows_total, doc.rows_ready, doc.rows_warning, doc.rows_error, doc.rows_duplicate),
			(7, 3, 2, 1, 1),
		)

	def test_who_is_in_the_base_is_a_duplicate_with_a_link(self):
		customer = make.make_customer(tax_id="7707083893")
		row = rows_of(make_import(), row_no=2)[0]
		self.assertEqual(
			(row.state, row.duplicate_type, row.duplicate_of), ("Duplicate", "Customer", customer.name)
		)
		self.assertEqual(
			row.reason,
			f"It is in the base already: Customer {customer.customer_name} (the same INN 7707083893, 97 %).",
		)

	def test_who_may_be_the_same_client_is_told_once_with_reason_and_score(self):
		for name in ("Ромошка северная", "Рамашка северная"):
			make.make_customer(customer_name=name)
		row = rows_of(make_import("Название;Вид\nООО Ромашка северная;ЮЛ\n".encode()), row_no=2)[0]
		self.assertEqual(row.reason.count("perhaps it is"), 1)
		for name in ("Ромошка северная", "Рамашка северная"):
			self.assertRegex(row.reason, rf"Customer {name} \(a name like it, \d+ %\)")

	def test_nothing_of_a_row_is_formula_or_markup(self):
		row = rows_of(make_import(), row_no=8)[0]
		self.assertEqual(row.client_name, '\'=HYPERLINK("http://x.example")')
		self.assertEqual(row.address, "‹script›alert(1)‹/script›")

	def test_a_corrected_row_is_checked_at_once(self):
		doc = make_import()
		row = rows_of(doc, row_no=6)[0].name
		answer = api.edit_row(row, {"client_name": "ООО Новое"})
		self.assertEqual((answer["state"], answer["reason"]), ("Ready", ""))
		self.assertEqual(fresh(doc).rows_error, 0)
		self.assertEqual(api.edit_row(row, {"inn": "7707083893", "kpp": "773601001"})["duplicate_row"], 2)
		self.assertEqual(api.edit_row(row, '{"not_duplicate": 1}')["state"], "Ready")

	def test_another_meaning_of_a_column_checks_the_rows_again(self):
		doc = make_import()
		self.assertFalse(frappe.get_doc("Party Import", doc.name).run_method("onload"))
		doc.columns[0].meaning = ""
		doc.columns[10].meaning = "Name"
		doc.save()
		doc.run_method("onload")
		self.assertTrue(doc.get("__onload").outdated)
		api.read(doc.name)
		self.assertEqual(rows_of(doc, row_no=2)[0].client_name, "x1")
		fresh(doc).columns[10].meaning = ""
		doc.save()
		self.assertIn("No column holds the names", api.read(doc.name)["problem"])

	def test_a_file_attached_to_a_new_import_waits_to_be_recognised(self):
		file = frappe.get_doc(
			{"doctype": "File", "file_name": "new.csv", "is_private": 1, "content": FILE.encode("cp1251")}
		).insert()
		doc = frappe.get_doc({"doctype": "Party Import", "file": file.file_url, "rows_total": None}).insert()
		self.assertEqual(self.outdated(doc), "recognise")
		api.recognise(doc.name)
		self.assertEqual(self.outdated(fresh(doc)), "")
		upload(doc, "Название|ИНН\nООО Другая|".encode(), "other.csv")
		other = doc.file
		fresh(doc).file = file.file_url
		doc.db_set("file", file.file_url)
		fresh(doc).file = other
		doc.save()
		self.assertEqual((doc.columns, doc.delimiter, doc.encoding), ([], "", ""))
		self.assertEqual(self.outdated(doc), "recognise")
		api.recognise(doc.name)
		self.assertEqual((fresh(doc).delimiter, rows_of(doc)[0].client_name), ("Vertical Bar", "ООО Другая"))

	@staticmethod
	def outdated(doc) -> str:
		doc.run_method("onload")
		return doc.get("__onload").outdated

	def test_a_file_without_a_known_heading_is_read_when_somebody_says_where_the_names_are(self):
		doc = make_import("Клиентура;Код\nООО Ромашка;7707083893")
		self.assertEqual(
			[(row.heading, row.meaning) for row in doc.columns], [("Клиентура", ""), ("Код", "")]
		)
		self.assertEqual((doc.rows_total, self.outdated(doc)), (0, "read"))
		doc.columns[0].meaning = "Name"
		doc.save()
		api.read(doc.name)
		self.assertEqual([row.client_name for row in rows_of(doc)], ["ООО Ромашка"])
		self.assertEqual(self.outdated(fresh(doc)), "")

	def test_what_is_said_of_a_file_that_could_not_be_read_counts(self):
		doc = frappe.get_doc({"doctype": "Party Import", "header_row": 3}).insert()
		upload(doc, "x;y\nНазвание;ИНН\nФирма;Код\nООО Ромашка;".encode())
		api.recognise(doc.name)
		self.assertEqual([row.heading for row in fresh(doc).columns], ["Фирма", "Код"])

	def test_phones_without_a_code_are_of_the_companys_country(self):
		company = default_company()
		before = frappe.get_cached_value("Company", company, "country")
		frappe.db.set_value("Company", company, "country", "Belarus")
		self.addCleanup(frappe.clear_document_cache, "Company", company)
		self.assertNotEqual(before, "Belarus")
		doc = make_import(
			f"{HEADER}\nООО Зубр;ЮЛ;;;;8 (029) 123-45-67;;;;;\nООО Сосед;ЮЛ;;;;+7 495 500-55-50;;;;;"
		)
		self.assertEqual([row.state for row in rows_of(doc)], ["Ready", "Ready"])
		api.create(doc.name)
		numbers = [
			frappe.db.get_value("Contact Phone", {"parent": contact_of(row)}, "phone") for row in rows_of(doc)
		]
		self.assertEqual(numbers, ["+375291234567", "+74955005550"])

	def test_the_mobile_is_marked_whatever_its_country(self):
		clients = (
			("8 (495) 500-55-50, 8 916 500-55-51, 8 916 500-55-52", "+79165005551"),
			("+375 17 226-72-62, +375 29 123-45-67", "+375291234567"),
			("+7 727 258-33-33, +7 701 211-22-33", "+77012112233"),  # Kazakhstan
			("+1 650 253-00-00", "+16502530000"),  # a country that does not tell them apart
			("8 800 555-35-35, 8 (495) 500-55-53", None),
		)
		lines = (f"ООО {'АБВГД'[at]};ЮЛ;;;;{phones};;;;;" for at, (phones, _mobile) in enumerate(clients))
		doc = make_import("\n".join((HEADER, *lines)))
		api.create(doc.name)
		for row, (phones, mobile) in zip(rows_of(doc), clients, strict=True):
			contact = contact_of(row)
			marked = frappe.get_all(
				"Contact Phone", {"parent": contact, "is_primary_mobile_no": 1}, pluck="phone", order_by="idx"
			)
			self.assertEqual(marked, [mobile] if mobile else [], phones)
			self.assertEqual(frappe.db.get_value("Contact", contact, "mobile_no") or None, mobile)

	def test_places_and_numbers_of_other_countries(self):
		doc = make_import(
			"Название;Город, адрес;Город;Индекс;Страна;ИНН;Телефон\n"
			"ООО Баумана;ул. Баумана, 5;Казань;420111;РФ;7707083893;\n"
			"ООО Тверское;Тверь, ул. Мира, 1;;;;;\n"
			"ТОО Нур;;Алматы;050000;Казахстан;991140000123;8 727 258-33-33\n"
			"Muster GmbH;;Berlin;;Германия;DE136695976;\n"
			"Beispiel AG;;Bonn;;de;DE136695978;\n"
			"ООО Нигде;;;;Атлантида;;\n"
			"ООО Полное;;город Москва;;;;\n"
			"ООО Краткое;;Г. Пермь;;;;"
		)
		self.assertEqual(
			[row.state for row in rows_of(doc)], [*["Ready"] * 4, "Warning", "Warning", "Ready", "Ready"]
		)
		self.assertIn("(DE): its check digits are wrong", rows_of(doc, row_no=6)[0].reason)
		self.assertIn("«Атлантида» is not a country", rows_of(doc, row_no=7)[0].reason)
		api.create(doc.name)
		self.assertEqual(fresh(doc).rows_created, 8)
		made = {}
		for row in rows_of(doc):
			customer = frappe.get_doc("Customer", row.party)
			place = frappe.db.get_value(
				"Address", customer.customer_primary_address, ["address_line1", "city", "pincode", "country"]
			)
			made[row.row_no] = (customer.rule24_kind, customer.tax_id or None, place)
		home = frappe.db.get_default("country")
		company = "Legal Entity"
		self.assertEqual(
			made,
			{
				2: (company, "7707083893", ("ул. Баумана, 5", "Казань", "420111", "Russian Federation")),
				3: (company, None, ("Тверь, ул. Мира, 1", "Тверь", None, home)),
				4: (company, "991140000123", ("Алматы", "Алматы", "050000", "Kazakhstan")),
				5: (company, "DE136695976", ("Berlin", "Berlin", None, "Germany")),
				6: (company, None, ("Bonn", "Bonn", None, "Germany")),
				7: (company, None, None),
				8: (company, None, ("город Москва", "Москва", None, home)),
				9: (company, None, ("Г. Пермь", "Пермь", None, home)),
			},
		)
		again = make_import("Название;Страна;ИНН\nMuster;Germany;DE 136 695 976")
		self.assertEqual(rows_of(again)[0].state, "Duplicate")

	def test_banks_abroad(self):
		malta = "MT84MALT011000012345MTLCAST001S"
		doc = make_import(
			"Название;Страна;Счёт;БИК\n"
			"Muster GmbH;Германия;DE89 3704 0044 0532 0130 00;DEUTDEFF\n"
			f"Malta Ltd;Malta;{malta};MALTMTMT\n"
			"Beispiel GmbH;Германия;;3704004\n"
		)
		rows = rows_of(doc)
		self.assertEqual([row.state for row in rows], ["Ready", "Warning", "Warning"])
		self.assertIn("it is longer than 30 characters; it was left out", rows[1].reason)
		self.assertIn("BIC 3704004", rows[2].reason)
		api.create(doc.name)
		kept = [
			frappe.db.get_value("Bank Account", {"party": row.party}, ["bank_account_no", "bank"])
			for row in rows_of(doc)
		]
		self.assertEqual(kept[1:], [None, None])
		self.assertEqual(kept[0][0], "DE89370400440532013000")
		self.assertEqual(frappe.db.get_value("Bank", kept[0][1], "rule24_bic"), "DEUTDEFF")

	def test_what_is_too_long_is_left_out_in_words_and_never_cut(self):
		heads = "Название;Город;Регион;Индекс;Сайт;Контактное лицо;Должность;Сегмент;Отрасль;Адрес;Страна;ИНН;КПП;ОГРН"
		home = [
			"г" * 200,
			"р" * 200,
			"1" * 30,
			"s" * 150,
			"к" * 150,
			"д" * 150,
			"с" * 150,
			"о" * 150,
			"а" * 300,
		]
		doc = make_import(
			f"{heads}\nООО Роза;{';'.join(home)};;;;\nMuster GmbH;;;;;;;;;;Германия;{'A' * 300};{'9' * 10};HRB 1234567890123\n"
			f"{'ООО Очень ' * 15};;;;;;;;;;;;;\n{'ООО Ещё ' * 60};;;;;;;;;;;;;"
		)
		api.recheck(doc.name)  # of the values the register has kept
		rose, muster, long, longer = rows_of(doc)
		self.assertEqual([row.state for row in rows_of(doc)], ["Warning", "Warning", "Error", "Error"])
		for heading in heads.split(";")[1:10]:
			self.assertRegex(rose.reason, rf"{heading}: it is longer than \d+ characters; it was left out")
		for heading in heads.split(";")[11:]:
			self.assertIn(f"{heading}: it is longer than", muster.reason)
		for row in (long, longer):
			self.assertIn("at most 140 can be kept. Shorten it.", row.reason)
		api.create(doc.name)
		self.assertEqual([row.state for row in rows_of(doc)], ["Created", "Created", "Error", "Error"])
		customer = frappe.get_doc("Customer", rows_of(doc)[0].party)
		self.assertFalse(customer.customer_primary_address or customer.website or customer.industry)
		customer = frappe.get_doc("Customer", rows_of(doc)[1].party)
		self.assertFalse(customer.tax_id or customer.rule24_kpp or customer.rule24_ogrn)

	def test_a_long_address_goes_whole(self):
		long = f"{'к' * 30} {'у' * 200} {'д' * 30}"
		doc = make_import(f"Название;Адрес;Город\nООО Роза;{long};Тверь")
		api.create(doc.name)
		lines = frappe.db.get_value(
			"Address",
			{"name": frappe.db.get_value("Customer", rows_of(doc)[0].party, "customer_primary_address")},
			["address_line1", "address_line2"],
		)
		self.assertEqual("".join(lines).replace(" ", ""), long.replace(" ", ""))

	def test_an_account_without_a_bic_is_in_the_bank_of_its_name(self):
		account, bank = "40702810753374068124", f"Банк Мирный {frappe.generate_hash(length=6)}"
		doc = make_import(
			"Название;Счёт;БИК;Наименование банка\n"
			f"ООО Роза;{account};;\n"
			f"ООО Мак;{account};;{bank}\n"
			f"ООО Ива;{account} в {bank.upper()};;\n"
			f"ООО Дуб;{account};044525031;{bank}\n"
			f"ООО Ясень;{account};044525031;"
		)
		rows = rows_of(doc)
		self.assertEqual([row.state for row in rows], ["Warning", *["Ready"] * 4])
		self.assertIn("Счёт: it is not known in which bank", rows[0].reason)
		api.create(doc.name)
		found = [
			frappe.db.get_value("Bank Account", {"party": row.party}, ["bank", "bank_account_no"])
			or (None, None)
			for row in rows_of(doc)
		]
		known = frappe.db.get_value("Bank", {"rule24_bic": "044525031"}) or "?"
		self.assertEqual([number for _bank, number in found], [None, *[account] * 4])
		self.assertEqual([name for name, _number in found], [None, bank, bank, known, known])
		self.assertIn(known, ("BIC 044525031", f"{bank} 044525031"), "another branch has another BIC")
		self.assertFalse(frappe.db.exists("Bank", "BIC ?"))
		again = make_import(f"Название;Счёт;Банк\nООО Клён;{account};{bank}")
		api.create(again.name)
		self.assertEqual(
			frappe.db.get_value("Bank Account", {"party": rows_of(again)[0].party}, "bank"), bank
		)
		lead = make_import(f"Название;Счёт\nООО Осина;{account}", create_as="Prospect")
		self.assertEqual(rows_of(lead)[0].state, "Ready", "it has no books yet")
		api.create(lead.name)
		self.assertEqual(
			frappe.db.get_value("Prospect", rows_of(lead)[0].party, "rule24_bank_account"), account
		)

	def test_doubtful_names(self):
		text = "Name;Country;Phone;Contact Person\nBlue Ocean;Malta;;\nAnna Lee;Malta;;\nRed Bull;Malta;;Karl Egger"
		doc = make_import(text)
		blue, anna, red = rows_of(doc)
		self.assertEqual((blue.state, anna.state, red.state), ("Warning", "Ready", "Ready"))
		self.assertIn("may be a person or a company", blue.reason)
		self.assertEqual(api.edit_row(blue.name, {"kind": "ЮЛ"})["state"], "Ready")
		api.edit_row(blue.name, {"kind": ""})
		doc = fresh(doc)
		doc.doubtful_names = "Legal Entity"
		doc.save()
		api.recheck(doc.name)
		self.assertEqual([row.state for row in rows_of(doc)], ["Ready"] * 3)
		api.create(doc.name)
		kinds = [frappe.db.get_value("Customer", row.party, "rule24_kind") for row in rows_of(doc)]
		self.assertEqual(kinds, ["Legal Entity", "Individual", "Legal Entity"])

	def test_a_letter_that_cannot_be_read_is_told(self):
		doc = make_import("Название;Город\nООО Роза;Тв".encode("cp1251") + b"\x98\n")
		row = rows_of(doc)[0]
		self.assertIn("Город: a letter of «Тв\ufffd» could not be read", row.reason)
		self.assertEqual(api.edit_row(row.name, {"city": "Тверь"})["state"], "Ready")

	def test_rows_of_headings_are_kept_corrected_and_part_of_a_template(self):
		text = "Название;Контакт;;\n;Телефон;E-mail;Прочее\nООО Роза;8 495 500-55-50;rose@example.ru;x"
		doc = make_import(text)
		self.assertEqual((doc.header_row, doc.heading_rows), (1, 2))
		self.assertEqual([row.row_no for row in rows_of(doc)], [3])
		self.assertEqual((rows_of(doc)[0].phone, self.outdated(doc)), ("8 495 500-55-50", ""))
		name = f"В две строки {frappe.generate_hash(length=6)}"
		api.save_template(doc.name, name)
		again = make_import(text.replace("Телефон;E-mail;Прочее", "т;п;п"), template=name)
		self.assertEqual(
			(again.heading_rows, len(again.columns), again.columns[1].heading), (2, 4, "Контакт → т")
		)
		doc = fresh(doc)
		doc.heading_rows = 1
		doc.save()
		self.assertEqual(self.outdated(doc), "read")
		api.read(doc.name)
		self.assertEqual([row.row_no for row in rows_of(doc)], [2, 3])
		self.assertEqual(fresh(doc).columns[1].heading, "Контакт")
		doc.heading_rows = 4
		with self.assertRaisesWith(PartyImportError, "1 to 3"):
			doc.save()

	def test_another_row_with_headings_is_recognised_anew(self):
		"""Their number belongs to the row from which on it was recognised."""
		text = "Клиент;;Контакт;\nНазвание;ИНН;Телефон;E-mail\nООО Роза;;8 495 500-55-50;\nООО Мак;;;m@example.ru"
		doc = make_import(text)
		self.assertEqual((doc.header_row, doc.heading_rows), (1, 2))
		doc.header_row = 2
		doc.save()
		self.assertEqual(self.outdated(doc), "read")
		api.read(doc.name)
		self.assertEqual([row.client_name for row in rows_of(doc)], ["ООО Роза", "ООО Мак"])
		self.assertEqual(fresh(doc).heading_rows, 1)
		doc = fresh(doc)
		doc.header_row, doc.heading_rows = 1, 3
		doc.save()
		self.assertEqual(doc.heading_rows, 3, "what is chosen stays")

	def test_a_template_reads_the_next_file_the_same_way(self):
		odd = "Фирма|Код\nРомашка|7707083893"
		doc = make_import("Название|Код\nРомашка|7707083893")
		for column, heading, meaning in zip(doc.columns, ("Фирма", "Код"), ("Name", "INN"), strict=True):
			column.heading, column.meaning = heading, meaning
		name = f"Из бухгалтерии {frappe.generate_hash(length=6)}"
		doc.save()
		api.save_template(doc.name, name)
		again = make_import(odd, template=name)
		self.assertEqual((rows_of(again)[0].client_name, rows_of(again)[0].inn), ("Ромашка", "7707083893"))
		with self.assertRaisesWith(PartyImportError, "name"):
			api.save_template(doc.name, " ")

	def test_a_choice_of_the_import_checks_the_rows_again(self):
		doc = make_import()
		doc.create_segments = 1
		doc.responsible = "Distribution Rules"
		doc.save()
		api.recheck(doc.name)
		reason = rows_of(doc, row_no=5)[0].reason
		self.assertNotIn("Неизвестный", reason)
		self.assertNotIn("Никто", reason)

	def test_files_without_rows_or_names(self):
		doc = make_import("Название;ИНН\n")
		self.assertEqual((doc.status, doc.columns, doc.rows_total), ("Failed", [], 0))
		self.assertIn("no rows", doc.problem)
		upload(doc, "Название;ИНН\nООО Ромашка;".encode(), "better.csv")
		api.recognise(doc.name)
		self.assertEqual((fresh(doc).status, doc.problem, doc.rows_ready), ("Checked", "", 1))
		doc = frappe.get_doc({"doctype": "Party Import"}).insert()
		with self.assertRaisesWith(PartyImportError, "Upload"):
			api.recognise(doc.name)


class TestCreating(CRMTestCase):
	def test_customers_with_everything(self):
		manager, segment = make.make_user(), make.make_segment()
		doc = make_import(responsible="This Manager", manager=manager.name, segments=[{"segment": segment}])
		self.assertEqual(api.create(doc.name), {"queued": False})
		fresh(doc)
		self.assertEqual((doc.status, doc.rows_created, doc.slow_reason), ("Done", 5, ""))
		row = rows_of(doc, row_no=2)[0]
		self.assertEqual((row.state, row.party_type, row.party), ("Created", "Customer", "ООО Ромашка"))
		customer = frappe.get_doc("Customer", row.party)
		self.assertEqual(
			(
				customer.tax_id,
				customer.rule24_kpp,
				customer.rule24_kind,
				customer.account_manager,
				customer.customer_type,
			),
			("7707083893", "773601001", "Legal Entity", manager.name, "Company"),
		)
		self.assertEqual([each.segment for each in customer.segments], [segment])
		self.assertEqual(customer.market_segment, segment)
		contact = frappe.get_doc("Contact", customer.customer_primary_contact)
		self.assertEqual((contact.first_name, contact.email_id), ("Иван", "info@romashka.example.ru"))
		self.assertIn("Тверь", customer.primary_address)
		person = frappe.get_doc("Customer", "Зайцева Анна Петровна")
		self.assertEqual((person.customer_type, person.rule24_kind), ("Individual", "Individual"))

	def test_a_company_without_a_person_has_a_contact_without_a_surname(self):
		doc = make_import("Название;ИНН;Телефон\nСеверные Моря;7707083893;8 495 500-55-50")
		api.create(doc.name)
		contact = frappe.get_doc("Contact", contact_of(rows_of(doc)[0]))
		self.assertEqual((contact.first_name, contact.last_name or ""), ("Северные Моря", ""))

	def test_each_kind_as_it_is_chosen(self):
		doc = make_import(create_as="By Kind of Client")
		api.create(doc.name)
		self.assertEqual(
			[row.party_type for row in rows_of(doc, state="Created")],
			["Prospect", "Prospect", "Lead", "Prospect", "Prospect"],
		)
		self.assertEqual(fresh(doc).slow_reason, "")
		lead = frappe.get_doc("Lead", rows_of(doc, row_no=4)[0].party)
		self.assertEqual(
			(lead.first_name, lead.last_name, lead.mobile_no), ("Анна", "Зайцева", "+79161112233")
		)
		self.assertTrue(lead.lead_owner)  # by the rules of distribution

	def test_managers_and_segments_of_the_file(self):
		user = make.make_user(first_name="Пётр", last_name="Уникальнов")
		text = f"{HEADER}\nООО Сегмент;ЮЛ;;;;;;;Опт особый, Розница особая;уникальнов петр;\nООО Почта;ЮЛ;;;;;;;;{user.name};"
		doc = make_import(text, create_segments=1)
		api.create(doc.name)
		customer = frappe.get_doc("Customer", "ООО Сегмент")
		self.assertEqual(customer.account_manager, user.name)
		self.assertEqual([row.segment for row in customer.segments], ["Опт особый", "Розница особая"])
		self.assertEqual(frappe.db.get_value("Customer", "ООО Почта", "account_manager"), user.name)

	def test_selected_rows_only_and_a_second_run_makes_nothing_twice(self):
		doc = make_import()
		first = rows_of(doc, row_no=2)[0].name
		api.create(doc.name, [first])
		self.assertEqual(fresh(doc).rows_created, 1)
		api.create(doc.name)
		count = frappe.db.count("Customer")
		with self.assertRaisesWith(PartyImportError, "nothing to create"):
			api.create(doc.name)
		again = make_import()
		self.assertEqual([row.state for row in rows_of(again)][:3], ["Duplicate"] * 3)
		self.assertEqual(frappe.db.count("Customer"), count)
		with self.assertRaisesWith(PartyImportError, "new import"):
			api.read(doc.name)

	def test_leads_are_made_at_once_and_a_second_run_makes_nothing_twice(self):
		doc = make_import(create_as="Lead")
		api.create(doc.name)
		self.assertEqual((fresh(doc).rows_created, doc.slow_reason), (5, ""))
		counts = {doctype: frappe.db.count(doctype) for doctype in ("Lead", "Contact", "Address", "Version")}
		with self.assertRaisesWith(PartyImportError, "nothing to create"):
			api.create(doc.name)
		again = make_import(create_as="Lead")
		self.assertEqual(
			[(row.state, row.duplicate_type) for row in rows_of(again)][:3], [("Duplicate", "Lead")] * 3
		)
		for doctype, count in counts.items():
			self.assertEqual(frappe.db.count(doctype), count, doctype)

	def test_somebody_was_faster_since_the_check(self):
		doc = make_import()
		customer = make.make_customer(tax_id="7707083893")
		api.create(doc.name)
		row = rows_of(doc, row_no=2)[0]
		self.assertEqual((row.state, row.duplicate_of), ("Duplicate", customer.name))

	def test_a_row_that_is_refused_leaves_nothing_and_says_why(self):
		frappe.get_doc({"doctype": "Customer Group", "customer_group_name": "Занятое имя"}).insert()
		make.make_lead(email_id="taken@example.ru", company_name="Совсем другая", rule24_tax_id="7736050003")
		text = f"{HEADER}\nООО Пятый;ЮЛ;7707083893;;Москва;;taken@example.ru\nООО Шестой;ЮЛ"
		doc = make_import(text, create_as="Lead")
		before = {doctype: frappe.db.count(doctype) for doctype in ("Lead", "Contact", "Address")}
		api.create(doc.name)
		refused, created = rows_of(doc)
		self.assertEqual((refused.state, created.state), ("Error", "Created"))
		self.assertIn("could not be created", refused.reason)
		self.assertEqual(frappe.db.count("Lead"), before["Lead"] + 1)
		self.assertEqual(frappe.db.count("Address"), before["Address"])

	def test_after_a_refused_chunk_nothing_of_it_is_left_in_the_plans(self):
		frappe.defaults.set_global_default("cust_master_name", "Naming Series")
		self.addCleanup(frappe.defaults.set_global_default, "cust_master_name", "Customer Name")
		numbers = ("044525031;40702810753374068124", ";", "044525031;40702810753374068124", ";", ";", ";")
		rows = [f"ООО Серия {at};ЮЛ;{each}" for at, each in enumerate(numbers)]
		doc = make_import("\n".join(["Наименование;Тип;БИК;Расчётный счёт", *rows]))
		outcomes, create_many = [], bulk.create_many

		def refused_at_first(plans, lookups):
			outcomes.append(create_many(plans, lookups))
			if len(outcomes) == 1:
				raise frappe.db.DataError("one of them")

		with patch.object(jobs, "CHUNK", 3), patch.object(bulk, "create_many", refused_at_first):
			api.create(doc.name)
		created = rows_of(doc)
		self.assertEqual([(row.state, row.reason) for row in created], [("Created", "")] * len(rows))
		parties = [row.party for row in created]
		self.assertEqual(parties[:3], outcomes[0])  # the same numbers, given out again
		self.assertEqual(parties[3:], outcomes[1])
		for party in parties:
			self.assertTrue(frappe.db.get_value("Customer", party, "account_manager"))
			self.assertTrue(frappe.db.exists("Distribution Log", {"party": party}), party)
		accounts = frappe.get_all("Bank Account", {"party": ("in", parties)}, pluck="party")
		self.assertEqual(sorted(accounts), [parties[0], parties[2]])

	def test_a_bank_of_a_row_that_is_refused_is_not_there_for_the_next_one(self):
		rows = [f"ООО Банк {at};ЮЛ;044525031;40702810753374068124" for at in range(3)]
		doc = make_import("\n".join(["Наименование;Тип;БИК;Расчётный счёт", *rows]))
		bank_account, calls = creating.bank_account, []

		def refused_at_first(*given):
			calls.append(given)
			if len(calls) == 1:
				raise frappe.ValidationError("not this one")
			return bank_account(*given)

		one_by_one = patch.object(fast_path, "obstacles", return_value=["told so"])
		with one_by_one, patch.object(creating, "bank_account", refused_at_first):
			api.create(doc.name)
		self.assertEqual([row.state for row in rows_of(doc)], ["Error", "Created", "Created"])

	def test_who_has_called_before_is_created_whole_and_linked_with_the_call(self):
		call = frappe.get_doc(
			{"doctype": "Call Log", "id": "called", "from": "+79161112233", "to": "100", "type": "Incoming"}
		).insert()
		for create_as in ("Customer", "Lead"):
			doc = make_import(f"{HEADER}\nЗайцева {create_as};ФЛ;;;;89161112233;;;;;", create_as=create_as)
			with patch.object(frappe.local.db, "begin", side_effect=AssertionError("a commit")):
				api.create(doc.name)
			self.assertEqual([row.state for row in rows_of(doc)], ["Created"])
		links = frappe.get_all("Dynamic Link", {"parent": call.name, "link_doctype": "Contact"})
		self.assertEqual(len(links), 2)

	def test_a_name_that_two_managers_have_is_nobodys(self):
		users = [make.make_user(first_name="Пётр", last_name="Двойников") for _number in range(2)]
		text = f"{HEADER}\nООО Имя;ЮЛ;;;;;;;;Двойников Пётр;\nООО Почта;ЮЛ;;;;;;;;{users[1].name};"
		doc = make_import(text)
		by_name, by_email = rows_of(doc)
		self.assertEqual((by_name.state, by_email.state), ("Warning", "Ready"))
		self.assertIn("name of several users", by_name.reason)
		api.create(doc.name)
		self.assertEqual(frappe.db.get_value("Customer", "ООО Почта", "account_manager"), users[1].name)

	def test_a_rule_of_the_site_takes_the_slow_path_and_is_said(self):
		notification = frappe.get_doc(
			{
				"doctype": "Notification",
				"name": "Каждый новый клиент",
				"subject": "x",
				"document_type": "Customer",
				"event": "New",
				"channel": "System Notification",
				"recipients": [{"receiver_by_role": "Sales Manager"}],
				"message": "x",
			}
		).insert()
		self.addCleanup(notification.delete)  # it is kept in a cache, whatever is rolled back
		doc = make_import()
		api.create(doc.name)
		self.assertIn("Каждый новый клиент", fresh(doc).slow_reason)
		self.assertEqual(doc.rows_created, 5)

	def test_a_mandatory_field_of_the_site_is_said_for_each_row(self):
		frappe.get_doc(
			{"doctype": "Property Setter", "doctype_or_field": "DocField", "doc_type": "Customer",
			 "field_name": "website", "property": "reqd", "property_type": "Check", "value": "1"}
		).insert()  # fmt: skip
		frappe.clear_cache(doctype="Customer")
		self.addCleanup(frappe.clear_cache, doctype="Customer")
		doc = make_import()
		api.create(doc.name)
		self.assertEqual(fresh(doc).rows_created, 0)
		self.assertIn("website", rows_of(doc, row_no=2)[0].reason.lower())


class TestExport(CRMTestCase):
	def test_errors_come_as_a_workbook_and_go_back_in(self):
		doc = make_import()
		api.edit_row(rows_of(doc, row_no=8)[0].name, {"inn": "123"})
		api.download(doc.name, ["Error", "Warning"])
		content = frappe.response.filecontent
		sheet = openpyxl.load_workbook(io.BytesIO(content)).active
		cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
		self.assertEqual(cells[0][:4], ["Row", "State", "Reason", "Наименование"])
		self.assertEqual([row[0] for row in cells[1:]], [5, 6, 8])
		self.assertEqual(cells[2][2], "There is no name.")
		self.assertEqual(cells[3][5], "123")
		for row in sheet.iter_rows():
			for cell in row:
				self.assertNotEqual(cell.data_type, "f", cell.value)
				self.assertFalse(str(cell.value or "").startswith(("=", "@")), cell.value)
		again = make_import(content, "errors.xlsx")
		self.assertEqual([row.state for row in rows_of(again)], ["Warning", "Error", "Warning"])
		self.assertEqual(rows_of(again)[2].client_name, rows_of(doc, row_no=8)[0].client_name)


class TestPermissions(CRMTestCase):
	def test_managers_may_not_import(self):
		doc = make_import()
		row = rows_of(doc, row_no=2)[0].name
		with self.as_user(make.make_user().name):
			for call in (
				lambda: api.recognise(doc.name),
				lambda: api.read(doc.name),
				lambda: api.recheck(doc.name),
				lambda: api.state(doc.name),
				lambda: api.rows(doc.name),
				lambda: api.edit_row(row, {"inn": "1"}),
				lambda: api.create(doc.name),
				lambda: api.pause(doc.name),
				lambda: api.resume(doc.name),
				lambda: api.save_template(doc.name, "x"),
				lambda: api.download(doc.name),
			):
				self.assertRaises(frappe.PermissionError, call)
		self.assertEqual(frappe.db.count("Customer", {"name": "ООО Ромашка"}), 0)

	def test_a_head_may_but_makes_no_segments(self):
		with self.as_user(make.make_user(("Sales Manager",)).name):
			doc = make_import()
			api.create(doc.name)
			self.assertEqual(fresh(doc).rows_created, 5)
			with self.assertRaisesWith(PartyImportError, "CRM administrator"):
				frappe.get_doc({"doctype": "Party Import", "create_segments": 1}).insert()
		with self.as_user(make.make_user(("CRM Administrator",)).name):
			make_import(FILE.replace("Ромашка", "Астра"), create_segments=1)

	def test_a_file_of_somebody_else_is_not_read(self):
		file = frappe.get_doc(
			{"doctype": "File", "file_name": "secret.csv", "is_private": 1, "content": FILE.encode()}
		).insert()
		with self.as_user(make.make_user(("Sales Manager",)).name):
			doc = frappe.get_doc({"doctype": "Party Import", "file": file.file_url})
			self.assertRaises(frappe.PermissionError, doc.insert)

	def test_malformed_calls(self):
		doc = make_import()
		row = rows_of(doc, row_no=2)[0].name
		for call, word in (
			(lambda: api.edit_row(row, {"state": "Created"}), "state"),
			(lambda: api.edit_row(row, "nonsense"), "JSON"),
			(lambda: api.rows(doc.name, state="Nope"), "Nope"),
			(lambda: api.download(doc.name, '["Nope"]'), "Nope"),
			(lambda: api.create(doc.name, '{"a": 1}'), "JSON"),
		):
			with self.assertRaisesWith(frappe.ValidationError, word):
				call()
		self.assertRaises(frappe.DoesNotExistError, api.state, "IMPORT-nothing")
		api.create(doc.name, [row])
		with self.assertRaisesWith(PartyImportError, "created already"):
			api.edit_row(row, {"inn": "1"})

	def test_pages_of_rows(self):
		doc = make_import()
		page = api.rows(doc.name, start=2, length=2)
		self.assertEqual(([row.row_no for row in page["rows"]], page["total"]), ([4, 5], 7))
		self.assertEqual([row.row_no for row in api.rows(doc.name, search="зайцева")["rows"]], [4])
		self.assertEqual(api.rows(doc.name, state="Error")["total"], 1)


class TestJobs(CRMTestCase):
	"""These commit: a worker of its own has to see them. The site is thrown away."""

	def big_import(self, count: int = 400):
		mark = frappe.generate_hash(length=6)
		lines = [f"ООО {mark} {number};ЮЛ;;;Москва;;m{mark}{number}@example.ru" for number in range(count)]
		doc = make_import("\n".join([HEADER, *lines]))
		frappe.db.set_value("Party Import Row", {"party_import": doc.name}, "queued", 1)
		frappe.db.commit()
		self.addCleanup(frappe.db.rollback)
		return doc, mark

	def test_two_who_press_continue_make_nobody_twice(self):
		doc, mark = self.big_import(30)
		doc.db_set("status", "Paused", commit=True)
		made = threading.Event()

		def first():
			answer = api.resume(doc.name)
			made.set()  # the lock is free again, and nothing is committed yet
			return answer

		def second():
			made.wait(60)
			return api.resume(doc.name)

		outcomes = at_once(first, second)
		self.assertEqual(outcomes[0], {"queued": False})
		self.assertIsInstance(outcomes[1], PartyImportError, outcomes)
		self.assertEqual(frappe.db.count("Customer", {"customer_name": ("like", f"ООО {mark}%")}), 30)
		self.assertEqual((fresh(doc).status, doc.rows_created, doc.rows_queued), ("Done", 30, 0))

	def test_what_is_created_meanwhile_stays_created(self):
		doc, _mark = self.big_import(3)
		row, created = rows_of(doc)[0].name, threading.Event()

		def create():
			answer = api.create(doc.name)
			frappe.db.commit()
			created.set()
			return answer

		def after(act):
			def late():
				created.wait(60)
				return act()

			return late

		made, edited, checked = at_once(
			create,
			after(lambda: api.edit_row(row, {"client_name": "ООО Поздно"})),
			after(lambda: api.recheck(doc.name)),
		)
		self.assertEqual((made, checked), ({"queued": False}, {"queued": False}))
		self.assertIsInstance(edited, PartyImportError)
		self.assertEqual([(each.state, each.queued) for each in rows_of(doc)], [("Created", 0)] * 3)
		self.assertTrue(all(each.party for each in rows_of(doc)))

	def test_nothing_is_checked_again_while_somebody_works_on_it(self):
		doc, _mark = self.big_import(3)
		with locks.held(doc.name):
			for act in (
				lambda: api.recheck(doc.name),
				lambda: api.edit_row(rows_of(doc)[0].name, {"client_name": "ООО Рано"}),
			):
				with self.assertRaisesWith(PartyImportError, "worked on"):
					act()

	def test_many_rows_are_checked_again_on_the_queue(self):
		doc, _mark = self.big_import(5)
		frappe.db.set_value("Party Import Row", {"party_import": doc.name}, "queued", 0)
		with patch.object(jobs, "AT_ONCE_ROWS", 3), patch.object(frappe, "enqueue") as enqueue:
			self.assertEqual(api.recheck(doc.name), {"queued": True})
			self.assertEqual(fresh(doc).status, "Checking")
			doc.db_set("heartbeat", "2020-01-01 00:00:00")
			self.assertTrue(api.state(doc.name)["interrupted"])
			self.assertEqual(api.resume(doc.name), {"queued": True})
		make.make_customer(customer_name=rows_of(doc)[0].client_name)
		(job,), given = enqueue.call_args
		job(given["party_import"], given["user"])
		self.assertEqual((fresh(doc).status, doc.rows_duplicate, doc.rows_ready), ("Checked", 1, 4))

	def test_a_job_that_waits_for_a_worker_is_not_called_interrupted(self):
		"""One worker is busy with something long: whoever presses Continue would only line up twice."""
		doc, _mark = self.big_import(30)
		doc.db_set({"status": "Creating", "heartbeat": "2020-01-01 00:00:00"})
		for status, queued, interrupted in (
			("queued", True, False),
			("started", False, True),
			(None, False, True),
		):
			with patch.object(jobs, "get_job_status", return_value=status):
				told = api.state(doc.name)
			self.assertEqual((told["queued"], told["interrupted"]), (queued, interrupted), status)

	def waiting(self, ask) -> dict:
		"""Ask for something that goes on the queue of a busy server: the job waits there by the id that it was given."""
		given = {}

		def enqueue(job, job_id, **values):
			given.update(values, job=job, job_id=job_id)
			# kept as RQ keeps one that waits, in no queue: the suite's worker would take it
			waits = Job.create(
				execute_job, id=create_job_id(job_id), connection=get_redis_conn(), status=JobStatus.QUEUED
			)
			waits.save()
			self.addCleanup(end, job_id)

		def end(job_id):
			if job := get_job(job_id):  # RQ of Frappe 16 refuses to delete one that is gone
				job.delete()

		with (
			patch.object(jobs, "AT_ONCE_ROWS", 3),
			patch.object(jobs, "AT_ONCE_BYTES", 3),
			patch.object(frappe, "enqueue", enqueue),
		):
			self.assertTrue(ask()["queued"])
		return given

	def test_one_step_at_a_time_while_the_server_is_busy(self):
		"""RQ keeps one job for an id: whoever creates while the file waits to be read would have it never read."""
		doc, _mark = self.big_import(5)
		frappe.db.set_value("Party Import Row", {"party_import": doc.name}, "queued", 0)
		steps = (lambda: api.read(doc.name), lambda: api.recheck(doc.name), lambda: api.create(doc.name))
		given = []
		for step in steps:
			given.append(self.waiting(step))
			job = get_job(given[-1]["job_id"])
			self.assertEqual(job.get_status(), "queued")
			told = api.state(doc.name)
			self.assertEqual((told["queued"], told["working"], told["interrupted"]), (True, False, False))
			for other in (*steps, lambda: api.recognise(doc.name), lambda: api.resume(doc.name)):
				with self.assertRaisesWith(PartyImportError, "waits for its turn"):
					other()
			self.assertEqual(fresh(doc).rows_queued, 5 if step is steps[2] else 0)
			job.delete()
			given[-1]["job"](doc.name, "Administrator")
			self.assertEqual(fresh(doc).status, "Done" if step is steps[2] else "Checked")
		self.assertEqual(len({each["job_id"] for each in given}), 3)
		self.assertEqual(fresh(doc).rows_created, 5)

	def test_a_row_is_not_corrected_while_the_file_waits_to_be_read(self):
		doc, _mark = self.big_import(5)
		row = rows_of(doc)[0].name
		given = self.waiting(lambda: api.read(doc.name))
		with self.assertRaisesWith(PartyImportError, "would be lost"):
			api.edit_row(row, {"client_name": "ООО Рано"})
		get_job(given["job_id"]).delete()
		given["job"](doc.name, "Administrator")
		self.assertEqual(api.edit_row(row, {"client_name": "ООО Вовремя"})["client_name"], "ООО Вовремя")
		given = self.waiting(lambda: api.recheck(doc.name))
		api.edit_row(row, {"client_name": "ООО Остаётся"})
		given["job"](doc.name, "Administrator")
		self.assertEqual(rows_of(doc)[0].client_name, "ООО Остаётся")

	def test_of_two_equal_steps_at_once_one_begins(self):
		"""RQ hears of a job when the transaction has ended: whoever presses just then finds none."""
		doc, _mark = self.big_import(5)
		begun = []

		def press() -> dict:
			answer = api.create(doc.name)
			time.sleep(0.5)  # the other one has come, and waits
			return answer

		with (
			patch.object(jobs, "AT_ONCE_ROWS", 3),
			patch.object(frappe, "enqueue", lambda job, **values: begun.append(values["job_id"])),
		):
			outcomes = at_once(press, press)
		self.assertEqual(len(begun), 1, outcomes)
		self.assertIn({"queued": True}, outcomes)
		(refused,) = (each for each in outcomes if each != {"queued": True})
		self.assertIsInstance(refused, PartyImportError)

	def test_after_a_crash_the_form_counts_the_rows_as_they_stand(self):
		doc, _mark = self.big_import(5)
		doc.db_set({"status": "Creating", "heartbeat": "2020-01-01 00:00:00"})
		frappe.db.set_value("Party Import Row", rows_of(doc)[0].name, "state", "Created")
		opened = fresh(doc)
		self.assertEqual((opened.rows_ready, opened.rows_created), (5, 0))
		opened.run_method("onload")
		self.assertEqual((opened.rows_total, opened.rows_ready, opened.rows_created), (5, 4, 1))

	def test_a_worker_that_is_about_to_end_is_waited_for_a_killed_one_is_not(self):
		doc, _mark = self.big_import(5)
		given = self.waiting(lambda: api.create(doc.name))
		job = get_job(given["job_id"])
		job.set_status("started")
		with patch.object(jobs, "ENDING_SECONDS", 0.2), self.assertRaisesWith(PartyImportError, "worked on"):
			api.recheck(doc.name)
		with patch.object(
			jobs.time, "sleep", side_effect=lambda _seconds: job.set_status("finished")
		) as wait:
			api.recheck(doc.name)
		wait.assert_called_once()
		frappe.db.set_value("Party Import Row", {"party_import": doc.name}, "queued", 1)
		doc.db_set({"status": "Creating", "heartbeat": frappe.utils.now()})
		job.set_status("started")
		doc.db_set("heartbeat", "2020-01-01 00:00:00")
		self.assertEqual(api.resume(doc.name), {"queued": False})
		self.assertEqual(fresh(doc).status, "Done")

	def test_paused_before_a_worker_came_it_goes_on_in_its_place(self):
		doc, _mark = self.big_import(5)
		given = self.waiting(lambda: api.create(doc.name))
		api.pause(doc.name)
		self.assertEqual(fresh(doc).status, "Paused")
		with patch.object(frappe, "enqueue") as enqueue:
			self.assertEqual(api.resume(doc.name), {"queued": True})
		enqueue.assert_not_called()
		self.assertTrue(api.state(doc.name)["queued"])
		given["job"](doc.name, "Administrator")
		self.assertEqual((fresh(doc).status, doc.rows_created), ("Done", 5))

	def test_pause_and_go_on(self):
		doc, mark = self.big_import(30)
		jobs.pause(doc)
		jobs.run(doc)
		self.assertEqual(fresh(doc).status, "Paused")
		self.assertEqual(frappe.db.count("Customer", {"name": ("like", f"ООО {mark}%")}), 0)
		self.assertEqual(api.resume(doc.name), {"queued": False})
		self.assertEqual(fresh(doc).status, "Done")
		self.assertEqual(frappe.db.count("Customer", {"name": ("like", f"ООО {mark}%")}), 30)

	def test_how_far_it_is_can_be_asked(self):
		"""Whoever comes back to the form hears it at once, and not only when the worker says the next word."""
		doc, _mark = self.big_import(30)
		self.assertIsNone(api.state(doc.name)["progress"])
		seen = []

		def chunk_is_committed():
			seen.append(api.state(doc.name)["progress"])

		jobs.queue(doc)
		with patch.object(jobs, "CHUNK", 20):
			jobs.run(doc, commit=chunk_is_committed)
		self.assertEqual([(each["done"], each["total"]) for each in seen], [(20, 30), (30, 30)])
		self.assertEqual(seen[0]["title"], "Clients created")
		self.assertIsNone(api.state(doc.name)["progress"])

	def test_how_far_a_second_check_is_can_be_asked(self):
		doc, _mark = self.big_import(30)
		jobs.queue(doc, [rows_of(doc)[0].name])
		frappe.db.set_value("Party Import Row", {"party_import": doc.name, "row_no": (">", 2)}, "queued", 0)
		jobs.run(doc)
		for _again in range(2):  # what an earlier check has told counts no more
			seen = []

			def chunk_is_told(_progress, _done, seen=seen):
				seen.append(api.state(doc.name)["progress"])

			with patch.object(register, "CHUNK", 20), patch.object(jobs._Progress, "show", chunk_is_told):
				jobs.check_again(fresh(doc))
			self.assertEqual([(each["done"], each["total"]) for each in seen], [(20, 29), (29, 29)])
			self.assertEqual(seen[0]["title"], "Rows checked")
		self.assertIsNone(api.state(doc.name)["progress"])

	def test_a_killed_worker_and_what_continues_after_it(self):
		doc, mark = self.big_import()
		script = textwrap.dedent(
			"""
			import os, sys, frappe
			frappe.init(site=sys.argv[1], sites_path=sys.argv[2]); frappe.connect()
			from rule24_crm.parties.importing import jobs
			jobs.CHUNK = 40
			done = []
			def commit():
				frappe.db.commit()
				done.append(1)
				print("chunk", flush=True)
				if len(done) == 3:
					import time; time.sleep(60)
			jobs.run(frappe.get_doc("Party Import", sys.argv[3]), commit=commit)
			"""
		)
		sites = os.path.abspath(frappe.local.sites_path)
		worker = subprocess.Popen(
			[sys.executable, "-c", script, frappe.local.site, sites, doc.name],
			stdout=subprocess.PIPE,
			cwd=sites,
			text=True,
		)
		try:
			for _chunk in range(3):
				self.assertEqual(worker.stdout.readline().strip(), "chunk")
			self.assertTrue(locks.is_held(doc.name))
			with self.assertRaisesWith(PartyImportError, "worked on"):
				api.create(doc.name)
		finally:
			worker.send_signal(signal.SIGKILL)
			worker.wait()
			worker.stdout.close()
		for _try in range(50):
			if not locks.is_held(doc.name):
				break
			time.sleep(0.1)
		frappe.db.rollback()
		frappe.db.set_value("Party Import", doc.name, "heartbeat", "2020-01-01 00:00:00")
		self.assertTrue(api.state(doc.name)["interrupted"])
		created = frappe.db.count("Customer", {"name": ("like", f"ООО {mark}%")})
		self.assertEqual(created, 120)
		jobs.run(fresh(doc), commit=frappe.db.commit)
		names = frappe.get_all("Customer", {"name": ("like", f"ООО {mark}%")}, pluck="customer_name")
		self.assertEqual((len(names), len(set(names))), (400, 400))
		self.assertEqual(register.count(doc)["rows_created"], 400)
		self.assertEqual(frappe.db.count("Contact", {"email_id": ("like", f"m{mark}%")}), 400)

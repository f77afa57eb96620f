"""Reading, checking and importing a client base."""

import csv
import io
from pathlib import Path

import frappe

from rule24_crm.exceptions import CampaignError, ImportFileError
from rule24_crm.parties.identity import names
from rule24_crm.parties.importing import checking, reading
from rule24_crm.tests import factories
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.work.campaigns import importing, jobs

SEMINAR = Path(frappe.get_app_path("rule24_crm", "setup", "demo", "seminar_companies.csv"))
HEADER = "Наименование,Тип,ИНН,КПП,ОГРН,Адрес,Телефон,E-mail,Контактное лицо,Расчётный счёт,БИК"


def read_one(line: str, header: str = HEADER) -> checking.Client:
	sheet = reading.read(f"{header}\n{line}\n".encode())
	return checking.check(sheet.records[0], sheet)


class TestReading(CRMTestCase):
	def test_separators_encodings_and_boms_give_the_same_rows(self):
		for delimiter in (",", ";", "\t"):
			text = (
				delimiter.join(("Наименование", "Тип", "Телефон"))
				+ "\r\n"
				+ delimiter.join(("Ёлка", "ЮЛ", "1"))
				+ "\r\n"
			)
			for encoding in ("utf-8", "utf-8-sig", "cp1251", "utf-16"):
				with self.subTest(delimiter=delimiter, encoding=encoding):
					sheet = reading.read(text.encode(encoding))
					self.assertEqual(sheet.records[0].values, {"name": "Ёлка", "kind": "ЮЛ", "phone": "1"})

	def test_separators_quotes_and_line_breaks_inside_values(self):
		sheet = reading.read('Название;Адрес\r\n"ООО ""А; Б""";"г. Москва,\r\nул. Ленина"\r\nВ;Г'.encode())
		self.assertEqual(
			sheet.records[0].values, {"name": 'ООО "А; Б"', "address": "г. Москва,\r\nул. Ленина"}
		)
		self.assertEqual([record.line for record in sheet.records], [2, 3])

	def test_headings_in_any_order_case_and_wording(self):
		sheet = reading.read(
			"  e - mail ;РАСЧЁТНЫЙ  СЧЕТ;Название организации;Прочее\na@b.ru;1;Ромашка;x".encode()
		)
		self.assertEqual(
			sheet.columns,
			{"email": "e - mail", "account": "РАСЧЁТНЫЙ  СЧЕТ", "name": "Название организации"},
		)
		self.assertEqual(sheet.records[0].values, {"email": "a@b.ru", "account": "1", "name": "Ромашка"})

	def test_a_title_above_the_headings_and_a_sep_line_are_passed_over(self):
		sheet = reading.read("sep=;\nВыгрузка от 01.02.2026\n\nКонтрагент;ИНН\nРомашка;1".encode())
		self.assertEqual(sheet.records[0].values, {"name": "Ромашка", "inn": "1"})

	def test_files_that_cannot_be_understood_are_refused_with_words(self):
		for content, word in (
			(b"", "empty"),
			(b"  \n \n", "empty"),
			("Цвет,Вес\nсиний,3".encode(), "Цвет"),
			(b"PK\x03\x04abc", "cannot be read as an XLSX workbook"),
			('Название,Адрес\nА,"Москва\nБ,Тула\n'.encode(), "Quotation"),
		):
			with self.subTest(content=content), self.assertRaisesWith(ImportFileError, word):
				reading.read(content)

	def test_quotes_that_are_not_doubled_are_taken_as_meant(self):
		sheet = reading.read('Название;Тип\n"Ромашка" ООО;ЮЛ\nООО "Астра";ЮЛ'.encode())
		self.assertEqual(sheet.records[1].values["name"], 'ООО "Астра"')
		self.assertIn("Ромашка", sheet.records[0].values["name"])


class TestChecking(CRMTestCase):
	def test_a_good_company(self):
		client = read_one(
			'ООО Ромашка,ЮЛ,7707083893,773601001,1027700132195,"Москва, ул. Вавилова, 19",8 (495) 500-55-50,'
			"Info@Example.ru,Иванов Иван Иванович,40702810753374068124,044525031"
		)
		self.assertEqual(client.warnings, [])
		self.assertEqual(
			(
				client.kind,
				client.inn,
				client.kpp,
				client.ogrn,
				client.emails,
				client.phones[0].number,
				client.timezone,
			),
			(
				checking.COMPANY,
				"7707083893",
				"773601001",
				"1027700132195",
				["info@example.ru"],
				"+74955005550",
				"Europe/Moscow",
			),
		)
		self.assertEqual((client.account, client.bic), ("40702810753374068124", "044525031"))

	def test_broken_requisites_are_left_out_and_said_with_their_column(self):
		for value, column, field, line in (
			("7707083894", "ИНН", "inn", "А,ЮЛ,7707083894"),
			("543505613935", "ИНН", "inn", "А,ИП,543505613935"),
			("7707083893", "ИНН", "inn", "А,ИП,7707083893"),
			("7736010", "КПП", "kpp", "А,ЮЛ,,7736010"),
			("1027700132196", "ОГРН", "ogrn", "А,ЮЛ,,,1027700132196"),
			("04452503", "БИК", "bic", "А,ЮЛ,,,,,,,,40702810753374068124,04452503"),
			(
				"40702810753374068125",
				"Расчётный счёт",
				"account",
				"А,ЮЛ,,,,,,,,40702810753374068125,044525031",
			),
			("info(at)example.ru", "E-mail", "emails", "А,ЮЛ,,,,,,info(at)example.ru"),
			("нет", "Телефон", "phones", "А,ЮЛ,,,,,нет"),
		):
			with self.subTest(column=column, value=value):
				client = read_one(line)
				self.assertEqual(client.error, "")
				self.assertFalse(getattr(client, field))
				self.assertEqual([warning.column for warning in client.warnings], [column])
				self.assertIn(value, str(client.warnings[0]))

	def test_a_zero_that_a_spreadsheet_has_dropped(self):
		client = read_one("А,ЮЛ,101000021,,,,,,,,44525031")
		self.assertEqual((client.inn, client.bic, client.warnings), ("0101000021", "044525031", []))

	def test_no_name_or_an_unknown_kind_is_refused(self):
		for nobody in ("", "#N/A", "#ССЫЛКА!"):
			self.assertIn("no name", read_one(f"{nobody},ЮЛ,7707083893").error)
		self.assertIn("Завод", read_one("А,Завод").error)

	def test_the_kind_is_told_from_name_and_inn_when_there_is_no_column(self):
		header = "Название,ИНН"
		for line, kind in (
			("ООО Ромашка,", checking.COMPANY),
			("Ромашка,7707083893", checking.COMPANY),
			("ИП Иванов И. И.,", checking.SOLE),
			("Иванов Иван Иванович,", checking.PERSON),
		):
			self.assertEqual(read_one(line, header).kind, kind, line)

	def test_the_kind_is_told_by_the_form_however_it_is_written(self):
		for form, kind in (
			("Общество с ограниченной ответственностью", checking.COMPANY),
			("Публичное акционерное общество", checking.COMPANY),
			("ГУП", checking.COMPANY),
			("GmbH", checking.COMPANY),
			("Глава КФХ", checking.SOLE),
			("ИП", checking.SOLE),
			("Самозанятый", checking.PERSON),
			("Физ. лицо", checking.PERSON),
		):
			client = read_one(f"Альфа,{form}")
			self.assertEqual((client.kind, client.error, client.warnings), (kind, "", []), form)
		for name, kind in (
			("Публичное акционерное общество Заря", checking.COMPANY),
			("О.О.О. Точка", checking.COMPANY),
			("ТОО Нур", checking.COMPANY),
			("«Ромашка», ООО", checking.COMPANY),
			("Сидоров И.И. ИП", checking.SOLE),
			("Глава КФХ Сидоров", checking.SOLE),
			("Сидоров И.П.", checking.PERSON),
		):
			self.assertEqual(read_one(name.replace(",", ""), "Название").kind, kind, name)

	def test_a_column_that_says_something_else_than_the_kind(self):
		for line, kind in (
			("А,Клиент,7707083893", checking.COMPANY),
			("А,Партнёр,500100732259", checking.PERSON),
			("ООО А,Поставщик,", checking.COMPANY),
			("ИП Попов,Поставщик,500100732259", checking.SOLE),
		):
			client = read_one(line)
			self.assertEqual((client.kind, client.error), (kind, ""), line)
			self.assertEqual([warning.column for warning in client.warnings], ["Тип"])
		self.assertIn("Клиент", read_one("А,Клиент,7707083894").error)

	def test_companies_are_not_taken_for_people(self):
		for name in (
			"Газпром нефть",
			"Детский сад №5",
			"Стоматология Улыбка",
			"Управление образования Твери",
			"Магазин Продукты",
			"Северная Звезда",
			"Мир",
		):
			self.assertEqual(read_one(name, "Название").kind, checking.COMPANY, name)
		for name in ("Зайцева Анна", "Анна Шмидт", "Кац П. И.", "Мамедов Али Гасан оглы", "John Smith"):
			self.assertEqual(read_one(name, "Название").kind, checking.PERSON, name)
		self.assertEqual(read_one("Салон Анна", "Компания").kind, checking.COMPANY)
		self.assertEqual(read_one("Ли Сяо", "ФИО").kind, checking.PERSON)

	def test_formulas_become_text(self):
		for value in ("=HYPERLINK(1)", "+cmd|calc", "@SUM(A1)", "-1+2"):
			client = read_one(f"{value},ЮЛ")
			self.assertEqual(client.name, "'" + value)
			self.assertTrue(client.warnings)
		# what the report writes can be read back
		self.assertEqual(read_one("'=HYPERLINK(1),ЮЛ").name, "'=HYPERLINK(1)")

	def test_several_phones_and_extensions(self):
		client = read_one('А,ЮЛ,,,,,"8 495 500-55-50; +7 (916) 123-45-67"')
		self.assertEqual([phone.number for phone in client.phones], ["+74955005550", "+79161234567"])
		client = read_one('А,ЮЛ,,,,,"+7 423 222 15 37, доб. 12"')
		self.assertEqual([(p.number, p.extension) for p in client.phones], [("+74232221537", "12")])
		self.assertEqual(client.timezone, "Asia/Vladivostok")

	def test_as_other_programs_write_it(self):
		header = "Название,ИНН,Численность,Сайт,Расчётный счёт"
		for people, band in (
			("120", "51-200"),
			("1 200", "1000+"),
			("11-50", "11-50"),
			("менее 50", "11-50"),
			("более 1000", "1000+"),
			("1000+", "1000+"),
			("5.5", ""),
			("0", ""),
			("много", ""),
		):
			client = read_one(f"А,,{people}", header)
			self.assertEqual((client.employees, bool(client.warnings)), (band, not band), people)
		client = read_one('А,,,,"40702810200000000001, АО «Банк»"', header)
		self.assertEqual((client.account, client.warnings), ("40702810200000000001", []))
		for address in ("javascript:alert(1)", "JavaScript :x", "data:text/html,x"):
			client = read_one(f'А,,,"{address}"', header)
			self.assertEqual((client.website, [each.column for each in client.warnings]), ("", ["Сайт"]))
		self.assertEqual(read_one("А,,,https://a.ru", header).website, "https://a.ru")

	def test_phones_among_words(self):
		client = read_one('А,ЮЛ,,,,,"8 916 123 45 66 (Мария), 8 495 500-55-50 факс; тел.: 89161234563"')
		self.assertEqual(
			[phone.number for phone in client.phones], ["+79161234566", "+74955005550", "+79161234563"]
		)
		self.assertEqual(client.warnings, [])
		client = read_one('А,ЮЛ,,,,,"8 495 500-55-50, доб. 12; 8 916 123-45-67"')
		self.assertEqual(
			[(phone.number, phone.extension) for phone in client.phones],
			[("+74955005550", "12"), ("+79161234567", "")],
		)

	def test_a_phone_that_is_lost_is_said_though_there_are_others(self):
		client = read_one('А,ЮЛ,,,,,"8(4822)34-56-78,34-56-79"')
		self.assertEqual([phone.number for phone in client.phones], ["+74822345678"])
		self.assertIn("«34-56-79» is not a phone", str(client.warnings[0]))

	def test_names_of_people(self):
		for value, expected in (
			("Иванов Иван Иванович", ("Иван", "Иванович", "Иванов")),
			("Иван Иванович Иванов", ("Иван", "Иванович", "Иванов")),
			("Лебедев Татьяна", ("Татьяна", "", "Лебедев")),
			("John Smith", ("John", "", "Smith")),
			("Мария", ("Мария", "", "")),
		):
			self.assertEqual(names.person_name(value), expected)


class TestImport(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.campaign = factories.make_campaign().name

	def take(self, text: str) -> importing.ImportResult:
		return importing.import_file(self.campaign, text.encode())

	def test_the_seminar_file_is_accounted_for_to_the_last_row(self):
		content = SEMINAR.read_bytes()
		result = importing.import_file(self.campaign, content)
		# By hand from the file: 5 rows without a name; 16 INNs given twice or more, 17 rows too many.
		self.assertEqual(
			{key: value for key, value in result.counts.items() if key != "warned"},
			{"total": 300, "created": 278, "found": 0, "already": 0, "rejected": 22},
		)
		rejected = {row.line: row.reasons[0] for row in result.rows if row.state == importing.REJECTED}
		self.assertEqual(
			[line for line, reason in rejected.items() if "no name" in reason], [46, 66, 129, 251, 301]
		)
		self.assertEqual(
			{line: int(reason.split("row ")[1].split(":")[0]) for line, reason in rejected.items() if "row" in reason},
			{20: 11, 22: 3, 61: 36, 68: 51, 77: 9, 104: 48, 106: 16, 124: 51, 144: 118, 147: 117, 185: 128, 191: 149,
				200: 79, 232: 139, 240: 39, 253: 97, 287: 12},
		)  # fmt: skip
		warned = {
			row.line: "; ".join(row.reasons)
			for row in result.rows
			if row.reasons and row.line not in rejected
		}
		self.assertEqual(
			[line for line, text in warned.items() if "INN" in text and "ИНН:" in text],
			[43, 103, 114, 256, 299],
		)
		self.assertEqual(
			[line for line, text in warned.items() if "not a phone" in text], [35, 178, 214, 244, 267]
		)
		self.assertEqual([line for line, text in warned.items() if "formula" in text], [176, 201])
		self.assertEqual([line for line, text in warned.items() if "has this name" in text], [194, 201])
		self.assertEqual(
			[line for line, text in warned.items() if "is also that of" in text],
			[123, 234, 252, 255, 259, 282, 293],
		)
		self.assertEqual(result.counts["warned"], 20)
		self.assertEqual(frappe.db.count("Work Campaign Member", {"campaign": self.campaign}), 278)

		again = importing.import_file(self.campaign, content)
		self.assertEqual(
			again.counts,
			{"total": 300, "created": 0, "found": 0, "already": 278, "rejected": 22, "warned": 0},
		)

	def test_a_company_becomes_a_prospect_with_contact_address_and_requisites(self):
		self.take(
			HEADER
			+ '\nООО Ромашка,ЮЛ,7707083893,773601001,1027700132195,"г. Тверь, ул. Вавилова, 19",8 (495) 500-55-50,'
			"info@romashka.example.ru,Иванов Иван Иванович,40702810753374068124,044525031\n"
		)
		doc = frappe.get_doc("Prospect", "ООО Ромашка")
		self.assertEqual(
			(
				doc.rule24_tax_id,
				doc.rule24_kpp,
				doc.rule24_ogrn,
				doc.rule24_bank_account,
				doc.rule24_bic,
				doc.rule24_timezone,
			),
			(
				"7707083893",
				"773601001",
				"1027700132195",
				"40702810753374068124",
				"044525031",
				"Europe/Moscow",
			),
		)
		contacts = frappe.get_all(
			"Dynamic Link",
			{"link_doctype": "Prospect", "link_name": doc.name, "parenttype": "Contact"},
			pluck="parent",
		)
		contact = frappe.get_doc("Contact", contacts[0])
		self.assertEqual(len(contacts), 1)
		self.assertEqual(
			(contact.first_name, contact.middle_name, contact.last_name, contact.email_id, contact.phone),
			("Иван", "Иванович", "Иванов", "info@romashka.example.ru", "+74955005550"),
		)
		address = frappe.get_all(
			"Dynamic Link",
			{"link_doctype": "Prospect", "link_name": doc.name, "parenttype": "Address"},
			pluck="parent",
		)
		self.assertEqual(frappe.db.get_value("Address", address[0], "city"), "Тверь")
		member = frappe.get_doc("Work Campaign Member", {"campaign": self.campaign, "party": doc.name})
		self.assertEqual(
			(member.contact, member.email, member.phone),
			(contact.name, "info@romashka.example.ru", "+74955005550"),
		)

	def test_a_person_becomes_a_lead_with_one_contact(self):
		result = self.take(HEADER + "\nНовиков Пётр Ильич,ФЛ,,,,,+7 916 123-45-67,novikov@example.ru\n")
		lead = frappe.get_doc("Lead", result.rows[0].party)
		self.assertEqual(
			(lead.first_name, lead.last_name, lead.mobile_no), ("Пётр", "Новиков", "+79161234567")
		)
		self.assertEqual(lead.lead_owner, "Administrator")  # the campaign has no managers: as any new client
		links = frappe.get_all(
			"Dynamic Link",
			{"link_doctype": "Lead", "link_name": lead.name, "parenttype": "Contact"},
			pluck="parent",
		)
		self.assertEqual(len(links), 1)

	def test_new_clients_are_dealt_out_to_the_campaign_s_managers(self):
		managers = [factories.make_user().name for _n in range(2)]
		campaign = frappe.get_doc("Work Campaign", self.campaign)
		campaign.extend("managers", [{"user": user} for user in managers])
		campaign.save()
		rows = "".join(f"ООО «Поровну {n}»,ЮЛ,,,,,,\n" for n in range(6))
		result = self.take(HEADER + "\n" + rows)
		owners = [frappe.db.get_value("Prospect", row.party, "prospect_owner") for row in result.rows]
		self.assertEqual({user: owners.count(user) for user in managers}, dict.fromkeys(managers, 3))

	def test_who_is_in_the_base_is_recognised(self):
		customer = factories.make_customer(customer_name="ООО «Астра»", tax_id="7707083893")
		lead = factories.make_lead(
			email_id="someone@astra.example.ru", company_name=None, first_name="Кто-то"
		)
		prospect = factories.make_prospect(company_name="АО Берёза")
		text = (
			HEADER + "\nАстра,ЮЛ,7707083893\nКто-то Другой,ФЛ,,,,,,someone@astra.example.ru\nао «береза»,ЮЛ\n"
		)
		rows = self.take(text).rows
		self.assertEqual(
			[(row.state, row.party_type, row.party) for row in rows],
			[
				(importing.FOUND, "Customer", customer.name),
				(importing.FOUND, "Lead", lead.name),
				(importing.FOUND, "Prospect", prospect.name),
			],
		)
		self.assertEqual(self.take(HEADER + "\nАО Берёза,ЮЛ\n").rows[0].party, prospect.name)

	def test_a_branch_is_another_client(self):
		rows = self.take(
			HEADER
			+ "\nБанк,ЮЛ,7707083893,773601001\nБанк филиал,ЮЛ,7707083893,540602001\nБанк снова,ЮЛ,7707083893,540602001\n"
		).rows
		self.assertEqual(
			[row.state for row in rows], [importing.CREATED, importing.CREATED, importing.REJECTED]
		)

	def test_a_prospect_that_went_on_as_a_customer_is_a_member_as_a_customer(self):
		prospect = factories.make_prospect(company_name="Старое имя", rule24_tax_id="7707083893")
		customer = factories.make_customer()
		prospect.db_set({"rule24_successor_type": "Customer", "rule24_successor": customer.name})
		row = self.take(HEADER + "\nСтарое имя,ЮЛ,7707083893\n").rows[0]
		self.assertEqual((row.party_type, row.party), ("Customer", customer.name))

	def test_a_row_that_fails_leaves_nothing_behind(self):
		# ERPNext refuses a second lead with the same e-mail; this one belongs to a company with another INN
		lead = factories.make_lead(email_id="one@example.ru", rule24_tax_id="7707083893")
		before = {
			doctype: frappe.db.count(doctype)
			for doctype in ("Lead", "Contact", "Address", "Work Campaign Member")
		}
		rows = self.take(
			HEADER + "\nИванов Иван Иванович,ФЛ,500100732259,,,Тверь,,one@example.ru\nООО Цела,ЮЛ\n"
		).rows
		self.assertEqual([row.state for row in rows], [importing.REJECTED, importing.CREATED])
		self.assertIn(lead.name, rows[0].reasons[0])
		self.assertEqual(frappe.db.count("Lead"), before["Lead"])
		self.assertEqual(frappe.db.count("Work Campaign Member"), before["Work Campaign Member"] + 1)
		self.assertEqual(frappe.db.count("Address"), before["Address"])

	def test_the_report_tells_every_row_and_holds_no_formula(self):
		result = self.take(HEADER + '\n"=HYPERLINK(""x"")",ЮЛ,,,,,+7 495 500-55-50\n,ЮЛ\n')
		report = list(csv.reader(io.StringIO(result.as_csv().decode("utf-8-sig")), delimiter=";"))
		self.assertEqual(
			[row[:2] for row in report], [["Row", "Outcome"], ["2", "Created"], ["3", "Rejected"]]
		)
		self.assertFalse([cell for row in report for cell in row if cell.startswith(("=", "@", "-"))])
		self.assertIn("+7 495 500-55-50", report[1])

	def test_headings_reasons_and_clients_of_the_report_are_no_formulas_either(self):
		factories.make_customer(customer_name="=cmd|' /C calc'!A0", tax_id="7707083893")
		text = 'Название;ИНН;"=HYPERLINK(""x"")";@e-mail\nА;7707083893;;\nБ;;;=1+1'
		report = self.take(text).as_csv().decode("utf-8-sig")
		self.assertIn("cmd|", report)
		for row in csv.reader(io.StringIO(report), delimiter=";"):
			self.assertFalse([cell for cell in row if cell.startswith(("=", "@", "-"))], row)

	def test_an_uploaded_file_gives_counts_and_a_report_to_download(self):
		file = frappe.get_doc(
			{
				"doctype": "File",
				"file_name": "list.csv",
				"is_private": 1,
				"content": (HEADER + "\nООО Один,ЮЛ\n,ЮЛ\n").encode("cp1251"),
			}
		).insert()
		result = jobs.import_members(self.campaign, file.file_url)
		self.assertEqual((result["created"], result["rejected"]), (1, 1))
		report = frappe.get_doc("File", {"file_url": result["report"]})
		self.assertEqual(
			(report.attached_to_doctype, report.attached_to_name, report.is_private),
			("Work Campaign", self.campaign, 1),
		)
		self.assertIn("There is no name.", report.get_content())

	def test_a_finished_campaign_takes_nobody(self):
		frappe.db.set_value("Work Campaign", self.campaign, "status", "Finished")
		with self.assertRaisesWith(CampaignError, "finished"):
			self.take(HEADER + "\nООО Один,ЮЛ\n")

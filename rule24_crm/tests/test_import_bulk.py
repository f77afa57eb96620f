"""Clients of a file, created many at once, are what `insert()` of every document makes of them."""

import json
from contextlib import ExitStack, nullcontext
from unittest.mock import patch

import frappe

from rule24_crm.compat import cache
from rule24_crm.parties.importing import bulk, checking, creating, fast_path, reading
from rule24_crm.parties.importing.lookups import Lookups
from rule24_crm.parties.importing.naming import FreeNames
from rule24_crm.parties.importing.records import Choices, plan
from rule24_crm.setup.tables import PARTY_KEY
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase

#: differ between any two inserts
OWN = {"creation", "modified"}
#: times of day: where they are not filled in, Frappe takes the time of the insert, unless it is marked as an import
TIMES = {"rule24_call_from", "rule24_call_to"}
#: a leftover of Frappe's in histories, of rows that it has given defaults: never within an import
LEFTOVER = {"__unsaved"}
#: names drawn by lot
CHILDREN = {"Contact Email", "Contact Phone", "Dynamic Link", "Party Segment"}
NAMELESS = CHILDREN | {"Distribution Log", "Version"}
TABLES = (
	"Customer",
	"Lead",
	"Prospect",
	"Contact",
	"Address",
	"Bank",
	"Bank Account",
	"Industry Type",
	"Market Segment",
	"Distribution Log",
	"Version",
	*sorted(CHILDREN),
)
HEADER = (
	"Наименование;Тип;ИНН;КПП;ОГРН;Адрес;Телефон;E-mail;Сайт;Контактное лицо;Должность;Отрасль;Численность;Регион;"
	"Расчётный счёт;БИК;Сегмент;Ответственный;Город;Индекс;Страна;Банк"
)
ROWS = (
	'"ООО ""Ромашка""";ЮЛ;7707083893;773601001;1027700132195;г. Тверь, ул. Вавилова, 19;8 (495) 500-55-50, доб. 12;'
	"info@romashka.example.ru;romashka.example.ru;Иванов Иван Иванович;Директор;ИТ;120;Тверская область;"
	"40702810753374068124;044525031;Опт;",
	"ИП Попов Михаил;ИП;500100732259;;;Москва;+7 916 123-45-67, +7 495 123-45-67;p@example.ru, q@example.ru",
	"Зайцева Анна Петровна;ФЛ;;;;;89161112233;;;;;;;Москва",
	"Зайцева Анна Петровна;ФЛ;;;;;89161112244;;;;;;;Тула",
	"зайцева анна петровна;ФЛ;;;;;89161112255",
	"Только имя;ЮЛ",
	'\'=HYPERLINK("http://x.example");ЮЛ;;;;=1+1;;;;@SUM(A1)',
	"50 % 'скидка' \\ и \\n;ЮЛ;;;;100 % адрес, 5 %s;;;;%s",
	f"{'Очень длинное название ' * 6};ЮЛ;;;;Адрес {'и так далее ' * 12};;;;Контакт {'и так далее ' * 8};;;;;40702810753374068124;;;;;;;Банк без БИК",
	"ООО Город;ЮЛ;;;;ул. Баумана, 5;;;;;;;;Татарстан;;;;;г. Казань;420111;Россия",
	"ТОО Нур;ЮЛ;991140000123;;;;+7 727 258-33-33;;;;;;;;;;;;Алматы;050000;Казахстан",
	"Muster GmbH;ЮЛ;DE136695976;;HRB 1234;;;;;;;;;;DE89370400440532013000;;;;Berlin;10115;Германия;Deutsche Bank",
	"<b>Жирный</b> <script>;ЮЛ;;;;<i>адрес</i>;;;;<img src=x onerror=alert(1)>",
)


class Differential(CRMTestCase):
	"""Writes the same clients twice, from the same beginning, and compares everything that was written."""

	def plans(self, party_type: str, rows=ROWS, **choices):
		sheet = reading.read("\n".join([HEADER, *rows]).encode())
		clients = [checking.check(record, sheet) for record in sheet.records]
		lookups = Lookups(create_segments=True)
		chosen = Choices(
			dict.fromkeys(("Legal Entity", "Sole Proprietor", "Individual"), party_type),
			company=make.COMPANY,
			named_managers=True,
			**choices,
		)
		plans = [plan(client, chosen, lookups) for client in clients if not client.error]
		names = creating.free_names(plans)
		for each in plans:
			creating.give_name(each, names)
		return plans, lookups

	def written(self, write) -> dict:
		"""Rows that `write` adds to every table, and what it puts into the queue of global search."""
		before = {doctype: self.names(doctype) for doctype in TABLES}
		counts, keys = self.counts(), set(self.keys())
		cache().delete_value("global_search_queue")
		write()
		rows = {
			doctype: [self.row(doctype, name) for name in self.names(doctype) if name not in before[doctype]]
			for doctype in TABLES
		}
		for doctype in NAMELESS:
			for row in rows[doctype]:
				row.pop("name")
		queue = {}
		for value in map(json.loads, cache().lrange("global_search_queue", 0, -1)):
			# the newest comes first and is what stays: ERPNext saves the contact of a Lead several times
			queue.setdefault((value["doctype"], value["name"]), value)
		now = self.counts()
		return {
			"rows": {doctype: sorted(found, key=repr) for doctype, found in rows.items()},
			"search": [queue[key] for key in sorted(queue)],
			"counts": {
				table: now[table] - counts.get(table, 0)
				for table in now
				if now[table] != counts.get(table, 0)
			},
			"keys": sorted(set(self.keys()) - keys),
			"series": sorted(frappe.db.sql("select name, current from `tabSeries`")),
		}

	def names(self, doctype):
		return frappe.get_all(doctype, pluck="name", order_by="name")

	def row(self, doctype, name):
		row = frappe.db.get_value(doctype, name, "*", as_dict=True)
		if doctype == "Version":
			row["data"] = self.without_lots(json.loads(row["data"]))
		return {key: value for key, value in sorted(row.items()) if key not in OWN}

	def without_lots(self, value):
		"""A history without times and the names of its rows, which differ between any two inserts."""
		if isinstance(value, dict):
			left = {key: self.without_lots(each) for key, each in value.items() if key not in OWN | LEFTOVER}
			return {**left, "name": "-"} if "parentfield" in left else left
		if isinstance(value, list):
			value = [self.without_lots(each) for each in value]
			if len(value) == 4 and isinstance(value[3], list):  # a changed row: table, number, name, changes
				value[2] = "-"
		return value

	def keys(self):
		return frappe.db.sql(f"select * from `{PARTY_KEY}`")

	def counts(self):
		return {
			table: frappe.db.sql(f"select count(*) from `{table}`")[0][0]
			for table in frappe.db.get_tables(cached=False)
			if table.startswith(("tab", "_")) and table not in ("tabError Log", "tabSessions")
		}

	def assert_same(self, party_type, stock=False, rows=ROWS, **choices):
		frappe.db.savepoint("rule24_differential")
		slow = self.written(lambda: self.one_by_one(party_type, rows, choices, stock))
		frappe.db.rollback(save_point="rule24_differential")
		frappe.clear_messages()
		fast = self.written(lambda: self.at_once(party_type, rows, choices))
		self.maxDiff = None
		for key in ("counts", "series", "search", "keys"):
			self.assertEqual(fast[key], slow[key], key)
		for doctype in TABLES:
			self.assertEqual(len(fast["rows"][doctype]), len(slow["rows"][doctype]), doctype)
			for ours, theirs in zip(fast["rows"][doctype], slow["rows"][doctype], strict=True):
				if stock:
					for field in TIMES & set(ours):
						self.assertIsNone(ours.pop(field))
						theirs.pop(field)
				self.assertEqual(ours, theirs, doctype)
		frappe.db.rollback(save_point="rule24_differential")
		return fast

	def one_by_one(self, party_type, rows, choices, stock):
		plans, lookups = self.plans(party_type, rows, **choices)
		with ExitStack() as stack:
			if stock:
				stack.enter_context(patch.object(creating, "quietly", nullcontext))
				for module in ("frappe.contacts.doctype.contact.contact", "erpnext.crm.doctype.lead.lead"):
					# a picture that the network has none of
					stack.enter_context(patch(f"{module}.has_gravatar", lambda _email: ""))
			# in a test Frappe leaves no histories
			stack.enter_context(patch.dict(frappe.flags, in_test=False))
			stack.enter_context(patch.object(frappe, "in_test", False, create=True))  # from 16 on
			for each in plans:
				creating.create(each, lookups)

	def at_once(self, party_type, rows, choices):
		plans, lookups = self.plans(party_type, rows, **choices)
		usual, unusual = bulk.split(plans)
		self.assertEqual(unusual, [])
		bulk.create_many(usual, lookups)


class TestDifferential(Differential):
	def test_the_fast_path_is_open_on_a_plain_site(self):
		self.assertEqual(fast_path.obstacles({"Customer", "Lead", "Prospect"}), [])

	def test_customers(self):
		user = make.make_user()
		written = self.assert_same("Customer", segments=[make.make_segment()], owner=user.name)
		self.assertEqual(len(written["rows"]["Customer"]), len(ROWS))
		self.assertEqual(len(written["rows"]["Bank Account"]), 3)
		names = [row["name"] for row in written["rows"]["Customer"]]
		self.assertIn("Зайцева Анна Петровна - 1", names)
		self.assertIn("зайцева анна петровна - 2", names)

	def test_customers_as_stock_without_the_mark_of_an_import(self):
		self.assert_same("Customer", stock=True)

	def test_managers_by_the_rules_of_distribution(self):
		segment = make.make_segment()
		for _manager in range(2):
			make.make_account_manager(segments=[segment])
		frappe.get_doc(
			{
				"doctype": "Distribution Rule",
				"title": f"Rule {segment}",
				"priority": 99,
				"for_customer": 1,
				"for_lead": 1,
				"for_prospect": 1,
				"give_to": "Managers of the Segment",
				"choose_by": "Turn",
				"conditions": [{"field": "market_segment", "operator": "Equals", "value": segment}],
			}
		).insert()
		for party_type, field in (
			("Customer", "account_manager"),
			("Lead", "lead_owner"),
			("Prospect", "prospect_owner"),
		):
			written = self.assert_same(party_type, segments=[segment])
			# in turn; the first row of the file has a segment of its own before that of the rule
			self.assertGreaterEqual(len({row[field] for row in written["rows"][party_type]}), 2)
			self.assertEqual(len(written["rows"]["Distribution Log"]), len(ROWS))

	def test_prospects(self):
		self.assert_same("Prospect")
		self.assert_same("Prospect", stock=True)

	def test_leads(self):
		user = make.make_user()
		written = self.assert_same("Lead", segments=[make.make_segment()], owner=user.name)
		self.assertEqual(len(written["rows"]["Lead"]), len(ROWS))
		self.assertEqual(len(written["rows"]["Contact"]), len(ROWS))
		self.assertEqual(len(written["rows"]["Distribution Log"]), 0)

	def test_leads_as_stock_without_the_mark_of_an_import(self):
		self.assert_same("Lead", stock=True, owner=make.make_user().name)

	def test_leads_of_several_numbers_leave_the_same_history(self):
		rows = (
			"ООО Один;ЮЛ;;;;;+7 916 123-45-67 доб. 5, +7 495 123-45-67 доб. 6;a1@example.ru, a2@example.ru;;Иванов Иван",
			"ООО Два;ЮЛ;;;;;+7 916 123-45-68 доб. 7;b1@example.ru",
			"ООО Три;ЮЛ;;;;;;c1@example.ru, c2@example.ru, c3@example.ru",
			"ООО Четыре;ЮЛ",
		)
		written = self.assert_same("Lead", rows=rows)
		self.assertEqual(len(written["rows"]["Version"]), 4 + 3)

	def test_leads_by_the_rules_of_distribution(self):
		written = self.assert_same("Lead")
		self.assertEqual(len(written["rows"]["Distribution Log"]), len(ROWS))

	def test_leads_that_get_no_contact_by_themselves(self):
		frappe.db.set_single_value("CRM Settings", "auto_creation_of_contact", 0)
		written = self.assert_same("Lead")
		self.assertLess(len(written["rows"]["Contact"]), len(ROWS))
		self.assertIn("Петровна", {row["middle_name"] for row in written["rows"]["Contact"]})

	def test_contacts_of_leads_are_numbered_as_namesakes_are(self):
		for full_name in (
			"Анна Зайцева",
			"Анна Зайцева-9",
			"Анна Зайцева-10",
			"Анна Зайцева-x",
			"Только имя",
		):
			contact = make.make_contact(email=f"{frappe.generate_hash(length=8)}@example.ru")
			frappe.rename_doc("Contact", contact.name, full_name, force=True)
		written = self.assert_same("Lead", owner="Administrator")
		names = [row["name"] for row in written["rows"]["Contact"]]
		for name in ("Анна Зайцева-11", "Анна Зайцева-12", "Только имя-1"):
			self.assertIn(name, names)

	def test_leads_that_need_a_look_are_given_back(self):
		user = make.make_user()
		taken = make.make_lead(email_id="taken@example.ru")
		rows = [
			f"ООО Один;ЮЛ;;;;;;{taken.email_id}",
			f"ООО Два;ЮЛ;;;;;;{user.name}",
			"ООО Три;ЮЛ;;;;;;twice@example.ru",
			"ООО Четыре;ЮЛ;;;;;;twice@example.ru",
			f"{'О' * 139};ЮЛ",
			"ООО Шесть;ЮЛ;;;;;;once@example.ru",
		]
		plans, _lookups = self.plans("Lead", rows)
		usual, unusual = bulk.split(plans)
		self.assertEqual([each.client.name for each in usual], ["ООО Шесть"])
		self.assertEqual(unusual, plans[:5])
		frappe.db.set_single_value("CRM Settings", "allow_lead_duplication_based_on_emails", 1)
		usual, unusual = bulk.split(plans)
		self.assertEqual(len(usual), 4)

	def test_of_the_calls_only_those_of_the_chunk_are_asked_for(self):
		for caller in ("84955005550", "+79161112233", "+79161112299"):
			frappe.get_doc(
				{"doctype": "Call Log", "id": caller, "from": caller, "to": "100", "type": "Incoming"}
			).insert()
		rows = ("А;ЮЛ;;;;;8 495 500-55-50", "Б;ЮЛ;;;;;+7 916 111-22-33", "В;ЮЛ;;;;;+7 916 111-22-34")
		plans, _lookups = self.plans("Customer", rows)
		self.assertEqual(bulk._called(plans), {"79161112233"})
		usual, unusual = bulk.split(plans)
		self.assertEqual([plan.client.name for plan in usual], ["А", "В"])
		self.assertEqual([plan.client.name for plan in unusual], ["Б"])

	def test_customers_by_a_naming_series(self):
		frappe.defaults.set_global_default("cust_master_name", "Naming Series")
		self.addCleanup(frappe.defaults.set_global_default, "cust_master_name", "Customer Name")
		self.assert_same("Customer")

	def test_a_bank_is_the_one_that_the_database_takes_for_it(self):
		"""Its collation tells no ё from е, nor a blank at the end; a name it has twice would be refused with the whole chunk."""
		word = frappe.generate_hash(length=6)
		frappe.get_doc({"doctype": "Bank", "bank_name": f"Банк Орёл {word}"}).insert()
		account = "40702810753374068124"
		rows = [
			f"ООО {number};ЮЛ;;;;;;;;;;;;;{account};;;;;;;{bank} {word}"
			for number, bank in enumerate(("Банк Орел", "банк орёл", "Банк Мёд", "Банк Мед", "БАНК МЁД"))
		]
		written = self.assert_same("Customer", rows=rows)
		self.assertEqual([row["name"] for row in written["rows"]["Bank"]], [f"Банк Мёд {word}"])
		self.assertCountEqual(
			[row["bank"] for row in written["rows"]["Bank Account"]],
			[f"Банк Мёд {word}"] * 3 + [f"Банк Орёл {word}"] * 2,
		)
		self.assertEqual(Lookups().bank("", f"Банк Орел {word}"), f"Банк Орёл {word}")

	def test_accounts_of_long_names_in_banks_of_long_names(self):
		account, long, bank = (
			"40702810753374068124",
			"Филиал " + "Длинного Общества " * 7,
			"Банк " + "Длинный " * 14,
		)
		rows = [
			f"{long}{at};ЮЛ;;;;;;;;;;;;;{account};{bic};;;;;;{bank}"
			for at, bic in enumerate(("", "044525031", "", "044525220"))
		]
		frappe.db.delete("Bank", {"rule24_bic": ("in", ("044525031", "044525220"))})
		written = self.assert_same("Customer", rows=rows)
		accounts = written["rows"]["Bank Account"]
		self.assertEqual(len({row["party"] for row in accounts}), 4)
		self.assertTrue(all(len(row["name"]) <= 140 for row in accounts))

	def test_a_segment_and_an_industry_are_the_ones_that_the_database_takes_for_them(self):
		word = frappe.generate_hash(length=6)
		segment = make.make_segment(f"Счёт {word}")
		frappe.get_doc({"doctype": "Industry Type", "industry": f"Учёт {word}"}).insert()
		words = (("Счет", "Учет"), ("СЧЁТ", "УЧЕТ"), ("Мёд", "Лён"), ("мед", "Лен"))
		rows = [
			f"ООО {at};ЮЛ;;;;;;;;;;{industry} {word};;;;;{segment} {word}"
			for at, (segment, industry) in enumerate(words)
		]
		written = self.assert_same("Customer", rows=rows)
		self.assertEqual([row["name"] for row in written["rows"]["Market Segment"]], [f"Мёд {word}"])
		kept = [(row["market_segment"], row["industry"]) for row in written["rows"]["Customer"]]
		known = (segment, f"Учёт {word}")
		self.assertCountEqual(kept, [known, known, *[(f"Мёд {word}", f"Лён {word}")] * 2])

	def test_addresses_of_namesakes_with_long_names(self):
		rows = [f"{'Филиал ' * 18}{at};ЮЛ;;;;г. Тверь, ул. Вавилова, {at}" for at in (1, 1, 2)]
		for kind in ("Customer", "Lead"):
			written = self.assert_same(kind, rows=rows)
			self.assertEqual(len({row["name"] for row in written["rows"]["Address"]}), 3)

	def test_names_that_are_taken_already(self):
		make.make_customer(customer_name="Только имя")
		make.make_customer(customer_name="Только имя - 7")
		contact = make.make_contact(email="p@example.ru")
		frappe.rename_doc("Contact", contact.name, "Зайцева Анна Петровна-Зайцева Анна Петровна", force=True)
		frappe.get_doc(
			{
				"doctype": "Address",
				"address_title": 'ООО "Ромашка"',
				"address_type": "Billing",
				"address_line1": "x",
				"city": "y",
				"country": "Russian Federation",
			}
		).insert()
		make.make_user(email="info@romashka.example.ru")
		written = self.assert_same("Customer")
		self.assertIn("Только имя - 8", [row["name"] for row in written["rows"]["Customer"]])

	def test_stock_numbers_namesakes_the_same_way(self):
		first = make.make_customer(customer_name="Тёзка")
		plans, _lookups = self.plans("Customer", ["Тёзка;ЮЛ"])
		second = make.make_customer(customer_name="Тёзка")
		self.assertEqual((first.name, plans[0].party_name), ("Тёзка", second.name))

	def test_numbers_go_on_after_the_highest_of_the_namesakes(self):
		long = "Д" * 140
		for name in ("Тёзка", "тезка - 4", "50 % _а", "50 % _а - 2", "50 х уа - 9", "Другой - 7", long):
			make.make_customer(customer_name=name)
		make.make_customer(customer_name=f"{long[:136]} - 1")
		names = FreeNames("Customer", ["Тёзка", "50 % _а", "Новый", long])
		self.assertEqual(
			[names.take(title) for title in ("Тёзка", "Тёзка", "50 % _а", "Новый", "новый", long)],
			["Тёзка - 5", "Тёзка - 6", "50 % _а - 3", "Новый", "новый - 1", f"{long[:136]} - 2"],
		)

	def test_a_long_title_with_blanks_where_the_number_goes(self):
		head = "Д" * 127
		long = f"{head}{' ' * 9}тень"
		for name in (long, f"{head} - 1"):
			make.make_customer(customer_name=name)
		names = FreeNames("Customer", [long])
		self.assertEqual([names.take(long), names.take(long)], [f"{head} - 2", f"{head} - 3"])

	def test_names_of_others_are_not_read_for_their_numbers(self):
		for name in ("Тёзка", "Другой", "Другой - 7"):
			make.make_customer(customer_name=name)
		names = FreeNames("Customer", ["Тёзка"])
		self.assertEqual(names.take("Тёзка"), "Тёзка - 1")
		self.assertEqual(names._taken, {"тезка", "тезка - 1"})

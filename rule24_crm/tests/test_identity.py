"""Numbers, phones, e-mails and names: the rules, and the words about what breaks them."""

from rule24_crm.parties.identity import countries, emails, legal_forms, names, numbers, phones, sounding
from rule24_crm.tests.base import CRMTestCase

INN, PERSON_INN = "7707083893", "771234567859"


class TestNumberProblems(CRMTestCase):
	def test_inn(self):
		for right in ("", None, INN, PERSON_INN, "77 0708 3893"):
			self.assertEqual(numbers.inn_problem(right), "")
		self.assertEqual(
			numbers.inn_problem("7707083894"),
			"INN 7707083894: the tenth digit must be 3, it is 4: check the number",
		)
		self.assertIn("the eleventh digit must be 5, it is 6", numbers.inn_problem("771234567869"))
		self.assertIn("the twelfth digit must be 9, it is 0", numbers.inn_problem("771234567850"))
		self.assertIn("10 digits are needed, 12 of a person, there are 9", numbers.inn_problem("770708389"))
		self.assertIn("character 3 is «O»", numbers.inn_problem("77O7083893"))

	def test_inn_of_a_kind(self):
		self.assertEqual(numbers.inn_problem(INN, "Legal Entity"), "")
		self.assertIn("has 10 digits, there are 12", numbers.inn_problem(PERSON_INN, "Legal Entity"))
		self.assertIn("has 12 digits, there are 10", numbers.inn_problem(INN, "Sole Proprietor"))
		self.assertIn("has 12 digits, there are 10", numbers.inn_problem(INN, "Individual"))

	def test_kpp(self):
		for right in ("", "773601001", "7736AB001", "7736ab001"):
			self.assertEqual(numbers.kpp_problem(right), "")
		self.assertIn("9 characters are needed, there are 8", numbers.kpp_problem("77360100"))
		self.assertIn(
			"the first part, the tax office, must be 4 digits, it is 77З6", numbers.kpp_problem("77З601001")
		)
		self.assertIn("the second part, the reason", numbers.kpp_problem("7736АВ001"))
		self.assertIn(
			"the third part, the number, must be 3 digits, it is 00A", numbers.kpp_problem("77360100A")
		)

	def test_ogrn(self):
		for right in ("", "1027700132195", "304500000000140"):
			self.assertEqual(numbers.ogrn_problem(right), "")
		self.assertIn(
			"OGRN 1027700132196: the thirteenth digit must be 5, it is 6",
			numbers.ogrn_problem("1027700132196"),
		)
		self.assertIn(
			"OGRNIP 304500000000141: the fifteenth digit must be 0", numbers.ogrn_problem("304500000000141")
		)
		self.assertIn("13 digits are needed, 15 of a sole", numbers.ogrn_problem("102770013219"))
		self.assertIn(
			"13 digits are needed, there are 15", numbers.ogrn_problem("304500000000140", "Legal Entity")
		)
		self.assertIn(
			"15 digits are needed, there are 13", numbers.ogrn_problem("1027700132195", "Sole Proprietor")
		)
		self.assertIn("has none", numbers.ogrn_problem("1027700132195", "Individual"))

	def test_bank(self):
		self.assertEqual(numbers.bic_problem("044525225"), "")
		self.assertIn("9 digits are needed, there are 8", numbers.bic_problem("04452522"))
		self.assertIn("the first two digits must be 04", numbers.bic_problem("994525225"))
		account = "40702810200000000001"
		self.assertEqual(numbers.account_problem(account, "044525225"), "")
		self.assertEqual(numbers.account_problem(account), "", "nothing to check the key against")
		self.assertEqual(numbers.account_problem("40102810545370000003", "004525988"), "", "the treasury")
		self.assertIn(
			"20 digits are needed, there are 19", numbers.account_problem(account[:-1], "044525225")
		)
		wrong = account[:8] + "7" + account[9:]
		self.assertIn(
			"with BIC 044525225 the ninth digit, the key, must be 2, it is 7",
			numbers.account_problem(wrong, "044525225"),
		)
		self.assertIn("character 1 is «x»", numbers.account_problem("x0702810200000000001"))

	def test_zeros_are_nobodys_number(self):
		for length, problem in (
			(10, numbers.inn_problem),
			(12, numbers.inn_problem),
			(9, numbers.kpp_problem),
			(13, numbers.ogrn_problem),
			(15, numbers.ogrn_problem),
			(9, numbers.bic_problem),
			(20, numbers.account_problem),
		):
			self.assertIn("only zeros", problem("0" * length))

	def test_a_number_that_a_spreadsheet_has_rounded(self):
		for value in ("4,07028E+19", "4.07028102E+19", "5E+11"):
			self.assertIn("a spreadsheet has rounded", numbers.account_problem(value))
			self.assertIn("a spreadsheet has rounded", numbers.inn_problem(value))

	def test_words_and_rules_agree(self):
		"""Whatever digit is mistyped: the words appear exactly where the rule says no."""
		for value, rule, problem in (
			(INN, numbers.is_inn, numbers.inn_problem),
			(PERSON_INN, numbers.is_inn, numbers.inn_problem),
			("1027700132195", numbers.is_ogrn, numbers.ogrn_problem),
			("304500000000140", numbers.is_ogrn, numbers.ogrn_problem),
			("773601001", numbers.is_kpp, numbers.kpp_problem),
			("044525225", numbers.is_bic, numbers.bic_problem),
			(
				"40702810200000000001",
				lambda value: numbers.is_account(value, "044525225"),
				lambda value: numbers.account_problem(value, "044525225"),
			),
		):
			for at in range(len(value)):
				for char in "0123456789Я":
					typed = value[:at] + char + value[at + 1 :]
					self.assertEqual(rule(typed), problem(typed) == "", typed)

	def test_abroad(self):
		self.assertEqual(numbers.tax_id_problem("DE136695976", "de"), "")
		self.assertIn(
			"Tax number DE136695978 (DE): its check digits are wrong",
			numbers.tax_id_problem("DE136695978", "DE"),
		)
		self.assertIn("wrong number of characters", numbers.tax_id_problem("DE1366959", "de"))
		self.assertEqual(numbers.tax_id_problem("anything", "kz"), "", "no rule is known")
		self.assertEqual(numbers.tax_id_problem("anything", None), "")
		self.assertIn("the tenth digit must be 3", numbers.tax_id_problem("7707083894", "ru"))


class TestPhonesAndEmails(CRMTestCase):
	def test_phone(self):
		for typed in ("+7 495 123-45-67", "8 (495) 123-45-67", "4951234567", "тел. 8-495-1234567"):
			self.assertEqual(phones.parse(typed, "RU").number, "+74951234567", typed)
		self.assertEqual(phones.parse("030 123456", "DE").number, "+4930123456")
		self.assertEqual(phones.parse("8 495 123-45-67 доб. 12", "RU").extension, "12")
		self.assertEqual(phones.default_region(), "RU")

	def test_phone_problems(self):
		self.assertEqual(phones.problem("8 (495) 123-45-67"), "")
		self.assertIn("not a phone number", phones.problem("call me"))
		self.assertIn("digits are missing", phones.problem("123-45-67"))
		self.assertIn("too many digits", phones.problem("+7 495 123-45-67-8"))
		self.assertIn("no such country code", phones.problem("+999 123 456 78 90"))
		self.assertIn("no such number", phones.problem("+7 295 123-45-67"))

	def test_email(self):
		self.assertEqual(emails.parse(" Anna@Example.COM "), "anna@example.com")
		for wrong in ("", None, "anna", "anna@", "a@b.ru, c@d.ru", "anna@example"):
			self.assertIsNone(emails.parse(wrong), wrong)
		self.assertEqual(emails.problem("anna@example.com"), "")
		self.assertIn("@ is missing", emails.problem("anna.example.com"))
		self.assertIn("one address is expected", emails.problem("a@b.ru, c@d.ru"))
		self.assertIn("domain with a dot", emails.problem("anna@example"))


class TestNames(CRMTestCase):
	def test_legal_form_goes(self):
		for name in (
			"ООО «Ромашка»",
			"Ромашка, ООО",
			"О.О.О. Ромашка",
			"Общество с ограниченной ответственностью «Ромашка»",
			"РОМАШКА АО",
			"Публичное акционерное общество РОМАШКА",
		):
			self.assertEqual(legal_forms.words(name), ["ромашка"], name)
		self.assertEqual(legal_forms.words("ООО"), ["ооо"], "nothing else is left")
		self.assertEqual(legal_forms.words("Иванов И.И."), ["иванов", "и", "и"])

	def test_alphabets_meet(self):
		for one, other in (
			("Ромашка", "Romashka"),
			("Щёлково", "Schelkovo"),
			("Яндекс", "Yandex"),
			("Хорошёв Юрий", "Yuriy Khoroshev"),
			("Жигули", "Zhiguli"),
			("Чайка", "Chayka"),
			("Цветмет", "Tsvetmet"),
		):
			self.assertEqual(sounding.likeness(sounding.spellings(one), sounding.spellings(other)), 1, one)

	def test_codes_see_through_vowels(self):
		for one, other in (
			("Ромашка", "Рамошка"),
			("Ромашка", "Ромшка"),
			("Групп", "Group"),
			("Сервис", "Service"),
		):
			self.assertEqual(*(sounding.code(sounding.spelling(word.lower())) for word in (one, other)))

	def test_near_codes(self):
		found = sounding.near("rmSk")
		for mistyped in ("rnSk", "rSk", "rmsSk", "mrSk", "rmSkt"):
			self.assertIn(mistyped, found)
		self.assertNotIn("rmSk", found)

	def test_likeness(self):
		def alike(one, other):
			return sounding.likeness(sounding.spellings(one), sounding.spellings(other))

		self.assertEqual(alike("ООО Альфа Строй", "Строй Альфа"), 1)
		self.assertGreater(alike("Ромашка", "Ромажка"), 0.8)
		self.assertGreaterEqual(alike("Ромашка", "Ромашка Плюс"), 0.75)
		self.assertEqual(alike("Школа № 12", "Школа № 13"), 0)
		self.assertLess(alike("Ромашка Строй", "Василёк Строй"), 0.6)
		self.assertEqual(alike("", ""), 1)


class TestKinds(CRMTestCase):
	def test_a_legal_form_that_says_it_for_sure(self):
		company, sole = numbers.LEGAL_ENTITY, numbers.SOLE_PROPRIETOR
		for name, kind in (
			("ООО «Ромашка»", company),
			("ИП Иванов", sole),
			("Nestle SA", company),
			("Bayer AG", company),
			("«Bayer AG»", company),
			("Smith & Co", company),
			("Green Field Trading Co", company),
			("Sony Co.", company),
			("Ромашка, co", company),
			("Total S.A.", company),
			("Firma Sp. z o.o.", company),
			("AG", company),
			("ЧП Иванов", ""),
			("Kim Co", ""),
			("Anna Sa", ""),
			("As Roma", ""),
			("Иванов И.П.", ""),
		):
			self.assertEqual(legal_forms.kind_of(name), kind, name)

	def test_names_of_people(self):
		for name in (
			"Иванов Иван Иванович",
			"Анна Петрова",
			"Иванов И.И.",
			"John Smith",
			"José García",
			"Anna Müller",
			"Бар Анна Ивановна",
		):
			self.assertTrue(names.is_person_name(name), name)
		for name in (
			"Салон Анна",
			"Магазин Вера",
			"Кафе Лев",
			"Отель София",
			"Hotel Sofia",
			"Ромашка",
			"Белый Дом",
		):
			self.assertFalse(names.is_person_name(name), name)


class TestDoubtfulNames(CRMTestCase):
	def test_capitals_alone_are_no_sign(self):
		for name in ("Blue Ocean", "Red Bull", "Smith Jones"):
			self.assertTrue(names.is_doubtful_name(name), name)
		for name in ("Anna Lee", "J. Smith", "Lee Anna", "Зайцева Анна", "Petrova Maria Ivanovna"):
			self.assertFalse(names.is_doubtful_name(name), name)


class TestCountries(CRMTestCase):
	def test_by_its_names_and_code(self):
		for words, country in (("Германия", "Germany"), ("de", "Germany"), ("РФ", "Russian Federation")):
			self.assertEqual(countries.find(words), country)
		for country, ways in {
			"Russian Federation": ("РФ", "Р.Ф.", "россия", "RUS", "643", "Российская Федерация"),
			"Kazakhstan": ("РК", "Р.К.", "Республика Казахстан", "Респ. Казахстан", "KAZ", "398"),
			"Belarus": ("РБ", "Р. Беларусь", "Республика Беларусь", "Белоруссия"),
			"Kyrgyzstan": ("КР", "Кыргызская Республика", "Киргизия", "Республика Кыргызстан"),
			"Uzbekistan": ("РУз", "Республика Узбекистан", "Republic of Uzbekistan"),
			"Azerbaijan": ("Азербайджанская Республика", "Республика Азербайджан"),
			"Spain": ("Королевство Испания", "Kingdom of Spain"),
			"United States": ("США", "U.S.A.", "USA"),
			"": ("Республика Крым", "Республика", "Республика Татарстан", "Р", ""),
		}.items():
			for words in ways:
				self.assertEqual(countries.find(words), country, words)
		self.assertEqual(countries.find("РБ", by_code=False), "", "in a territory as often Башкортостан")
		self.assertEqual(countries.find("Германия", by_code=False), "Germany")
		self.assertEqual(countries.find("DE", by_code=False), "", "as often a part of a country")

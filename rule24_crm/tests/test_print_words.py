"""Amounts in words: the tables an accountant would check by hand."""

import unittest
from decimal import Decimal

from rule24_crm.printing.words import items_in_words, money_in_words


class TestRussian(unittest.TestCase):
	def test_roubles(self):
		for amount, words in (
			(0, "Ноль рублей 00 копеек"),
			(1, "Один рубль 00 копеек"),
			(2, "Два рубля 00 копеек"),
			(5, "Пять рублей 00 копеек"),
			(11, "Одиннадцать рублей 00 копеек"),
			(21, "Двадцать один рубль 00 копеек"),
			(101, "Сто один рубль 00 копеек"),
			(111, "Сто одиннадцать рублей 00 копеек"),
			(1000, "Одна тысяча рублей 00 копеек"),
			(2001, "Две тысячи один рубль 00 копеек"),
			(12000, "Двенадцать тысяч рублей 00 копеек"),
			(1e6, "Один миллион рублей 00 копеек"),
			(22_000_002, "Двадцать два миллиона два рубля 00 копеек"),
			(
				Decimal("1234567.89"),
				"Один миллион двести тридцать четыре тысячи пятьсот шестьдесят семь рублей 89 копеек",
			),
		):
			with self.subTest(amount=amount):
				self.assertEqual(money_in_words(amount, "RUB", "ru"), words)

	def test_kopecks(self):
		for amount, words in (
			("0.01", "Ноль рублей 01 копейка"),
			("0.02", "Ноль рублей 02 копейки"),
			("0.05", "Ноль рублей 05 копеек"),
			("0.11", "Ноль рублей 11 копеек"),
			("0.21", "Ноль рублей 21 копейка"),
			("7.74", "Семь рублей 74 копейки"),
		):
			with self.subTest(amount=amount):
				self.assertEqual(money_in_words(amount, "RUB", "ru"), words)

	def test_rounds_half_up(self):
		for amount, words in (
			(0.999, "Один рубль 00 копеек"),
			(0.994, "Ноль рублей 99 копеек"),
			(1.005, "Один рубль 01 копейка"),
			(999_999.999, "Один миллион рублей 00 копеек"),
		):
			with self.subTest(amount=amount):
				self.assertEqual(money_in_words(amount, "RUB", "ru"), words)

	def test_negative(self):
		self.assertEqual(money_in_words(-12.3, "RUB", "ru"), "Минус двенадцать рублей 30 копеек")
		self.assertEqual(money_in_words(-0.001, "RUB", "ru"), "Ноль рублей 00 копеек")

	def test_other_currencies(self):
		for amount, currency, words in (
			(1, "USD", "Один доллар США 00 центов"),
			(3.5, "USD", "Три доллара США 50 центов"),
			(21, "EUR", "Двадцать один евро 00 центов"),
			(5, "KZT", "Пять тенге 00 тиынов"),
			(1, "UAH", "Одна гривна 00 копеек"),
			(1002, "UAH", "Одна тысяча две гривны 00 копеек"),
			(2, "TRY", "Две турецкие лиры 00 курушей"),
			(1.5, "JPY", "Две иены"),
			(10, "CZK", "Десять CZK 00/100"),
		):
			with self.subTest(currency=currency, amount=amount):
				self.assertEqual(money_in_words(amount, currency, "ru"), words)

	def test_regions_of_russian(self):
		self.assertEqual(money_in_words(1, "RUB", "ru-RU"), "Один рубль 00 копеек")
		self.assertEqual(money_in_words(1, "RUB", "ru_BY"), "Один рубль 00 копеек")

	def test_positions(self):
		for count, words in (
			(1, "1 наименование"),
			(3, "3 наименования"),
			(11, "11 наименований"),
			(60, "60 наименований"),
		):
			self.assertEqual(items_in_words(count, "ru"), words)


class TestEnglish(unittest.TestCase):
	def test_roubles(self):
		for amount, words in (
			(0, "Zero rubles 00 kopecks"),
			(1, "One ruble 00 kopecks"),
			(1.01, "One ruble 01 kopeck"),
			(21, "Twenty-one rubles 00 kopecks"),
			(12000, "Twelve thousand rubles 00 kopecks"),
			(12345.67, "Twelve thousand three hundred and forty-five rubles 67 kopecks"),
			(-2, "Minus two rubles 00 kopecks"),
		):
			with self.subTest(amount=amount):
				self.assertEqual(money_in_words(amount, "RUB", "en"), words)

	def test_other_languages_read_english(self):
		self.assertEqual(money_in_words(1, "USD", "de"), "One US dollar 00 cents")
		self.assertEqual(items_in_words(1, "en"), "1 item")
		self.assertEqual(items_in_words(2, "en"), "2 items")


class TestWrongAmounts(unittest.TestCase):
	def test_nothing_is_zero(self):
		self.assertEqual(money_in_words(None, "RUB", "ru"), "Ноль рублей 00 копеек")

	def test_not_a_number(self):
		for amount in (float("nan"), float("inf")):
			with self.assertRaises(ValueError):
				money_in_words(amount, "RUB", "ru")

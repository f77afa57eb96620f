"""Amounts of money in words, as they stand on invoices, contracts and acts.

The number itself is spelled by num2words, which comes with Frappe. What it lacks is the accountant's wording: the name
of the currency in the right case and gender, kopecks in digits («Двенадцать тысяч рублей 00 копеек»).
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from num2words import num2words


class Unit(NamedTuple):
	"""A unit of money in both languages.

	`ru`: the forms after 1, 2 and 5 («рубль, рубля, рублей»); `en`: singular and plural; `gender`: "m" or "f".
	"""

	ru: tuple[str, str, str]
	en: tuple[str, str]
	gender: str = "m"


def _same(word: str) -> tuple[str, str, str]:
	"""An indeclinable Russian noun."""
	return (word, word, word)


KOPECK = Unit(("копейка", "копейки", "копеек"), ("kopeck", "kopecks"), "f")
CENT = Unit(("цент", "цента", "центов"), ("cent", "cents"))

#: currency -> its unit and its hundredth; None where there is no hundredth in use
CURRENCIES: dict[str, tuple[Unit, Unit | None]] = {
	"RUB": (Unit(("рубль", "рубля", "рублей"), ("ruble", "rubles")), KOPECK),
	"BYN": (
		Unit(("белорусский рубль", "белорусских рубля", "белорусских рублей"), ("Belarusian ruble", "Belarusian rubles")),
		KOPECK,
	),
	"UAH": (Unit(("гривна", "гривны", "гривен"), ("hryvnia", "hryvnias"), "f"), KOPECK),
	"USD": (Unit(("доллар США", "доллара США", "долларов США"), ("US dollar", "US dollars")), CENT),
	"EUR": (Unit(_same("евро"), ("euro", "euros")), CENT),
	"GBP": (
		Unit(("фунт стерлингов", "фунта стерлингов", "фунтов стерлингов"), ("pound sterling", "pounds sterling")),
		Unit(("пенс", "пенса", "пенсов"), ("penny", "pence")),
	),
	"CNY": (Unit(("юань", "юаня", "юаней"), ("yuan", "yuan")), Unit(_same("фэнь"), ("fen", "fen"))),
	"KZT": (Unit(_same("тенге"), ("tenge", "tenge")), Unit(("тиын", "тиына", "тиынов"), ("tiyn", "tiyns"))),
	"KGS": (Unit(("сом", "сома", "сомов"), ("som", "som")), Unit(("тыйын", "тыйына", "тыйынов"), ("tyiyn", "tyiyns"))),
	"UZS": (Unit(("сум", "сума", "сумов"), ("sum", "sums")), Unit(("тийин", "тийина", "тийинов"), ("tiyin", "tiyins"))),
	"AMD": (Unit(("драм", "драма", "драмов"), ("dram", "drams")), Unit(("лума", "лумы", "лум"), ("luma", "luma"), "f")),
	"GEL": (Unit(_same("лари"), ("lari", "lari")), Unit(_same("тетри"), ("tetri", "tetri"))),
	"AED": (Unit(("дирхам", "дирхама", "дирхамов"), ("dirham", "dirhams")), Unit(("филс", "филса", "филсов"), ("fils", "fils"))),
	"TRY": (Unit(("турецкая лира", "турецкие лиры", "турецких лир"), ("Turkish lira", "Turkish liras"), "f"), Unit(("куруш", "куруша", "курушей"), ("kurush", "kurush"))),
	"JPY": (Unit(("иена", "иены", "иен"), ("yen", "yen"), "f"), None),
}  # fmt: skip


def money_in_words(amount, currency: str = "RUB", lang: str = "ru") -> str:
	"""The amount as one capitalised phrase: units in words, hundredths in two digits.

	:param amount: number, Decimal or numeric text; rounded half up to hundredths, as people round money.
	:param currency: ISO code. Of a currency not in `CURRENCIES` the code itself is written: «Десять CZK 00/100».
	:param lang: "ru" (any of its regions) for Russian, everything else is English.
	:raises ValueError: `amount` is not a finite number.
	"""
	russian = is_russian(lang)
	unit, minor = CURRENCIES.get(currency, (None, None))
	whole_only = unit is not None and minor is None
	value = _round(amount, whole_only)
	whole, hundredths = divmod(int(abs(value) * 100), 100)
	text = _spell(whole, unit.gender if unit else "m", russian)
	if value < 0:
		text = f"{'минус' if russian else 'minus'} {text}"
	text += " " + (_form(unit, whole, russian) if unit else currency)
	if minor:
		text += f" {hundredths:02d} {_form(minor, hundredths, russian)}"
	elif not whole_only:
		text += f" {hundredths:02d}/100"
	return text[0].upper() + text[1:]


def is_russian(lang: str | None) -> bool:
	"""Whether `lang` ("ru", "ru-RU", "en"…) is Russian."""
	return (lang or "").lower().replace("_", "-").split("-")[0] == "ru"


def plural(number: int, one: str, few: str, many: str) -> str:
	"""The Russian form that goes with `number`: 1 рубль, 2 рубля, 5 рублей, 11 рублей, 21 рубль."""
	tail = abs(number) % 100
	if 10 < tail < 20:
		return many
	if tail % 10 == 1:
		return one
	return few if 1 < tail % 10 < 5 else many


def items_in_words(count: int, lang: str = "ru") -> str:
	"""How many positions a document has: «3 наименования», "3 items"."""
	if is_russian(lang):
		return f"{count} {plural(count, 'наименование', 'наименования', 'наименований')}"
	return f"{count} {'item' if count == 1 else 'items'}"


def _round(amount, whole_only: bool) -> Decimal:
	value = Decimal(str(amount if amount not in (None, "") else 0))
	if not value.is_finite():
		raise ValueError(f"Not an amount of money: {amount}")
	return value.quantize(Decimal(1) if whole_only else Decimal("0.01"), ROUND_HALF_UP)


def _spell(number: int, gender: str, russian: bool) -> str:
	if not russian:
		return num2words(number, lang="en").replace(",", "")
	words = num2words(number, lang="ru").split()
	if gender == "f":
		# num2words of Frappe 15 counts in the masculine only
		words[-1] = {"один": "одна", "два": "две"}.get(words[-1], words[-1])
	return " ".join(words)


def _form(unit: Unit, number: int, russian: bool) -> str:
	if russian:
		return plural(number, *unit.ru)
	return unit.en[0] if number == 1 else unit.en[1]

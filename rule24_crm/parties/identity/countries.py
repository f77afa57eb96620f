"""Countries, as people write them in a file."""

import frappe
from babel import Locale, UnknownLocaleError

#: letters of a code of ISO 3166-1 alpha-2
CODE_LENGTH = 2
#: what is written beside the names of Unicode's list, by ISO 3166-1 alpha-2
_ALSO = {
	"ru": ("рф", "российская федерация", "russian federation"),
	"by": ("белоруссия", "республика беларусь"),
	"kz": ("республика казахстан", "рк"),
	"kg": ("кыргызстан", "киргизская республика", "кыргызская республика"),
	"md": ("молдавия", "республика молдова"),
	"us": ("сша", "usa", "соединенные штаты америки"),
	"gb": ("англия", "uk", "england"),
	"kr": ("южная корея", "корея"),
	"cn": ("кнр",),
	"ae": ("оаэ", "uae"),
	"cz": ("чешская республика", "czech republic"),
	"nl": ("голландия",),
	"de": ("фрг",),
}


def find(words: str, by_code: bool = True) -> str:
	"""The Country that somebody means: by its name in English, Russian or the user's language, or by its code; "" if none.

	:param by_code: whether two letters may be a country; where they may as well be a part of one («CA», «IN»), they are none.
	"""
	text = _key(words)
	if not by_code and len(text) <= CODE_LENGTH:
		return ""
	known = getattr(frappe.local, "rule24_countries", None)
	if known is None:
		known = frappe.local.rule24_countries = _by_words()
	return known.get(text, "")


def _key(words: str) -> str:
	text = words.casefold().replace("ё", "е")
	return " ".join("".join(char if char.isalnum() else " " for char in text).split())


def _by_words() -> dict[str, str]:
	countries = frappe.get_all(
		"Country", ["name", "code"], order_by="name"
	)  # a dictionary that every site has
	names = [_territories(language) for language in ("en", "ru", frappe.local.lang or "en")]
	found: dict[str, str] = {}
	for country in countries:
		code = (country.code or "").lower()
		given = [each.get(code.upper(), "") for each in names]
		for words in (code, *_ALSO.get(code, ()), *given, country.name):
			if words:
				found[_key(words)] = country.name
	return found


def _territories(language: str) -> dict[str, str]:
	try:
		return Locale.parse(language, sep="-").territories
	except (UnknownLocaleError, ValueError):
		return {}

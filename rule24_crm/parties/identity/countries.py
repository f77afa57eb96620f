"""Countries, as people write them in a file."""

import re

import frappe
from babel import Locale, UnknownLocaleError
from babel.core import get_global

#: the country whose numbers are INN, KPP, OGRN and BIC: its name among Frappe's Countries, its code of ISO 3166-1 alpha-2 as they have it
RUSSIA, RUSSIA_CODE = "Russian Federation", "ru"

#: letters of a code of ISO 3166-1 alpha-2
CODE_LENGTH = 2
#: what is written beside the names of Unicode's list, by ISO 3166-1 alpha-2
_ALSO = {
	"ru": ("рф", "российская федерация", "russian federation"),
	"by": ("белоруссия", "белорусь", "рб"),
	"kz": ("рк", "казакстан"),
	"kg": ("кыргызстан", "киргизская республика", "кыргызская республика", "кр"),
	"uz": ("руз", "узб"),
	"az": ("азербайджанская республика",),
	"tj": ("таджикская республика",),
	"tm": ("туркмения",),
	"md": ("молдавия",),
	"us": ("сша", "usa", "америка", "соединенные штаты америки"),
	"gb": ("англия", "британия", "соединенное королевство", "uk", "england", "great britain"),
	"kr": ("южная корея", "корея", "south korea"),
	"kp": ("кндр",),
	"cn": ("кнр", "китайская народная республика"),
	"hk": ("гонконг", "hong kong"),
	"ae": ("оаэ", "эмираты", "uae"),
	"za": ("юар",),
	"tr": ("турецкая республика", "turkey", "turkiye"),
	"cz": ("чешская республика", "czech republic"),
	"sk": ("словацкая республика",),
	"nl": ("голландия", "holland"),
	"de": ("фрг", "федеративная республика германия"),
}
#: what a country is called beside its name: «Республика Узбекистан», "Kingdom of Spain"
_STATE = re.compile(
	r"^(the )?(народная |исламская )?(республика|респ|р|королевство|государство|republic of|kingdom of|state of)(?= )"
)


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
	return known.get(text) or known.get(_STATE.sub("", text).strip(), "")


def _key(words: str) -> str:
	"""Without case, signs and ё; letters with dots between them, «Р.Ф.», are one word."""
	text = words.casefold().replace("ё", "е")
	parts = "".join(char if char.isalnum() else " " for char in text).split()
	return ("" if all(len(part) == 1 for part in parts) else " ").join(parts)


def _by_words() -> dict[str, str]:
	countries = frappe.get_all(
		"Country", ["name", "code"], order_by="name"
	)  # a dictionary that every site has
	names = [_territories(language) for language in ("en", "ru", frappe.local.lang or "en")]
	found: dict[str, str] = {}
	codes = _other_codes()
	for country in countries:
		code = (country.code or "").lower()
		given = [each.get(code.upper(), "") for each in names]
		for words in (code, *codes.get(code, ()), *_ALSO.get(code, ()), *given, country.name):
			if words:
				found[_key(words)] = country.name
	return found


def _other_codes() -> dict[str, list[str]]:
	"""Code of two letters -> its code of three letters and its number, as 1C and the customs write it: RUS, 643."""
	found: dict[str, list[str]] = {}
	for other, (code, *more) in get_global("territory_aliases").items():
		if len(other) > CODE_LENGTH and not more:
			found.setdefault(code.lower(), []).append(other)
	return found


def _territories(language: str) -> dict[str, str]:
	try:
		return Locale.parse(language, sep="-").territories
	except (UnknownLocaleError, ValueError):
		return {}

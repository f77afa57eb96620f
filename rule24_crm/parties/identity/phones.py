"""Phone numbers, kept in E.164 whatever way they are typed."""

import re
from dataclasses import dataclass
from functools import lru_cache

import frappe
import phonenumbers
from frappe import _
from phonenumbers import PhoneNumberFormat, PhoneNumberType, ValidationResult

from rule24_crm.parties.company import home_country
from rule24_crm.parties.identity.countries import RUSSIA_CODE

#: region of numbers without a country code, where the company's country says nothing
DEFAULT_REGION = RUSSIA_CODE.upper()
_DIGITS = r"[\d\s().\-–—‑]+"
#: nothing but a number, and one with its country's code
_NUMBER, _INTERNATIONAL = re.compile(rf"\+?{_DIGITS}"), re.compile(rf"\+{_DIGITS}")
#: kinds of numbers that a mobile phone may have
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
_EXTENSION = re.compile(r"[\s,;]*(?:доб|ext|x|#)[\s.:]*\d{1,7}$", re.IGNORECASE)


@dataclass(frozen=True)
class Phone:
	"""One number. `number` is E.164: plus, country code, subscriber, digits only."""

	number: str
	extension: str = ""


@lru_cache(maxsize=50_000)  # an import asks for each number when it reads, recognises and writes a client
def parse(value: str, region: str = DEFAULT_REGION) -> Phone | None:
	"""The number that `value` is, or None when it is not a valid one.

	:param region: ISO 3166-1 alpha-2 code of the country that a number without country code belongs to.
	"""
	try:
		number = phonenumbers.parse(value, region)
	except phonenumbers.NumberParseException:
		return None
	if not phonenumbers.is_valid_number(number):
		return None
	return Phone(phonenumbers.format_number(number, PhoneNumberFormat.E164), number.extension or "")


@lru_cache(maxsize=50_000)
def is_mobile(number: str) -> bool:
	"""Whether a number in E.164 is, or in a country that does not tell them apart may be, that of a mobile phone."""
	return phonenumbers.number_type(phonenumbers.parse(number)) in _MOBILE


def whole(value: str | None, region: str = DEFAULT_REGION) -> Phone | None:
	"""The number if `value` is one, with its extension or without, and nothing beside it that would be lost.

	:param region: as for `parse`.
	"""
	text = (value or "").strip()
	number = _EXTENSION.sub("", text)
	found = parse(text, region) if _NUMBER.fullmatch(number) else None
	return found if found and bool(found.extension) == (number != text) else None


def within(text: str, region: str = DEFAULT_REGION) -> list[Phone]:
	"""The numbers in a text: the text itself, or what stands among words, as in «+7 916 123-45-67 (Мария)».

	:param region: as for `parse`.
	"""
	if found := parse(text, region):
		return [found]
	matches = phonenumbers.PhoneNumberMatcher(text, region)
	return [found for match in matches if (found := parse(match.raw_string, region))]


def impossible(value: str | None) -> str:
	"""What is wrong with a number that has a plus and its country's code, in words; "" when it could be one.

	Only what no number can be: a code that no country has, or too few or too many digits. Which ranges of numbers a country
	has given out changes, so that a number of an unknown range is only doubted, see `problem`. Whatever else is typed, such
	as an internal number or words, is not judged.
	"""
	text = (value or "").strip()
	if not _INTERNATIONAL.fullmatch(text):
		return ""
	try:
		possible = phonenumbers.is_possible_number(phonenumbers.parse(text))
	except phonenumbers.NumberParseException:
		possible = False
	return "" if possible else problem(text)


def default_region() -> str:
	"""The region of numbers without a country code on this site: that of the company's country."""
	return country_code(home_country()).upper() or DEFAULT_REGION


def country_code(country: str | None) -> str:
	"""ISO 3166-1 alpha-2 code of a Country, in lower case; "" when it is not known."""
	return (country and frappe.get_cached_value("Country", country, "code")) or ""


def problem(value: str | None, region: str = DEFAULT_REGION) -> str:
	"""What is wrong with a phone number, in words; "" when it is right or not given."""
	text = (value or "").strip()
	if not text or parse(text, region):
		return ""
	try:
		reason = phonenumbers.is_possible_number_with_reason(phonenumbers.parse(text, region))
	except phonenumbers.NumberParseException as error:
		if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
			return _("Phone {0}: there is no such country code").format(text)
		return _("Phone {0}: this is not a phone number").format(text)
	if reason in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
		return _("Phone {0}: digits are missing, give it with the code of the city").format(text)
	if reason in (ValidationResult.TOO_LONG, ValidationResult.INVALID_LENGTH):
		return _("Phone {0}: there are too many digits").format(text)
	return _("Phone {0}: there is no such number, check its code").format(text)

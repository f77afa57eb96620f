"""Phone numbers, kept in E.164 whatever way they are typed."""

from dataclasses import dataclass
from functools import lru_cache

import frappe
import phonenumbers
from frappe import _
from phonenumbers import PhoneNumberFormat, ValidationResult

from rule24_crm.parties.company import default_company

#: region of numbers without a country code, where the company's country says nothing
DEFAULT_REGION = "RU"


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


def default_region() -> str:
	"""The region of numbers without a country code on this site: that of the company's country."""
	company = default_company()
	country = company and frappe.get_cached_value("Company", company, "country")
	return country_code(country).upper() or DEFAULT_REGION


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

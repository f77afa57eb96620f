"""Phone numbers, kept in E.164 whatever way they are typed."""

from dataclasses import dataclass

import phonenumbers

#: region of numbers without a country code, where the company's country says nothing
DEFAULT_REGION = "RU"


@dataclass(frozen=True)
class Phone:
	"""One number. `number` is E.164: plus, country code, subscriber, digits only."""

	number: str
	extension: str = ""


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
	return Phone(
		phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), number.extension or ""
	)

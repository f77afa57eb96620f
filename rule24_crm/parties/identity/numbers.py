"""Numbers that identify a client and its bank account, and the rules they follow.

- INN: 10 digits of an organisation, 12 of a person, with check digits (Order of the Federal Tax Service MMV-7-6/435@).
- KPP: nine characters, of organisations only: a sole proprietor has none (the same order, appendix 1, part II).
- OGRN: 13 digits of an organisation, the last one the remainder by 11; OGRNIP: 15 digits, the last one that of the
  remainder by 13 (Order of the Ministry of Finance 165n).
- Account: 20 digits; together with the last three digits of the BIC they have a key (Regulation of the Bank of Russia 515,
  annex 2 of 383-P): weights 7, 1, 3, the sum divisible by ten.
"""

import re

from stdnum.ru import inn as stdnum_inn


def clean(value) -> str:
	"""A number without the blanks and dashes people type."""
	return re.sub(r"[\s\u00a0-]", "", str(value or ""))


def is_inn(value: str, length: int | None = None) -> bool:
	"""Whether it is a right INN, of that length if one is given."""
	return stdnum_inn.is_valid(value) and (not length or len(value) == length)


def is_kpp(value: str) -> bool:
	"""Four digits of the tax office, two characters of the reason, three digits of the number."""
	return bool(re.fullmatch(r"\d{4}[0-9A-Z]{2}\d{3}", value))


def is_ogrn(value: str) -> bool:
	"""Whether it is a right OGRN (13 digits) or OGRNIP (15 digits)."""
	if not value.isdigit() or len(value) not in (13, 15):
		return False
	divisor = 11 if len(value) == 13 else 13
	# the last digit of the remainder: stdnum compares with the whole remainder by 13, and so rejects right OGRNIP
	return int(value[:-1]) % divisor % 10 == int(value[-1])


def is_bic(value: str) -> bool:
	"""Nine digits, the first two the code of the country: 04, or 00-03 for clients of the treasury."""
	return bool(re.fullmatch(r"0[0-4]\d{7}", value))


def is_account(value: str, bic: str) -> bool:
	"""Whether a 20-digit account belongs to the bank with this BIC by its key."""
	if not re.fullmatch(r"\d{20}", value):
		return False
	if not is_bic(bic):
		return True  # without the bank there is nothing to check it against
	# Accounts at the Bank of Russia itself (last digits 000-002, or a treasury's BIC) use "0" and digits 5 and 6 instead.
	# Programs that keep to the first form there as well are common, so it is let pass.
	codes = [bic[-3:]]
	if int(bic[-3:]) <= 2 or not bic.startswith("04"):
		codes.append(f"0{bic[4:6]}")
	return any(
		sum(int(digit) * (7, 1, 3)[i % 3] for i, digit in enumerate(code + value)) % 10 == 0 for code in codes
	)

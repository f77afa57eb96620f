"""Numbers that identify a client and its bank account, and the rules they follow.

- INN: 10 digits of an organisation, 12 of a person, with check digits (Order of the Federal Tax Service MMV-7-6/435@).
- KPP: nine characters, of organisations only: a sole proprietor has none (the same order, appendix 1, part II).
- OGRN: 13 digits of an organisation, the last one the remainder by 11; OGRNIP: 15 digits, the last one that of the
  remainder by 13 (Order of the Ministry of Finance 165n).
- Account: 20 digits; together with the last three digits of the BIC they have a key (Regulation of the Bank of Russia 515,
  annex 2 of 383-P): weights 7, 1, 3, the sum divisible by ten.
"""

import re

from frappe import _
from stdnum import get_cc_module
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength, ValidationError
from stdnum.ru import inn as stdnum_inn

from rule24_crm.parties.identity.countries import RUSSIA_CODE

#: kinds of client, as the field `rule24_kind` keeps them
LEGAL_ENTITY, SOLE_PROPRIETOR, INDIVIDUAL = "Legal Entity", "Sole Proprietor", "Individual"


def clean(value) -> str:
	"""A number without the blanks and dashes people type."""
	return re.sub(r"[\s\u00a0-]", "", str(value or ""))


def is_inn(value: str, length: int | None = None) -> bool:
	"""Whether it is a right INN, of that length if one is given."""
	return stdnum_inn.is_valid(value) and (not length or len(value) == length) and not _is_zeros(value)


def is_kpp(value: str) -> bool:
	"""Four digits of the tax office, two characters of the reason, three digits of the number."""
	return bool(re.fullmatch(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}", value)) and not _is_zeros(value)


def is_ogrn(value: str) -> bool:
	"""Whether it is a right OGRN (13 digits) or OGRNIP (15 digits)."""
	if not re.fullmatch(r"[0-9]{13}|[0-9]{15}", value) or _is_zeros(value):
		return False
	divisor = 11 if len(value) == 13 else 13
	# the last digit of the remainder: stdnum compares with the whole remainder by 13, and so rejects right OGRNIP
	return int(value[:-1]) % divisor % 10 == int(value[-1])


def is_bic(value: str) -> bool:
	"""Nine digits, the first two the code of the country: 04, or 00-03 for clients of the treasury."""
	return bool(re.fullmatch(r"0[0-4][0-9]{7}", value)) and not _is_zeros(value)


def is_swift(value: str) -> bool:
	"""Whether it has the form of a SWIFT code, the BIC of ISO 9362: four letters of the bank, two of its country, then two or
	five letters or digits.
	"""
	return bool(re.fullmatch(r"[A-Z]{6}[0-9A-Z]{2}([0-9A-Z]{3})?", clean(value).upper()))


def is_account(value: str, bic: str) -> bool:
	"""Whether a 20-digit account belongs to the bank with this BIC by its key."""
	if not re.fullmatch(r"[0-9]{20}", value) or _is_zeros(value):
		return False
	if not is_bic(bic):
		return True  # without the bank there is nothing to check it against
	return any(_sum_of_account(code + value) % 10 == 0 for code in _bank_codes(bic))


def _is_zeros(value: str) -> bool:
	"""Zeros satisfy every check digit, and people type them where a form wants a number: nobody has such a one."""
	return bool(value) and not value.strip("0")


def _bank_codes(bic: str) -> list[str]:
	"""The three digits of the bank that go before an account for its key, the usual ones first."""
	# Accounts at the Bank of Russia itself (last digits 000-002, or a treasury's BIC) use "0" and digits 5 and 6 instead.
	# Programs that keep to the first form there as well are common, so it is let pass.
	codes = [bic[-3:]]
	if int(bic[-3:]) <= 2 or not bic.startswith("04"):
		codes.insert(0, f"0{bic[4:6]}")
	return codes


def _sum_of_account(digits: str) -> int:
	return sum(int(digit) * (7, 1, 3)[i % 3] for i, digit in enumerate(digits))


# -- what is wrong, in words --------------------------------------------------------------------------------------------


def inn_problem(value, kind: str | None = None) -> str:
	"""Which rule of an INN `value` breaks, in words; "" when it is right or not given.

	:param kind: kind of client (`Legal Entity`, `Sole Proprietor`, `Individual`): decides between 10 and 12 digits.
	"""
	inn, label = clean(value), _("INN")
	if not inn:
		return ""
	if problem := _not_digits(label, inn) or _inn_length_problem(label, inn, kind):
		return problem
	if len(inn) == 10:
		due = {10: stdnum_inn.calc_company_check_digit(inn)}
	else:
		due = dict(zip((11, 12), stdnum_inn.calc_personal_check_digits(inn), strict=True))
	return _wrong_digit(label, inn, due)


def kpp_problem(value) -> str:
	"""Which rule of a KPP `value` breaks, in words; "" when it is right or not given."""
	kpp = clean(value).upper()
	if not kpp or is_kpp(kpp):
		return ""
	label = _("KPP")
	if _is_zeros(kpp):
		return _zeros(label, kpp)
	if len(kpp) != 9:
		return _("{0} {1}: 9 characters are needed, there are {2}").format(label, kpp, len(kpp))
	if not re.fullmatch(r"[0-9]{4}", kpp[:4]):
		return _("{0} {1}: the first part, the tax office, must be 4 digits, it is {2}").format(
			label, kpp, kpp[:4]
		)
	if not re.fullmatch(r"[0-9A-Z]{2}", kpp[4:6]):
		return _(
			"{0} {1}: the second part, the reason, must be 2 digits or Latin capital letters, it is {2}"
		).format(label, kpp, kpp[4:6])
	return _("{0} {1}: the third part, the number, must be 3 digits, it is {2}").format(label, kpp, kpp[6:])


def ogrn_problem(value, kind: str | None = None) -> str:
	"""Which rule of an OGRN or OGRNIP `value` breaks, in words; "" when it is right or not given.

	:param kind: kind of client: a legal entity has an OGRN of 13 digits, a sole proprietor an OGRNIP of 15.
	"""
	ogrn = clean(value)
	if not ogrn:
		return ""
	label = _("OGRNIP") if kind == SOLE_PROPRIETOR or (not kind and len(ogrn) == 15) else _("OGRN")
	if problem := _not_digits(label, ogrn):
		return problem
	if kind == INDIVIDUAL:
		return _("{0} {1}: an individual has none, clear it").format(label, ogrn)
	if kind == LEGAL_ENTITY and len(ogrn) != 13:
		return _("{0} {1}: {2} digits are needed, there are {3}").format(label, ogrn, 13, len(ogrn))
	if kind == SOLE_PROPRIETOR and len(ogrn) != 15:
		return _("{0} {1}: {2} digits are needed, there are {3}").format(label, ogrn, 15, len(ogrn))
	if len(ogrn) not in (13, 15):
		return _("{0} {1}: 13 digits are needed, 15 of a sole proprietor, there are {2}").format(
			label, ogrn, len(ogrn)
		)
	divisor = 11 if len(ogrn) == 13 else 13
	return _wrong_digit(label, ogrn, {len(ogrn): str(int(ogrn[:-1]) % divisor % 10)})


def bic_problem(value) -> str:
	"""Which rule of a BIC `value` breaks, in words; "" when it is right or not given."""
	bic, label = clean(value), _("BIC")
	if not bic or is_bic(bic):
		return ""
	if problem := _not_digits(label, bic):
		return problem
	if len(bic) != 9:
		return _("{0} {1}: {2} digits are needed, there are {3}").format(label, bic, 9, len(bic))
	return _("{0} {1}: the first two digits must be 04 (00-03 at the treasury), they are {2}").format(
		label, bic, bic[:2]
	)


def bank_code_problem(value) -> str:
	"""As `bic_problem`, of a bank that may be abroad: a SWIFT code is right, too."""
	return "" if is_swift(value) else bic_problem(value)


def account_problem(value, bic=None) -> str:
	"""Which rule of a bank account `value` breaks, in words; "" when it is right or not given.

	:param bic: BIC of its bank: with it the key of the account is checked too. A wrong BIC is said by `bic_problem`.
	"""
	account, bic, label = clean(value), clean(bic), _("Account")
	if not account:
		return ""
	if problem := _not_digits(label, account):
		return problem
	if len(account) != 20:
		return _("{0} {1}: {2} digits are needed, there are {3}").format(label, account, 20, len(account))
	if is_account(account, bic):
		return ""
	code = _bank_codes(bic)[0]
	due = next(
		key for key in "0123456789" if _sum_of_account(code + account[:8] + key + account[9:]) % 10 == 0
	)
	return _(
		"{0} {1}: with BIC {2} the ninth digit, the key, must be {3}, it is {4}: check account and BIC"
	).format(label, account, bic, due, account[8])


def tax_id_problem(value, country_code: str | None, kind: str | None = None) -> str:
	"""Which rule of its country a tax number breaks, in words; "" when it is right, not given, or no rule is known.

	:param country_code: ISO 3166-1 alpha-2, in either case; the rules of other countries are those of python-stdnum.
	"""
	number, code = str(value or "").strip(), (country_code or "").lower()
	if not number or not code:
		return ""
	if code == RUSSIA_CODE:
		return inn_problem(number, kind)
	rule = get_cc_module(code, "vat")
	if not rule:
		return ""
	try:
		rule.validate(number)
	except InvalidLength:
		words = _("it has a wrong number of characters")
	except InvalidChecksum:
		words = _("its check digits are wrong, one of the digits is mistyped")
	except InvalidFormat:
		words = _("it has characters where they may not be")
	except ValidationError:
		words = _("a part of it does not exist")
	else:
		return ""
	return _("Tax number {0} ({1}): {2}: check the number").format(number, code.upper(), words)


#: how a spreadsheet shows a long number, 4,07028E+19: the digits that are not shown may be lost for good
_ROUNDED = re.compile(r"[0-9][.,]?[0-9]*E\+?[0-9]{1,2}", re.IGNORECASE)


def _not_digits(label: str, value: str) -> str:
	"""Words about the first character that is no digit, and about digits that say nothing."""
	if _is_zeros(value):
		return _zeros(label, value)
	found = re.search(r"[^0-9]", value)
	if not found:
		return ""
	if _ROUNDED.fullmatch(value):
		return _(
			"{0} {1}: a spreadsheet has rounded the number: make its column text there, and enter it again"
		).format(label, value)
	return _("{0} {1}: only digits are allowed, character {2} is «{3}»").format(
		label, value, found.start() + 1, found.group()
	)


def _zeros(label: str, value: str) -> str:
	return _("{0} {1}: these are only zeros, clear it").format(label, value)


def _inn_length_problem(label: str, inn: str, kind: str | None) -> str:
	if kind == LEGAL_ENTITY and len(inn) != 10:
		return _("{0} {1}: a legal entity has 10 digits, there are {2}").format(label, inn, len(inn))
	if kind in (SOLE_PROPRIETOR, INDIVIDUAL) and len(inn) != 12:
		return _("{0} {1}: a sole proprietor or individual has 12 digits, there are {2}").format(
			label, inn, len(inn)
		)
	if len(inn) not in (10, 12):
		return _("{0} {1}: 10 digits are needed, 12 of a person, there are {2}").format(label, inn, len(inn))
	return ""


def _wrong_digit(label: str, number: str, due: dict[int, str]) -> str:
	"""Words about the first check digit that is not what it must be.

	:param due: place of the digit, from 1 -> what it must be.
	"""
	for place, digit in due.items():
		if number[place - 1] != digit:
			return _("{0} {1}: the {2} digit must be {3}, it is {4}: check the number").format(
				label, number, _ordinal(place), digit, number[place - 1]
			)
	return ""


def _ordinal(place: int) -> str:
	return {
		10: _("tenth"),
		11: _("eleventh"),
		12: _("twelfth"),
		13: _("thirteenth"),
		15: _("fifteenth"),
	}[place]

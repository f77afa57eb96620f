"""The payment QR code of a Russian invoice: GOST R 56042-2014, "Two-dimensional bar code symbols for payments".

The code holds the payee's requisites; a banking application reads them and fills in the payment. Layout (section 4 of
the standard): `ST`, version `0001`, encoding (`2` is UTF-8), one character that separates the fields, the fields as
`Name=value`. The five requisites of the payee come first and are obligatory.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from frappe import _

from rule24_crm.exceptions import RequisitesError

HEADER = "ST00012"
#: "|" is what everybody uses; the standard allows another where a value contains it, there being no escape
SEPARATORS = "|~^!#$%*;"

MAX_NAME = 160
MAX_BANK_NAME = 45
MAX_PURPOSE = 210
MAX_SUM_DIGITS = 18


def payment_string(
	*,
	name: str | None,
	account: str | None,
	bank_name: str | None,
	bic: str | None,
	correspondent_account: str | None = None,
	inn: str | None = None,
	kpp: str | None = None,
	amount=None,
	purpose: str | None = None,
) -> str:
	"""The text to put into the QR code.

	:param name: the payee, at most 160 characters.
	:param account: the payee's account, 20 digits.
	:param bank_name: the payee's bank; cut to the standard's 45 characters, the BIC tells the bank anyway.
	:param bic: nine digits.
	:param correspondent_account: 20 digits, or nothing where the bank has none (written as "0").
	:param inn: 10 digits of a company, 12 of a person; a payment to a company is not accepted without.
	:param kpp: nine characters; persons have none.
	:param amount: in roubles, to be paid; nothing leaves the amount to the payer.
	:param purpose: what the payment is for; cut to 210 characters.
	:raises RequisitesError: names every requisite that is missing or malformed.
	"""
	requisites = {
		"Name": (_("Payee"), _clean(name), rf".{{1,{MAX_NAME}}}", _("up to {0} characters").format(MAX_NAME)),
		"PersonalAcc": (_("Account No."), _digits(account), r"\d{20}", _("20 digits")),
		"BankName": (_("Payee's Bank"), _clean(bank_name)[:MAX_BANK_NAME].strip(), r".+", ""),
		"BIC": (_("BIC"), _digits(bic), r"\d{9}", _("9 digits")),
		"CorrespAcc": (
			_("Correspondent Account"),
			_digits(correspondent_account) or "0",
			r"0|\d{20}",
			_("20 digits"),
		),
		"PayeeINN": (_("INN"), _digits(inn), r"\d{10}|\d{12}", _("10 or 12 digits")),
		"KPP": (_("KPP"), _clean(kpp).upper(), r"|\d{4}[0-9A-Z]{2}\d{3}", _("9 characters")),
	}
	_check(requisites)
	fields = {key: value for key, (_label, value, _pattern, _shape) in requisites.items() if value}
	kopecks = _kopecks(amount)
	if kopecks:
		fields["Sum"] = str(kopecks)
	if text := _clean(purpose)[:MAX_PURPOSE].strip():
		fields["Purpose"] = text
	separator = _separator(fields.values())
	return HEADER + separator + separator.join(f"{key}={value}" for key, value in fields.items())


def svg_data_uri(text: str) -> str:
	"""A QR code of `text` as an SVG image that can stand in `src`, quiet zone of four modules included."""
	# here, because every Jinja template of the site imports this module: without the library only the code may be missing
	import segno

	code = segno.make(text, error="m", micro=False, encoding="utf-8")
	return code.svg_data_uri(scale=4, border=4, light="#fff", omitsize=False)


def _check(requisites: dict[str, tuple[str, str, str, str]]) -> None:
	missing = [
		label
		for label, value, pattern, _shape in requisites.values()
		if not value and not re.fullmatch(pattern, value)
	]
	wrong = [
		f"{label} ({shape})"
		for label, value, pattern, shape in requisites.values()
		if value and not re.fullmatch(pattern, value)
	]
	messages = []
	if missing:
		messages.append(_("Missing for the payment QR code: {0}").format(", ".join(missing)))
	if wrong:
		messages.append(_("Wrong for the payment QR code: {0}").format(", ".join(wrong)))
	if messages:
		raise RequisitesError(". ".join(messages))


def _kopecks(amount) -> int:
	if amount in (None, ""):
		return 0
	kopecks = int((Decimal(str(amount)) * 100).quantize(Decimal(1), ROUND_HALF_UP))
	if kopecks <= 0 or len(str(kopecks)) > MAX_SUM_DIGITS:
		raise RequisitesError(_("The amount of a payment QR code must be above zero, not {0}").format(amount))
	return kopecks


def _separator(values) -> str:
	used = set().union(*values)
	for character in SEPARATORS:
		if character not in used:
			return character
	raise RequisitesError(_("The payment QR code has no character left to separate its fields"))


def _clean(value: str | None) -> str:
	"""One line without control characters."""
	return " ".join("".join(c if c.isprintable() else " " for c in str(value or "")).split())


def _digits(value: str | None) -> str:
	"""The value without the blanks and dots people group digits with."""
	return re.sub(r"[\s.\-]", "", str(value or ""))

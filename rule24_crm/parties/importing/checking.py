"""Check one row of a client base and bring its values into the form they are kept in.

A row is refused only when nobody could be made of it: no name, or a kind that is not understood. Broken requisites,
e-mails and phones are left out and said so: a potential client needs none of them, and a wrong one is worse than none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import phonenumbers
from frappe import _
from frappe.utils import cint, validate_email_address
from phonenumbers import timezone

from rule24_crm.parties.identity.numbers import is_account, is_inn, is_kpp, is_ogrn
from rule24_crm.parties.identity.phones import Phone
from rule24_crm.parties.identity.phones import parse as parse_phone
from rule24_crm.parties.importing.reading import Record, Sheet

COMPANY, SOLE, PERSON = "Company", "Sole Proprietor", "Person"
NAME_LENGTH = 140  # Frappe's limit of a name
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NOTHING = {"", "-", "--", "—", "–", "нет", "н/д", "не указан", "не указано", "none", "n/a", "null"}

_KINDS = {
	COMPANY: {
		"юл",
		"юрлицо",
		"юридическоелицо",
		"юридическое",
		"организация",
		"компания",
		"company",
		"legalentity",
		"legal",
		"organization",
		"ооо",
		"оао",
		"зао",
		"пао",
		"ао",
		"нко",
	},
	SOLE: {"ип", "индивидуальныйпредприниматель", "предприниматель", "soleproprietor", "entrepreneur"},
	PERSON: {
		"фл",
		"физлицо",
		"физическоелицо",
		"физическое",
		"частноелицо",
		"человек",
		"person",
		"individual",
		"private",
	},
}
KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words}
_LEGAL_FORMS = re.compile(
	r"\b(ооо|оао|зао|пао|нао|ао|нко|ано|фгуп|гуп|муп|llc|ltd|inc|gmbh)\b", re.IGNORECASE
)
_SOLE_FORM = re.compile(r"^(ип|индивидуальный предприниматель)\b", re.IGNORECASE)


@dataclass
class Warned:
	column: str
	text: str

	def __str__(self):
		return f"{self.column}: {self.text}" if self.column else self.text


@dataclass
class Client:
	"""A row that has been understood."""

	line: int
	kind: str = ""
	name: str = ""
	inn: str = ""
	given_inn: str = (
		""  # right in itself, even if it does not go with the kind: good enough to recognise somebody by
	)
	kpp: str = ""
	ogrn: str = ""
	address: str = ""
	region: str = ""
	phones: list[Phone] = field(default_factory=list)
	emails: list[str] = field(default_factory=list)
	website: str = ""
	contact: str = ""
	job_title: str = ""
	industry: str = ""
	employees: str = ""
	account: str = ""
	bic: str = ""
	timezone: str = ""
	error: str = ""
	warnings: list[Warned] = field(default_factory=list)


def check(record: Record, sheet: Sheet) -> Client:
	"""Understand one row; `error` says why it cannot be taken, `warnings` what was left out of it."""
	client = Client(record.line)
	values = {name: _plain(value) for name, value in record.values.items()}

	def warn(name: str, text: str):
		client.warnings.append(Warned(sheet.columns.get(name, ""), text))

	client.name = _name(values.get("name", ""), warn)
	if not client.name:
		client.error = _("There is no name.")
		return client
	client.kind = _kind(values, client.name)
	if not client.kind:
		client.error = _("«{0}» is not a kind of client: ЮЛ, ИП or ФЛ is expected.").format(
			values.get("kind", "")
		)
		return client

	_requisites(client, values, warn)
	_phones(client, values.get("phone", ""), warn)
	_emails(client, values.get("email", ""), warn)
	for name in ("address", "region", "contact", "job_title", "industry", "website"):
		value = values.get(name, "")
		if value.casefold() not in NOTHING:
			setattr(client, name, as_text(value))
	client.employees = _employees(values.get("employees", ""), warn)
	return client


def as_text(value: str) -> str:
	"""The value such that no spreadsheet takes it for a formula: with the apostrophe that means "text"."""
	return "'" + value if value.startswith(FORMULA) else value


def _plain(value: str) -> str:
	"""The value without the apostrophe that `as_text` gave it, and with single spaces in place of line breaks."""
	value = " ".join(value.split())
	return value[1:] if value.startswith("'") and value[1:].startswith(FORMULA) else value


def _name(value: str, warn) -> str:
	if value.casefold() in NOTHING:
		return ""
	if value.startswith(FORMULA):
		warn("name", _("it looks like a formula and is kept as text"))
		value = as_text(value)
	if "<" in value or ">" in value:
		# Frappe refuses these in a name.
		value = value.replace("<", "‹").replace(">", "›")
	if len(value) > NAME_LENGTH:
		warn("name", _("it is longer than {0} characters and was cut").format(NAME_LENGTH))
		value = value[:NAME_LENGTH].rstrip()
	return value


def _kind(values: dict, name: str) -> str:
	given = values.get("kind", "")
	if given:
		return KIND_OF.get("".join(char for char in given.casefold() if char.isalpha()), "")
	digits = _digits(values.get("inn", "") or values.get("inn_kpp", "").split("/")[0])
	if _SOLE_FORM.search(name):
		return SOLE
	if _LEGAL_FORMS.search(name) or len(digits) == 10:
		return COMPANY
	if len(digits) == 12 or len(name.split()) in (2, 3):
		return PERSON
	return COMPANY


def _digits(value: str) -> str:
	return "".join(char for char in value if char.isdigit())


def _requisites(client: Client, values: dict, warn):
	inn, kpp = values.get("inn", ""), values.get("kpp", "")
	if not inn and "/" in values.get("inn_kpp", ""):
		inn, kpp = (part.strip() for part in values["inn_kpp"].split("/", 1))
	elif not inn:
		inn = values.get("inn_kpp", "")

	client.given_inn = valid_inn(inn)
	client.inn = _inn(client.kind, inn, warn)
	if kpp.casefold() not in NOTHING:
		kpp = kpp.replace(" ", "").upper()
		if is_kpp(kpp):
			client.kpp = kpp
		else:
			warn("kpp", _("«{0}» is not a KPP and was left out: nine characters are needed").format(kpp))
	ogrn = values.get("ogrn", "").replace(" ", "")
	if ogrn.casefold() not in NOTHING:
		problem = ogrn_problem(client.kind, ogrn)
		if problem:
			warn("ogrn", problem)
		else:
			client.ogrn = ogrn
	_bank(client, values, warn)


def _inn(kind: str, value: str, warn) -> str:
	value = value.replace(" ", "")
	if value.casefold() in NOTHING:
		return ""
	if not value.isdigit() or len(value) not in (10, 12):
		warn("inn", _("«{0}» is not an INN and was left out: 10 or 12 digits are needed").format(value))
		return ""
	if not is_inn(value):
		warn("inn", _("the check digit of INN {0} is wrong; it was left out").format(value))
		return ""
	if len(value) != (10 if kind == COMPANY else 12):
		warn(
			"inn",
			_("INN {0} has {1} digits, which does not go with the kind of client; it was left out").format(
				value, len(value)
			),
		)
		return ""
	return value


def valid_inn(value: str) -> str:
	"""The INN if its check digits are right, whatever the kind of client; else nothing."""
	value = value.replace(" ", "")
	return value if is_inn(value) else ""


def ogrn_problem(kind: str, value: str) -> str:
	"""What is wrong with the OGRN (OGRNIP of a sole proprietor), or nothing."""
	length = 13 if kind == COMPANY else 15
	if not value.isdigit() or len(value) != length:
		return _("«{0}» was left out: {1} digits are needed").format(value, length)
	if not is_ogrn(value):
		return _("the check digit of {0} is wrong; it was left out").format(value)
	return ""


def _bank(client: Client, values: dict, warn):
	account, bic = (values.get(name, "").replace(" ", "") for name in ("account", "bic"))
	account, bic = ("" if value.casefold() in NOTHING else value for value in (account, bic))
	if bic and not (bic.isdigit() and len(bic) == 9):
		warn("bic", _("«{0}» is not a BIC and was left out: nine digits are needed").format(bic))
		bic = ""
	if account and not (account.isdigit() and len(account) == 20):
		warn("account", _("«{0}» is not an account and was left out: 20 digits are needed").format(account))
		account = ""
	if account and bic and not is_account(account, bic):
		warn(
			"account",
			_("account {0} does not belong to the bank with BIC {1}; both were left out").format(
				account, bic
			),
		)
		account = bic = ""
	client.account, client.bic = account, bic


def _phones(client: Client, value: str, warn):
	if not value:
		return
	whole = parse_phone(value)
	for part in [value] if whole else re.split(r"[;,/]|\s{2,}", value):
		phone = whole or parse_phone(part)
		if phone and phone not in client.phones:
			client.phones.append(phone)
	if not client.phones:
		warn("phone", _("«{0}» is not a phone number and was left out").format(value))
		return
	zones = timezone.time_zones_for_number(phonenumbers.parse(client.phones[0].number))
	if len(zones) == 1 and zones[0] != "Etc/Unknown":
		client.timezone = zones[0]


def _emails(client: Client, value: str, warn):
	if value.casefold() in NOTHING:
		return
	for part in re.split(r"[;,\s]+", value):
		if not part:
			continue
		address = validate_email_address(part)
		if address and "@" in address:
			if address.lower() not in client.emails:
				client.emails.append(address.lower())
		else:
			warn("email", _("«{0}» is not an e-mail address and was left out").format(part))


def _employees(value: str, warn) -> str:
	"""The band of ERPNext's own list the number of people falls into."""
	if value.casefold() in NOTHING:
		return ""
	count = cint(_digits(value)) if _digits(value) else -1
	if count < 1 or not re.fullmatch(r"[\d\s]+", value):
		warn("employees", _("«{0}» is not a number of people and was left out").format(value))
		return ""
	for top, band in ((10, "1-10"), (50, "11-50"), (200, "51-200"), (500, "201-500"), (1000, "501-1000")):
		if count <= top:
			return band
	return "1000+"

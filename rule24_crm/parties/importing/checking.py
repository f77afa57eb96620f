"""Check one row of a client base and bring its values into the form they are kept in.

A row is refused only when nobody could be made of it: no name, or a kind that is not understood. Broken requisites,
e-mails and phones are left out and said so: a potential client needs none of them, and a wrong one is worse than none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import phonenumbers
from frappe import _
from frappe.utils import cint
from phonenumbers import timezone

from rule24_crm.parties.identity import countries, legal_forms, numbers, phones
from rule24_crm.parties.identity.countries import RUSSIA_CODE
from rule24_crm.parties.identity.emails import parse as parse_email
from rule24_crm.parties.identity.names import is_doubtful_name, is_person_name, name_key
from rule24_crm.parties.identity.phones import DEFAULT_REGION, Phone, country_code
from rule24_crm.parties.importing.headings import key
from rule24_crm.parties.importing.reading import Record, Sheet
from rule24_crm.parties.record_names import DATA_LENGTH

COMPANY, SOLE, PERSON = numbers.LEGAL_ENTITY, numbers.SOLE_PROPRIETOR, numbers.INDIVIDUAL
#: characters that the field takes where a number of another country ends up; a Russian one has as many as it has
NUMBER_LENGTHS = {"inn": DATA_LENGTH, "kpp": 9, "ogrn": 15, "account": 30}
#: as many of any other value
LENGTHS = {
	"address": 270,
	"city": DATA_LENGTH,
	"region": DATA_LENGTH,
	"postal_code": 20,
	"contact": DATA_LENGTH,
	"job_title": DATA_LENGTH,
	"industry": DATA_LENGTH,
	"website": DATA_LENGTH,
	"bank": 120,  # its BIC may stand after it
}
#: what stands in the place of bytes that mean nothing in the encoding of the file
UNREADABLE = "\ufffd"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NOTHING = {
	*("", "-", "--", "—", "–", "нет", "н/д", "не указан", "не указано", "none", "n/a", "null"),
	# what a spreadsheet shows where a formula has failed
	*("#n/a", "#ref!", "#value!", "#div/0!", "#name?", "#null!", "#num!"),
	*("#н/д", "#ссылка!", "#знач!", "#дел/0!", "#имя?", "#пусто!", "#число!"),
}

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
		"самозанятый",
		"самозанятая",
	},
}
KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words}
#: parts of the heading over names that says who they are of
_OF_COMPANIES = ("организац", "компан", "юрлиц", "предприят", "фирм", "organi", "company")
_OF_PEOPLE = ("фио", "фамилия", "firstname", "lastname", "surname", "физлиц")


#: as 1C writes an account: its number, and the name of the bank
_ACCOUNT_AND_BANK = re.compile(r"^([0-9]{20})\s*[,;( ]\s*(?:в\s+)?([^\W\d].*?)\)?$")
#: a scheme that a page would run or open from its own side
_SCRIPT = re.compile(r"(javascript|vbscript|data|file|blob)\s*:", re.IGNORECASE)
#: how many people, as other programs tell it: 11-50, менее 50, более 100, 1000+
_BETWEEN = re.compile(r"([\d\s]+)[-–—]([\d\s]+)")
_UP_TO = re.compile(r"(?:до|менее|меньше|<|up to|less than)\s*([\d\s]+)", re.IGNORECASE)
_MORE = re.compile(r"(?:(?:более|больше|свыше|от|>|over|more than)\s*([\d\s]+)|([\d\s]+)\+)", re.IGNORECASE)
#: between the numbers of a list; a comma before an extension is not
_BETWEEN_PHONES = re.compile(r"[;,/](?!\s*(?:доб|доп|вн|ext)\b)|\s{2,}", re.IGNORECASE)
#: digits of something that was meant as a number
SHORTEST_PHONE = 5
#: the word before an extension of a phone number
_EXTENSION = re.compile(r"\b(доб|доп|вн|ext)\b", re.IGNORECASE)


@dataclass
class Warned:
	column: str
	text: str

	def __str__(self):
		says_itself = self.text.casefold().startswith(self.column.casefold())  # "INN 123: ..." under "INN"
		return self.text if says_itself else f"{self.column}: {self.text}"


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
	city: str = ""
	region: str = ""
	postal_code: str = ""
	country: str = ""  # a Country, where the file names one
	phones: list[Phone] = field(default_factory=list)
	emails: list[str] = field(default_factory=list)
	website: str = ""
	contact: str = ""
	job_title: str = ""
	industry: str = ""
	employees: str = ""
	account: str = ""
	bic: str = ""
	bank: str = ""  # its name; what names the bank where there is no BIC
	timezone: str = ""
	segments: list[str] = field(default_factory=list)
	manager: str = ""
	error: str = ""
	warnings: list[Warned] = field(default_factory=list)

	@property
	def has_bank(self) -> bool:
		"""Whether it is known in which bank the account is: ERPNext keeps none without."""
		return bool(self.bic or self.bank)


def check(record: Record, sheet: Sheet, region: str = DEFAULT_REGION, doubtful: str = "") -> Client:
	"""Understand one row; `error` says why it cannot be taken, `warnings` what was left out of it.

	:param region: ISO 3166-1 alpha-2 code of the country that rows are from which name none: its rules are those of their
		requisites, and of phones without a country's code.
	:param doubtful: kind of client of those whose names may be a person's or a company's, where nothing else tells.
	"""
	client = Client(record.line)
	values = {name: _plain(value) for name, value in record.values.items()}

	def warn(name: str, text: str):
		client.warnings.append(Warned(sheet.columns.get(name, ""), text))

	client.error = record.error
	if record.error:
		return client
	if record.warning:
		warn("", record.warning)
	for name, value in values.items():
		if UNREADABLE in value:
			warn(name, _("a letter of «{0}» could not be read: correct it").format(value))
	client.name = _name(values.get("name", ""), warn)
	if not client.name:
		client.error = _("There is no name.")
		return client
	if len(client.name) > DATA_LENGTH:
		client.error = _("The name has {0} characters, at most {1} can be kept. Shorten it.").format(
			len(client.name), DATA_LENGTH
		)
		return client
	client.country = _country(values.get("country", ""), warn)
	region = country_code(client.country).upper() or region
	russian = region.lower() == RUSSIA_CODE
	client.kind = _kind(values, client.name, sheet.columns.get("name", ""), russian, doubtful, warn)
	if not client.kind:
		client.error = _("«{0}» is not a kind of client: ЮЛ, ИП or ФЛ is expected.").format(
			values.get("kind", "")
		)
		return client

	for name, length in LENGTHS.items():
		value = values.get(name, "")
		if value.casefold() not in NOTHING:
			setattr(client, name, _whole(as_text(value), name, length, warn))
	if russian:
		_requisites(client, values, warn)
	else:
		_requisites_abroad(client, values, region, warn)
	_phones(client, values.get("phone", ""), region, warn)
	_emails(client, values.get("email", ""), warn)
	if _SCRIPT.match(client.website):
		warn("website", _("«{0}» is not the address of a site and was left out").format(client.website))
		client.website = ""
	client.employees = _employees(values.get("employees", ""), warn)
	segments = [
		_whole(as_text(part.strip()), "segment", DATA_LENGTH, warn)
		for part in re.split(r"[;,|]", values.get("segment", ""))
	]
	client.segments = list(dict.fromkeys(filter(None, segments)))
	client.manager = values.get("manager", "")
	return client


def as_text(value: str) -> str:
	"""The value such that no spreadsheet takes it for a formula: with the apostrophe that means "text"."""
	return "'" + value if value.startswith(FORMULA) else value


def as_cell(value: str) -> str:
	"""The value for a cell of a table that people get back: as it was, unless a spreadsheet or a page would run it.

	A phone number that starts with a plus is no formula, and is wanted back as it was.
	"""
	value = value.replace("<", "‹").replace(">", "›")
	number = value[:1] in "+-" and not any(char.isalpha() for char in _EXTENSION.sub("", value))
	return value if number else as_text(value)


def _plain(value: str) -> str:
	"""The value without the apostrophe that `as_text` gave it, and with single spaces in place of line breaks."""
	value = " ".join(value.split()).replace("<", "‹").replace(">", "›")  # no page is to take it for markup
	return value[1:] if value.startswith("'") and value[1:].startswith(FORMULA) else value


def _name(value: str, warn) -> str:
	if value.casefold() in NOTHING:
		return ""
	if value.startswith(FORMULA):
		warn("name", _("it looks like a formula and is kept as text"))
		value = as_text(value)
	return value


def _whole(value: str, name: str, length: int, warn) -> str:
	"""The value if there is room for all of it: half of an address or number would be another one."""
	problem = _("it is longer than {0} characters").format(length) if len(value) > length else ""
	return _right(name, value, problem, warn)


def _country(value: str, warn) -> str:
	if value.casefold() in NOTHING:
		return ""
	country = countries.find(value)
	if not country:
		warn("country", _("«{0}» is not a country and was left out").format(value))
	return country


def _kind(values: dict, name: str, heading: str, russian: bool, doubtful: str, warn) -> str:
	"""As the file says; else by the legal form in the name, by a right INN, by how people and companies are called.

	:param russian: whether the length of the tax number is that of an INN.
	"""
	given, word = values.get("kind", ""), ""
	if given.casefold() not in NOTHING:
		word = "".join(char for char in given.casefold() if char.isalpha())
		if kind := KIND_OF.get(word) or legal_forms.kind_of(given):
			return kind
	inn = _digits(values.get("inn", "") or values.get("inn_kpp", "").split("/")[0]) if russian else ""
	kind = legal_forms.kind_of(name)
	if not word:
		kind = kind or {10: COMPANY, 12: PERSON}.get(len(inn)) or _kind_by_name(name, heading)
		return kind or _doubtful_kind(values, name, doubtful, warn)
	kind = kind or (numbers.is_inn(inn) and {10: COMPANY, 12: PERSON}[len(inn)]) or ""
	if kind:
		warn("kind", _("«{0}» is not a kind of client; it was taken for {1}").format(given, _(kind)))
	return kind


def _kind_by_name(name: str, heading: str) -> str:
	over = key(heading)
	if over == "имя" or any(part in over for part in _OF_PEOPLE):
		return PERSON
	if any(part in over for part in _OF_COMPANIES) and len(name.split()) < 3:
		return COMPANY
	if not is_person_name(name):
		return COMPANY
	return "" if is_doubtful_name(name) else PERSON


def _doubtful_kind(values: dict, name: str, doubtful: str, warn) -> str:
	"""Of "Blue Ocean" or "Anna Lee": a company, if it has a contact person; else as the import says, or a guess that is told."""
	contact = values.get("contact", "")
	if contact.casefold() not in NOTHING and name_key(contact) != name_key(name):
		return COMPANY
	if not doubtful:
		warn("kind", _("«{0}» may be a person or a company; it was taken for an individual").format(name))
	return doubtful or PERSON


def _digits(value: str) -> str:
	return "".join(char for char in value if char.isdigit())


def _requisites(client: Client, values: dict, warn):
	inn, kpp = values.get("inn", ""), values.get("kpp", "")
	if not inn and "/" in values.get("inn_kpp", ""):
		inn, kpp = (part.strip() for part in values["inn_kpp"].split("/", 1))
	elif not inn:
		inn = values.get("inn_kpp", "")
	inn = _with_its_zero(_given(inn), numbers.is_inn)
	kpp, ogrn = _given(kpp).upper(), _given(values.get("ogrn", ""))

	client.given_inn = inn if numbers.is_inn(inn) else ""
	client.inn = _right("inn", inn, numbers.inn_problem(inn, client.kind), warn)
	if kpp and client.kind != COMPANY:
		warn("kpp", _("a sole proprietor or individual has none; it was left out"))
		kpp = ""
	client.kpp = _right("kpp", kpp, numbers.kpp_problem(kpp), warn)
	client.ogrn = _right("ogrn", ogrn, numbers.ogrn_problem(ogrn, client.kind), warn)
	account = values.get("account", "")
	if both := _ACCOUNT_AND_BANK.match(account):
		account, bank = both.groups()
		client.bank = client.bank or _whole(bank, "account", LENGTHS["bank"], warn)
	account = _given(account)
	bic = _with_its_zero(_given(values.get("bic", "")), numbers.is_bic)
	client.bic = _right("bic", bic, numbers.bic_problem(bic), warn)
	client.account = _right("account", account, numbers.account_problem(account, client.bic), warn)
	if account and not client.account and len(account) == 20:
		client.bic = ""  # one of the two is mistyped, and nobody knows which


def _requisites_abroad(client: Client, values: dict, region: str, warn):
	"""The tax number by the rule of its country, as far as one is known; for the other numbers there is none."""
	number = values.get("inn", "") or values.get("inn_kpp", "")
	number = "" if number.casefold() in NOTHING else _whole_number(number, "inn", warn)
	client.inn = _right("inn", number, numbers.tax_id_problem(number, region, client.kind), warn)
	client.given_inn = numbers.clean(client.inn)
	for name in ("kpp", "ogrn", "account"):
		setattr(client, name, _whole_number(_given(values.get(name, "")), name, warn))
	bic = _given(values.get("bic", "")).upper()
	client.bic = _right("bic", bic, numbers.bank_code_problem(bic), warn)


def _whole_number(value: str, name: str, warn) -> str:
	return _whole(as_text(value), name, NUMBER_LENGTHS[name], warn)


def _given(value: str) -> str:
	return "" if value.casefold() in NOTHING else numbers.clean(value)


def _with_its_zero(value: str, is_right) -> str:
	"""Spreadsheets take numbers for quantities and drop the zero before them."""
	dropped = value.isdigit() and value[0] != "0" and not is_right(value) and is_right(f"0{value}")
	return f"0{value}" if dropped else value


def _right(name: str, value: str, problem: str, warn) -> str:
	"""The value if nothing is wrong with it; else nothing, and the words about it."""
	if not problem:
		return value
	warn(name, _("{0}; it was left out").format(problem))
	return ""


def _phones(client: Client, value: str, region: str, warn):
	if not value:
		return
	lost = []
	parts = _BETWEEN_PHONES.split(value)
	if len(parts) > 1 and phones.whole(value, region):
		parts = [value]
	for part in parts:
		found = phones.within(part, region)
		client.phones += [phone for phone in found if phone not in client.phones]
		if not found and len(_digits(part)) >= SHORTEST_PHONE:
			lost.append(part.strip())
	if not client.phones:
		lost = [value]
	for part in lost:
		warn("phone", _("«{0}» is not a phone number and was left out").format(part))
	if not client.phones:
		return
	zones = timezone.time_zones_for_number(phonenumbers.parse(client.phones[0].number))
	if len(zones) == 1 and zones[0] != "Etc/Unknown":
		client.timezone = zones[0]


def _emails(client: Client, value: str, warn):
	if value.casefold() in NOTHING:
		return
	for part in re.split(r"[;,\s‹›]+", value):
		if not part:
			continue
		address = parse_email(part)
		if address and len(address) <= DATA_LENGTH:
			if address not in client.emails:
				client.emails.append(address)
		else:
			warn("email", _("«{0}» is not an e-mail address and was left out").format(part))


def _employees(value: str, warn) -> str:
	"""The band of ERPNext's own list the number of people falls into."""
	if value.casefold() in NOTHING:
		return ""
	count = _how_many(value)
	if count < 1:
		warn("employees", _("«{0}» is not a number of people and was left out").format(value))
		return ""
	for top, band in ((10, "1-10"), (50, "11-50"), (200, "51-200"), (500, "201-500"), (1000, "501-1000")):
		if count <= top:
			return band
	return "1000+"


def _how_many(value: str) -> int:
	"""The number of people; of a range its end, of «more than» the next one; 0 when it is none."""
	if found := _BETWEEN.fullmatch(value) or _UP_TO.fullmatch(value):
		return cint(_digits(found.group(found.lastindex)))
	if found := _MORE.fullmatch(value):
		return cint(_digits(found.group(found.lastindex))) + 1
	return cint(_digits(value)) if re.fullmatch(r"[\d\s]+", value) else 0

"""What a client is recognised by, as rows of the key table. Nothing here asks the database.

kind    value                                    detail
inn     the digits                               KPP
phone   E.164                                    -
email   lower case                               -
name    codes of all its words, in order         spellings of the words, and the INN
name    code of its words written as one         that spelling: «Строй Сервис» is «СтройСервис»; and the INN
word    code of one word                         spellings of all the words, and the INN

The INN beside a name tells that a client of a like name is another one without a look at its record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rule24_crm.parties.identity import emails, phones, sounding
from rule24_crm.parties.identity.numbers import clean

INN, PHONE, EMAIL, NAME, WORD = "inn", "phone", "email", "name", "word"
COLUMNS = ("kind", "value", "party_type", "party", "detail")
#: length of the columns value and detail
LENGTH = 140
#: up to so many words are also written as one
JOINED = 3
#: words of a name that it can be found by alone; the longest are the most telling
WORDS = 4
#: between a name and the INN in a detail
_BESIDE = "\t"

Row = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Name:
	"""A name as it is searched by."""

	spellings: tuple[str, ...]

	@classmethod
	def of(cls, name: str | None) -> Name:
		return cls(tuple(sounding.spellings(name or "")))

	@property
	def codes(self) -> list[str]:
		return [sounding.code(word) for word in self.spellings]

	@property
	def value(self) -> str:
		return joined(self.codes)

	@property
	def detail(self) -> str:
		return " ".join(self.spellings)[:LENGTH]

	@property
	def as_one(self) -> str:
		"""The spelling of a short name as one word; "" when it is one already, or long."""
		return "".join(self.spellings)[:LENGTH] if 1 < len(self.spellings) <= JOINED else ""

	@property
	def words(self) -> list[str]:
		"""Codes of the most telling words, each once."""
		telling = [word for word in self.spellings if len(word) > 2 and not word.isdigit()]
		longest = sorted(telling, key=lambda word: (-len(word), word))[:WORDS]
		return sorted({sounding.code(word) for word in longest})


def joined(codes: Iterable[str]) -> str:
	"""Codes of words as the value of a name."""
	return " ".join(sorted(codes))[:LENGTH]


def rows(
	party_type: str,
	party: str,
	*,
	names: Iterable[str | None] = (),
	inn: str | None = None,
	kpp: str | None = None,
	phone_numbers: Iterable[str | None] = (),
	addresses: Iterable[str | None] = (),
	region: str = phones.DEFAULT_REGION,
) -> list[Row]:
	"""The key rows of one client, each once, in the order of `COLUMNS`.

	:param names: of the company, of the person: whatever it is called by.
	:param phone_numbers: in any notation; what is no number is passed over.
	:param addresses: e-mail addresses.
	:param region: country of numbers without a country code; see `phones.default_region`.
	"""
	found: dict[tuple[str, str], str] = {}
	if number := clean(inn):
		found[INN, number[:LENGTH]] = clean(kpp).upper()[:LENGTH]
	for phone in numbers_of(phone_numbers, region):
		found[PHONE, phone] = ""
	for address in addresses_of(addresses):
		found[EMAIL, address] = ""
	for each in names:
		name = Name.of(each)
		if not name.spellings:
			continue
		detail = with_inn(name.detail, number)
		found.setdefault((NAME, name.value), detail)
		if name.as_one:
			found.setdefault((NAME, sounding.code(name.as_one)), with_inn(name.as_one, number))
		for word in name.words:
			found.setdefault((WORD, word), detail)
	return [(kind, value, party_type, party, detail) for (kind, value), detail in found.items()]


def with_inn(spelled: str, inn: str) -> str:
	"""The detail of a name: its spelling and the INN of whose it is; of a name that leaves no room for it, the spelling."""
	detail = f"{spelled}{_BESIDE}{inn}" if inn else spelled
	return detail if len(detail) <= LENGTH else spelled


def without_inn(detail: str) -> tuple[str, str]:
	"""(spelling, INN) of the detail of a name; "" where it does not tell the INN."""
	spelled, _beside, inn = detail.partition(_BESIDE)
	return spelled, inn


def numbers_of(values: Iterable[str | None], region: str) -> list[str]:
	"""The phone numbers among these, in E.164, each once."""
	parsed = (phones.parse(value, region) for value in values if value)
	return list(dict.fromkeys(phone.number for phone in parsed if phone))


def addresses_of(values: Iterable[str | None]) -> list[str]:
	"""The e-mail addresses among these, in lower case, each once."""
	return list(dict.fromkeys(address[:LENGTH] for address in map(emails.parse, values) if address))

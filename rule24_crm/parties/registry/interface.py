"""What a register of companies answers, in one shape for all providers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Protocol

#: states of a registered party, as the field `rule24_registry_status` keeps them
ACTIVE, LIQUIDATING, LIQUIDATED, BANKRUPT, REORGANIZING = (
	"Active",
	"Liquidating",
	"Liquidated",
	"Bankrupt",
	"Reorganizing",
)
STATES = (ACTIVE, LIQUIDATING, LIQUIDATED, BANKRUPT, REORGANIZING)


@dataclass
class RegisteredParty:
	"""A legal entity or sole proprietor as the register has it; "" where it says nothing."""

	kind: str  # "Legal Entity" or "Sole Proprietor"
	name: str  # with the short legal form, as on documents
	full_name: str
	inn: str
	kpp: str = ""
	ogrn: str = ""
	director: str = ""
	director_post: str = ""
	address: str = ""  # in one line
	city: str = ""
	region: str = ""
	postal_code: str = ""
	street: str = ""  # what is left of the line after postal code, region and city
	country_code: str = ""  # ISO 3166-1 alpha-2, lower case
	okved: str = ""
	status: str = ACTIVE  # one of STATES
	status_on: date | None = None  # since when
	is_branch: bool = False

	def as_dict(self) -> dict:
		return asdict(self)


@dataclass
class RegisteredBank:
	"""A bank as the register has it."""

	bic: str
	name: str
	correspondent_account: str = ""
	swift: str = ""
	city: str = ""
	status: str = ACTIVE

	def as_dict(self) -> dict:
		return asdict(self)


class Provider(Protocol):
	"""A register. Every method raises `RegistryError` with words when there is no answer."""

	def party(self, inn: str, kpp: str = "") -> list[RegisteredParty]:
		"""Whoever has this INN (or OGRN): the head office first, branches after it; none when nobody has."""

	def suggest(self, text: str, count: int = 7) -> list[RegisteredParty]:
		"""Whoever is called or numbered like that, the likeliest first."""

	def bank(self, bic: str) -> RegisteredBank | None:
		"""The bank with this BIC; None when there is none."""

"""DaData's suggestions: https://dadata.ru/api/find-party/, https://dadata.ru/api/suggest/party/, https://dadata.ru/api/find-bank/.

POST with JSON; `Authorization: Token <key>`. 200 with `suggestions`, none of them when nobody is found; 401 without a key,
403 for a key that is wrong or used up for the day, 405 and 413 for a wrong request, 429 for too many requests at once.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timezone
from time import monotonic

import requests
from frappe import _

from rule24_crm.exceptions import RegistryError
from rule24_crm.parties.identity.numbers import LEGAL_ENTITY, SOLE_PROPRIETOR
from rule24_crm.parties.registry.interface import (
	ACTIVE,
	BANKRUPT,
	LIQUIDATED,
	LIQUIDATING,
	REORGANIZING,
	RegisteredBank,
	RegisteredParty,
)

URL = "https://suggestions.dadata.ru/suggestions/api/4_1/rs"
#: seconds to connect, and to wait for an answer: a person sits before the form
TIMEOUT = (3, 7)
#: an answer is some kilobytes; whoever sends more, or for longer, is not the register
MOST_BYTES, MOST_SECONDS = 2_000_000, 15
BLOCK = 1 << 16
STATES = {
	"ACTIVE": ACTIVE,
	"LIQUIDATING": LIQUIDATING,
	"LIQUIDATED": LIQUIDATED,
	"BANKRUPT": BANKRUPT,
	"REORGANIZING": REORGANIZING,
}


class DaData:
	"""See `interface.Provider`.

	:param key: the API key.
	:param url: another address, for tests.
	"""

	def __init__(self, key: str, url: str | None = None):
		self._key, self._url = key, (url or URL).rstrip("/")

	def party(self, inn: str, kpp: str = "") -> list[RegisteredParty]:
		found = self._ask("findById/party", {"query": inn, "count": 20, **({"kpp": kpp} if kpp else {})})
		parties = [_party(each) for each in found]
		return sorted(parties, key=lambda party: party.is_branch)

	def suggest(self, text: str, count: int = 7) -> list[RegisteredParty]:
		return [_party(each) for each in self._ask("suggest/party", {"query": text, "count": count})]

	def bank(self, bic: str) -> RegisteredBank | None:
		found = self._ask("findById/bank", {"query": bic})
		return _bank(found[0]) if found else None

	def _ask(self, method: str, query: dict) -> list[dict]:
		"""The suggestions.

		:raises RegistryError: there is no answer, or not one that can be read.
		"""
		try:
			response = requests.post(
				f"{self._url}/{method}",
				json=query,
				headers={"Authorization": f"Token {self._key}", "Accept": "application/json"},
				timeout=TIMEOUT,
				allow_redirects=False,  # the key goes nowhere else
				stream=True,
			)
			with response:
				_check(response)
				found = json.loads(_body(response))["suggestions"]
				if not isinstance(found, list) or not all(
					isinstance(each.get("data"), dict) for each in found
				):
					raise ValueError("not suggestions")
				return found
		except requests.Timeout:
			raise RegistryError(
				_("The register of companies does not answer. Fill the fields by hand, or try again later.")
			)
		except (ValueError, KeyError, TypeError, AttributeError):
			raise RegistryError(
				_("The answer of the register of companies cannot be read. Fill the fields by hand.")
			)
		except requests.RequestException:
			raise RegistryError(
				_(
					"The register of companies cannot be reached. Check the connection of the server, or fill by hand."
				)
			)


def _body(response) -> bytes:
	"""What was sent, as far as it is an answer.

	:raises requests.RequestException: it breaks off, or takes too long. :raises ValueError: it is too much.
	"""
	body, until = b"", monotonic() + MOST_SECONDS
	for block in response.iter_content(BLOCK):
		body += block
		if len(body) > MOST_BYTES:
			raise ValueError("too long")
		if monotonic() > until:
			raise requests.Timeout("too slow")
	return body


def _check(response) -> None:
	""":raises RegistryError: the status is not 200; the words say what to do."""
	status = response.status_code
	if status == 200:
		return
	if status == 401:
		words = _("The register of companies wants a key. Give it in Rule24 CRM Settings.")
	elif status == 403:
		words = _(
			"The register of companies refuses the key: it is wrong, or its requests for today are used up. "
			"Check it in Rule24 CRM Settings and in the provider's account."
		)
	elif status == 429:
		words = _("Too many requests to the register of companies at once. Try again in a minute.")
	elif status >= 500:
		words = _(
			"The register of companies is out of order ({0}). Fill the fields by hand, or try again later."
		)
	else:
		words = _("The register of companies does not understand the request ({0}). Check INN or BIC.")
	raise RegistryError(words.format(status))


def _party(suggestion: dict) -> RegisteredParty:
	data = suggestion["data"]
	name, state = _dict(data, "name"), _dict(data, "state")
	address = _dict(data, "address")
	place = _dict(address, "data")
	person = data.get("type") == "INDIVIDUAL"
	management = _dict(data, "management")
	status = STATES.get(state.get("status") or "ACTIVE", ACTIVE)
	since = state.get("liquidation_date") if status == LIQUIDATED else None
	city = _text(place.get("city")) or _text(place.get("settlement"))
	return RegisteredParty(
		kind=SOLE_PROPRIETOR if person else LEGAL_ENTITY,
		name=_text(name.get("short_with_opf"))
		or _text(suggestion.get("value"))
		or _text(name.get("full_with_opf")),
		full_name=_text(name.get("full_with_opf")) or _text(suggestion.get("value")),
		inn=_text(data.get("inn")),
		kpp="" if person else _text(data.get("kpp")),
		ogrn=_text(data.get("ogrn")),
		director=_text(management.get("name")),
		director_post=_text(management.get("post")).capitalize(),
		address=_text(address.get("unrestricted_value")) or _text(address.get("value")),
		city=city,
		region=_text(place.get("region_with_type")),
		postal_code=_text(place.get("postal_code")),
		street=_street(place) or _text(address.get("value")),
		country_code=_text(place.get("country_iso_code")).lower() or "ru",
		okved=_text(data.get("okved")),
		status=status,
		# of a bankruptcy or liquidation under way the register has only the day its record is of
		status_on=_day(since or (state.get("actuality_date") if status != ACTIVE else None)),
		is_branch=data.get("branch_type") == "BRANCH",
	)


def _street(place: dict) -> str:
	parts = (
		_text(place.get("street_with_type")),
		" ".join(filter(None, (_text(place.get("house_type")), _text(place.get("house"))))),
		" ".join(filter(None, (_text(place.get("block_type")), _text(place.get("block"))))),
		" ".join(filter(None, (_text(place.get("flat_type")), _text(place.get("flat"))))),
	)
	return ", ".join(filter(None, parts))


def _bank(suggestion: dict) -> RegisteredBank:
	data = suggestion["data"]
	name = _dict(data, "name")
	return RegisteredBank(
		bic=_text(data.get("bic")),
		name=_text(name.get("payment")) or _text(suggestion.get("value")),
		correspondent_account=_text(data.get("correspondent_account")),
		swift=_text(data.get("swift")),
		city=_text(data.get("payment_city")),
		status=STATES.get(_dict(data, "state").get("status") or "ACTIVE", ACTIVE),
	)


def _dict(data: dict, key: str) -> dict:
	"""A part that may be null."""
	value = data.get(key)
	return value if isinstance(value, dict) else {}


def _text(value) -> str:
	return value.strip() if isinstance(value, str) else ""


def _day(milliseconds) -> date | None:
	"""The vendor's dates are milliseconds since 1970, UTC."""
	if not isinstance(milliseconds, int | float):
		return None
	try:
		return datetime.fromtimestamp(milliseconds / 1000, tz=timezone.utc).date()
	except (OverflowError, OSError, ValueError):
		return None

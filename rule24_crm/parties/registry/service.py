"""Which register this site asks, and what of its answers is kept on a client."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils import format_date, now_datetime
from frappe.utils.password import get_decrypted_password

from rule24_crm.compat import cache, single_value
from rule24_crm.exceptions import RegistryError
from rule24_crm.parties.identity.numbers import SOLE_PROPRIETOR, bic_problem, clean, inn_problem, ogrn_problem
from rule24_crm.parties.registry.interface import (
	BANKRUPT,
	LIQUIDATED,
	LIQUIDATING,
	Provider,
	RegisteredBank,
	RegisteredParty,
)
from rule24_crm.parties.registry.providers.dadata import DaData

SETTINGS = "Rule24 CRM Settings"
#: name in the settings -> (provider, key of the site config with another address, for tests)
PROVIDERS = {"DaData": (DaData, "rule24_dadata_url")}
#: what of an answer a client keeps beside its requisites
FIELDS = (
	"rule24_okved",
	"rule24_registry_status",
	"rule24_registry_status_on",
	"rule24_registry_checked_on",
)
#: whoever deals with these should know it
DOUBTFUL = (LIQUIDATED, BANKRUPT, LIQUIDATING)
#: seconds
REMEMBERED = 3600
#: letters needed before a name is looked for
SHORTEST = 3


def is_on() -> bool:
	"""Whether a provider and its key are given."""
	return bool(single_value(SETTINGS, "registry_provider") in PROVIDERS and _key())


def by_inn(inn: str, kpp: str = "") -> list[RegisteredParty]:
	"""Whoever has this INN or OGRN, the head office first.

	:raises RegistryError: the number is wrong (nothing is asked then), the register is off, or gives no answer.
	"""
	number = clean(inn)
	problem = inn_problem(number) if len(number) in (10, 12) else ogrn_problem(number)
	if not number or problem:
		raise RegistryError(problem or _("Give an INN or OGRN."))
	return _remember(_provider().party(number, clean(kpp)))


def suggest(text: str) -> list[RegisteredParty]:
	"""Whoever is called like that.

	:raises RegistryError: as `by_inn`.
	"""
	text = " ".join(text.split())[:300]
	return _remember(_provider().suggest(text)) if len(text) >= SHORTEST else []


def bank(bic: str) -> RegisteredBank | None:
	"""The bank with this BIC.

	:raises RegistryError: as `by_inn`.
	"""
	number = clean(bic)
	if not number or bic_problem(number):
		raise RegistryError(bic_problem(number) or _("Give a BIC."))
	return _provider().bank(number)


def _provider() -> Provider:
	if not is_on():
		raise RegistryError(
			_("The register of companies is off: an administrator gives its key in Rule24 CRM Settings.")
		)
	kind, address = PROVIDERS[single_value(SETTINGS, "registry_provider")]
	return kind(_key(), frappe.conf.get(address))


def _key() -> str | None:
	return get_decrypted_password(SETTINGS, SETTINGS, "registry_key", raise_exception=False)


def _remember(found: list[RegisteredParty]) -> list[RegisteredParty]:
	"""Keep answers for a while, so that what a user chose is taken from the register and not from his browser."""
	for party in found:
		cache().set_value(_place(party.inn, party.kpp), party.as_dict(), expires_in_sec=REMEMBERED)
	return found


def remembered(inn: str, kpp: str = "") -> RegisteredParty | None:
	"""What the register has lately said about this INN and KPP; asks nobody."""
	values = cache().get_value(_place(clean(inn), clean(kpp).upper()))
	return RegisteredParty(**values) if values else None


def _place(inn: str, kpp: str) -> str:
	return f"rule24_registry:{inn}:{kpp}"


# -- kept on a client ---------------------------------------------------------------------------------------------------


def values_of(party_type: str, found: RegisteredParty) -> dict:
	"""An answer as fields of a Customer, Lead or Prospect; the name is the user's own matter."""
	return {
		"tax_id" if party_type == "Customer" else "rule24_tax_id": found.inn,
		"rule24_kind": found.kind,
		"rule24_kpp": found.kpp,
		"rule24_ogrn": found.ogrn,
		"rule24_okved": found.okved,
		"rule24_registry_status": found.status,
		"rule24_registry_status_on": found.status_on,
		"rule24_registry_checked_on": now_datetime(),
	}


def update(party_type: str, party: str) -> dict:
	"""Ask about a client by its INN and keep what the register says. The caller has checked the right to write it.

	:return: `{"status", "status_on", "changed": [labels...]}`.
	:raises RegistryError: there is no INN, nobody has it, or as `by_inn`.
	"""
	doc = frappe.get_doc(party_type, party)
	inn = clean(doc.get("tax_id" if party_type == "Customer" else "rule24_tax_id"))
	if not inn:
		raise RegistryError(_("There is no INN. Fill it first."))
	found = by_inn(inn, doc.get("rule24_kpp") or "") or by_inn(inn)
	if not found:
		raise RegistryError(_("Nobody with the INN {0} is registered. Check the number.").format(inn))
	changed = []
	for field, value in values_of(party_type, found[0]).items():
		if not value and _is_silent_about(field, found[0]):
			continue
		if str(doc.get(field) or "") != str(value or ""):
			doc.set(field, value)
			if field != "rule24_registry_checked_on":
				changed.append(_(doc.meta.get_label(field)))
	doc.save()
	return {"status": found[0].status, "status_on": found[0].status_on, "changed": changed}


def _is_silent_about(field: str, found: RegisteredParty) -> bool:
	"""Whether nothing in the answer says nothing of the client: a sole proprietor, though, has no KPP indeed."""
	return field in ("rule24_ogrn", "rule24_okved") or (
		field == "rule24_kpp" and found.kind != SOLE_PROPRIETOR
	)


def warning(doc) -> str:
	"""What whoever deals with this client should know of the register, in words; "" when there is nothing."""
	return _warning(doc.get("rule24_registry_status"), doc.get("rule24_registry_status_on"))


def warning_of(party_type: str, party: str) -> str:
	"""As `warning`, of a client by its name."""
	fields = ["rule24_registry_status", "rule24_registry_status_on"]
	return _warning(*(frappe.db.get_value(party_type, party, fields) or (None, None)))


def _warning(status: str | None, day) -> str:
	if status not in DOUBTFUL:
		return ""
	words = {
		LIQUIDATED: _("The client is liquidated, says the register of companies"),
		BANKRUPT: _("The client is bankrupt, says the register of companies"),
		LIQUIDATING: _("The client is being liquidated, says the register of companies"),
	}[status]
	return _("{0} since {1}").format(words, format_date(day)) if day else words

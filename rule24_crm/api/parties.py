"""Endpoints of clients. Typed, permission first, one call into `rule24_crm.parties`."""

import frappe
from frappe import _
from frappe.utils import sbool

from rule24_crm.api.arguments import parsed
from rule24_crm.compat import require_permission
from rule24_crm.parties import creating, entry, joining, merging
from rule24_crm.parties.duplicates import Candidate, find, warning
from rule24_crm.parties.kinds import PARTY_TYPES, check_kind
from rule24_crm.parties.registry import service as registry

#: a form asks for no more than it can show
MOST_MATCHES = 5


@frappe.whitelist(methods=["POST"])
def check(party_type: str, values: dict | str, name: str | None = None) -> dict:
	"""What a form shows about a client while it is typed; writes nothing.

	:param values: fields of the Customer, Lead, Prospect or Contact as the form has them so far.
	:param name: name of the record if it is saved already.
	:return: `{"problems": {field: words}, "matches": [...]}`, the latter as `duplicates.warning.shown` gives them.
	"""
	if party_type != "Contact":
		check_kind(party_type)
	_may_enter(party_type, name)
	values = parsed(values, dict, label=_("Values")) or {}
	if party_type == "Contact":
		return {"problems": {}, "matches": warning.shown(warning.matches_of_contact(values, MOST_MATCHES))}
	return {
		"problems": entry.requisites_problems(party_type, values)
		| entry.contact_problems(party_type, values),
		"matches": _matches(warning.candidate_of(party_type, values, name or None)),
	}


def _may_enter(doctype: str, name: str | None) -> None:
	if name:
		frappe.get_doc(doctype, name).check_permission("read")
	else:
		require_permission(doctype, "create")


def _matches(candidate: Candidate) -> list[dict]:
	return warning.shown(find(candidate, limit=MOST_MATCHES))


@frappe.whitelist()
def merge_preview(party_type: str, source: str, target: str) -> dict:
	"""What would become of two records of one client; see `rule24_crm.parties.merging.preview`."""
	_may_merge(party_type, source, target)
	return merging.preview(party_type, source, target)


@frappe.whitelist(methods=["POST"])
def merge(party_type: str, source: str, target: str) -> dict:
	"""Make one client of two; see `rule24_crm.parties.merging.merge`."""
	_may_merge(party_type, source, target)
	return merging.merge(party_type, source, target)


def _may_merge(party_type: str, source: str, target: str) -> None:
	"""The package asks for the right to change and delete; who may not even read is not told what there is."""
	for name in (source, target):
		frappe.get_doc(check_kind(party_type), name).check_permission("read")


@frappe.whitelist(methods=["POST"])
def join(party_type: str, party: str, customer: str) -> dict:
	"""Let a Lead or Prospect go on as a Customer that is there; see `rule24_crm.parties.joining.join`."""
	frappe.get_doc(check_kind(party_type), party).check_permission("read")
	frappe.get_doc("Customer", customer).check_permission("read")
	return joining.join(party_type, party, customer)


@frappe.whitelist(methods=["POST"])
def create_party(party_type: str, values: dict | str, in_spite_of: bool | int | str = False) -> dict:
	"""Make a client with its person, address and bank account; see `rule24_crm.parties.creating.create`.

	:param values: fields of `creating.NewParty`.
	:param in_spite_of: make it though somebody like it is in the base already.
	"""
	require_permission(check_kind(party_type), "create")
	given = creating.NewParty.of(parsed(values, dict, label=_("Values")) or {})
	return creating.create(party_type, given, bool(sbool(in_spite_of)))


@frappe.whitelist(methods=["POST"])
def look_up(values: dict | str, party_type: str | None = None) -> dict:
	"""What the window for a new client shows while it is typed; writes nothing.

	:param values: fields of `creating.NewParty` as far as they are filled.
	:param party_type: the kind of record it is to be, if known.
	:return: `{"problems": {field: words}, "matches": [...]}`, the latter as `duplicates.warning.shown` gives them; with
		`party_type` also `"responsible"` as `creating.expected` gives it.
	"""
	_may_create_some()
	given = creating.NewParty.of(parsed(values, dict, label=_("Values")) or {})
	told = {"problems": creating.problems(given), "matches": _matches(given.candidate())}
	if party_type:
		require_permission(check_kind(party_type), "create")
		told["responsible"] = creating.expected(party_type, given)
	return told


@frappe.whitelist(methods=["POST"])
def person_to_add(party_type: str, party: str, values: dict | str) -> dict:
	"""What of the person typed for a new client an existing one lacks; see `creating.person_to_add`."""
	return creating.person_to_add(party_type, party, _for_existing(party_type, party, values))


@frappe.whitelist(methods=["POST"])
def add_person(party_type: str, party: str, values: dict | str) -> dict:
	"""Write the person typed for a new client down with an existing one; see `creating.add_person`."""
	return creating.add_person(party_type, party, _for_existing(party_type, party, values))


def _for_existing(party_type: str, party: str, values: dict | str) -> creating.NewParty:
	frappe.get_doc(check_kind(party_type), party).check_permission("read")
	require_permission("Contact", "create")
	return creating.NewParty.of(parsed(values, dict, label=_("Values")) or {})


@frappe.whitelist()
def new_party_options() -> dict:
	"""What the window for a new client offers: kinds of record this user may make, and whether there is a register."""
	_may_create_some()
	return {
		"party_types": [each for each in PARTY_TYPES if frappe.has_permission(each, "create")],
		"registry": registry.is_on(),
	}


@frappe.whitelist(methods=["POST"])
def registry_party(inn: str, kpp: str | None = None) -> list[dict]:
	"""Whoever has this INN or OGRN, says the register of companies; see `registry.service.by_inn`."""
	_may_create_some()
	return [found.as_dict() for found in registry.by_inn(inn, kpp or "")]


@frappe.whitelist(methods=["POST"])
def registry_suggest(text: str) -> list[dict]:
	"""Whoever is called like that, says the register of companies; see `registry.service.suggest`."""
	_may_create_some()
	return [found.as_dict() for found in registry.suggest(text)]


@frappe.whitelist(methods=["POST"])
def registry_bank(bic: str) -> dict | None:
	"""The bank with this BIC, says the register; see `registry.service.bank`."""
	_may_create_some()
	found = registry.bank(bic)
	return found and found.as_dict()


@frappe.whitelist(methods=["POST"])
def registry_update(party_type: str, party: str) -> dict:
	"""Ask the register about a client and keep the answer; see `registry.service.update`."""
	frappe.get_doc(check_kind(party_type), party).check_permission("write")
	return registry.update(party_type, party)


def _may_create_some() -> None:
	"""Requests to the register cost the company money, and matches tell of clients: only who may enter clients asks."""
	if not any(frappe.has_permission(each, "create") for each in PARTY_TYPES):
		frappe.throw(
			_("You may not enter clients. Ask your administrator for the right."),
			frappe.PermissionError,
			title=_("Not Permitted"),
		)

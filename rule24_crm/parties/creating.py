"""A new client with all that belongs to it, in one step: party, person, address, bank account. All or nothing.

Where the client turns out to be known, `add_person` keeps at least the person who was typed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import frappe
from frappe import _

from rule24_crm.deals import contacts
from rule24_crm.deals.conversion import taken_by_a_lead
from rule24_crm.exceptions import IdentityError
from rule24_crm.parties import banks, managers, segments
from rule24_crm.parties.addresses import in_two_lines, title_of
from rule24_crm.parties.company import default_company, home_country
from rule24_crm.parties.distribution.deciding import Distributor
from rule24_crm.parties.distribution.decision import CREATOR, RULE, Decision
from rule24_crm.parties.duplicates import Candidate, find, warning
from rule24_crm.parties.entry import CUSTOMER_TYPE, country_of
from rule24_crm.parties.identity import emails, phones
from rule24_crm.parties.identity.countries import RUSSIA_CODE
from rule24_crm.parties.identity.names import name_key, person_name
from rule24_crm.parties.identity.numbers import (
	INDIVIDUAL,
	LEGAL_ENTITY,
	account_problem,
	bank_code_problem,
	bic_problem,
	clean,
	kpp_problem,
	ogrn_problem,
	tax_id_problem,
)
from rule24_crm.parties.kinds import OWNER_FIELD, check_kind, titles
from rule24_crm.parties.record_names import DATA_LENGTH, too_long
from rule24_crm.parties.registry import service as registry
from rule24_crm.whole import all_or_nothing

SAVEPOINT = "rule24_create_party"
POTENTIAL, ACTIVE = "Potential", "Active"


@dataclass
class NewParty:
	"""A client as the window for a new one, or another program, gives it; all but the name may be missing."""

	name: str = ""
	kind: str = LEGAL_ENTITY
	phase: str = ""
	inn: str = ""
	kpp: str = ""
	ogrn: str = ""
	website: str = ""
	phone: str = ""
	email: str = ""
	contact_name: str = ""
	contact_position: str = ""
	contact_phone: str = ""
	contact_email: str = ""
	address_line: str = ""
	city: str = ""
	region: str = ""
	postal_code: str = ""
	country: str = ""
	bank_account: str = ""
	bic: str = ""
	bank_name: str = ""
	correspondent_account: str = ""
	manager: str = ""
	segments: list[str] = field(default_factory=list)

	@classmethod
	def of(cls, values: dict) -> NewParty:
		"""
		:raises IdentityError: there is a value nobody knows, or one of another type.
		"""
		known = {each.name for each in fields(cls)}
		if unknown := sorted(set(values) - known):
			frappe.throw(
				_("Unknown values: {0}. Known are: {1}.").format(
					", ".join(map(str, unknown)), ", ".join(sorted(known))
				),
				IdentityError,
			)
		given = {key: value for key, value in values.items() if value not in (None, "")}
		for key, value in given.items():
			right = list if key == "segments" else str
			if not isinstance(value, right) or (
				right is list and not all(isinstance(each, str) for each in value)
			):
				frappe.throw(_("{0} cannot be read.").format(frappe.bold(key)), IdentityError)
		return cls(
			**{key: value.strip() if isinstance(value, str) else value for key, value in given.items()}
		)

	@property
	def is_person(self) -> bool:
		return self.kind == INDIVIDUAL

	def candidate(self) -> Candidate:
		"""Whom to look for in the base."""
		return Candidate(
			kind=self.kind,
			name=self.name,
			inn=self.inn,
			kpp=self.kpp,
			phones=[number for number in (self.phone, self.contact_phone) if number],
			emails=[address for address in (self.email, self.contact_email) if address],
		)


def problems(given: NewParty) -> dict[str, str]:
	"""What is wrong with the values so far, for the window: field -> words."""
	region = phones.default_region()
	kind = given.kind if given.kind in CUSTOMER_TYPE else None
	country = country_of({"country": given.country})
	at_home = country == RUSSIA_CODE
	found = {
		**_too_long(given),
		"inn": tax_id_problem(given.inn, country, kind),
		"kpp": kpp_problem(given.kpp) if at_home and kind == LEGAL_ENTITY else "",
		"ogrn": ogrn_problem(given.ogrn, kind) if at_home else "",
		"bic": bic_problem(given.bic) if at_home else bank_code_problem(given.bic),
		"bank_account": _account_problem(given, at_home),
		"contact_phone": phones.problem(given.contact_phone, region),
		"phone": phones.problem(given.phone, region),
		"contact_email": emails.problem(given.contact_email),
		"email": emails.problem(given.email),
	}
	return {key: words for key, words in found.items() if words}


#: field -> characters there is room for; an address has two lines
_ROOM = {"name": DATA_LENGTH, "address_line": 2 * DATA_LENGTH, "bank_name": DATA_LENGTH}


def _too_long(given: NewParty) -> dict[str, str]:
	"""Values that have no place in their fields: field -> words."""
	found = {}
	for fieldname, most in _ROOM.items():
		length = len(getattr(given, fieldname))
		if length > most:
			found[fieldname] = _("It has {0} characters, {1} more than the {2} that fit.").format(
				length, length - most, most
			)
	return found


def _account_problem(given: NewParty, at_home: bool) -> str:
	problem = account_problem(given.bank_account, given.bic) if at_home else ""
	if not problem and given.bank_account and not (given.bic or given.bank_name):
		return _("In which bank is this account? Give the BIC or the name of the bank.")
	return problem


def create(party_type: str, given: NewParty, in_spite_of: bool = False) -> dict:
	"""Make the client. The caller has checked the right to create `party_type`; Frappe checks those of Contact and Address.

	:param in_spite_of: make it though somebody like it is in the base.
	:return: `{"created": True, "party_type", "party", "contact", "address", "bank_account", "responsible", "seen"}`, where
		`responsible` is as `expected` gives it and `seen` says whether the user may read a client that went to somebody else;
		or, when it seems to be in the base already, `{"created": False, "matches": [...]}` with what
		`duplicates.warning.shown` gives.
	:raises IdentityError: a value breaks its rule; nothing has been written.
	:raises DuplicateError: the settings refuse a second client with this INN.
	"""
	check_kind(party_type)
	_check(given)
	if not in_spite_of:
		matches = [match for match in find(given.candidate()) if match.score >= warning.SAID]
		if matches:
			return {"created": False, "matches": warning.shown(matches)}
	with all_or_nothing(SAVEPOINT):
		made = _create(party_type, given)
	return {"created": True, **made}


def _check(given: NewParty) -> None:
	"""What no record would check on its own."""
	if not given.name:
		frappe.throw(_("Give the client's name."), IdentityError)
	if given.kind not in CUSTOMER_TYPE:
		frappe.throw(
			_("{0} is not a kind of client. Choose one of: {1}.").format(
				frappe.bold(frappe.utils.escape_html(given.kind)), ", ".join(map(_, CUSTOMER_TYPE))
			),
			IdentityError,
		)
	if given.country and not frappe.db.exists("Country", given.country):
		frappe.throw(
			_("There is no country {0}.").format(frappe.bold(frappe.utils.escape_html(given.country))),
			IdentityError,
		)
	at_home = country_of({"country": given.country}) == RUSSIA_CODE
	labels = {
		"name": _("Client Name"),
		"address_line": _("Street, House, Office"),
		"bank_name": _("Bank"),
	}
	wrong = [
		*(f"{labels[fieldname]}: {words}" for fieldname, words in _too_long(given).items()),
		emails.problem(given.email),
		emails.problem(given.contact_email),
		bic_problem(given.bic) if at_home else "",
		_account_problem(given, at_home),
	]
	if any(wrong):
		frappe.throw("<br>".join(frappe.utils.escape_html(words) for words in wrong if words), IdentityError)
	if given.manager and not managers.is_active(given.manager):
		frappe.throw(
			_("{0} gets no new clients: the user is disabled or not an active account manager.").format(
				frappe.bold(frappe.utils.escape_html(given.manager))
			),
			IdentityError,
		)


def expected(party_type: str, given: NewParty) -> dict:
	"""Who would get the client if it were made now; nothing is written, and nobody's turn is taken.

	:return: `{"user", "name", "rule"}`; `rule` is the Distribution Rule that decides, None where none does.
	"""
	return _told(_decide(_new(check_kind(party_type), given), given, dry=True))


def _new(party_type: str, given: NewParty):
	doc = {"Customer": _customer, "Lead": _lead, "Prospect": _prospect}[party_type](given)
	doc.update(_common(party_type, given))
	if country := given.country or home_country():
		# whose rules its numbers follow, whatever territory the settings propose; a Lead keeps it, of others the address does
		doc.country = country
	for segment in dict.fromkeys(given.segments):
		doc.append("segments", {"segment": segment})
	return doc


def _decide(doc, given: NewParty, *, dry: bool = False) -> Decision:
	"""Whoever was chosen; else whom a rule gives the client to; else its maker, who has it on the desk."""
	if given.manager:
		return Decision(given.manager, None, "")
	segments.sync(doc)  # rules ask for the primary segment
	distributor = Distributor(doc.doctype, dry=dry)
	[decision] = distributor.decide([doc])
	if decision.way == RULE:
		return decision
	why = _("made the record; no distribution rule gives it to somebody else") if distributor.rules else ""
	return Decision(frappe.session.user, None, why, CREATOR)


def _told(decision: Decision) -> dict:
	name = frappe.utils.get_fullname(decision.manager)
	return {"user": decision.manager, "name": name, "rule": decision.rule}


def _create(party_type: str, given: NewParty) -> dict:
	doc = _new(party_type, given)
	decision = _decide(doc, given)
	doc.set(OWNER_FIELD[party_type], decision.manager)
	if decision.explanation:
		doc.flags.rule24_decision = decision  # `ownership.note` writes it down
	if party_type == "Lead":
		# ERPNext makes a Contact for every new Lead; this one gets its own, or one that is known
		doc.create_contact = lambda: None
	doc.insert()
	doc.__dict__.pop("create_contact", None)
	seen = frappe.has_permission(party_type, "read", doc=doc.name)
	contact = _contact(doc, given, seen)
	address = _address(doc, given, seen)
	account = None
	if party_type == "Customer":
		account = _bank_account(doc.name, given)
		main = {"customer_primary_contact": contact, "customer_primary_address": address}
		if contact:
			main.update(frappe.db.get_value("Contact", contact, ["mobile_no", "email_id"], as_dict=True))
		doc.db_set({key: value for key, value in main.items() if value})
	return {
		"party_type": party_type,
		"party": doc.name,
		"contact": contact,
		"address": address,
		"bank_account": account,
		"responsible": _told(decision),
		"seen": bool(seen),
	}


def _insert_part(part, seen: bool) -> str:
	"""Store what belongs to the client that has just been made, though a rule gave it to somebody its maker sees nothing of."""
	if not seen:
		frappe.has_permission(part.doctype, "create", throw=True)
	# the right to create has just been asked for
	return part.insert(ignore_permissions=not seen, set_name=_short_name(part)).name


def _short_name(part) -> str | None:
	"""A Contact is named by the person and the client, which together may be more than Frappe takes; else None."""
	return too_long(part._get_full_name(), part.links[0].link_name) if part.doctype == "Contact" else None


def _common(party_type: str, given: NewParty) -> dict:
	"""What all kinds of client keep in fields of the same name."""
	values = {
		"rule24_kind": given.kind,
		"rule24_phase": given.phase or (ACTIVE if party_type == "Customer" else POTENTIAL),
		"website": given.website or None,
	}
	requisites = {
		"tax_id" if party_type == "Customer" else "rule24_tax_id": clean(given.inn),
		"rule24_kpp": clean(given.kpp).upper(),
		"rule24_ogrn": clean(given.ogrn),
	}
	if party_type != "Customer":
		requisites |= {"rule24_bank_account": clean(given.bank_account), "rule24_bic": clean(given.bic)}
	if given.inn and (found := registry.remembered(given.inn, given.kpp)):
		kept = registry.values_of(party_type, found)
		values |= {key: value for key, value in kept.items() if key in registry.FIELDS}
	return values | {key: value for key, value in requisites.items() if value}


def _customer(given: NewParty):
	doc = frappe.new_doc("Customer")
	return doc.update(
		{
			"customer_name": given.name,
			"customer_type": CUSTOMER_TYPE.get(given.kind),
			"customer_group": doc.customer_group or _leaf("Customer Group", "customer_group"),
			"territory": doc.territory or _leaf("Territory", "territory"),
		}
	)


def _lead(given: NewParty):
	doc = frappe.new_doc("Lead")
	doc.company = default_company()
	person = given.name if given.is_person else given.contact_name
	if not given.is_person:
		doc.company_name = given.name
	if person:
		doc.first_name, doc.middle_name, doc.last_name = person_name(person)
		doc.job_title = given.contact_position
	address = emails.parse(given.contact_email or given.email)
	doc.update(
		{
			"mobile_no": _phone(given.contact_phone or given.phone),
			"email_id": None if taken_by_a_lead(address) else address,  # the Contact has it anyway
		}
	)
	if given.phone and given.contact_phone:
		doc.phone = _phone(given.phone)
	return doc


def _prospect(given: NewParty):
	return frappe.new_doc("Prospect").update({"company_name": given.name, "company": default_company()})


def _leaf(doctype: str, setting: str) -> str | None:
	"""What ERPNext's Selling Settings propose, else the first that is no group."""
	return frappe.db.get_single_value("Selling Settings", setting) or frappe.db.get_value(
		doctype, {"is_group": 0}, "name", order_by="lft"
	)


def _contact(doc, given: NewParty, seen: bool) -> str | None:
	"""The person: one the user knows by this e-mail, else a new one; the client itself if it is a person or only a phone."""
	numbers, addresses = (
		_reach(given.contact_phone, given.phone),
		_addresses(given.contact_email, given.email),
	)
	if not (given.contact_name or numbers or addresses):
		return None
	if known := _known(addresses):
		contacts.link(known, doc.doctype, doc.name)
		return known
	person = _person(doc.doctype, doc.name, given, numbers, addresses)
	person.is_primary_contact = 1
	return _insert_part(person, seen)


def _reach(*typed: str) -> list[str]:
	return list(dict.fromkeys(filter(None, map(_phone, typed))))


def _addresses(*typed: str) -> list[str]:
	return list(dict.fromkeys(filter(None, map(emails.parse, typed))))


def _known(addresses: list[str]) -> str | None:
	"""A Contact the user may see, by e-mail."""
	found = contacts.find(addresses[0], []) if addresses else None
	return found if found and frappe.has_permission("Contact", "read", doc=found) else None


def _person(party_type: str, party: str, given: NewParty, numbers: list[str], addresses: list[str]):
	"""A new Contact of the client, called like the client where no name was given; not stored yet."""
	named = given.contact_name or given.is_person
	first, middle, last = person_name(given.contact_name or given.name) if named else (given.name, "", "")
	person = frappe.new_doc("Contact").update(
		{
			"first_name": first,
			"middle_name": middle,
			"last_name": last,
			"designation": given.contact_position,
			"company_name": "" if given.is_person else given.name,
		}
	)
	for at, number in enumerate(numbers):
		person.append("phone_nos", {"phone": number, "is_primary_mobile_no": int(at == 0)})
	for at, address in enumerate(addresses):
		person.append("email_ids", {"email_id": address, "is_primary": int(at == 0)})
	person.append("links", {"link_doctype": party_type, "link_name": party})
	return person


# -- the person of a client who is known already ------------------------------------------------------------------------


def person_to_add(party_type: str, party: str, given: NewParty) -> dict:
	"""What of the person typed for a new client an existing one lacks; writes nothing. The caller has checked that the user
	may read the client.

	:return: `{"name", "contact", "missing"}`: how to call the person, the Contact of the client that is this person if there
		is one, and the phone and e-mail it lacks; `{}` when no person was typed, or nothing is missing.
	"""
	numbers, addresses = _reach(given.contact_phone), _addresses(given.contact_email)
	if not (given.contact_name or numbers or addresses):
		return {}
	contact = _same_person(party_type, party, given, numbers, addresses)
	there = contacts.details(contact) if contact else set()
	missing = [
		*(number for number in numbers if (contacts.digits(number) or number) not in there),
		*(address for address in addresses if address.lower() not in there),
	]
	if contact and not missing:
		return {}
	words = person_name(given.contact_name) if given.contact_name else ()
	if contact and not words:
		words = (frappe.db.get_value("Contact", contact, "full_name"),)
	return {"name": " ".join(filter(None, words)), "contact": contact, "missing": missing}


def _same_person(party_type, party, given: NewParty, numbers, addresses) -> str | None:
	"""The Contact of the client with this phone or e-mail, or of this name."""
	people = contacts.of(party_type, party)
	if found := contacts.same_person(people, addresses, numbers):
		return found
	wanted = name_key(given.contact_name)
	rows = frappe.get_all(  # people of a client whom the caller may read
		"Contact",
		{"name": ("in", [*people, ""])},
		["name", "first_name", "middle_name", "last_name"],
		order_by="creation",
	)
	for name, *words in (row.values() for row in rows):
		if wanted and name_key(" ".join(filter(None, words))) == wanted:
			return name
	return None


def add_person(party_type: str, party: str, given: NewParty) -> dict:
	"""Write down the person typed for a new client with an existing one: as a new Contact, as one more link of a person known
	elsewhere, or as one more phone and e-mail of a Contact it has. Frappe checks the rights to create and write a Contact.

	:return: `{"contact"}`, None when there was nothing to write.
	:raises IdentityError: the e-mail is none; nothing has been written.
	"""
	if problem := emails.problem(given.contact_email):
		frappe.throw(frappe.utils.escape_html(problem), IdentityError)
	told = person_to_add(party_type, party, given)
	if not told:
		return {"contact": None}
	if told["contact"]:
		return {"contact": _complete(told["contact"], told["missing"])}
	numbers, addresses = _reach(given.contact_phone), _addresses(given.contact_email)
	if known := _known(addresses):
		contacts.link(known, party_type, party)
		return {"contact": known}
	given.name = titles(party_type, [party])[party]
	person = _person(party_type, party, given, numbers, addresses)
	return {"contact": person.insert(set_name=_short_name(person)).name}


def _complete(contact: str, missing: list[str]) -> str:
	person = frappe.get_doc("Contact", contact)
	for each in missing:
		if "@" in each:
			person.append("email_ids", {"email_id": each, "is_primary": int(not person.email_ids)})
		else:
			person.append("phone_nos", {"phone": each, "is_primary_mobile_no": int(not person.phone_nos)})
	return person.save().name


def _address(doc, given: NewParty, seen: bool) -> str | None:
	if not (given.address_line or given.city):
		return None
	line1, line2 = in_two_lines(given.address_line or given.city)
	address = frappe.new_doc("Address").update(
		{
			"address_title": title_of(given.name),
			"address_type": "Office",
			"address_line1": line1,
			"address_line2": line2 or None,
			"city": given.city or given.region or "-",
			"state": given.region,
			"pincode": given.postal_code,
			"country": given.country or home_country(),
			"is_primary_address": 1,
		}
	)
	address.append("links", {"link_doctype": doc.doctype, "link_name": doc.name})
	return _insert_part(address, seen)


def _bank_account(customer: str, given: NewParty) -> str | None:
	return banks.make_account(
		customer, given.bank_account, given.bic, given.bank_name, given.correspondent_account
	)


def _phone(value: str) -> str:
	"""In E.164 if it is a number in whatever notation, else as it was typed."""
	found = value and phones.parse(value, phones.default_region())
	return found.number if found and not found.extension else value

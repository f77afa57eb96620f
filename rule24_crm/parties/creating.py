"""A new client with all that belongs to it, in one step: party, person, address, bank account. All or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import frappe
from frappe import _

from rule24_crm.deals import contacts
from rule24_crm.deals.conversion import taken_by_a_lead
from rule24_crm.deals.requisites import make_bank_account
from rule24_crm.exceptions import IdentityError
from rule24_crm.parties import managers
from rule24_crm.parties.company import default_company
from rule24_crm.parties.duplicates import Candidate, find, warning
from rule24_crm.parties.entry import CUSTOMER_TYPE
from rule24_crm.parties.identity import emails, phones
from rule24_crm.parties.identity.names import person_name
from rule24_crm.parties.identity.numbers import (
	INDIVIDUAL,
	LEGAL_ENTITY,
	account_problem,
	bic_problem,
	clean,
	inn_problem,
	kpp_problem,
	ogrn_problem,
)
from rule24_crm.parties.kinds import OWNER_FIELD, check_kind
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
	found = {
		"inn": inn_problem(given.inn, kind),
		"kpp": kpp_problem(given.kpp) if kind == LEGAL_ENTITY else "",
		"ogrn": ogrn_problem(given.ogrn, kind),
		"bic": bic_problem(given.bic),
		"bank_account": account_problem(given.bank_account, given.bic),
		"contact_phone": phones.problem(given.contact_phone, region),
		"phone": phones.problem(given.phone, region),
		"contact_email": emails.problem(given.contact_email),
		"email": emails.problem(given.email),
	}
	return {key: words for key, words in found.items() if words}


def create(party_type: str, given: NewParty, in_spite_of: bool = False) -> dict:
	"""Make the client. The caller has checked the right to create `party_type`; Frappe checks those of Contact and Address.

	:param in_spite_of: make it though somebody like it is in the base.
	:return: `{"created": True, "party_type", "party", "contact", "address", "bank_account"}`, or, when it seems to be in the
		base already, `{"created": False, "matches": [...]}` with what `duplicates.warning.shown` gives.
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
	wrong = [emails.problem(given.email), emails.problem(given.contact_email)]
	if given.bank_account or given.bic:
		wrong += [bic_problem(given.bic), account_problem(given.bank_account, given.bic)]
	if any(wrong):
		frappe.throw("<br>".join(frappe.utils.escape_html(words) for words in wrong if words), IdentityError)
	if given.manager and not managers.is_active(given.manager):
		frappe.throw(
			_("{0} gets no new clients: the user is disabled or not an active account manager.").format(
				frappe.bold(frappe.utils.escape_html(given.manager))
			),
			IdentityError,
		)


def _create(party_type: str, given: NewParty) -> dict:
	doc = {"Customer": _customer, "Lead": _lead, "Prospect": _prospect}[party_type](given)
	doc.update(_common(party_type, given))
	for segment in dict.fromkeys(given.segments):
		doc.append("segments", {"segment": segment})
	if party_type == "Lead":
		# ERPNext makes a Contact for every new Lead; this one gets its own, or one that is known
		doc.create_contact = lambda: None
	doc.insert()
	doc.__dict__.pop("create_contact", None)
	contact = _contact(doc, given)
	address = _address(doc, given)
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
	}


def _common(party_type: str, given: NewParty) -> dict:
	"""What all kinds of client keep in fields of the same name."""
	values = {
		"rule24_kind": given.kind,
		"rule24_phase": given.phase or (ACTIVE if party_type == "Customer" else POTENTIAL),
		"website": given.website or None,
		OWNER_FIELD[party_type]: given.manager or frappe.session.user,
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
			"customer_type": CUSTOMER_TYPE[given.kind],
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


def _contact(doc, given: NewParty) -> str | None:
	"""The person: one the user knows by this e-mail, else a new one; the client itself if it is a person or only a phone."""
	name = given.contact_name or given.name
	numbers = list(dict.fromkeys(filter(None, map(_phone, (given.contact_phone, given.phone)))))
	addresses = list(dict.fromkeys(filter(None, map(emails.parse, (given.contact_email, given.email)))))
	if not (given.contact_name or numbers or addresses):
		return None
	known = addresses and contacts.find(addresses[0], [])
	if known and frappe.has_permission("Contact", "read", doc=known):
		contacts.link(known, doc.doctype, doc.name)
		return known
	first, middle, last = person_name(name) if given.contact_name or given.is_person else (name, "", "")
	person = frappe.new_doc("Contact").update(
		{
			"first_name": first,
			"middle_name": middle,
			"last_name": last,
			"designation": given.contact_position,
			"company_name": "" if given.is_person else given.name,
			"is_primary_contact": 1,
		}
	)
	for at, number in enumerate(numbers):
		person.append("phone_nos", {"phone": number, "is_primary_mobile_no": int(at == 0)})
	for at, address in enumerate(addresses):
		person.append("email_ids", {"email_id": address, "is_primary": int(at == 0)})
	person.append("links", {"link_doctype": doc.doctype, "link_name": doc.name})
	return person.insert().name


def _address(doc, given: NewParty) -> str | None:
	if not (given.address_line or given.city):
		return None
	country = given.country
	if not country:
		company = default_company()
		country = company and frappe.get_cached_value("Company", company, "country")
	address = frappe.new_doc("Address").update(
		{
			"address_title": given.name[:100],
			"address_type": "Office",
			"address_line1": given.address_line[:140] or given.city,
			"city": given.city or given.region or "-",
			"state": given.region,
			"pincode": given.postal_code,
			"country": country,
			"is_primary_address": 1,
		}
	)
	address.append("links", {"link_doctype": doc.doctype, "link_name": doc.name})
	return address.insert().name


def _bank_account(customer: str, given: NewParty) -> str | None:
	if not given.bank_account:
		return None
	bic = clean(given.bic)
	if bic and given.bank_name and not frappe.db.exists("Bank", {"rule24_bic": bic}):
		taken = frappe.db.exists("Bank", given.bank_name)  # another branch
		bank = frappe.get_doc(
			{
				"doctype": "Bank",
				"bank_name": f"{given.bank_name} {bic}" if taken else given.bank_name,
				"rule24_bic": bic,
				"rule24_correspondent_account": clean(given.correspondent_account),
			}
		)
		bank.insert(
			ignore_permissions=True
		)  # the right to make the Customer covers its account, and that its bank
	return make_bank_account(customer, given.bank_account, bic)


def _phone(value: str) -> str:
	"""In E.164 if it is a number in whatever notation, else as it was typed."""
	found = value and phones.parse(value, phones.default_region())
	return found.number if found and not found.extension else value

"""What is made of a client of a file: values of the party, its person, its address, its bank account.

Both ways of creating, one by one and many at once, write exactly this.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import frappe
from frappe.utils import cint

from rule24_crm.compat import single_value
from rule24_crm.parties.addresses import in_two_lines, title_of
from rule24_crm.parties.identity import phones
from rule24_crm.parties.identity.countries import RUSSIA
from rule24_crm.parties.identity.names import person_name
from rule24_crm.parties.importing.checking import PERSON, Client
from rule24_crm.parties.importing.lookups import Lookups
from rule24_crm.parties.kinds import OWNER_FIELD
from rule24_crm.parties.record_names import DATA_LENGTH

#: the word before the name of a town
_TOWN = re.compile(r"^(?:г\.|г\s|город\s)", re.IGNORECASE)


@dataclass
class Choices:
	"""What the import says about all of its clients.

	:param party_types: kind of client -> Customer, Lead or Prospect.
	:param owner: user responsible for each of them; empty: by `named_managers`, else nobody.
	"""

	party_types: dict[str, str]
	company: str | None = None
	customer_group: str | None = None
	territory: str | None = None
	owner: str | None = None
	named_managers: bool = False
	segments: list[str] = field(default_factory=list)
	extra: dict[str, dict] = field(default_factory=dict)  # DocType -> values for every party of it

	def __post_init__(self):
		self.customer_group = self.customer_group or _default("Customer Group", "customer_group")
		self.territory = self.territory or _default("Territory", "territory")
		self.country = frappe.db.get_default("country") or RUSSIA
		#: ERPNext makes a contact along with every Lead
		self.leads_have_contacts = bool(cint(single_value("CRM Settings", "auto_creation_of_contact")))
		lines = [frappe.get_meta("Address").get_field(f"address_line{number}") for number in (1, 2)]
		self.address_length = min(line.length or DATA_LENGTH for line in lines)


@dataclass
class Plan:
	"""One client as it will be written. `party_name` is set when its name has been found."""

	client: Client
	party_type: str
	party: dict
	segments: list[str]
	contact: dict | None = None
	emails: list[dict] = field(default_factory=list)
	phones: list[dict] = field(default_factory=list)
	address: dict | None = None
	account: str = ""
	bic: str = ""
	bank: str = ""
	party_name: str = ""
	#: the contact is what ERPNext makes along with a Lead
	contact_by_erpnext: bool = False

	def with_country(self) -> dict:
		"""The values of the party, and the country whose rules they follow."""
		country = self.client.country
		return {**self.party, "country": country} if country else self.party


def plan(client: Client, choices: Choices, lookups: Lookups) -> Plan:
	"""What a client becomes under these choices."""
	party_type = choices.party_types[client.kind]
	segments = list(dict.fromkeys([*lookups.segments(client), *choices.segments]))
	owner = choices.owner or (choices.named_managers and lookups.manager(client.manager)) or None
	values = {
		"rule24_kind": client.kind,
		"rule24_kpp": client.kpp,
		"rule24_ogrn": client.ogrn,
		"rule24_timezone": client.timezone,
		# Frappe gives a time of day that is not filled in the time it is now
		"rule24_call_from": None,
		"rule24_call_to": None,
		"website": client.website,
		"industry": lookups.industry(client.industry),
		"market_segment": segments[0] if segments else None,
		OWNER_FIELD[party_type]: owner,
		**choices.extra.get(party_type, {}),
	}
	made = Plan(client, party_type, values, segments)
	_PARTY[party_type](made, choices)
	if party_type == "Lead" and choices.leads_have_contacts:
		_contact_by_erpnext(made)
	else:
		_contact(made)
	_address(made, choices)
	return made


def _customer(made: Plan, choices: Choices) -> None:
	client = made.client
	made.party.update(
		customer_name=client.name,
		customer_type="Individual" if client.kind == PERSON else "Company",
		customer_group=choices.customer_group,
		territory=choices.territory,
		tax_id=client.inn,
	)
	made.account = client.account if client.has_bank else ""
	made.bic, made.bank = client.bic, client.bank


def _potential(made: Plan, choices: Choices) -> None:
	"""What Leads and Prospects have in common: no books yet, so requisites are kept on the record itself."""
	client = made.client
	made.party.update(
		company=choices.company,
		no_of_employees=client.employees,
		rule24_tax_id=client.inn,
		rule24_bank_account=client.account,
		rule24_bic=client.bic,
	)


def _prospect(made: Plan, choices: Choices) -> None:
	_potential(made, choices)
	made.party["company_name"] = made.client.name


def _lead(made: Plan, choices: Choices) -> None:
	_potential(made, choices)
	client = made.client
	person = client.name if client.kind == PERSON else client.contact
	first, middle, last = person_name(person) if person else ("", "", "")
	made.party.update(
		first_name=first,
		middle_name=middle,
		last_name=last,
		company_name=None if client.kind == PERSON else client.name,
		email_id=client.emails[0] if client.emails else None,
		mobile_no=client.phones[0].number if client.phones else None,
		phone_ext=client.phones[0].extension if client.phones else None,
		job_title=client.job_title,
	)
	if client.country:
		made.party["country"] = client.country


_PARTY = {"Customer": _customer, "Lead": _lead, "Prospect": _prospect}


def _contact(made: Plan) -> None:
	client = made.client
	if not (client.emails or client.phones or client.contact or client.kind == PERSON):
		return
	person = client.name if client.kind == PERSON else client.contact
	first, middle, last = person_name(person) if person else (client.name, "", "")  # a company has no surname
	made.contact = {
		"first_name": first,
		"middle_name": middle,
		"last_name": last,
		"designation": client.job_title,
		"company_name": None if client.kind == PERSON else client.name,
		"is_primary_contact": 1,
	}
	made.emails = _emails(client)
	mobile = next((phone for phone in client.phones if phones.is_mobile(phone.number)), None)
	made.phones = [
		{
			"phone": phone.number,
			"is_primary_phone": int(number == 0),
			"is_primary_mobile_no": int(phone is mobile),
			"rule24_extension": phone.extension,
		}
		for number, phone in enumerate(client.phones)
	]


def _contact_by_erpnext(made: Plan) -> None:
	"""As `Lead.create_contact`, which takes one e-mail and one number; the others are added to it."""
	client, lead = made.client, made.party
	made.contact_by_erpnext = True
	made.contact = {
		"first_name": lead["first_name"] or client.name,
		"last_name": lead["last_name"],
		"designation": client.job_title,
		"company_name": lead["company_name"],
	}
	made.emails = _emails(client)
	made.phones = [
		{
			"phone": phone.number,
			"is_primary_phone": 0,
			"is_primary_mobile_no": int(number == 0),
			# ERPNext leaves it empty where there is none; what is added has it as the file gives it
			"rule24_extension": phone.extension or (None if number == 0 else ""),
		}
		for number, phone in enumerate(client.phones)
	]


def _emails(client: Client) -> list[dict]:
	return [{"email_id": email, "is_primary": int(number == 0)} for number, email in enumerate(client.emails)]


def _address(made: Plan, choices: Choices) -> None:
	client = made.client
	if not (client.address or client.city or client.region):
		return
	line1, line2 = in_two_lines(client.address or client.city or client.region, choices.address_length)
	made.address = {
		"address_title": title_of(client.name),
		"address_type": "Billing",
		"address_line1": line1,
		"address_line2": line2 or None,
		"city": _city(client),
		"state": client.region,
		"pincode": client.postal_code or None,
		"country": client.country or choices.country,
		"phone": client.phones[0].number if client.phones else None,
		"email_id": client.emails[0] if client.emails else None,
		"is_primary_address": 1,
		"is_shipping_address": 1,
	}


def _city(client: Client) -> str:
	"""The town: as the file says it, else from the address: after «г.», or the first part that is no street; the region when there is none."""
	if client.city:
		return _TOWN.sub("", client.city).strip() or client.city
	parts = [part.strip() for part in client.address.split(",") if part.strip()]
	for part in parts:
		if _TOWN.match(part):
			return (_TOWN.sub("", part).strip() or part)[:DATA_LENGTH]
	return (client.region or (parts[0] if parts else client.address))[:DATA_LENGTH]


def _default(doctype: str, setting: str) -> str | None:
	"""The default of Selling Settings, else a leaf of the tree: ERPNext wants one."""
	chosen = frappe.db.get_single_value("Selling Settings", setting)
	if chosen and not frappe.db.get_value(doctype, chosen, "is_group"):
		return chosen
	return frappe.db.get_value(doctype, {"is_group": 0}, "name", order_by="lft") or chosen

"""The Customer of a deal: found, or made from its Lead or Prospect with everything that is known of it."""

from __future__ import annotations

import frappe
from frappe import _

from rule24_crm.compat import mapper
from rule24_crm.deals import contacts
from rule24_crm.exceptions import DocumentsError
from rule24_crm.parties import banks, chain, participants, phase, segments
from rule24_crm.parties.kinds import OWNER_FIELD, PARTY_TYPES
from rule24_crm.parties.managers import is_active
from rule24_crm.parties.registry import service as registry

ACTIVE = "Active"
#: field in which a Customer names what it was made from
ORIGIN_FIELD = {"Lead": "lead_name", "Prospect": "prospect_name"}


def of(opportunity) -> str | None:
	"""The Customer a deal is with, or `None` while its client has not become one.

	:raises DocumentsError: it is disabled.
	"""
	kind, name = opportunity.opportunity_from, opportunity.party_name
	if kind != "Customer":
		today = opportunity.flags.rule24_client = chain.successor(kind, name)
		records = opportunity.flags.rule24_lineage = chain.lineage(kind, name, today)
		name = next((record for each, record in records if each == "Customer"), None)
		if not name:
			name = next(filter(None, (_made_from(each, record) for each, record in records)), None)
	if name and frappe.db.get_value("Customer", name, "disabled"):
		frappe.throw(
			_("The customer {0} is disabled. Enable it before issuing documents.").format(frappe.bold(name)),
			DocumentsError,
		)
	return name


def today(opportunity) -> tuple[str, str] | None:
	"""The record that the client of a deal goes by today, be it usable or not; `None` while the deal has no client."""
	kind, name = opportunity.opportunity_from, opportunity.party_name
	return chain.successor(kind, name) if name and kind in PARTY_TYPES else None


def _made_from(party_type: str, party: str) -> str | None:
	field = ORIGIN_FIELD.get(party_type)
	return field and frappe.db.get_value("Customer", {field: party})


def make(opportunity, source) -> str:
	"""Make the Customer of a deal. The caller has checked that there is none and that the user may.

	Requisites, contacts, addresses, bank account and works come along; the Lead or Prospect goes on as this Customer
	(`overrides.party.customer_after_insert` sees to that for every Customer, whoever makes it).

	:param source: the Lead or Prospect, a document.
	"""
	kind, party = source.doctype, source.name
	doc = mapper("lead_to_customer" if kind == "Lead" else "prospect_to_customer")(party)
	doc.set(ORIGIN_FIELD[kind], party)
	participants.carry(source, doc)
	segments.carry(source, doc)
	doc.update(
		{
			"opportunity_name": opportunity.name,
			"account_manager": next(
				filter(is_active, (opportunity.opportunity_owner, source.get(OWNER_FIELD[kind]))), None
			),
			"rule24_phase": ACTIVE,
			"tax_id": source.rule24_tax_id,
			"rule24_kpp": source.rule24_kpp,
			"rule24_ogrn": source.rule24_ogrn,
			"rule24_charter_capital": source.rule24_charter_capital,
			"rule24_no_of_employees": source.no_of_employees,
			"rule24_kind": source.rule24_kind,
			**{field: source.get(field) for field in registry.FIELDS},
			"default_currency": None,
		}
	)
	people = contacts.of(kind, party)
	person = opportunity.contact_person or (people[0] if people else None)
	doc.customer_primary_contact = person  # brings its phone and e-mail
	doc.insert()
	banks.make_account(doc.name, source.rule24_bank_account, source.rule24_bic)
	# ERPNext has linked the people and addresses of the record itself; those of the records before it follow
	for each, record in opportunity.flags.rule24_lineage or chain.lineage(kind, party):
		if (each, record) != (kind, party):
			contacts.carry(each, record, "Customer", doc.name)
	if person and person not in people:
		contacts.link(person, "Customer", doc.name)
	return doc.name


def activate(customer: str) -> None:
	"""A client with documents is no longer a potential one."""
	phase.set_phase("Customer", customer, ACTIVE)

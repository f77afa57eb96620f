"""Create clients one by one, through `insert()` of every document: whatever an app or a rule hooks on to it happens.

`bulk` writes the same many times faster where nothing hooks on to it; see `fast_path`.
"""

from __future__ import annotations

from contextlib import contextmanager

import frappe

from rule24_crm.compat import commits_wait
from rule24_crm.parties import addresses, banks
from rule24_crm.parties.importing.lookups import Lookups
from rule24_crm.parties.importing.naming import FreeNames
from rule24_crm.parties.importing.records import Plan
from rule24_crm.parties.record_names import too_long

#: DocTypes whose name is what the client is called
NAMED_BY_TITLE = {"Customer": "customer_name", "Prospect": "company_name"}


@contextmanager
def quietly():
	"""An import asks nobody's picture from the network, wakes no assignment of its own for each row, and commits whole rows."""
	before, frappe.flags.in_import = frappe.flags.in_import, True
	try:
		with commits_wait():
			yield
	finally:
		frappe.flags.in_import = before


def title_of(plan: Plan) -> str:
	"""What the client will be called, where that is its name."""
	return plan.party[NAMED_BY_TITLE[plan.party_type]]


def named_by_title(party_type: str) -> bool:
	"""Whether records of this kind are named by what they are called on this site."""
	if party_type == "Customer":
		return frappe.defaults.get_global_default("cust_master_name") == "Customer Name"
	return party_type == "Prospect"


def free_names(plans: list[Plan]) -> dict[str, FreeNames]:
	"""What is needed to name these clients."""
	return {
		party_type: FreeNames(party_type, [title_of(plan) for plan in plans if plan.party_type == party_type])
		for party_type in {plan.party_type for plan in plans}
		if named_by_title(party_type)
	}


def give_name(plan: Plan, names: dict[str, FreeNames]) -> None:
	"""Find the name of a client that is named by what it is called; a Prospect is called as it is named."""
	if plan.party_type not in names:
		return
	plan.party_name = names[plan.party_type].take(title_of(plan))
	if plan.party_type == "Prospect":
		plan.party["company_name"] = plan.party_name
	if plan.address:
		plan.address["address_title"] = addresses.title_of(
			plan.party_name
		)  # addresses of namesakes are told apart


def create(plan: Plan, lookups: Lookups) -> str:
	"""Write one client. The caller has checked the right to import, and keeps a savepoint.

	:return: name of the party.
	"""
	with quietly():
		party = _new(plan.party_type, plan.party)
		if plan.client.country:
			party.country = (
				plan.client.country
			)  # whose rules its requisites follow; its address is written after it
		_append(party, "segments", [{"segment": segment} for segment in plan.segments])
		# the right to import was checked, and covers all that a client consists of
		party.insert(ignore_permissions=True, set_name=_other_name(plan))
		plan.party_name = party.name
		contact = _contact(plan, party)
		address = _address(plan, party)
		if plan.party_type == "Customer":
			_make_primary(party, contact, address)
			_bank_account(plan, lookups)
	return party.name


def _other_name(plan: Plan) -> str | None:
	if plan.party_type in NAMED_BY_TITLE and plan.party_name and plan.party_name != title_of(plan):
		return plan.party_name
	return None


def _contact(plan: Plan, party):
	if plan.party_type == "Lead" and getattr(party, "contact_doc", None):
		return _complete(party.contact_doc.name, plan)  # ERPNext made it with the lead
	if not plan.contact:
		return None
	doc = _new("Contact", plan.contact)
	_append(doc, "email_ids", plan.emails)
	_append(doc, "phone_nos", plan.phones)
	_append(doc, "links", [{"link_doctype": party.doctype, "link_name": party.name}])
	# the right to import covers the client's person
	return doc.insert(ignore_permissions=True, set_name=too_long(doc._get_full_name(), party.name))


def _complete(contact: str, plan: Plan):
	"""ERPNext takes one e-mail and one number of a Lead over into its Contact; the rest follows."""
	doc = frappe.get_doc("Contact", contact)
	emails = {row.email_id for row in doc.email_ids}
	phones = {row.phone: row for row in doc.phone_nos}
	more = [row for row in plan.emails if row["email_id"] not in emails]
	numbers = [row for row in plan.phones if row["phone"] not in phones]
	extensions = [row for row in plan.phones if row["rule24_extension"] and row["phone"] in phones]
	if not (more or numbers or extensions):
		return doc
	_append(doc, "email_ids", more)
	_append(doc, "phone_nos", numbers)
	for row in extensions:
		phones[row["phone"]].rule24_extension = row["rule24_extension"]
	# the right to import covers the client's person
	return doc.save(ignore_permissions=True)


def _address(plan: Plan, party):
	if not plan.address:
		return None
	doc = _new("Address", plan.address)
	_append(doc, "links", [{"link_doctype": party.doctype, "link_name": party.name}])
	return doc.insert(ignore_permissions=True)  # the right to import covers the client's address


def _make_primary(customer, contact, address) -> None:
	"""As ERPNext does with a contact and an address that are typed into a new Customer."""
	from frappe.contacts.doctype.address.address import get_address_display

	values = {}
	if contact:
		values.update(
			customer_primary_contact=contact.name, mobile_no=contact.mobile_no, email_id=contact.email_id
		)
	if address:
		values.update(
			customer_primary_address=address.name, primary_address=get_address_display(address.as_dict())
		)
	if values:
		customer.db_set(values, update_modified=False)


def _bank_account(plan: Plan, lookups: Lookups) -> None:
	if not plan.account:
		return
	bank = lookups.bank(plan.bic, plan.bank)
	if not bank:
		title = lookups.bank_title(plan.bic, plan.bank)
		bank = (
			lookups.bank_called(title)
			or _new("Bank", {"bank_name": title, "rule24_bic": plan.bic or None})
			.insert(ignore_permissions=True)  # the right to import covers the bank an account is in
			.name
		)
		lookups.remember_bank(plan.bic, bank)
	# the right to import covers the client's account
	_new("Bank Account", bank_account(plan, bank)).insert(ignore_permissions=True)


def bank_account(plan: Plan, bank: str) -> dict:
	"""Values of the client's Bank Account."""
	return banks.account_values(plan.party_name, plan.account, bank)


def _new(doctype: str, values: dict):
	doc = frappe.new_doc(doctype)
	doc.update(values)
	return doc


def _append(doc, field: str, rows: list[dict]) -> None:
	for row in rows:
		doc.append(field, dict(row))

"""Clients many at once: the rows that `creating.create` would write, one statement for each table and chunk.

Differential tests hold the two together column by column. What is unusual about a client (a value that Frappe would
clean, a mandatory field of the site's own that stays empty, an earlier call from its number) is not reproduced here:
`split` gives such clients back to be created one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import frappe
from frappe import _
from frappe.contacts.doctype.address.address import get_address_templates
from frappe.contacts.doctype.contact.contact import get_full_name
from frappe.model.naming import make_autoname
from frappe.query_builder import CustomFunction
from frappe.utils import cstr
from pypika.terms import Criterion

from rule24_crm import bulk_insert
from rule24_crm.compat import keeps_link_titles, new_names
from rule24_crm.parties import access, banks, distribution, entry, managers
from rule24_crm.parties.duplicates import keys, store
from rule24_crm.parties.identity import phones
from rule24_crm.parties.importing import bulk_leads
from rule24_crm.parties.importing.creating import bank_account, named_by_title, title_of
from rule24_crm.parties.importing.lookups import Lookups
from rule24_crm.parties.importing.records import Plan
from rule24_crm.parties.kinds import OWNER_FIELD
from rule24_crm.parties.record_names import same_name, too_long

SERIES_FIELD = "naming_series"
_right = CustomFunction("RIGHT", ["text", "length"])


def split(plans: list[Plan]) -> tuple[list[Plan], list[Plan]]:
	"""(usual, unusual) clients: the usual ones may be written by `create_many`.

	:param plans: their names found, where they are named by what they are called.
	"""
	required = _Required()
	called = _called(plans)
	apart = bulk_leads.apart([plan for plan in plans if plan.party_type == "Lead"])
	usual, unusual = [], []
	for plan in plans:
		odd = (
			required.missing(plan)
			or _needs_cleaning(plan)
			or _odd_name(plan)
			or id(plan) in apart
			or entry.requisites_problems(plan.party_type, plan.with_country())
			or any(_as_called(row["phone"]) in called for row in plan.phones)
		)
		(unusual if odd else usual).append(plan)
	return usual, unusual


def create_many(plans: list[Plan], lookups: Lookups) -> list[str]:
	"""Write clients of one kind, all or none of them.

	:param plans: usual ones, of one party type.
	:return: names of the parties in their order.
	"""
	if not plans:
		return []
	party_type = plans[0].party_type
	decided = _give_managers(plans, party_type)
	_name_parties(plans, party_type)
	contacts = _contacts(plans)
	addresses = _addresses(plans)
	_parties(plans, party_type, contacts, addresses)
	if party_type == "Customer":
		_bank_accounts(plans, lookups)
	_keys(plans)
	distribution.note(party_type, [(plan.party_name, decision) for plan, decision in decided])
	return [plan.party_name for plan in plans]


# -- managers -----------------------------------------------------------------------------------------------------------


def _give_managers(plans: list[Plan], party_type: str) -> list[tuple[Plan, distribution.Decision]]:
	"""As `ownership.settle`: clients without a manager, or with one who is not active, get one by the rules."""
	field = OWNER_FIELD[party_type]
	if access.of_user():  # who enters a client is its manager, where he would not see it otherwise
		for plan in plans:
			plan.party[field] = plan.party[field] or frappe.session.user
	active = {user: managers.is_active(user) for user in {plan.party[field] for plan in plans} if user}
	orphans = [plan for plan in plans if not active.get(plan.party[field])]
	if not orphans:
		return []
	template = bulk_insert.template(party_type)
	values = [
		{**template, **plan.party, "segments": [{"segment": segment} for segment in plan.segments]}
		for plan in orphans
	]
	decisions = distribution.decide_many(party_type, values)
	for plan, decision in zip(orphans, decisions, strict=True):
		plan.party[field] = decision.manager
	return list(zip(orphans, decisions, strict=True))


# -- parties ------------------------------------------------------------------------------------------------------------


def _name_parties(plans: list[Plan], party_type: str) -> None:
	if named_by_title(party_type):
		return
	template = bulk_insert.template(party_type)
	names = bulk_insert.names_of_series(
		template[SERIES_FIELD], [{**template, **plan.party} for plan in plans]
	)
	for plan, name in zip(plans, names, strict=True):
		plan.party_name = name


def _parties(plans: list[Plan], party_type: str, contacts: list, addresses: list) -> None:
	template = bulk_insert.template(party_type)
	rows = []
	for plan, contact, address in zip(plans, contacts, addresses, strict=True):
		row = {**template, **plan.party, "name": plan.party_name}
		if party_type == "Customer":
			row["represents_company"] = ""
			if contact:
				row.update(
					customer_primary_contact=contact["name"],
					mobile_no=contact["mobile_no"],
					email_id=contact["email_id"],
				)
			if address:
				row.update(customer_primary_address=address["name"], primary_address=address["display"])
		elif party_type == "Lead":
			row.update(bulk_leads.computed(plan))
		rows.append(_without_empty_uniques(party_type, row))
	if party_type == "Lead":
		stored = [{**row, **bulk_leads.numbers(plan)} for plan, row in zip(plans, rows, strict=True)]
		bulk_insert.insert(party_type, stored)
	else:
		bulk_insert.insert(party_type, rows)
	_children(
		"Party Segment",
		party_type,
		"segments",
		((plan.party_name, [{"segment": segment} for segment in plan.segments]) for plan in plans),
	)
	bulk_insert.index(party_type, rows)
	bulk_insert.announce(party_type, rows[-1]["name"])


def _without_empty_uniques(doctype: str, row: dict) -> dict:
	for field in frappe.get_meta(doctype).fields:
		if field.unique and field.fieldname in row and not cstr(row[field.fieldname]).strip():
			row[field.fieldname] = None
	return row


# -- contacts -----------------------------------------------------------------------------------------------------------


def _contacts(plans: list[Plan]) -> list[dict | None]:
	"""Write the persons. :return: the row of each client, None where there is nobody."""
	with_contact = [plan for plan in plans if plan.contact]
	if not with_contact:
		return [None] * len(plans)
	users = _users({plan.emails[0]["email_id"] for plan in with_contact if plan.emails})
	template = bulk_insert.template("Contact")
	rows: dict[str, dict] = {}
	for plan in with_contact:
		email = plan.emails[0]["email_id"] if plan.emails else ""
		rows[plan.party_name] = {
			**template,
			**plan.contact,
			"full_name": get_full_name(
				*(
					plan.contact.get(field)
					for field in ("first_name", "middle_name", "last_name", "company_name")
				)
			),
			"email_id": email,
			"phone": _primary(plan.phones, "is_primary_phone"),
			"mobile_no": _primary(plan.phones, "is_primary_mobile_no"),
			"user": users.get(email.lower()),
			"image": "" if email else template["image"],
		}
	_name_contacts(with_contact, rows)
	bulk_insert.insert("Contact", list(rows.values()))
	names = [(rows[plan.party_name]["name"], plan) for plan in with_contact]
	emails = _children("Contact Email", "Contact", "email_ids", ((name, plan.emails) for name, plan in names))
	phones = _children("Contact Phone", "Contact", "phone_nos", ((name, plan.phones) for name, plan in names))
	links = _children(
		"Dynamic Link", "Contact", "links", ((name, [_contact_link(plan)]) for name, plan in names)
	)
	if with_contact[0].contact_by_erpnext:
		bulk_leads.keep_history(emails, phones, links)
	bulk_insert.index("Contact", list(rows.values()))
	bulk_insert.announce("Contact", names[-1][0])
	return [rows.get(plan.party_name) for plan in plans]


def _contact_link(plan: Plan) -> dict:
	link = _link(plan)
	if plan.contact_by_erpnext and keeps_link_titles():
		link["link_title"] = bulk_leads.lead_name(plan)
	return link


def _users(emails: set[str]) -> dict[str, str]:
	found = frappe.get_all(  # a colleague among the clients' contacts, as ERPNext links him
		"User", {"email": ("in", list(emails) or [""])}, ["email", "name"], as_list=True, order_by=None
	)
	return {email.lower(): name for email, name in found}


def _primary(phones: list[dict], mark: str) -> str:
	return next((row["phone"] for row in phones if row[mark]), "")


def _name_contacts(plans: list[Plan], rows: dict[str, dict]) -> None:
	"""As `Contact.autoname`: the person and the client; where that is taken, whatever that version makes of it.

	A contact that comes with a Lead is there before it, and so named by the person alone.
	"""
	if plans[0].contact_by_erpnext:
		persons = [row["full_name"] for row in rows.values()]
		names = bulk_leads.contact_names(persons, _existing("Contact", set(persons)), same_name)
		for row, name in zip(rows.values(), names, strict=True):
			row["name"] = name
		return
	usual = {}
	for plan in plans:
		full_name = rows[plan.party_name]["full_name"]
		usual[plan.party_name] = (
			too_long(full_name, plan.party_name) or f"{full_name}-{plan.party_name.strip()}"
		)
	persons = {row["full_name"] for row in rows.values()}
	taken = _existing("Contact", {*usual.values(), *persons})
	for plan in plans:
		row = rows[plan.party_name]
		row["name"] = usual[plan.party_name]
		long = too_long(row["full_name"], plan.party_name)
		if not long and (same_name(row["name"]) in taken or same_name(row["full_name"]) in taken):
			doc = frappe.new_doc("Contact")
			doc.update(plan.contact)
			doc.append("links", _link(plan))
			doc.autoname()
			row["name"] = doc.name


# -- addresses ----------------------------------------------------------------------------------------------------------


def _addresses(plans: list[Plan]) -> list[dict | None]:
	"""Write the addresses. :return: the row of each client with its `display`, None where there is none."""
	with_address = [plan for plan in plans if plan.address]
	if not with_address:
		return [None] * len(plans)
	template = bulk_insert.template("Address")
	rows = {plan.party_name: {**template, **plan.address} for plan in with_address}
	_name_addresses(rows)
	bulk_insert.insert("Address", list(rows.values()))
	_children(
		"Dynamic Link",
		"Address",
		"links",
		((rows[plan.party_name]["name"], [_link(plan)]) for plan in with_address),
	)
	bulk_insert.index("Address", list(rows.values()))
	bulk_insert.announce("Address", rows[with_address[-1].party_name]["name"])
	if plans[0].party_type == "Customer":
		displays = _displays(rows.values())
		return [
			{**row, "display": displays[row["country"]].render(row)} if row else None
			for row in (rows.get(plan.party_name) for plan in plans)
		]
	return [rows.get(plan.party_name) for plan in plans]


def _displays(rows: Iterable[dict]) -> dict:
	"""Country -> the template that its addresses are written by."""
	one_of_each = {row["country"]: row for row in rows}
	return {
		country: frappe.get_jenv().from_string(get_address_templates(row)[1])
		for country, row in one_of_each.items()
	}


def _name_addresses(rows: dict[str, dict]) -> None:
	"""As `Address.autoname`: title and kind; a second one of that title gets a number."""
	taken = _existing("Address", {_address_name(row) for row in rows.values()})
	for row in rows.values():
		name = _address_name(row)
		if same_name(name) in taken:
			name = make_autoname(
				f"{row['address_title'].strip()}-{row['address_type'].strip()}-.#", ignore_validate=True
			)
		taken.add(same_name(name))
		row["name"] = name


def _address_name(row: dict) -> str:
	return f"{row['address_title'].strip()}-{_(row['address_type']).strip()}"


# -- banks --------------------------------------------------------------------------------------------------------------


def _bank_accounts(plans: list[Plan], lookups: Lookups) -> None:
	with_account = [plan for plan in plans if plan.account]
	if not with_account:
		return
	_banks(with_account, lookups)
	template = bulk_insert.template("Bank Account")
	rows = []
	for plan in with_account:
		bank = lookups.bank(plan.bic, plan.bank)
		values = bank_account(plan, bank)
		rows.append({**template, **values, "name": banks.account_name(values["account_name"], bank)})
	bulk_insert.insert("Bank Account", rows)
	bulk_insert.index("Bank Account", rows)
	bulk_insert.announce("Bank Account", rows[-1]["name"])


def _banks(plans: list[Plan], lookups: Lookups) -> None:
	template, rows = bulk_insert.template("Bank"), []
	for bic, name in dict.fromkeys((plan.bic, plan.bank) for plan in plans):
		if lookups.bank(bic, name):
			continue
		title = lookups.bank_title(bic, name)
		bank = lookups.bank_called(title)  # somebody else may have made it meanwhile
		if not bank:
			bank = title
			rows.append({**template, "name": title, "bank_name": title, "rule24_bic": bic or None})
			bulk_insert.insert("Bank", rows[-1:])  # at once: the next one may be the same to the database
		lookups.remember_bank(bic, bank)
	if rows:
		bulk_insert.index("Bank", rows)
		bulk_insert.announce("Bank", rows[-1]["name"])


# -- recognising --------------------------------------------------------------------------------------------------------


def _keys(plans: list[Plan]) -> None:
	"""By what these clients will be recognised from now on."""
	region = phones.default_region()
	store.write(
		row
		for plan in plans
		for row in keys.rows(
			plan.party_type,
			plan.party_name,
			names=_names(plan),
			inn=plan.client.inn,
			kpp=plan.client.kpp,
			phone_numbers=[phone["phone"] for phone in plan.phones],
			addresses=[email["email_id"] for email in plan.emails],
			region=region,
		)
	)


# -- what they share ----------------------------------------------------------------------------------------------------


def _children(
	doctype: str, parenttype: str, field: str, given: Iterable[tuple[str, list[dict]]]
) -> list[dict]:
	"""Write the rows of a table of many documents. :return: the rows as they are written."""
	template = bulk_insert.template(doctype, parenttype=parenttype, parentfield=field)
	rows = [
		{**template, **values, "parent": parent, "idx": number}
		for parent, children in given
		for number, values in enumerate(children, start=1)
	]
	for row, name in zip(rows, new_names(doctype, len(rows)), strict=True):
		row["name"] = name
	if rows:
		bulk_insert.insert(doctype, rows)
	return rows


def _names(plan: Plan) -> list[str]:
	"""What the client is called, its title first."""
	if plan.party_type == "Lead":
		return list(dict.fromkeys((bulk_leads.title(plan), bulk_leads.lead_name(plan))))
	return [title_of(plan)]


def _link(plan: Plan) -> dict:
	return {"link_doctype": plan.party_type, "link_name": plan.party_name, "link_title": _names(plan)[0]}


def _existing(doctype: str, names: set[str]) -> set[str]:
	names = sorted(names)
	found = set()
	for start in range(0, len(names), bulk_insert.CHUNK):
		chunk = names[start : start + bulk_insert.CHUNK]
		found.update(
			map(same_name, frappe.get_all(doctype, {"name": ("in", chunk)}, pluck="name", order_by=None))
		)  # names taken by whomever
	return found


# -- what is unusual ----------------------------------------------------------------------------------------------------

_MARKUP = re.compile(r"[<>]")


def _needs_cleaning(plan: Plan) -> bool:
	"""Frappe cleans values with markup in them as it saves."""
	return any(
		isinstance(value, str) and _MARKUP.search(value)
		for values in (plan.party, plan.contact or {}, plan.address or {})
		for value in values.values()
	)


def _odd_name(plan: Plan) -> bool:
	"""Names that Frappe refuses for their own sake; it says so best itself."""
	name = plan.party_name
	return bool(name) and (name == plan.party_type or name.startswith(f"New {plan.party_type}"))


class _Required:
	"""Mandatory fields, those of the site's own among them, that would stay empty."""

	def __init__(self):
		self._fields: dict[str, list[str]] = {}
		self._defaults: dict[str, dict] = {}

	def missing(self, plan: Plan) -> bool:
		return (
			self._empty(plan.party_type, plan.party)
			or (plan.contact is not None and self._empty("Contact", plan.contact))
			or (plan.address is not None and self._empty("Address", plan.address))
		)

	def _empty(self, doctype: str, values: dict) -> bool:
		if doctype not in self._fields:
			self._fields[doctype] = [
				field.fieldname
				for field in frappe.get_meta(doctype).fields
				if field.reqd and field.fieldtype not in frappe.model.no_value_fields
			]
			self._defaults[doctype] = bulk_insert.template(doctype)
		defaults = self._defaults[doctype]
		return any(not (values.get(field) or defaults.get(field)) for field in self._fields[doctype])


def _as_called(phone: str) -> str:
	"""As `erpnext.crm.doctype.utils.strip_number`: what the number of a call ends with."""
	return phone.lstrip("+").lstrip("0")


def _called(plans: list[Plan]) -> set[str]:
	"""Numbers of these clients that have called before: ERPNext links a new contact with the calls from its number."""
	numbers = {_as_called(row["phone"]) for plan in plans for row in plan.phones} - {""}
	if not numbers or not frappe.db.table_exists("Call Log"):
		return set()
	log = frappe.qb.DocType("Call Log")
	lengths = sorted(set(map(len, numbers)))
	ends = [_right(log[field], length) for field in ("from", "to") for length in lengths]
	found = (
		frappe.qb.from_(log)
		.select(*ends)
		.distinct()
		.where(Criterion.any(end.isin(sorted(numbers)) for end in ends))
	)  # calls of whomever
	return numbers.intersection(end for row in found.run() for end in row)

"""Recognise a client of a file among those in the base, and among the rows above it.

By INN (and KPP: a branch has its parent's INN and a KPP of its own), then by e-mail or phone, then by exact name. Two
different INNs are two clients, whatever else they share: one director's firms answer the same phone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import frappe
from frappe.utils import cstr

from rule24_crm.parties.identity.names import name_key, person_name
from rule24_crm.parties.importing.checking import COMPANY, Client

CHUNK = 2_000
#: DocType -> the fields where it keeps INN, KPP and names
_KEEPS = {
	"Customer": ("tax_id", ("customer_name",)),
	"Lead": ("rule24_tax_id", ("lead_name", "company_name")),
	"Prospect": ("rule24_tax_id", ("company_name",)),
}


@dataclass(eq=False)
class Known:
	"""A party of the base. `line` is the row of this file that named it first."""

	party_type: str
	party: str
	inn: str = ""
	kpp: str = ""
	emails: set[str] = field(default_factory=set)
	phones: set[str] = field(default_factory=set)
	names: set[str] = field(default_factory=set)
	successor: tuple[str, str] | None = None
	line: int | None = None
	company: bool | None = None  # a company, a person, or not known

	def __post_init__(self):
		self.tell_kind()

	def tell_kind(self):
		if self.company is None and len(self.inn) in (10, 12):
			self.company = len(self.inn) == 10


class Registry:
	"""Who is known already; built once for a file, in a handful of queries, and kept up to date row by row."""

	def __init__(self, clients: Iterable[Client]):
		clients = [client for client in clients if not client.error]
		self._all: dict[tuple[str, str], Known] = {}
		self._by_inn: dict[str, list[Known]] = defaultdict(list)
		self._by_email: dict[str, list[Known]] = defaultdict(list)
		self._by_phone: dict[str, list[Known]] = defaultdict(list)
		self._by_name: dict[str, list[Known]] = defaultdict(list)
		self._load(clients)

	# looking up

	def find(self, client: Client) -> Known | None:
		"""The party this row is about, if it is known."""
		for known in self._by_inn.get(client.given_inn, ()) if client.given_inn else ():
			if not client.kpp or not known.kpp or client.kpp == known.kpp:
				return known
		for email in client.emails:
			for known in self._by_email.get(email, ()):
				if not _different(client, known):
					return known
		for phone in client.phones:
			for known in self._by_phone.get(phone.number, ()):
				if not _different(client, known) and _same_name(client, known):
					return known
		for known in self._by_name.get(name_key(client.name), ()):
			if not _different(client, known) and not _namesake(client, known):
				return known
		return None

	def sharing(self, client: Client) -> list[tuple[str, str, Known]]:
		"""Others with the same phone or e-mail: (field, value, party)."""
		found = []
		for fieldname, values, index in (
			("email", client.emails, self._by_email),
			("phone", [phone.number for phone in client.phones], self._by_phone),
		):
			for value in values:
				found += [(fieldname, value, known) for known in index.get(value, ())]
		return found

	def named(self, party_type: str, name: str) -> bool:
		"""Whether a record of that very name exists."""
		return (party_type, name) in self._all or bool(frappe.db.exists(party_type, name))

	def add(self, known: Known):
		"""From now on rows like this one are recognised."""
		self._all[known.party_type, known.party] = known
		if known.inn:
			self._by_inn[known.inn].append(known)
		for index, keys in (
			(self._by_email, known.emails),
			(self._by_phone, known.phones),
			(self._by_name, known.names),
		):
			for key in sorted(keys):
				index[key].append(known)

	def add_client(self, client: Client, party_type: str, party: str) -> Known:
		known = Known(
			party_type,
			party,
			inn=client.given_inn,
			kpp=client.kpp,
			emails=set(client.emails),
			phones={phone.number for phone in client.phones},
			names={name_key(client.name)},
			line=client.line,
			company=client.kind == COMPANY,
		)
		self.add(known)
		return known

	# loading: the base as it is, whoever asks; a head who may import must not make doubles of clients he cannot see

	def _load(self, clients: list[Client]):
		inns = {client.given_inn for client in clients} - {""}
		emails = {email for client in clients for email in client.emails}
		phones = {phone.number for client in clients for phone in client.phones}
		written = {form: number for number in phones for form in _ways_to_write(number)}
		names = {client.name for client in clients} | {_persons_name(client.name) for client in clients}

		found: dict[tuple[str, str], Known] = {}

		def known(party_type: str, party: str) -> Known:
			return found.setdefault((party_type, party), Known(party_type, party))

		for party_type, (tax_field, name_fields) in _KEEPS.items():
			for fieldname, values in ((tax_field, inns), *((name, names) for name in name_fields)):
				for chunk in _chunks(values):
					for party in frappe.get_all(
						party_type,
						{fieldname: ("in", chunk)},
						pluck="name",
						order_by="creation asc, name asc",
					):
						known(party_type, party)
		for parent, fieldname, values in (("Email", "email_id", emails), ("Phone", "phone", set(written))):
			for chunk in _chunks(values):
				for party_type, party, value in _of_contacts(f"Contact {parent}", fieldname, chunk):
					if parent == "Email":
						known(party_type, party).emails.add(value.lower())
					else:
						known(party_type, party).phones.add(written[value])
		for fieldname, values in (("email_id", emails), ("phone", set(written)), ("mobile_no", set(written))):
			for chunk in _chunks(values):
				for row in frappe.get_all(
					"Lead", {fieldname: ("in", chunk)}, ["name", fieldname], order_by="creation asc, name asc"
				):
					value = row[fieldname]
					if fieldname == "email_id":
						known("Lead", row.name).emails.add(value.lower())
					else:
						known("Lead", row.name).phones.add(written[value])
		self._complete(found)
		# The furthest form of a client first: a customer rather than the lead he once was.
		for key in sorted(found, key=lambda key: (list(_KEEPS).index(key[0]), key[1])):
			self.add(found[key])

	def _complete(self, found: dict[tuple[str, str], Known]):
		for party_type, (tax_field, name_fields) in _KEEPS.items():
			fields = ["name", f"{tax_field} as inn", "rule24_kpp as kpp", *name_fields]
			if party_type != "Customer":
				fields += ["rule24_successor_type", "rule24_successor"]
			for chunk in _chunks({party for kind, party in found if kind == party_type}):
				for row in frappe.get_all(party_type, {"name": ("in", chunk)}, fields, order_by="name asc"):
					known = found[party_type, row.name]
					known.inn, known.kpp = cstr(row.inn).replace(" ", ""), cstr(row.kpp)
					known.tell_kind()
					known.names = {name_key(row[name]) for name in name_fields if row[name]}
					if row.get("rule24_successor"):
						known.successor = (row.rule24_successor_type, row.rule24_successor)

	def latest(self, known: Known) -> tuple[str, str]:
		"""Where the client is worked with today: a prospect that went on as a lead, and the lead as a customer."""
		seen = {(known.party_type, known.party)}
		current = known
		while current.successor and current.successor not in seen:
			seen.add(current.successor)
			party_type, party = current.successor
			nearest = self._all.get((party_type, party))
			if nearest is None:
				nearest = Known(party_type, party)
				if party_type != "Customer":
					row = frappe.db.get_value(
						party_type, party, ["rule24_successor_type", "rule24_successor"], as_dict=True
					)
					if row and row.rule24_successor:
						nearest.successor = (row.rule24_successor_type, row.rule24_successor)
			current = nearest
		return current.party_type, current.party


def _different(client: Client, known: Known) -> bool:
	"""Whether something says outright that these are two: an INN, a branch's KPP, or company against person."""
	if client.given_inn and known.inn:
		# With the same INN and KPP it would have been recognised by them already.
		return True
	return known.company is not None and known.company != (client.kind == COMPANY)


def _same_name(client: Client, known: Known) -> bool:
	"""A shared switchboard is not yet the same client: the names decide."""
	return not known.names or name_key(client.name) in known.names


def _namesake(client: Client, known: Known) -> bool:
	"""A person of the same name with another phone and another address is another person."""
	theirs = known.emails | known.phones
	mine = set(client.emails) | {phone.number for phone in client.phones}
	return client.kind != COMPANY and bool(theirs and mine and not theirs & mine)


def _persons_name(name: str) -> str:
	"""The name as ERPNext writes it in a lead: first, middle, last."""
	return " ".join(part for part in person_name(name) if part)


def _ways_to_write(number: str) -> set[str]:
	"""How a Russian number may stand in the base if it came there before us: +7, 7 or 8 and ten digits."""
	if number.startswith("+7") and len(number) == 12:
		return {number, number[1:], "8" + number[2:]}
	return {number, number[1:]}


def _chunks(values: Iterable[str]) -> Iterator[list[str]]:
	values = iter(sorted(value for value in values if value))
	while chunk := list(islice(values, CHUNK)):
		yield chunk


def _of_contacts(child: str, fieldname: str, values: list[str]) -> list[tuple[str, str, str]]:
	"""(party type, party, value) of the contacts that have one of the values in their table `child`."""
	row, link = frappe.qb.DocType(child), frappe.qb.DocType("Dynamic Link")
	return (
		frappe.qb.from_(row)
		.join(link)
		.on((link.parent == row.parent) & (link.parenttype == "Contact"))
		.select(link.link_doctype, link.link_name, row[fieldname])
		.where(
			(row.parenttype == "Contact") & row[fieldname].isin(values) & link.link_doctype.isin(list(_KEEPS))
		)
		.orderby(row.creation)
		.run()
	)

"""The table of what clients are recognised by: read by `finding`, kept up to date whenever a client or its contact is saved.

Rows are looked up by their whole key, so a search costs the same over a thousand clients and over a million.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

import frappe

from rule24_crm.parties.duplicates import keys
from rule24_crm.parties.identity import phones
from rule24_crm.parties.kinds import PARTY_TYPES
from rule24_crm.setup.tables import PARTY_KEY

CHUNK = 1_000
#: so many values in a statement that has a part for each
FEW = 100
_COLUMNS = ", ".join(keys.COLUMNS)

#: DocType -> where it keeps names, INN, phones and e-mails of its own
FIELDS = {
	"Customer": (("customer_name",), "tax_id", ("mobile_no",), ("email_id",)),
	"Lead": (
		("company_name", "lead_name"),
		"rule24_tax_id",
		("phone", "mobile_no", "whatsapp_no"),
		("email_id",),
	),
	"Prospect": (("company_name",), "rule24_tax_id", (), ()),
}


def watched(party_type: str) -> list[str]:
	"""Fields of a client whose change changes its keys."""
	names, inn, numbers, addresses = FIELDS[party_type]
	return [*names, inn, "rule24_kpp", *numbers, *addresses]


def refresh(parties: Iterable[tuple[str | None, str | None]]) -> None:
	"""Bring the keys of these clients up to date with their records and contacts, in a few statements for each chunk.

	:param parties: pairs (party_type, party); other documents, incomplete pairs and clients that are gone are passed over.
	"""
	by_type = defaultdict(dict)
	for party_type, party in parties:
		if party and party_type in PARTY_TYPES:
			by_type[party_type][party] = None
	region = phones.default_region() if by_type else ""
	for party_type, names in by_type.items():
		for chunk in _chunks(names, CHUNK):
			due = {row[:4]: row[4] for row in _due(party_type, chunk, region)}
			present = {tuple(row[:4]): row[4] for row in _present(party_type, chunk)}
			for kind, value, _party_type, party in present.keys() - due.keys():
				# by the whole key, one by one: a range would lock the gap where somebody else's client goes
				frappe.db.sql(
					f"delete from `{PARTY_KEY}` where kind = %s and value = %s and party_type = %s and party = %s",
					(kind, value, party_type, party),
				)
			write((*key, detail) for key, detail in due.items() if present.get(key) != detail)


def write(rows: Iterable[keys.Row]) -> None:
	"""Add key rows, or renew their details, as `keys.rows` yields them: one statement for each chunk."""
	for chunk in _chunks(rows, CHUNK):
		places = ", ".join(["(%s, %s, %s, %s, %s)"] * len(chunk))
		frappe.db.sql(  # only placeholders are put together; all values are bound
			f"insert into `{PARTY_KEY}` (kind, value, party_type, party, detail) values {places} "
			"on duplicate key update detail = values(detail)",
			[value for row in chunk for value in row],
		)


def forget(party_type: str, party: str) -> None:
	"""A client is gone."""
	for kind, value, _party_type, _party, _detail in _present(party_type, [party]):
		frappe.db.sql(  # as in refresh
			f"delete from `{PARTY_KEY}` where kind = %s and value = %s and party_type = %s and party = %s",
			(kind, value, party_type, party),
		)


def rebuild() -> None:
	"""Compute the keys of every client anew, for install, a patch, or after a restore."""
	for party_type in PARTY_TYPES:
		names = frappe.get_all(party_type, pluck="name", order_by="name")  # all of them have keys
		refresh((party_type, name) for name in names)
		known = frappe.qb.Table(PARTY_KEY)
		party = frappe.qb.DocType(party_type)
		frappe.qb.from_(known).delete().where(
			(known.party_type == party_type) & known.party.notin(frappe.qb.from_(party).select(party.name))
		).run()


def lookup(wanted: dict[str, Iterable[str]], limit: int | None = None) -> Iterator[keys.Row]:
	"""Rows with one of the values: kind -> values; all kinds in one statement for each chunk.

	:param limit: so many rows at most of one statement.
	"""
	pairs = ((kind, value) for kind, values in wanted.items() for value in values)
	for chunk in _chunks(pairs, CHUNK):
		by_kind = defaultdict(list)
		for kind, value in chunk:
			by_kind[kind].append(value)
		# ranges of the primary key, whatever the kinds; written out, as the builder takes longer than the search
		where = " or ".join(["(kind = %s and value in %s)"] * len(by_kind))
		yield from frappe.db.sql(
			f"select {_COLUMNS} from `{PARTY_KEY}` where {where}" + (f" limit {limit:d}" if limit else ""),
			[each for kind, values in by_kind.items() for each in (kind, tuple(values))],
		)


def lookup_rare(kind: str, values: Iterable[str], most: int) -> list[keys.Row]:
	"""Rows of those values that at most `most` clients have; however common the others are, they cost nothing."""
	found = []
	for chunk in _chunks(dict.fromkeys(values), FEW):
		# a LIMIT in each part of a UNION is beyond the query builder; values are bound
		each = f"(select {_COLUMNS} from `{PARTY_KEY}` where kind = %s and value = %s limit {most + 1:d})"
		rows = frappe.db.sql(
			" union all ".join([each] * len(chunk)), [bound for value in chunk for bound in (kind, value)]
		)
		often = Counter(row[1] for row in rows)
		found += [row for row in rows if often[row[1]] <= most]
	return found


# -- from records to rows -----------------------------------------------------------------------------------------------


def _due(party_type: str, names: list[str], region: str) -> Iterator[keys.Row]:
	"""The rows these clients must have."""
	name_fields, inn, number_fields, address_fields = FIELDS[party_type]
	there = set(frappe.db.get_table_columns(party_type))
	number_fields = [
		field for field in number_fields if field in there
	]  # whatsapp_no came with a later ERPNext
	numbers = _of_contacts("Contact Phone", "phone", party_type, names)
	addresses = _of_contacts("Contact Email", "email_id", party_type, names)
	for row in frappe.get_all(  # recognising needs the whole base, whoever saves
		party_type,
		{"name": ("in", names)},
		list(dict.fromkeys(["name", *name_fields, inn, "rule24_kpp", *number_fields, *address_fields])),
		order_by=None,
	):
		yield from keys.rows(
			party_type,
			row.name,
			names=[row[field] for field in name_fields],
			inn=row[inn],
			kpp=row.rule24_kpp,
			phone_numbers=[*(row[field] for field in number_fields), *numbers[row.name]],
			addresses=[*(row[field] for field in address_fields), *addresses[row.name]],
			region=region,
		)


def _of_contacts(child: str, field: str, party_type: str, names: list[str]) -> dict[str, list[str]]:
	"""Values of the contacts of each client."""
	row, link = frappe.qb.DocType(child), frappe.qb.DocType("Dynamic Link")
	found = defaultdict(list)
	for name, value in (
		frappe.qb.from_(link)
		.join(row)
		.on((row.parent == link.parent) & (row.parenttype == "Contact"))
		.select(link.link_name, row[field])
		.where(
			(link.parenttype == "Contact") & (link.link_doctype == party_type) & link.link_name.isin(names)
		)
		.run()
	):
		found[name].append(value)
	return found


def _present(party_type: str, names: list[str]) -> list[tuple]:
	key = frappe.qb.Table(PARTY_KEY)
	return (
		frappe.qb.from_(key)
		.select(*(key[column] for column in keys.COLUMNS))
		.where((key.party_type == party_type) & key.party.isin(names))
		.run()
	)


def _chunks(values: Iterable, size: int) -> Iterator[list]:
	values = iter(values)
	while chunk := list(islice(values, size)):
		yield chunk

"""The register of a client base: one Party Import Row for every row of the file, checked, with its state in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from pypika.terms import Values

from rule24_crm import bulk_insert
from rule24_crm.parties.identity.phones import default_region
from rule24_crm.parties.importing.checking import COMPANY, PERSON, SOLE, Client, Warned, as_cell, check
from rule24_crm.parties.importing.headings import HEADINGS
from rule24_crm.parties.importing.lookups import Lookups
from rule24_crm.parties.importing.matching import Registry
from rule24_crm.parties.importing.reading import Record, Sheet, Table, shape_warning
from rule24_crm.parties.importing.recognising import MEANING_OF

ROW = "Party Import Row"
READY, WARNING, ERROR, DUPLICATE, CREATED = "Ready", "Warning", "Error", "Duplicate", "Created"
#: states in which a row can be made into a client
CREATABLE = (READY, WARNING)
CHUNK = 2000
#: field of a record -> column of the register
COLUMNS = {field: "client_name" if field == "name" else field for field in HEADINGS}
#: characters of a column; what is cut here is too long for the client, too, and is told so, now and when it is checked again
_SHORT = {
	**dict.fromkeys(("client_name", "inn", "inn_kpp", "city"), 255),
	**dict.fromkeys(("kind", "kpp", "ogrn", "account", "bic", "postal_code", "country", "employees"), 140),
}


class Checker:
	"""Checks rows of one import: each by itself, against the base, and against the rows above it.

	:param by_name: whether clients of the base are looked for by their names as well.
	"""

	def __init__(self, doc, by_name: bool = True):
		self.doc = doc
		self.sheet = sheet_of(doc)
		self.lookups = Lookups(bool(doc.create_segments), doc.responsible == "As in the File")
		self.registry = Registry(by_name=by_name)
		self.region = default_region()
		self.party_types = party_types(doc)

	def check(self, rows: list[tuple[Record, bool]]) -> Iterator[tuple[Client, dict]]:
		"""Each row with what the register keeps of the check.

		:param rows: records, and whether a person has said that it is no duplicate.
		"""
		doubtful = self.doc.doubtful_names or ""
		clients = [check(record, self.sheet, self.region, doubtful) for record, _not_duplicate in rows]
		self.registry.load(clients)
		for client, (record, not_duplicate) in zip(clients, rows, strict=True):
			yield client, self._state(client, record, not_duplicate)

	def _state(self, client: Client, record: Record, not_duplicate: bool) -> dict:
		row = {"state": READY, "reason": "", "duplicate_type": None, "duplicate_of": None, "duplicate_row": 0}
		if client.error:
			return {**row, "state": ERROR, "reason": client.error}
		known = None if not_duplicate else self.registry.find(client)
		if known and known.line is not None:
			return {**row, "state": DUPLICATE, "duplicate_row": known.line, "reason": known.told()}
		if known:
			return {
				**row,
				"state": DUPLICATE,
				"duplicate_type": known.party_type,
				"duplicate_of": known.party,
				"reason": known.told(),
			}
		self._warn_of_bank(client)
		self.lookups.tell(client, self.sheet.columns)
		self.registry.warn_of_likeness(client, self.sheet.columns)
		self.registry.add_client(client, "", f"row {record.line}")
		if client.warnings:
			row.update(state=WARNING, reason="; ".join(map(str, client.warnings)))
		return row

	def _warn_of_bank(self, client: Client) -> None:
		"""A Lead or Prospect keeps an account as it is; that of a Customer is one of a bank."""
		if client.account and not client.has_bank and self.party_types[client.kind] == "Customer":
			words = _(
				"it is not known in which bank: a BIC or the name of the bank is needed; it was left out"
			)
			client.warnings.append(Warned(self.sheet.columns.get("account", ""), words))


def party_types(doc) -> dict[str, str]:
	"""Kind of client -> what the import makes of it."""
	if doc.create_as in ("Customer", "Lead", "Prospect"):
		return dict.fromkeys((COMPANY, SOLE, PERSON), doc.create_as)
	return {
		COMPANY: doc.legal_entities_as,
		SOLE: doc.sole_proprietors_as,
		PERSON: doc.individuals_as,
	}


def sheet_of(doc) -> Sheet:
	"""Headings of the file and what they mean, as the import has it."""
	columns: dict[str, str] = {}
	for column in doc.columns:
		if field := MEANING_OF.get(column.meaning):
			columns.setdefault(field, column.heading)
	return Sheet(tuple(column.heading for column in doc.columns), columns)


def fill(
	doc,
	table: Table,
	*,
	commit: Callable[[], None] | None = None,
	progress: Callable[[int], None] | None = None,
) -> None:
	"""Fill the register from the file; what it held before goes.

	:param commit: called after every chunk; only a job of its own may give it.
	:param progress: called with the number of rows read.
	"""
	frappe.db.delete(ROW, {"party_import": doc.name})
	checker = Checker(doc)
	template = bulk_insert.template(ROW, party_import=doc.name)
	records, done = table.records(), 0
	while chunk := list(islice(records, CHUNK)):
		rows = []
		for record, (_client, state) in zip(
			chunk, checker.check([(each, False) for each in chunk]), strict=True
		):
			rows.append({**template, **_kept(record), **state, "name": row_name(doc.name, record.line)})
		bulk_insert.insert(ROW, rows)
		done += len(rows)
		if commit:
			commit()
		if progress:
			progress(done)


def row_name(party_import: str, line: int) -> str:
	"""Name of the register's row of a line: lists are in the file's order by it."""
	return f"{party_import}-{line:06d}"


def _kept(record: Record) -> dict:
	"""What the register keeps of a record: its values, and the cells as they came."""
	row = {
		"row_no": record.line,
		"defect": record.error,
		"cells": json.dumps(record.cells, ensure_ascii=False),
	}
	for field, column in COLUMNS.items():
		value = as_cell(record.values.get(field, ""))
		row[column] = value[: _SHORT.get(column, len(value))]
	return row


def record_of(row, width: int) -> Record:
	"""The record that a row of the register is now, a person's corrections included.

	:param row: a Party Import Row, document or dict.
	:param width: how many headings the file has.
	"""
	cells = tuple(json.loads(row.get("cells") or "[]"))
	values = {field: row.get(column) for field, column in COLUMNS.items() if row.get(column)}
	return Record(row.get("row_no"), values, cells, row.get("defect") or "", shape_warning(cells, width))


def recheck(
	doc,
	names: list[str] | None = None,
	*,
	commit: Callable[[], None] | None = None,
	progress: Callable[[int], None] | None = None,
) -> None:
	"""Check rows of the register again, as they are now: the base has changed, or the import's choices have.

	:param names: rows; all that are not created when left out. A row alone is compared with the rows that share
		its INN, name, e-mail or phone.
	:param commit: called after every chunk; only a job of its own may give it.
	:param progress: called with the number of rows checked.
	"""
	checker = Checker(doc)
	width, done = len(doc.columns), 0
	if names is not None:
		_know_relatives(doc, checker, names)
	for chunk in _chunks(doc, names):
		found = checker.check([(record_of(row, width), bool(row.not_duplicate)) for row in chunk])
		mark(
			[
				{"name": row.name, **state, "queued": row.queued if state["state"] in CREATABLE else 0}
				for row, (_client, state) in zip(chunk, found, strict=True)
			]
		)
		done += len(chunk)
		if commit:
			commit()
		if progress:
			progress(done)


def _know_relatives(doc, checker: Checker, names: list[str]) -> None:
	"""Let the checker know the rows above that share something with these."""
	rows = frappe.get_all(
		ROW, {"name": ("in", names)}, ["*"], order_by="name"
	)  # of an import the user may write
	for fieldname in ("inn", "client_name", "email", "phone"):
		values = [row[fieldname] for row in rows if row[fieldname]]
		if not values:
			continue
		others = frappe.get_all(
			ROW,
			{
				"party_import": doc.name,
				fieldname: ("in", values),
				"name": ("not in", names),
				"row_no": ("<", max(row.row_no for row in rows)),
				"state": ("not in", (ERROR, DUPLICATE, CREATED)),
			},
			["*"],
			order_by="name",
		)
		list(checker.check([(record_of(other, len(doc.columns)), False) for other in others]))


def _chunks(doc, names: list[str] | None) -> Iterator[list]:
	"""Rows that are not created, locked, and as they are by now: what is created meanwhile stays created."""
	last, row = "", frappe.qb.DocType(ROW)
	query = (
		frappe.qb.from_(row).select(row.star).where(row.party_import == doc.name).where(row.state != CREATED)
	)
	if names is not None:
		query = query.where(row.name.isin(names or [""]))
	query = query.orderby(row.name).limit(CHUNK).for_update()
	while rows := query.where(row.name > last).run(as_dict=True):
		last = rows[-1].name
		yield rows


def is_waiting(row, doc):
	"""The condition that a row of an import is to be created.

	:param row: the table of rows, as the query builder has it.
	"""
	return (row.party_import == doc.name) & (row.queued == 1) & row.state.isin(CREATABLE)


def waiting(doc) -> int:
	"""How many rows are to be created, as they are by now: whoever was faster has them no more."""
	row = frappe.qb.DocType(ROW)
	return frappe.qb.from_(row).select(Count("*")).where(is_waiting(row, doc)).for_update().run()[0][0]


def left_to_create(doc) -> int:
	"""As `waiting`, for whoever only looks: nothing is locked, nobody is waited for."""
	row = frappe.qb.DocType(ROW)
	return frappe.qb.from_(row).select(Count("*")).where(is_waiting(row, doc)).run()[0][0]


def size(doc) -> int:
	"""How many rows the register has."""
	return frappe.db.count(ROW, {"party_import": doc.name})


def has_created(doc) -> bool:
	"""Whether a row has become a client by now; none does until this transaction ends."""
	row = frappe.qb.DocType(ROW)
	query = (
		frappe.qb.from_(row).select(row.name).where(row.party_import == doc.name).where(row.state == CREATED)
	)
	return bool(query.limit(1).for_update().run())


def page(
	party_import: str, fields: Iterable[str], *, state: str | None, search: str, start: int, length: int
) -> tuple[list[dict], int]:
	"""Rows of an import that the user may read, in the order of the file.

	:param search: a word of the name, the INN, a phone or an e-mail.
	:return: the page, and how many rows there are.
	"""
	row = frappe.qb.DocType(ROW)
	query = frappe.qb.from_(row).where(row.party_import == party_import)
	if state:
		query = query.where(row.state == state)
	if search:
		word = f"%{search}%"
		query = query.where(
			row.client_name.like(word) | row.inn.like(word) | row.phone.like(word) | row.email.like(word)
		)
	total = query.select(Count("*")).run()[0][0]
	found = query.select(*(row[field] for field in fields)).orderby(row.name).limit(length).offset(start)
	return found.run(as_dict=True), total


def mark(rows: Iterable[dict]) -> None:
	"""Write values of many rows of the register in one statement.

	:param rows: `name` and the columns to change, the same in each. The caller has locked them: a row that is not there
		would be made anew.
	"""
	rows = list(rows)
	if not rows:
		return
	table = frappe.qb.DocType(ROW)
	query = frappe.qb.into(table).columns(*rows[0]).insert(*(tuple(row.values()) for row in rows))
	for column in rows[0]:
		if column != "name":
			query = query.on_duplicate_key_update(table[column], Values(column))
	query.run()


def count(doc, as_it_is: bool = False) -> dict[str, int]:
	"""Rows by state, and those that are to be created; written to the import as well.

	:param as_it_is: by now, and locked, rather than as this transaction has found them.
	"""
	counts = {
		**by_state(doc, as_it_is),
		"rows_queued": waiting(doc)
		if as_it_is
		else frappe.db.count(ROW, {"party_import": doc.name, "queued": 1}),
	}
	frappe.db.set_value(doc.doctype, doc.name, counts, update_modified=False)
	doc.update(counts)
	return counts


def by_state(doc, as_it_is: bool = False) -> dict[str, int]:
	"""How many rows there are, and in which states, by the fields of the import; see `count`."""
	table = frappe.qb.DocType(ROW)
	query = (
		frappe.qb.from_(table)
		.select(table.state, Count("*"))
		.where(table.party_import == doc.name)
		.groupby(table.state)
	)
	found = dict((query.for_update() if as_it_is else query).run())
	return {
		"rows_total": sum(found.values()),
		"rows_ready": found.get(READY, 0),
		"rows_warning": found.get(WARNING, 0),
		"rows_error": found.get(ERROR, 0),
		"rows_duplicate": found.get(DUPLICATE, 0),
		"rows_created": found.get(CREATED, 0),
	}

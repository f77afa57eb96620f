"""Rows of any DocType as `insert()` would write them, many in one statement.

What is here knows no DocType. Whoever calls it knows what `insert()` computes for his, and has a differential test that
compares the two column by column.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import frappe
import redis
from frappe.model import optional_fields, table_fields
from frappe.model.naming import parse_naming_series
from frappe.utils import cstr, now
from frappe.utils.global_search import get_formatted_value, sync_value_in_queue

from rule24_crm.compat import cache

CHUNK = 2000


def template(doctype: str, **values) -> dict:
	"""The values of a new document before anything is filled in, for every column its row has.

	:param values: what all the rows have in common.
	"""
	new = frappe.new_doc(doctype)
	new.update(values)
	stamp, user = now(), frappe.session.user
	row = dict(new.get_valid_dict(convert_dates_to_str=True, ignore_virtual=True))
	row.update(owner=user, modified_by=user, creation=stamp, modified=stamp, docstatus=0, idx=0)
	for field in optional_fields:
		row.pop(field, None)
	return row


def insert(doctype: str, rows: list[dict]) -> None:
	"""One INSERT for each chunk.

	:param rows: complete ones, all with the same keys, `name` among them.
	"""
	if rows:
		columns = tuple(rows[0])
		insert_rows(doctype, columns, [[row[column] for column in columns] for row in rows])


def insert_rows(doctype: str, columns: Sequence[str], rows: Sequence[Sequence]) -> None:
	"""As `insert`. Columns in which all rows of a chunk agree are written once into the statement.

	:param columns: names of columns; constants of the caller or the DocType, never from a user.
	:param rows: values in the order of `columns`.
	"""
	for start in range(0, len(rows), CHUNK):
		_insert_chunk(doctype, columns, rows[start : start + CHUNK])


def _insert_chunk(doctype: str, columns: Sequence[str], rows: Sequence[Sequence]) -> None:
	first = rows[0]
	shared = {at for at, value in enumerate(first) if len(rows) > 1 and all(row[at] == value for row in rows)}
	varying = [at for at in range(len(columns)) if at not in shared]
	literals = ",".join(_literal(first[at]) for at in sorted(shared))
	order = [columns[at] for at in (*varying, *sorted(shared))]
	place = (
		"(" + ",".join(["%s"] * len(varying)) + ("," + literals if literals and varying else literals) + ")"
	)
	head = f"INSERT INTO `tab{doctype}` (" + ",".join(f"`{column}`" for column in order) + ") VALUES "
	# values are bound: the query builder would quote each of them a second time
	frappe.db.sql(head + ",".join([place] * len(rows)), [row[at] for row in rows for at in varying])


def _literal(value) -> str:
	if value is None:
		return "NULL"
	return frappe.db.escape(cstr(int(value) if isinstance(value, bool) else value)).replace("%", "%%")


def reserve(series: str, count: int) -> int:
	"""Take `count` numbers from a series under the lock that a single insert takes.

	:param series: the prefix as `tabSeries` keeps it.
	:return: the first of them.
	"""
	table = frappe.qb.DocType("Series")
	current = frappe.qb.from_(table).select(table.current).where(table.name == series).for_update().run()
	if current:
		frappe.qb.update(table).set(table.current, table.current + count).where(table.name == series).run()
		return int(current[0][0] or 0) + 1
	frappe.qb.into(table).columns("name", "current").insert(series, count).run()
	return 1


def names_of_series(pattern: str, docs: list[dict]) -> list[str]:
	"""Names by a naming series for documents in their order, with one lock for each prefix.

	:param pattern: as in the field `naming_series`, such as "CUST-.YYYY.-".
	"""
	parts = pattern.split(".") if "#" in pattern else f"{pattern}.#####".split(".")
	wanted: dict[str, int] = {}

	def count(prefix: str, digits: int) -> str:
		wanted[prefix] = wanted.get(prefix, 0) + 1
		return "0" * digits

	for doc in docs:
		parse_naming_series(list(parts), doc=frappe._dict(doc), number_generator=count)
	following = {prefix: reserve(prefix, number) for prefix, number in wanted.items()}

	def take(prefix: str, digits: int) -> str:
		number = following[prefix]
		following[prefix] += 1
		return f"{number:0{digits}d}"

	return [parse_naming_series(list(parts), doc=frappe._dict(doc), number_generator=take) for doc in docs]


def index(doctype: str, rows: list[dict]) -> None:
	"""Put the rows into the queue of global search in one go, as saving each of them would."""
	if frappe.conf.get("disable_global_search"):
		return
	meta = frappe.get_meta(doctype)
	fields = [field for field in meta.get_global_search_fields() if field.fieldtype not in table_fields]
	title_field = meta.get_title_field()
	switch = meta.has_field("enabled")
	values = []
	for row in rows:
		if row.get("disabled") or (switch and not row.get("enabled")):
			continue
		content = " ||| ".join(
			get_formatted_value(row[f.fieldname], f) for f in fields if row.get(f.fieldname)
		)
		if content:
			values.append(
				{
					"doctype": doctype,
					"name": row["name"],
					"content": content,
					"published": 0,
					"title": cstr(row.get(title_field))[: int(frappe.db.VARCHAR_LEN)],
					"route": row.get("route"),
				}
			)
	if not values:
		return
	store = cache()
	try:
		redis.Redis.lpush(store, store.make_key("global_search_queue"), *map(json.dumps, values))
	except redis.exceptions.ConnectionError:
		for value in values:
			sync_value_in_queue(value)


def announce(doctype: str, name: str) -> None:
	"""Tell open lists of the DocType that there is something new; one word for all the rows."""
	frappe.publish_realtime(
		"list_update", {"doctype": doctype, "name": name, "user": frappe.session.user}, after_commit=True
	)

"""The one place that knows which Frappe and ERPNext run underneath.

Supported: Frappe and ERPNext 15 and 16. ERPNext is winding its CRM module down, so its mappers (`make_*`) are reached
through here as well, wherever they live.
"""

from __future__ import annotations

import base64
import functools
import importlib
import importlib.util
import inspect
import json
import re
import secrets
from collections.abc import Callable
from contextlib import contextmanager, suppress

import frappe
import redis
from frappe import _
from frappe.model.naming import is_autoincremented, make_autoname
from frappe.permissions import get_role_permissions

FRAPPE_MAJOR = int(frappe.__version__.split(".")[0])

#: Frappe 15.100+ asks the hook `pdf_generator` for PDFs of formats that say "chrome". On 16 Frappe has a generator of
#: that name itself, asked first: it downloads a browser from the network, so ours does not go through the hook there
HAS_PDF_GENERATOR_HOOK = (
	"pdf_generator" in inspect.signature(frappe.get_print).parameters
	and importlib.util.find_spec("frappe.utils.pdf_generator") is None
)

#: the hook `extend_doctype_class`, which lets several apps add to one class
CAN_EXTEND_CLASSES = FRAPPE_MAJOR >= 16

#: what a hook `has_permission` answers when it has nothing against it: up to 15 the first answer counts, so ours must not
#: come before Frappe's own for the same DocType; from 16 on all are asked, and no answer is a no
NO_OBJECTION = True if FRAPPE_MAJOR >= 16 else None

#: the last field of the first tab of a Customer: ERPNext 16 has put the rest into a tab of its own
END_OF_FIRST_CUSTOMER_TAB = "customer_details" if FRAPPE_MAJOR < 16 else "default_price_list"


def lock_rows_as_they_are(**_job) -> None:
	"""Whoever waits for a row gets it as it is by then, also when it has changed since the transaction's first read.

	So it was in every MariaDB before 11.6.2, which answers with error 1020 instead ("Record has changed since last read"),
	unless told not to: the second of two people at one deal would see that instead of what the first has done. Runs before
	each request and job. The part in the comment is for servers that have the setting switched on.
	"""
	if frappe.db.db_type == "mariadb":
		frappe.db.sql("set @rule24_crm = 0 /*M!110602 , session innodb_snapshot_isolation = 0 */")


def _asking():
	"""The frame in which Frappe puts together the condition that a hook `permission_query_conditions` gives, or None."""
	frame = inspect.currentframe()
	while frame and frame.f_code.co_name != "get_permission_query_conditions":
		frame = frame.f_back
	return frame


def asked_of_joined_table() -> tuple[str, str] | None:
	"""The name of the table and the DocType of the list, where Frappe asks a hook `permission_query_conditions` about a table that the
	list has joined for a column behind a link; None where it asks about the table of the list itself.

	Frappe 16 does, calls the table otherwise than its DocType, and does not tell how: a condition on the DocType's table is
	one on a table that the statement does not have, and the list ends in an error. See `LinkTableField` of `frappe.database.query`.
	"""
	if not _JOINING or not (frame := _asking()):
		return None
	inner = frame.f_back
	outer = inner and inner.f_back
	if not outer or (inner.f_code, outer.f_code) != _JOINING:
		return None
	return inner.f_locals["table"].alias, inner.f_locals["self"].doctype


def _joining() -> tuple:
	"""What Frappe 16 runs when it joins a table and asks for its condition, innermost first; empty before."""
	from frappe.database import query

	link = getattr(query, "LinkTableField", None)
	inner = getattr(query.Engine, "get_permission_conditions", None)
	return (inner.__code__, link.apply_join.__code__) if link and inner else ()


_JOINING = _joining()


def columns_behind_links() -> set[tuple[str, str]]:
	"""DocTypes and columns that the list, for which Frappe asks a hook `permission_query_conditions` just now, reads behind links:
	as the statement has them, wherever they come from. Early builds of Frappe 15 join nothing.
	"""
	if not (frame := _asking()):
		return set()
	asking = frame.f_locals["self"]
	if hasattr(asking, "link_tables"):  # DatabaseQuery
		tables = {link.table_alias.strip("`"): link.doctype for link in asking.link_tables}
		parts = (*(asking.fields or ()), asking.group_by, asking.order_by) if tables else ()
		text = " ".join(str(part) for part in parts if part)
	else:  # Engine
		joins = getattr(getattr(asking, "query", None), "_joins", ())
		tables = {
			join.item.alias: join.item._table_name.removeprefix("tab") for join in joins if join.item.alias
		}
		text = asking.query.get_sql() if tables else ""
	found = set()
	for alias, doctype in tables.items():
		found |= {(doctype, column) for column in re.findall(rf"`{re.escape(alias)}`\.`?(\w+)", text)}
	return found


def of_listed_table(condition: Callable[..., str], titles_are_open: bool = False) -> Callable[..., str]:
	"""A hook `permission_query_conditions` for Frappe 16 as well, see `asked_of_joined_table`: of a joined table the same is asked of
	the record by its name. No record behind an empty link is one that nothing hides.

	:param titles_are_open: a list may show what such a record is called, as in place of a link, and the condition refuses whatever
		else is asked for. Frappe asks about the list itself as well, where the user has a right by role; a shared row is all that
		others see of it.
	"""

	@functools.wraps(condition)
	def hook(user: str | None = None, doctype: str | None = None) -> str:
		found = condition(user, doctype)
		joined = found and asked_of_joined_table()
		if not joined:
			return found
		table, listed = joined
		rights = get_role_permissions(listed, user=user) if titles_are_open else {}
		if rights.get("read") or rights.get("select"):
			return ""
		return (
			f"(`{table}`.name is null or `{table}`.name in (select name from `tab{doctype}` where {found}))"
		)

	return hook


@contextmanager
def commits_wait():
	"""Let nobody commit within the block; whoever has opened it does so in his time.

	ERPNext links a new contact with the calls from its number, and commits then: a savepoint of the caller would be gone, and
	half of a client would stay.
	"""
	db = frappe.local.db
	before = vars(db).get("commit")
	db.commit = lambda: None
	try:
		yield
	finally:
		del db.commit
		if before:
			db.commit = before


def first_importable(*paths: str) -> Callable:
	"""The first of the dotted `paths` that exists.

	:param paths: dotted paths of functions, newest place first.
	:raises ImportError: none of them exists; the message lists them.
	"""
	for path in paths:
		module, name = path.rsplit(".", 1)
		try:
			return getattr(importlib.import_module(module), name)
		except (ImportError, AttributeError):
			continue
	raise ImportError("None of these exists here: " + ", ".join(paths))


def require_permission(doctype: str, right: str = "read", doc=None) -> None:
	"""As `frappe.has_permission(..., throw=True)`, with one kind of error and words in every version.

	:raises frappe.PermissionError: the user lacks the right; the message names it.
	"""
	if not frappe.has_permission(doctype, right, doc=doc):
		frappe.throw(
			_("You may not {0} {1}. Ask your administrator for the right.").format(
				_(right), frappe.bold(_(doctype))
			),
			frappe.PermissionError,
			title=_("Not Permitted"),
		)


#: mapper -> places where the supported versions keep it, newest first
MAPPERS = {
	"lead_to_opportunity": (
		"erpnext.crm.doctype.lead.mapper.make_opportunity",
		"erpnext.crm.doctype.lead.lead.make_opportunity",
	),
	"lead_to_customer": (
		"erpnext.crm.doctype.lead.mapper.make_customer",
		"erpnext.crm.doctype.lead.lead.make_customer",
	),
	"prospect_to_opportunity": (
		"erpnext.crm.doctype.prospect.mapper.make_opportunity",
		"erpnext.crm.doctype.prospect.prospect.make_opportunity",
	),
	"prospect_to_customer": (
		"erpnext.crm.doctype.prospect.mapper.make_customer",
		"erpnext.crm.doctype.prospect.prospect.make_customer",
	),
	"opportunity_to_quotation": (
		"erpnext.crm.doctype.opportunity.mapper.make_quotation",
		"erpnext.crm.doctype.opportunity.opportunity.make_quotation",
	),
}


def mapper(name: str) -> Callable:
	"""ERPNext's mapper called `name` in `MAPPERS`, from wherever this version keeps it.

	:raises KeyError: no such mapper is known here.
	:raises ImportError: this ERPNext does not have it.
	"""
	return first_importable(*MAPPERS[name])


def crm_util(name: str) -> Callable:
	"""A helper of ERPNext's `crm/utils.py`: copy_comments, link_communications, link_open_tasks, link_open_events."""
	return first_importable(f"erpnext.crm.utils.{name}")


def cache():
	"""Frappe's cache: an object since 15, a function before."""
	return frappe.cache() if callable(frappe.cache) else frappe.cache


def forget_dynamic_links(doctype: str, fieldname: str) -> None:
	"""Frappe 15 and later keep for hours which DocTypes a Dynamic Link leads to; rows written past it are not known there.

	:param fieldname: the field with the DocType, not that with the name.
	"""
	cache().delete_value(f"dynamic_link_map::{doctype}::{fieldname}")
	frappe.local.dynamic_link_map = None


def single_value(doctype: str, fieldname: str):
	"""The value of one field of a single DocType, typed as its field says."""
	return frappe.db.get_single_value(doctype, fieldname, cache=True)


def count_listed(doctype: str, filters) -> int:
	"""How many records the user's list with these filters has: the database counts, under the conditions of every list.

	Frappe 16 takes functions as dicts and no text, 15 the other way round.
	"""
	count = {"COUNT": "*", "as": "found"} if FRAPPE_MAJOR >= 16 else "count(*) as found"
	return frappe.get_list(doctype, filters=filters, fields=[count])[0].found


_RANDOM_SIGNS = 6


def new_names(doctype: str, count: int) -> list:
	"""Names for that many new rows of a DocType that names itself: random, or numbers where it counts.

	On the first builds of Frappe 15 Version and other logs count, whatever their DocType says.
	"""
	if is_autoincremented(doctype, frappe.get_meta(doctype)):
		return [frappe.db.get_next_sequence_val(doctype) for _ in range(count)]
	return _random_names(doctype, count)


def _random_names(doctype: str, count: int) -> list[str]:
	"""As `make_autoname("hash")`, each only once.

	Frappe's names of one moment begin alike and differ in six of 32 signs: among 2,000 made one by one, two are the same
	once in 500 times. Many at a time also take a twentieth of the time.
	"""
	names: dict[str, None] = {}
	while len(names) < count:
		moment = make_autoname("hash", doctype)[:-_RANDOM_SIGNS]
		signs = base64.b32hexencode(secrets.token_bytes(_RANDOM_SIGNS * count // 8 * 5 + 5)).decode().lower()
		for at in range(0, _RANDOM_SIGNS * count, _RANDOM_SIGNS):
			names[moment + signs[at : at + _RANDOM_SIGNS]] = None
	return list(names)[:count]


def version_link(value: str | None) -> str | None:
	"""The value of a Link as a Version row has it: nothing is empty text, on the first builds of 15 as it was stored."""
	return value or _empty_link()


@functools.cache
def _empty_link() -> str | None:
	from frappe.core.doctype.version import version

	return "" if "cstr" in inspect.getsource(version.get_diff) else None


@functools.cache
def keeps_link_titles() -> bool:
	"""Whether a Contact keeps the title of a link that came with one: later builds put the record's own title there."""
	from frappe.contacts import address_and_contact

	return "if not link.link_title" in inspect.getsource(address_and_contact.set_link_title)


def publish_many(events: list[tuple[str, dict, str]]) -> None:
	"""As `frappe.publish_realtime` for thousands of events, in one go. Call it after the commit.

	:param events: (event, message, room).
	"""
	from frappe.utils.background_jobs import get_redis_connection_without_auth

	site = frappe.local.site
	with suppress(redis.exceptions.ConnectionError):  # as Frappe: live lists are a courtesy
		pipeline = get_redis_connection_without_auth().pipeline(transaction=False)
		for event, message, room in events:
			pipeline.publish(
				"events", json.dumps({"event": event, "message": message, "room": room, "namespace": site})
			)
		pipeline.execute()


def campaign_values(doctype: str, campaign: str | None) -> dict[str, str]:
	"""The advertising campaign as a field value of a Lead or a deal; nothing when there is none.

	ERPNext 16 keeps it in `utm_campaign`, under the title of the Campaign; before it was `campaign_name` and `campaign`.
	"""
	if not campaign:
		return {}
	meta = frappe.get_meta(doctype)
	if meta.has_field("utm_campaign"):
		return {"utm_campaign": frappe.db.get_value("Campaign", campaign, "campaign_name") or campaign}
	return {"campaign_name" if meta.has_field("campaign_name") else "campaign": campaign}

"""Clients, deals and works that nobody active is responsible for: they came from elsewhere, past documents and their rules."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import now

from rule24_crm.exceptions import AccountManagerError, OwnerError
from rule24_crm.history import History
from rule24_crm.parties import bulk_change, distribution, managers, permitted
from rule24_crm.parties.distribution.decision import BY_HAND, Decision
from rule24_crm.parties.kinds import PARTY_TYPES, TITLE_FIELD
from rule24_crm.parties.live import CLOSED_DEALS, live_criterion
from rule24_crm.parties.next_work import OPEN
from rule24_crm.parties.ownership import FIELDS
from rule24_crm.parties.writable import CHUNK, writable
from rule24_crm.work import links

TITLES = {**TITLE_FIELD, "Opportunity": "title", "Work": "subject"}


def check_head() -> None:
	""":raises frappe.PermissionError: the user is no head."""
	if not managers.is_head():
		frappe.throw(_("Only heads see and give out what is nobody's."), frappe.PermissionError)


def rows(kind: str, *, limit: int = 1000) -> list[dict]:
	"""Live clients, open deals or open works without an active manager that the user may read, longest untouched first.

	:param kind: Customer, Lead, Prospect, Opportunity or Work.
	:return: dicts of `party_type, party, title, manager, reason, modified`; `reason` says why the manager does not count.
	"""
	table, query, user, register = _query(kind)
	found = (
		query.select(
			table.name.as_("party"),
			table[TITLES[kind]].as_("title"),
			table[FIELDS[kind]].as_("manager"),
			table.modified,
			user.enabled,
			register.active,
		)
		.orderby(table.modified)
		.limit(limit)
		.run(as_dict=True)
	)
	return [
		{
			"party_type": kind,
			"party": row.party,
			"title": row.title or row.party,
			"manager": row.manager or None,
			"reason": _reason(row),
			"modified": row.modified,
		}
		for row in found
	]


def _reason(row) -> str:
	if not row.manager:
		return _("no manager")
	if row.enabled is None:
		return _("no such user")
	return _("not active") if row.active == 0 else _("cannot sign in")


def count(kinds: tuple[str, ...] = PARTY_TYPES) -> int:
	"""How many live clients (or records of these kinds) that the user may read have no active manager."""
	total = 0
	for kind in kinds:
		table, query, _user, _register = _query(kind)
		total += query.select(Count(table.name)).run()[0][0]
	return total


def _query(kind: str):
	table = frappe.qb.DocType(kind)
	user = frappe.qb.DocType("User").as_("responsible")
	register = frappe.qb.DocType(managers.DOCTYPE).as_("register")
	owner = table[FIELDS[kind]]
	query = (
		frappe.qb.from_(table)
		.left_join(user)
		.on(user.name == owner)
		.left_join(register)
		.on(register.name == owner)
		.where(
			user.name.isnull()
			| (user.enabled == 0)
			| (user.user_type == managers.WEBSITE_USER)
			| (register.active == 0)
		)
	)
	return table, permitted.restrict(query.where(_needs_somebody(kind, table)), kind), user, register


def _needs_somebody(kind: str, table):
	"""The condition that somebody has to look after the record: a live client, an open deal or work."""
	if kind == "Work":
		return table.status.isin(OPEN)
	return table.status.notin(CLOSED_DEALS) if kind == "Opportunity" else live_criterion(kind)


def left_behind(user: str) -> dict[str, int]:
	"""Kind -> how many live clients, open deals and open works this user is responsible for, without those of which there are none."""
	found = {}
	for kind, field in FIELDS.items():
		table = frappe.qb.DocType(kind)
		query = frappe.qb.from_(table).select(Count(table.name)).where(table[field] == user)
		found[kind] = query.where(_needs_somebody(kind, table)).run()[0][0]
	return {kind: count for kind, count in found.items() if count}


def keep_manager(doc, method: str | None = None) -> None:
	"""Nobody becomes inactive who is responsible for something: it would be nobody's. Runs when an account manager is saved.

	Of a user who does not work here any more it is so already.

	:raises AccountManagerError: there are live clients, open deals or works of this manager; the message says how many.
	"""
	if doc.active or not (doc.is_new() or doc.has_value_changed("active")):
		return
	user = frappe.db.get_value("User", doc.user, ["enabled", "user_type"], as_dict=True)
	if not managers.works_here(user) or not (left := left_behind(doc.user)):
		return
	frappe.throw(
		_(
			"{0} is still responsible for: {1}. Give that to others with a {2}; tick {3} there, and the manager becomes inactive "
			"with it. Whoever must not sign in any more is stopped by disabling the user: that hands everything over at once."
		).format(
			frappe.bold(doc.full_name or doc.user),
			told(left),
			frappe.bold(_("Client Handover")),
			frappe.bold(_("Mark the Manager as Inactive")),
		),
		AccountManagerError,
		title=_("Clients Would Be Nobody's"),
	)


def told(left: dict[str, int]) -> str:
	"""What `left_behind` has found, in words."""
	return ", ".join(f"{_(kind)}: {count}" for kind, count in left.items())


def give(kind: str, names: list[str], manager: str | None = None) -> dict:
	"""Give records without an active manager to one, or to whom the distribution rules name. The caller is a head.

	Records that have an active manager by now stay with him.

	:param manager: the new manager; None for the rules.
	:return: `{"given", "passed_over"}`.
	:raises OwnerError: no such kind of record, or the manager is not active.
	"""
	if kind not in FIELDS:
		frappe.throw(_("{0} has no responsible manager.").format(frappe.bold(kind)), OwnerError)
	if manager and not managers.is_active(manager):
		frappe.throw(
			_("{0} is not active. Choose a manager who works.").format(frappe.bold(manager)), OwnerError
		)
	allowed, passed_over = writable(kind, names=names)
	given = 0
	for start in range(0, len(allowed), CHUNK):
		given += _give_chunk(kind, allowed[start : start + CHUNK], manager)
	return {"given": given, "passed_over": passed_over + len(allowed) - given}


def _give_chunk(kind: str, names: list[str], manager: str | None) -> int:
	field = FIELDS[kind]
	table = frappe.qb.DocType(kind)
	# read under lock: what another head gives out at this moment is not given twice
	query = frappe.qb.from_(table).select(table.star).where(table.name.isin(names)).for_update()
	rows = query.run(as_dict=True)
	active = {user for user in {row[field] for row in rows} if managers.is_active(user)}
	orphans = [row for row in rows if row[field] not in active]
	if not orphans:
		return 0
	if manager:
		decisions = [Decision(manager, None, _("given by hand"), BY_HAND)] * len(orphans)
	else:
		decisions = distribution.decide_many(kind, _with_segments(kind, orphans))
	_write(kind, field, orphans, decisions)
	distribution.note(kind, [(row.name, each) for row, each in zip(orphans, decisions, strict=True)])
	return len(orphans)


def _with_segments(kind: str, rows: list[dict]) -> list[dict]:
	"""The rows with the segments of each, read at once."""
	if not frappe.get_meta(kind).has_field("segments"):
		return rows
	segments = {row.name: [] for row in rows}
	for part in frappe.get_all(  # parts of records that the user may write
		"Party Segment",
		{"parenttype": kind, "parent": ("in", list(segments))},
		["parent", "segment"],
		order_by="idx",
	):
		segments[part.parent].append(part.segment)
	for row in rows:
		row["segments"] = segments[row.name]
	return rows


def _write(kind: str, field: str, orphans: list[dict], decisions: list[Decision]) -> None:
	stamp, table = now(), frappe.qb.DocType(kind)
	for user in sorted({decision.manager for decision in decisions}):
		mine = [row.name for row, each in zip(orphans, decisions, strict=True) if each.manager == user]
		frappe.qb.update(table).set(table[field], user).set(table.modified, stamp).set(
			table.modified_by, frappe.session.user
		).where(table.name.isin(mine)).run()
	history = History(kind)
	for row, decision in zip(orphans, decisions, strict=True):
		history.change(row.name, field, row[field], decision.manager)
	history.write(stamp, frappe.session.user)
	bulk_change.tell(kind, [row.name for row in orphans], stamp)
	if kind in PARTY_TYPES:
		links.follow_manager(kind, [row.name for row in orphans])

"""The managers a rule chooses among: who is here, and how much each of them has."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import format_date, getdate

from rule24_crm.parties.kinds import OWNER_FIELD, PARTY_TYPES
from rule24_crm.parties.live import live_criterion
from rule24_crm.parties.managers import DOCTYPE, capacities, works_here
from rule24_crm.parties.next_work import OPEN


@dataclass(frozen=True)
class Manager:
	"""One line of the register, as far as giving out needs it. `away` says why nothing is given to him, if so."""

	user: str
	name: str
	away: str | None
	segments: frozenset[str]


class Staff:
	"""The register of account managers, read once for a batch. Loads are counted when first asked for, then kept in step."""

	def __init__(self):
		self.managers = _register()
		self._works: Counter | None = None
		self._today: Counter | None = None
		self._clients: Counter | None = None
		self._capacities: dict[str, int] | None = None
		self._given: Counter = Counter()

	def with_segments(self, segments: set[str]) -> list[str]:
		"""Managers who work with any of these segments, in the order of the register."""
		return [user for user, manager in self.managers.items() if manager.segments & segments]

	def gave(self, user: str) -> None:
		"""A record of the batch has gone to this manager."""
		self._given[user] += 1

	def open_works(self, user: str) -> int:
		if self._works is None:
			self._works = count_works(list(self.managers))
		return self._works[user] + self._given[user]

	def clients(self, user: str) -> int:
		if self._clients is None:
			self._clients = count_clients(list(self.managers))
		return self._clients[user] + self._given[user]

	def due(self, user: str) -> tuple[int, int]:
		"""Works that should be done until today, and how many he does a day."""
		if self._today is None:
			self._today = count_works(list(self.managers), until=getdate())
			self._capacities = capacities(list(self.managers))
		return self._today[user] + self._given[user], self._capacities[user]


def _register() -> dict[str, Manager]:
	register, user = frappe.qb.DocType(DOCTYPE), frappe.qb.DocType("User")
	rows = (
		frappe.qb.from_(register)
		.left_join(user)
		.on(user.name == register.name)
		.select(
			register.name,
			register.full_name,
			register.active,
			register.absent_from,
			register.absent_until,
			user.enabled,
			user.user_type,
		)
		.orderby(register.lft)
		.orderby(register.name)
		.run(as_dict=True)
	)
	segments: dict[str, set[str]] = {}
	for row in frappe.get_all(  # the register is the system's own here
		"Account Manager Segment", {"parenttype": DOCTYPE}, ["parent", "segment"], order_by=None
	):
		segments.setdefault(row.parent, set()).add(row.segment)
	return {
		row.name: Manager(
			row.name, row.full_name or row.name, _away(row), frozenset(segments.get(row.name, ()))
		)
		for row in rows
	}


def _away(row) -> str | None:
	if not row.active:
		return _("not active")
	if not works_here(row):
		return _("cannot sign in")
	today = getdate()
	if row.absent_until and getdate(row.absent_until) >= today:
		if not row.absent_from or getdate(row.absent_from) <= today:
			return _("absent until {0}").format(format_date(row.absent_until))
	return None


def loads(users: list[str]) -> dict[str, dict]:
	"""What these managers have: `{"clients", "works", "today", "capacity"}` for each; `today` are open works due by now."""
	works, today, clients = count_works(users), count_works(users, until=getdate()), count_clients(users)
	capacity = capacities(users)
	return {
		user: {
			"clients": clients[user],
			"works": works[user],
			"today": today[user],
			"capacity": capacity[user],
		}
		for user in users
	}


def count_works(users: list[str], until=None) -> Counter:
	"""Open works of each user, all or those planned until a day."""
	work = frappe.qb.DocType("Work")
	query = (
		frappe.qb.from_(work)
		.select(work.assigned_to, Count("*"))
		.where(work.assigned_to.isin([*users, ""]) & work.status.isin(OPEN))
		.groupby(work.assigned_to)
	)
	if until:
		query = query.where(work.planned_on <= until)
	return Counter(dict(query.run()))


def count_clients(users: list[str]) -> Counter:
	"""Live clients of each user."""
	counts: Counter = Counter()
	for kind in PARTY_TYPES:
		party = frappe.qb.DocType(kind)
		owner = party[OWNER_FIELD[kind]]
		counts.update(
			dict(
				frappe.qb.from_(party)
				.select(owner, Count("*"))
				.where(owner.isin([*users, ""]) & live_criterion(kind))
				.groupby(owner)
				.run()
			)
		)
	return counts

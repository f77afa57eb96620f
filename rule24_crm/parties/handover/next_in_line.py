"""Who takes over at once from a manager who has stopped working, before anybody has had time to think about it."""

from __future__ import annotations

from collections.abc import Iterator

import frappe
from frappe.utils import getdate

from rule24_crm.compat import single_value
from rule24_crm.parties import managers
from rule24_crm.setup.roles import CRM_ADMINISTRATOR, HEAD

#: has every right, and cannot be disabled
LAST = "Administrator"
_PLACE = ["name", "lft", "rgt", "reports_to", "is_group", "absent_from", "absent_until"]


def choose(user: str) -> str | None:
	"""The nearest active manager above this one in the register; else a head of the register, from the top of the tree; else
	the fallback manager of the settings; else a head outside the register; else any active manager; else a System Manager;
	else whoever may work with works; else Administrator, who is the last in the distribution of new clients, too.

	In the register whoever is here comes before whoever is absent; outside it whoever has signed in last comes first, and
	a program that never signs in last. The same for the same data, whoever asks. The user chosen is locked: he does not
	leave himself before the transaction ends.

	:return: None only for Administrator himself.
	"""
	seen = {user, LAST, "Guest"}
	for candidate in _candidates(user):
		if candidate in seen:
			continue
		seen.add(candidate)
		# the right first: asking for it locks nobody
		if frappe.has_permission("Work", "write", user=candidate) and managers.is_active(
			candidate, lock=True
		):
			return candidate
	return LAST if user != LAST else None


def _candidates(user: str) -> Iterator[str]:
	register = frappe.get_all(  # the system's own need, whoever disables a user
		managers.DOCTYPE, {"active": 1}, _PLACE, order_by="lft, name"
	)
	yield from _present_first(_above(user, register))
	heads = managers.holders(*managers.HEADS)
	leading = [row for row in register if row.name in heads]
	yield from _present_first(
		sorted(leading, key=lambda row: bool(row.reports_to))
	)  # stable: else as in the tree
	if fallback := single_value("Rule24 CRM Settings", "fallback_manager"):
		yield fallback
	people = _by_last_login()
	for role in (HEAD, CRM_ADMINISTRATOR):
		yield from _among(people, role)
	yield from _present_first(sorted(register, key=lambda row: not row.is_group))
	yield from _among(people, "System Manager")
	yield from people


def _above(user: str, register: list) -> list:
	"""Those above the user in the tree, the nearest first; the user himself need not be active."""
	place = frappe.db.get_value(managers.DOCTYPE, user, ["lft", "rgt"])
	if not place or not place[0]:
		return []
	above = [row for row in register if row.lft < place[0] and row.rgt > place[1]]
	return above[::-1]  # whoever is nearer begins later


def _present_first(rows: list) -> list[str]:
	return [row.name for row in sorted(rows, key=_absent)]


def _absent(row) -> bool:
	today = getdate()
	if not row.absent_until or getdate(row.absent_until) < today:
		return False
	return not row.absent_from or getdate(row.absent_from) <= today


def _among(people: list[str], role: str) -> list[str]:
	having = managers.holders(role)
	return [user for user in people if user in having]


def _by_last_login() -> list[str]:
	"""Users of the Desk who can sign in, whoever did so last first, those who never did at the end, else by name."""
	rows = frappe.get_all(  # as above
		"User",
		{"enabled": 1, "user_type": ("!=", managers.WEBSITE_USER)},
		["name", "last_login"],
		order_by="name",
	)
	rows.sort(key=lambda row: str(row.last_login or ""), reverse=True)  # stable, and ISO dates sort as text
	return [row.name for row in rows]

"""Account managers: who reports to whom, who is active, which segments are theirs.

An `Account Manager` is named by its user, so any owner field joins to it. The tree is Frappe's nested set: a head's team
is one range of `lft`, not a walk.
"""

import frappe
from frappe import _

from rule24_crm.exceptions import AccountManagerError

DOCTYPE = "Account Manager"


def validate(manager) -> None:
	"""Rules of one record.

	:raises AccountManagerError: the user is no person of the company, the manager would report to himself or to somebody
		below, or a head who has left is chosen.
	"""
	user = frappe.db.get_value("User", manager.user, ["enabled", "user_type"], as_dict=True)
	if user and user.user_type != "System User":
		frappe.throw(
			_("{0} is a user of the website. Choose a user who works in the Desk.").format(
				frappe.bold(manager.user)
			),
			AccountManagerError,
		)
	if manager.active and user and not user.enabled:
		frappe.throw(
			_("The user {0} is disabled. Enable the user, or clear {1}.").format(
				frappe.bold(manager.user), frappe.bold(_("Active"))
			),
			AccountManagerError,
		)
	_validate_head(manager)
	_drop_repeated_segments(manager)


def _validate_head(manager) -> None:
	if not manager.reports_to:
		return
	below = [manager.name] if manager.is_new() else team(manager.name)
	if manager.reports_to in (manager.user, *below):
		frappe.throw(
			_("{0} cannot report to {1}: that leads back to the same person.").format(
				frappe.bold(manager.full_name or manager.user), frappe.bold(manager.reports_to)
			),
			AccountManagerError,
			title=_("Reports in a Circle"),
		)


def _drop_repeated_segments(manager) -> None:
	seen, kept = set(), []
	for row in manager.segments:
		if row.segment not in seen:
			seen.add(row.segment)
			kept.append(row)
	if len(kept) != len(manager.segments):
		manager.set("segments", kept)


def mark_groups(manager) -> None:
	"""Keep `is_group` of the heads, old and new: the tree opens those who lead others."""
	before = manager.get_doc_before_save()
	for head in {manager.reports_to, before and before.reports_to} - {None, ""}:
		leads = int(bool(frappe.db.exists(DOCTYPE, {"reports_to": head, "name": ("!=", manager.name)})))
		leads = leads or int(manager.reports_to == head and bool(frappe.db.exists(DOCTYPE, manager.name)))
		frappe.db.set_value(DOCTYPE, head, "is_group", leads, update_modified=False)


def team(user: str) -> list[str]:
	"""Users below a head at any depth and the head itself; only the user when there is no such manager."""
	place = frappe.db.get_value(DOCTYPE, user, ["lft", "rgt"])
	if not place or not place[0]:
		return [user]
	return frappe.get_all(  # the tree of the company, needed to decide what a user may see
		DOCTYPE, filters={"lft": (">=", place[0]), "rgt": ("<=", place[1])}, pluck="name", order_by="lft"
	)


def segments_of(users: list[str]) -> list[str]:
	"""Segments of these managers, each once."""
	rows = frappe.get_all(  # as above
		"Account Manager Segment",
		filters={"parenttype": DOCTYPE, "parent": ("in", users)},
		pluck="segment",
		order_by="segment",
	)
	return list(dict.fromkeys(rows))


def is_active(user: str | None) -> bool:
	"""Whether new clients and works may go to this user: enabled, and not marked as inactive in the register.

	A user who is not in the register at all counts by being enabled: a site may work without it.
	"""
	if not user or not frappe.db.get_value("User", user, "enabled"):
		return False
	active = frappe.db.get_value(DOCTYPE, user, "active")
	return active is None or bool(active)

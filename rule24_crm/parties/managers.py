"""Account managers: who reports to whom, who is active, which segments are theirs.

An `Account Manager` is named by its user, so any owner field joins to it. The tree is Frappe's nested set: a head's team
is one range of `lft`, not a walk.
"""

import frappe
from frappe import _
from frappe.utils import cint, getdate

from rule24_crm.compat import single_value
from rule24_crm.exceptions import AccountManagerError
from rule24_crm.setup.roles import CRM_ADMINISTRATOR, HEAD

DOCTYPE = "Account Manager"
#: who sees and moves what belongs to everybody; those who lead sales come first
HEADS = (HEAD, CRM_ADMINISTRATOR, "System Manager")
#: who comes in here sees the portal, not the Desk: no client can be looked after from there
WEBSITE_USER = "Website User"


def is_head() -> bool:
	"""Whether whoever asks is a head: Administrator has every role."""
	return not set(HEADS).isdisjoint(frappe.get_roles())


def holders(*roles: str) -> set[str]:
	"""Users who have one of these roles by name, whether they work here or not."""
	return set(
		frappe.get_all(  # the system's own need: to whom something is told or given
			"Has Role", {"parenttype": "User", "role": ("in", roles)}, pluck="parent", order_by=None
		)
	)


def heads() -> list[str]:
	"""Who is told of what is nobody's: heads of sales who work here; where there are none, CRM administrators, else System
	Managers."""
	working = frappe.get_all(  # as above
		"User", {"enabled": 1, "user_type": ("!=", WEBSITE_USER)}, pluck="name", order_by="name"
	)
	for role in HEADS:
		having = holders(role)
		if found := [user for user in working if user in having]:
			return found
	return []


def whose(responsible: str | None = None) -> str | None:
	"""Whose clients a list or count shows: a manager's own; a head's choice, `None` for everybody's.

	:param responsible: the user whose clients are asked for.
	:raises frappe.PermissionError: it is somebody else, and whoever asks is no head.
	"""
	if is_head():
		return responsible or None
	if responsible and responsible != frappe.session.user:
		frappe.throw(_("Only heads see the clients of somebody else."), frappe.PermissionError)
	return frappe.session.user


def validate(manager) -> None:
	"""Rules of one record.

	:raises AccountManagerError: the user is no person of the company, the manager would report to himself or to somebody
		below, or the absence has no end or ends before it begins.
	"""
	user = frappe.db.get_value("User", manager.user, ["enabled", "user_type"], as_dict=True)
	if user and user.user_type != "System User" and (manager.active or manager.is_new()):
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
	if manager.absent_from and not manager.absent_until:
		frappe.throw(
			_("Say until when {0} is absent, or clear {1}.").format(
				frappe.bold(manager.full_name or manager.user), frappe.bold(_("Absent From"))
			),
			AccountManagerError,
		)
	if manager.absent_from and getdate(manager.absent_from) > getdate(manager.absent_until):
		frappe.throw(
			_("The absence ends before it begins. Correct {0} or {1}.").format(
				frappe.bold(_("Absent From")), frappe.bold(_("Absent Until"))
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
				frappe.bold(manager.full_name or manager.user),
				frappe.bold(frappe.utils.get_fullname(manager.reports_to)),
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


def heads_of(user: str | None) -> set[str]:
	"""The user and everybody above."""
	found: set[str] = set()
	while user and user not in found:
		found.add(user)
		user = frappe.db.get_value(DOCTYPE, user, "reports_to")
	return found


def children(user: str | None) -> list[dict]:
	"""Who reports to this manager, or to nobody: `{"value", "title", "expandable", "active", "absent_until"}` by name.

	Only those the user may see.
	"""
	return frappe.get_list(
		DOCTYPE,
		filters={"reports_to": user} if user else {"reports_to": ("is", "not set")},
		fields=["name as value", "full_name as title", "is_group as expandable", "active", "absent_until"],
		order_by="full_name, name",
		limit_page_length=0,
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


def works_here(user) -> bool:
	"""Whether somebody can look after clients at all: enabled, and no mere user of the website.

	:param user: the `User` document, or a dict with `enabled` and `user_type`; None for a user who is not there.
	"""
	return bool(user and cint(user.enabled) and user.user_type != WEBSITE_USER)


def is_active(user: str | None, *, lock: bool = False) -> bool:
	"""Whether new clients and works may go to this user: works here, and is not marked as inactive in the register.

	A user who is not in the register at all counts by working here: a site may work without it.

	:param lock: read what others have written a moment ago, and keep the user as he is until the transaction ends.
	"""
	query = f"select enabled, user_type, active from `tabUser` left join `tab{DOCTYPE}` using (name) where name = %s"
	# asked for every new work: putting the query together would take longer than asking
	found = user and frappe.db.sql(f"{query} for update" if lock else query, (user,), as_dict=True)
	if not found or not works_here(found[0]):
		return False
	return found[0].active is None or bool(found[0].active)


def is_manager(user: str | None) -> bool:
	"""Whether this user is an active account manager of the register."""
	return bool(user and frappe.db.get_value(DOCTYPE, user, "active")) and is_active(user)


def first_active() -> str | None:
	"""The first of the register, from the top of the tree, who may be given something."""
	names = frappe.get_all(
		DOCTYPE, {"active": 1}, pluck="name", order_by="lft, name"
	)  # the system's own need
	return next((name for name in names if is_active(name)), None)


def capacities(users: list[str]) -> dict[str, int]:
	"""How many works a day each of these users does: as the register says, else as Rule24 CRM Settings do."""
	usual = usual_capacity()
	own = dict(
		frappe.get_all(  # needed to plan, whoever may see the register
			DOCTYPE,
			{"name": ("in", [*users, ""])},
			["name", "capacity_per_day"],
			as_list=True,
			order_by=None,
		)
	)
	return {user: own.get(user) or usual for user in users}


def usual_capacity() -> int:
	"""Works a day of a manager for whom nothing else is said."""
	settings = "Rule24 CRM Settings"
	saved = cint(single_value(settings, "capacity_per_day"))
	return saved or cint(frappe.get_meta(settings).get_field("capacity_per_day").default) or 1

"""Who somebody is to the predicate: sees everything, or is a manager with a team and segments."""

from dataclasses import dataclass

import frappe

from rule24_crm.compat import single_value
from rule24_crm.parties import managers
from rule24_crm.setup.roles import ACCOUNTANT, CRM_ADMINISTRATOR, HEAD

SETTINGS = "Rule24 CRM Settings"
OFF, BY_RESPONSIBLE, BY_SEGMENT = "Off", "By Responsible", "By Segment"

#: see every client, whatever is set
UNRESTRICTED = frozenset(("Administrator", "System Manager", CRM_ADMINISTRATOR))
#: see what ERPNext lets these roles see: the books know no managers
BOOKKEEPERS = frozenset((ACCOUNTANT, "Accounts Manager"))
#: whoever may read one of these by role works with clients
CLIENT_WORK = ("Work", "Lead", "Opportunity")


@dataclass(frozen=True)
class Scope:
	"""What one restricted user sees.

	:param user: the user.
	:param users: the user and everybody below.
	:param segments: segments of all of them; empty where access goes by the responsible alone.
	"""

	user: str
	users: tuple[str, ...]
	segments: tuple[str, ...]


def of_user(user: str | None = None) -> Scope | None:
	"""What the user (default: whoever asks) is restricted to; None when the predicate does not hold for this user."""
	user = user or frappe.session.user
	mode = single_value(SETTINGS, "access") or OFF
	if mode == OFF or not _is_restricted(user):
		return None
	users, segments = _team_of(user)
	return Scope(user, users, segments if mode == BY_SEGMENT else ())


def _is_restricted(user: str) -> bool:
	roles = set(frappe.get_roles(user))
	if user == "Administrator" or roles & UNRESTRICTED:
		return False
	if HEAD in roles and not single_value(SETTINGS, "heads_see_only_team"):
		return False
	if any(
		frappe.permissions.get_role_permissions(doctype, user=user).get("read") for doctype in CLIENT_WORK
	):
		return True
	return bool(frappe.db.exists(managers.DOCTYPE, user))


def _team_of(user: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
	"""Users and segments, looked up once in a request: a form with its links asks many times."""
	known = _known()
	if user not in known:
		users = managers.team(user)
		known[user] = (tuple(users), tuple(managers.segments_of(users)))
	return known[user]


def _known() -> dict:
	if not hasattr(frappe.local, "rule24_teams"):
		frappe.local.rule24_teams = {}
	return frappe.local.rule24_teams


def forget(doc=None, method: str | None = None) -> None:
	"""Look teams and segments up anew: the register of account managers has changed."""
	_known().clear()


def keeps_books(user: str, doctype: str) -> bool:
	"""Whether one of the accountant's roles lets the user read the DocType: ERPNext's word counts then."""
	roles = BOOKKEEPERS & set(frappe.get_roles(user))
	return bool(roles) and any(
		rule.role in roles and rule.read and not rule.permlevel and not rule.if_owner
		for rule in frappe.get_meta(doctype).permissions
	)


def sees_user(other: str, user: str | None = None) -> bool:
	"""Whether the user may look at the day and clients of `other`: an own subordinate, or one sees everything."""
	scope = of_user(user)
	return scope is None or other in scope.users

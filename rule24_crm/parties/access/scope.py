"""Who somebody is to the predicate: sees everything, or is a manager with a team and segments."""

from dataclasses import dataclass

import frappe
from frappe.query_builder.functions import Count

from rule24_crm.compat import cache
from rule24_crm.parties import managers
from rule24_crm.parties.kinds import OWNER_FIELD, PARTY_TYPES
from rule24_crm.setup.roles import ACCOUNTANT, CRM_ADMINISTRATOR, HEAD

SETTINGS = "Rule24 CRM Settings"
OFF, BY_RESPONSIBLE, BY_SEGMENT = "Off", "By Responsible", "By Segment"

#: see every client, whatever is set
UNRESTRICTED = frozenset(("System Manager", CRM_ADMINISTRATOR))
#: see what ERPNext lets these roles see: the books know no managers
BOOKKEEPERS = frozenset((ACCOUNTANT, "Accounts Manager"))
#: whoever may read one of these by role works with clients
CLIENT_WORK = ("Work", "Lead", "Opportunity")


#: own clients of one kind, from which on looking up each record's client costs a list less than a table of their names:
#: the square root of 20 rows x 7 microseconds for a lookup / 0.7 for a row of the table x 50,000 clients, rounded up
FEW_CLIENTS = 3_000
#: seconds for which their number is remembered; it decides how the database is asked, never what is seen
_REMEMBERED = 600


@dataclass(frozen=True)
class Scope:
	"""What one restricted user sees.

	:param user: the user.
	:param users: the user and everybody below.
	:param segments: segments of all of them; empty where access goes by the responsible alone.
	:param shared: DocTypes of which something is shared with one of them.
	:param by_works: whether an open work of theirs opens its client to them.
	"""

	user: str
	users: tuple[str, ...]
	segments: tuple[str, ...]
	shared: frozenset[str]
	by_works: bool


def of_user(user: str | None = None) -> Scope | None:
	"""What the user (default: whoever asks) is restricted to; None when the predicate does not hold for this user."""
	user = user or frappe.session.user
	if not works_with_clients(user):
		return None
	settings = _settings()
	mode = settings.get("access") or OFF
	if mode == OFF or (HEAD in frappe.get_roles(user) and not settings.get("heads_see_only_team")):
		return None
	users, segments, shared = _team_of(user)
	return Scope(
		user,
		users,
		segments if mode == BY_SEGMENT else (),
		shared,
		bool(settings.get("works_open_clients")),
	)


def works_with_clients(user: str) -> bool:
	"""Whether the user is one of those from whom clients can be hidden at all, whatever the settings say."""
	if user == "Administrator" or UNRESTRICTED & set(frappe.get_roles(user)):
		return False
	return any(
		frappe.permissions.get_role_permissions(doctype, user=user).get("read") for doctype in CLIENT_WORK
	) or bool(frappe.db.exists(managers.DOCTYPE, user))


def _settings():
	# not `single_value`, which refuses a field that the next migrate is to bring: lists have to work until then
	return frappe.get_cached_doc(SETTINGS)


def _team_of(user: str) -> tuple[tuple[str, ...], tuple[str, ...], frozenset[str]]:
	"""Users, segments and shared DocTypes, looked up once in a request: a form with its links asks many times."""
	known = _known()
	if user not in known:
		users = managers.team(user)
		known[user] = (tuple(users), tuple(managers.segments_of(users)), _shared_with(users))
	return known[user]


def has_few_clients(scope: Scope) -> bool:
	"""Whether so few clients are theirs that a list is quicker with a table of all their names, see `predicate`."""
	if scope.segments:
		return False  # a segment has many, and the database would have to look at each client for it
	key = f"rule24_own_clients|{scope.user}"
	count = cache().get_value(key, expires=True)
	if count is None:
		count = max(_count_own(kind, scope.users) for kind in PARTY_TYPES)
		cache().set_value(key, count, expires_in_sec=_REMEMBERED)
	return count <= FEW_CLIENTS


def _count_own(party_type: str, users: tuple[str, ...]) -> int:
	"""How many clients of this kind are theirs; one more than few are not counted any further."""
	table = frappe.qb.DocType(party_type)
	own = frappe.qb.from_(table).select(table.name).where(table[OWNER_FIELD[party_type]].isin(users))
	return frappe.qb.from_(own.limit(FEW_CLIENTS + 1)).select(Count("*")).run()[0][0]


def _shared_with(users: list[str]) -> frozenset[str]:
	share = frappe.qb.DocType("DocShare")
	query = frappe.qb.from_(share).select(share.share_doctype).distinct()
	return frozenset(query.where(share.user.isin(users) | (share.everyone == 1)).run(pluck=True))


def _known() -> dict:
	if not hasattr(frappe.local, "rule24_teams"):
		frappe.local.rule24_teams = {}
	return frappe.local.rule24_teams


def forget(doc=None, method: str | None = None) -> None:
	"""Look teams, segments and shares up anew: the register of account managers or a share has changed."""
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

"""The predicate: which records of a guarded DocType a user sees, as a condition of the query builder.

Managers, teams and segments are few, so they stand in it as values. What a record belongs to is looked up by its key, row
by row, as a scalar subquery: the database would turn EXISTS or IN into a table of everything that may be seen, which for a
list of twenty costs a hundred times as much (measured on 200,000 works: 550 ms against 5 ms). Where a record names one of
several kinds, CASE picks the one to look up: with OR the database asks of every kind, and may take indexes of the columns
compared with it for a plan that reads them whole (measured: 6.0 ms against 4.6 ms, and 1,200 ms in the worst case).

Somebody with few clients sees few of the records, so a list walks past many before its page is full. There a table of these
clients' names, read from an index once, costs less than a lookup for every record (measured: 3.5 ms against 9.5 ms). The names
stand in a FROM of their own, and DISTINCT: of such a query the database makes a table, once, with a key; one in IN alone, deep
in what is asked of every record, it would ask of the clients again for each (contacts: 1.9 times the cost). A deal beside the
client is looked up by itself: few records name one, and a second table of the same names would be made for them.

A work repeats who is responsible for its client (`Rule.manager`), so where nothing else opens a client, a list of works looks
up only those of them that this names, or that name nobody (measured: 1.9 ms against 3.0 ms). What the work says opens
nothing by itself: the client is asked all the same.

What is looked up is compared as a row of two, (1, 1) or (0, 0): MariaDB keeps the answers of a subquery of one column in a
table of its own, in case the same is asked again, and gives up only after 200 that were not (measured: an eighth of the cost).

Whose a contact or address is tell its links, of which there are several: of all of them MAX takes the one that counts most,
in one look at an index that needs no other page (`rule24_whose`; without it 1.3 times the cost). To ask for a client who is
seen, and then for one at all, costs a third more.
"""

from collections.abc import Iterable
from functools import lru_cache, reduce
from operator import or_

import frappe
from frappe.query_builder import Case
from frappe.query_builder.functions import Coalesce, Max
from frappe.query_builder.terms import SubQuery
from pypika.terms import Criterion, Field, Tuple

from rule24_crm.parties.access import scope as scopes
from rule24_crm.parties.access.registry import RULES, Rule
from rule24_crm.parties.access.scope import Scope
from rule24_crm.parties.kinds import OWNER_FIELD, PARTY_TYPES
from rule24_crm.parties.next_work import OPEN

#: right -> the column of a share that gives it; what is not here (to delete, say) no share gives
SHARE_COLUMNS = {
	**{right: "read" for right in ("read", "select", "report", "print", "email", "export", "import")},
	"write": "write",
	"share": "share",
	"submit": "submit",
}
#: what a Contact or Address may belong to
LINKED = (*PARTY_TYPES, "Opportunity")
#: what a link of a Contact or Address tells, the greater the more it counts: an address of our company or a supplier's
#: contact is nobody's client, ERPNext's rules are enough; a client who is seen (1) opens it to whoever sees him
_OF_NO_CLIENT, _HIDDEN = -1, 0


def criterion(doctype: str, user: str | None = None, right: str = "read") -> Criterion | None:
	"""The condition on the table of `doctype` that holds for what the user sees.

	:param right: as Frappe calls it; "read" unless one is given.
	:return: None when nothing is hidden from this user.
	"""
	scope = scopes.of_user(user)
	if not scope or doctype not in RULES or scopes.keeps_books(scope.user, doctype):
		return None
	return of_scope(doctype, scope, SHARE_COLUMNS.get(right))


# of values and columns alone, so not out of date before a migrate; putting it together can take longer than asking
@lru_cache(maxsize=512)
def of_scope(doctype: str, scope: Scope, share: str | None = "read", by_names: bool = False) -> Criterion:
	"""The condition for somebody with this scope.

	:param share: the column of a share that counts; None where no share does.
	:param by_names: put the names of all clients that are seen together once, for lists of somebody who has few.
	"""
	return _Builder(scope, share, by_names).seen(doctype)


def may(doctype: str, name: str, right: str = "read", user: str | None = None) -> bool:
	"""Whether the predicate lets the user at one record. A record that is not stored yet is nobody's."""
	condition = criterion(doctype, user, right)
	if condition is None:
		return True
	table = frappe.qb.DocType(doctype)
	row = frappe.qb.from_(table).select(table.name, condition.as_("seen")).where(table.name == name).run()
	return not row or bool(row[0][1])


def readable(doctype: str, names: Iterable[str], user: str | None = None) -> set[str]:
	"""Those of the names that the predicate lets the user read. Rights of roles are the caller's to check."""
	names = list(names)
	condition = criterion(doctype, user)
	if condition is None or not names:
		return set(names)
	table = frappe.qb.DocType(doctype)
	return set(
		frappe.qb.from_(table)
		.select(table.name)
		.where(table.name.isin(names))
		.where(condition)
		.run(pluck=True)
	)


def points_at_one_seen(
	kind: Field, name: Field, doctypes: Iterable[str], scope: Scope, by_names: bool = False
) -> Criterion:
	"""The condition that `kind` is one of the DocTypes and `name` a record of it that somebody with this scope may read.

	:param by_names: as for `of_scope`.
	"""
	return _Builder(scope, "read", by_names).points_at_one_seen(kind, name, doctypes)


def _finds(query) -> Criterion:
	"""Whether the query finds a row; unknown when it finds none. See the module for why this is no EXISTS, and two columns."""
	return SubQuery(query.select(1, 1).limit(1)) == Tuple(1, 1)


class _Builder:
	"""Puts the condition together for one user and right."""

	def __init__(self, scope: Scope, share: str | None, by_names: bool):
		self.scope, self.share, self.by_names = scope, share, by_names

	def seen(self, doctype: str) -> Criterion:
		rule, table = RULES[doctype], frappe.qb.DocType(doctype)
		return reduce(or_, self._reasons(doctype, rule, table))

	def _reasons(self, doctype: str, rule: Rule, table) -> Iterable[Criterion]:
		"""Cheap ones first: the database stops at the first that holds."""
		for owner in rule.owners:
			yield table[owner].isin(self.scope.users)
		for names in self._let_in(doctype):
			yield table.name.isin(names)
		if rule.segments and self.scope.segments and not rule.dynamic_links:
			yield self._has_segment(doctype, table)
		if rule.party:
			yield self._by_client(doctype, rule, table)
		for link, target in rule.links.items():
			seen = self._beside_client(rule, target)._is_seen(table[link], target)
			yield Case().when(table[link].isnotnull(), seen) == 1
		if rule.dynamic_links:
			yield self._by_dynamic_links(doctype, rule, table)
		elif rule.alone:
			yield self._belongs_to_nobody(rule, table) & self._alone(rule, table)

	def _by_client(self, doctype: str, rule: Rule, table) -> Criterion:
		"""Whether its client is seen. Where only his manager can open him and the record repeats who that is, most need no look-up."""
		kind, name = (table[each] for each in rule.party)
		if not self._opened_by_manager_alone() or not frappe.get_meta(doctype).has_field(rule.manager):
			return self.points_at_one_seen(kind, name, PARTY_TYPES)
		by_key = _Builder(self.scope, self.share, by_names=False)
		told = Coalesce(table[rule.manager], "").isin(("", *self.scope.users))
		return told & by_key.points_at_one_seen(kind, name, PARTY_TYPES)

	def _opened_by_manager_alone(self) -> bool:
		"""Whether neither a segment nor a share nor a work opens any client."""
		return not (self.scope.segments or any(list(self._let_in(kind)) for kind in PARTY_TYPES))

	def points_at_one_seen(self, kind: Field, name: Field, doctypes: Iterable[str]) -> Criterion:
		"""Whether the record of the DocType in `kind` is seen: only the one that is named there is looked up."""
		found = Case()
		for doctype in doctypes:
			found = found.when(kind == doctype, self._is_seen(name, doctype))
		return found == 1

	def _beside_client(self, rule: Rule, target: str) -> "_Builder":
		"""Who looks up a link to `target`: without names where the record names its client as well, see the module."""
		if target in PARTY_TYPES or not (
			rule.party or rule.dynamic_links or set(rule.links.values()) & set(PARTY_TYPES)
		):
			return self
		return _Builder(self.scope, self.share, by_names=False)

	def _is_seen(self, field: Field, doctype: str) -> Criterion:
		"""That the record named in `field` is seen; unknown when it is not. Belongs inside of CASE, see the module."""
		if self.by_names and doctype in PARTY_TYPES and not self.scope.segments:
			names = self._names_of_clients(doctype).as_("mine")
			return _finds(frappe.qb.from_(names).where(Field("name", table=names) == field))
		table = frappe.qb.DocType(doctype)
		return _finds(frappe.qb.from_(table).where(table.name == field).where(self.seen(doctype)))

	def _names_of_clients(self, doctype: str):
		"""A query of the names of all clients of this kind that are seen, where no segment opens any.

		They stand in FROM, and once each, so that the database makes a table of them: see the module.
		"""
		table = frappe.qb.DocType(doctype)
		owned = table[OWNER_FIELD[doctype]].isin(self.scope.users)
		names = frappe.qb.from_(table).select(table.name).where(owned).distinct()
		for others in self._let_in(doctype):
			names = names.union(others)
		return names

	def _let_in(self, doctype: str) -> Iterable:
		"""Queries of the names of those that are seen because of something else than the record itself."""
		if self.share and doctype in self.scope.shared:
			yield self._shared(doctype)
		if doctype in PARTY_TYPES and self.scope.by_works:
			yield self._of_open_works(doctype)

	def _shared(self, doctype: str):
		share = frappe.qb.DocType("DocShare")
		return (
			frappe.qb.from_(share)
			.select(share.share_name)
			.where(
				(share.share_doctype == doctype)
				& (share.user.isin(self.scope.users) | (share.everyone == 1))
				& (share[self.share] == 1)
			)
		)

	def _has_segment(self, doctype: str, table) -> Criterion:
		row = frappe.qb.DocType("Party Segment")
		return _finds(
			frappe.qb.from_(row).where(
				(row.parent == table.name)
				& (row.parenttype == doctype)
				& row.segment.isin(self.scope.segments)
			)
		)

	def _of_open_works(self, doctype: str):
		work = frappe.qb.DocType("Work")
		return (
			frappe.qb.from_(work)
			.select(work.party)
			.where(
				work.assigned_to.isin(self.scope.users)
				& work.status.isin(OPEN)
				& (work.party_type == doctype)
				& work.party.isnotnull()
			)
		)

	def _by_dynamic_links(self, doctype: str, rule: Rule, table) -> Criterion:
		"""Whose it is tell its links, which are looked at once, all of them together: the best of them counts."""
		link = frappe.qb.DocType("Dynamic Link")
		whose = Case()
		for kind in LINKED:
			seen = self._beside_client(rule, kind)._is_seen(link.link_name, kind)
			whose = whose.when(link.link_doctype == kind, Coalesce(seen, _HIDDEN))
		alone = self._alone(rule, table)
		if rule.segments and self.scope.segments:
			alone |= self._has_segment(doctype, table)
		without_links = Case().when(alone, _OF_NO_CLIENT).else_(_HIDDEN)
		best = Coalesce(Max(whose.else_(_OF_NO_CLIENT)), without_links)
		answer = (
			frappe.qb.from_(link)
			.select(best, _HIDDEN)
			.where((link.parent == table.name) & (link.parenttype == doctype))
		)
		return SubQuery(answer) != Tuple(_HIDDEN, _HIDDEN)

	def _belongs_to_nobody(self, rule: Rule, table) -> Criterion:
		fields = [rule.party[1]] if rule.party else []
		fields += rule.links
		return reduce(lambda one, other: one & other, [Coalesce(table[each], "") == "" for each in fields])

	def _alone(self, rule: Rule, table) -> Criterion:
		return reduce(or_, [table[each].isin(self.scope.users) for each in rule.alone])

"""The predicate: which records of a guarded DocType a user sees, as a condition of the query builder.

Managers, teams and segments are few, so they stand in it as values; shares and clients are many, so they stand in it as
subqueries that do not refer to the row at hand: the database computes each of them once, or probes an index, as is cheaper.
"""

from collections.abc import Iterable
from functools import reduce
from operator import or_

import frappe
from frappe.query_builder.functions import Coalesce
from frappe.query_builder.terms import SubQuery
from pypika.terms import Criterion, ExistsCriterion

from rule24_crm.parties.access import scope as scopes
from rule24_crm.parties.access.registry import RULES, Rule
from rule24_crm.parties.access.scope import Scope
from rule24_crm.parties.kinds import PARTY_TYPES

#: right -> the column of a share that gives it; what is not here (to delete, say) no share gives
SHARE_COLUMNS = {
	**{right: "read" for right in ("read", "select", "report", "print", "email", "export", "import")},
	"write": "write",
	"share": "share",
	"submit": "submit",
}
#: what a Contact or Address may belong to
LINKED = (*PARTY_TYPES, "Opportunity")


def criterion(doctype: str, user: str | None = None, right: str = "read") -> Criterion | None:
	"""The condition on the table of `doctype` that holds for what the user sees.

	:param right: as Frappe calls it; "read" unless one is given.
	:return: None when nothing is hidden from this user.
	"""
	scope = scopes.of_user(user)
	if not scope or doctype not in RULES or scopes.keeps_books(scope.user, doctype):
		return None
	return _Builder(scope, right).seen(doctype)


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


class _Builder:
	"""Puts the condition together for one user and right."""

	def __init__(self, scope: Scope, right: str):
		self.scope, self.share = scope, SHARE_COLUMNS.get(right)

	def seen(self, doctype: str) -> Criterion:
		rule, table = RULES[doctype], frappe.qb.DocType(doctype)
		return reduce(or_, self._reasons(doctype, rule, table))

	def _reasons(self, doctype: str, rule: Rule, table) -> Iterable[Criterion]:
		"""Cheap ones first: the database stops at the first that holds."""
		for owner in rule.owners:
			yield table[owner].isin(self.scope.users)
		if self.share:
			yield table.name.isin(self._shared(doctype))
		if rule.segments and self.scope.segments and not rule.dynamic_links:
			yield table.name.isin(self._of_segments(doctype))
		if rule.party:
			kind, name = (table[each] for each in rule.party)
			for party_type in PARTY_TYPES:
				yield (kind == party_type) & name.isin(self._names(party_type))
		for link, target in rule.links.items():
			yield table[link].isin(self._names(target))
		if rule.dynamic_links:
			yield from self._by_dynamic_links(doctype, rule, table)
		elif rule.alone:
			yield self._belongs_to_nobody(rule, table) & self._alone(rule, table)

	def _names(self, doctype: str):
		table = frappe.qb.DocType(doctype)
		return frappe.qb.from_(table).select(table.name).where(self.seen(doctype))

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

	def _of_segments(self, doctype: str):
		row = frappe.qb.DocType("Party Segment")
		return (
			frappe.qb.from_(row)
			.select(row.parent)
			.where(row.segment.isin(self.scope.segments) & (row.parenttype == doctype))
		)

	def _by_dynamic_links(self, doctype: str, rule: Rule, table) -> Iterable[Criterion]:
		link = frappe.qb.DocType("Dynamic Link")
		rows = frappe.qb.from_(link).select(link.parent).where(link.parenttype == doctype)
		for target in LINKED:
			yield table.name.isin(
				rows.where((link.link_doctype == target) & link.link_name.isin(self._names(target)))
			)
		its = rows.where(link.parent == table.name)
		foreign = ExistsCriterion(SubQuery(its.where(link.link_doctype.isin(LINKED))))
		# an address of our company or a supplier's contact is nobody's client: ERPNext's rules are enough
		alone = ExistsCriterion(SubQuery(its)) | self._alone(rule, table)
		if rule.segments and self.scope.segments:
			alone |= table.name.isin(self._of_segments(doctype))
		yield foreign.negate() & alone

	def _belongs_to_nobody(self, rule: Rule, table) -> Criterion:
		fields = [rule.party[1]] if rule.party else []
		fields += rule.links
		return reduce(lambda one, other: one & other, [Coalesce(table[each], "") == "" for each in fields])

	def _alone(self, rule: Rule, table) -> Criterion:
		return reduce(or_, [table[each].isin(self.scope.users) for each in rule.alone])

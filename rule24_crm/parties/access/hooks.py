"""What Frappe asks: the condition of every list, and whether one document may be opened."""

from functools import lru_cache

import frappe
from pypika.terms import Criterion

from rule24_crm.compat import NO_OBJECTION, of_listed_table
from rule24_crm.parties.access import guessing, predicate, requisites, scope
from rule24_crm.parties.access.per_doctype import Conditions
from rule24_crm.parties.access.registry import ABOUT, CHILD_TABLES, RULES

_DOCTYPES = (*RULES, *ABOUT, *CHILD_TABLES)
_NAMED = frozenset(_DOCTYPES)


def condition(doctype: str, user: str | None = None) -> str:
	"""SQL for the list of a DocType; empty when nothing is hidden from the user."""
	seen = _seen(doctype, user)
	if user and user != frappe.session.user:
		return seen
	narrowed = requisites.narrow(doctype)
	guessing.refuse_columns(doctype)
	if narrowed is None:
		return seen
	return f"({seen} and {_text(narrowed)})" if seen else _text(narrowed)


_conditions = Conditions(__name__, _DOCTYPES, condition, open_titles=RULES)
names = _conditions.names
__getattr__ = _conditions.function


@of_listed_table
def of_added_table(user: str | None = None, doctype: str | None = None) -> str:
	"""The condition for rows of a table that the site or another app has added to a guarded DocType.

	Of every other list it is looked at which columns are asked for: a link may lead to what is hidden. Hook of Frappe for every
	DocType. The first builds of Frappe 15 know no such hook: there neither these rows nor those columns are guarded.
	"""
	if not doctype or doctype in _NAMED:
		return ""
	if not user or user == frappe.session.user:
		guessing.refuse_columns(doctype)
	if not frappe.get_meta(doctype).istable:
		return ""
	restricted = scope.of_user(user)
	if not restricted or not is_added_table(doctype):
		return ""
	return _of_row(doctype, restricted, *_holders(doctype, restricted.user))


def is_added_table(doctype: str) -> bool:
	"""Whether a guarded DocType has this child table, which is none of those that are known by name."""
	return doctype not in _NAMED and any(
		frappe.db.table_exists(each) and _has_table(each, doctype) for each in RULES
	)


def _seen(doctype: str, user: str | None) -> str:
	if not (restricted := scope.of_user(user)):
		return ""
	if doctype in RULES:
		return "" if scope.keeps_books(restricted.user, doctype) else _of_record(doctype, restricted)
	open_to_all, guarded = _holders(doctype, restricted.user)
	return _of_row(doctype, restricted, open_to_all, guarded)


def _of_record(doctype: str, restricted: scope.Scope) -> str:
	return _text_of_record(doctype, restricted, scope.has_few_clients(restricted))


def _of_row(
	doctype: str, restricted: scope.Scope, open_to_all: tuple[str, ...], guarded: tuple[str, ...]
) -> str:
	return _text_of_row(doctype, restricted, open_to_all, guarded, scope.has_few_clients(restricted))


@lru_cache(maxsize=512)
def _text_of_record(doctype: str, restricted: scope.Scope, by_names: bool) -> str:
	return _text(predicate.of_scope(doctype, restricted, by_names=by_names))


@lru_cache(maxsize=512)
def _text_of_row(
	doctype: str,
	restricted: scope.Scope,
	open_to_all: tuple[str, ...],
	guarded: tuple[str, ...],
	by_names: bool,
) -> str:
	"""Rows about a document, or of one, are seen with it; those of other DocTypes are no business of ours."""
	table = frappe.qb.DocType(doctype)
	kind, name = (table[each] for each in ABOUT.get(doctype) or ("parenttype", "parent"))
	seen = kind.isnull() | kind.notin(list(RULES))
	if open_to_all:
		seen |= kind.isin(open_to_all)
	if guarded:
		seen |= predicate.points_at_one_seen(kind, name, guarded, restricted, by_names)
	return _text(seen)


def _holders(doctype: str, user: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
	"""Guarded DocTypes whose documents may have such rows: those the user sees all of, and the others.

	DocTypes that the user may not read at all are in neither.
	"""
	found = [
		each
		for each in RULES
		if frappe.db.table_exists(each)
		and (doctype in ABOUT or _has_table(each, doctype))
		and frappe.has_permission(each, "read", user=user)
	]
	books = tuple(each for each in found if scope.keeps_books(user, each))
	return books, tuple(each for each in found if each not in books)


def _has_table(doctype: str, child: str) -> bool:
	return any(field.options == child for field in frappe.get_meta(doctype).get_table_fields())


def has_permission(doc, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""Whether the predicate lets the user at a document; rights of roles are Frappe's to check."""
	ptype = ptype or "read"
	if ptype == "create":  # a manager may enter a client for himself, and for anybody else
		return NO_OBJECTION
	return NO_OBJECTION if predicate.may(doc.doctype, doc.name, ptype, user) else False


def has_permission_about(doc, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""Whether the predicate lets the user at the record that this one is about."""
	kind, name = (doc.get(field) for field in ABOUT[doc.doctype])
	if ptype == "create" or kind not in RULES:
		return NO_OBJECTION
	return NO_OBJECTION if not scope.of_user(user) or predicate.readable(kind, [name or ""], user) else False


class _Literals:
	"""Puts values into the text, escaped by the database's own driver: the query builder knows no backslash."""

	def get_sql(self, param_value, **_options) -> str:
		return frappe.db.escape(param_value, percent=False)


def _text(condition: Criterion) -> str:
	"""The condition in brackets, every column with its table."""
	return "({})".format(
		condition.get_sql(
			quote_char="`", secondary_quote_char="'", with_namespace=True, param_wrapper=_Literals()
		)
	)

"""What Frappe asks: the condition of every list, and whether one document may be opened.

Early builds of Frappe 15 do not tell a condition's hook which DocType is meant, so each DocType has a name of its own
here: `seen_work`, `seen_customer` ... See `names()`.
"""

import frappe
from frappe.model import table_fields
from pypika.terms import Criterion

from rule24_crm.compat import NO_OBJECTION
from rule24_crm.parties.access import predicate, scope
from rule24_crm.parties.access.registry import ABOUT, CHILD_TABLES, RULES

_PREFIX = "seen_"
_DOCTYPES = {
	_PREFIX + doctype.lower().replace(" ", "_"): doctype for doctype in (*RULES, *ABOUT, *CHILD_TABLES)
}


def names() -> dict[str, str]:
	"""DocType -> dotted path of its condition, for `permission_query_conditions`."""
	return {doctype: f"{__name__}.{name}" for name, doctype in _DOCTYPES.items()}


def __getattr__(name: str):
	if doctype := _DOCTYPES.get(name):
		return lambda user=None: condition(doctype, user)
	raise AttributeError(name)


def condition(doctype: str, user: str | None = None) -> str:
	"""SQL for the list of a DocType; empty when nothing is hidden from the user."""
	if doctype in RULES:
		found = predicate.criterion(doctype, user)
	elif restricted := scope.of_user(user):
		fields = ABOUT.get(doctype) or ("parenttype", "parent")
		found = _with_its_document(doctype, fields, restricted)
	else:
		found = None
	return "" if found is None else _text(found)


def _with_its_document(doctype: str, fields: tuple[str, str], restricted: scope.Scope) -> Criterion:
	"""Rows about a document, or of one, are seen with it; those of other DocTypes are no business of ours."""
	table = frappe.qb.DocType(doctype)
	kind, name = (table[each] for each in fields)
	seen = kind.isnull() | kind.notin(list(RULES))
	for target in _holders(doctype):
		condition = predicate.criterion(target, restricted.user)
		if condition is None:
			seen |= kind == target
			continue
		documents = frappe.qb.DocType(target)
		seen |= (kind == target) & name.isin(
			frappe.qb.from_(documents).select(documents.name).where(condition)
		)
	return seen


def _holders(doctype: str) -> list[str]:
	"""Guarded DocTypes whose documents may have such rows; those the user may not read at all are passed over."""
	readable = [
		each for each in RULES if frappe.db.table_exists(each) and frappe.has_permission(each, "read")
	]
	if doctype in ABOUT:
		return readable
	return [
		each
		for each in readable
		if any(
			field.fieldtype in table_fields and field.options == doctype
			for field in frappe.get_meta(each).fields
		)
	]


def has_permission(doc, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""Whether the predicate lets the user at a document; rights of roles are Frappe's to check."""
	ptype = ptype or "read"
	if ptype == "create":  # a manager may enter a client for himself, and for anybody else
		return NO_OBJECTION
	return NO_OBJECTION if predicate.may(doc.doctype, doc.name, ptype, user) else False


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

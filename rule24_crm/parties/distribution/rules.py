"""Distribution rules: what a rule may say, which rules there are, and which of them fit a record."""

from __future__ import annotations

from dataclasses import dataclass

import frappe
from frappe import _
from frappe.utils import cint, cstr, flt, getdate

from rule24_crm.exceptions import DistributionError

DOCTYPE = "Distribution Rule"
#: what a rule can give out -> the check box that says so
APPLIES = {
	"Lead": "for_lead",
	"Prospect": "for_prospect",
	"Customer": "for_customer",
	"Opportunity": "for_opportunity",
}
ONE, LISTED, SEGMENT = "One Manager", "Listed Managers", "Managers of the Segment"
TURN, WORKS, CLIENTS, CAPACITY = "Turn", "Open Works", "Clients", "Free Capacity"
WITHOUT_VALUE = ("Is Set", "Is Not Set")
ORDERED = ("At Least", "At Most")
NUMBERS = ("Int", "Float", "Currency", "Percent", "Check", "Rating", "Duration")
DATES = ("Date", "Datetime")
TABLES = ("Table", "Table MultiSelect")
#: fields that hold nothing one could compare
WITHOUT_DATA = (
	"Section Break", "Column Break", "Tab Break", "HTML", "Button", "Image", "Fold", "Heading", "Password", "Signature",
	"Geolocation", "Barcode", "Attach", "Attach Image",
)  # fmt: skip


@dataclass(frozen=True)
class Condition:
	"""One condition, its value read once: numbers as numbers, lists and trees as sets."""

	field: str
	row_field: str | None
	operator: str
	value: object
	kind: str

	def holds(self, values) -> bool:
		found = _values_of(values, self)
		if self.operator == "Is Set":
			return any(found)
		if self.operator == "Is Not Set":
			return not any(found)
		hits = any(self._fits(value) for value in found)
		return not hits if self.operator.startswith("Not ") else hits

	def _fits(self, value) -> bool:
		value = _read(value, self.kind)
		if self.operator in ("One Of", "Not One Of", "Is or Below"):
			return value in self.value
		if self.operator == "Contains":
			return self.value in cstr(value)
		if self.operator in ORDERED:
			if value is None:
				return False
			return value >= self.value if self.operator == "At Least" else value <= self.value
		return value == self.value


@dataclass(frozen=True)
class Rule:
	"""A rule ready to be asked."""

	name: str
	give_to: str
	choose_by: str
	manager: str | None
	managers: tuple[str, ...]
	conditions: tuple[Condition, ...]

	def fits(self, values) -> bool:
		return all(condition.holds(values) for condition in self.conditions)


def validate(doc) -> None:
	"""What one rule must satisfy.

	:raises DistributionError: it gives out nothing or to nobody, its days are reversed, or a condition asks for a field,
		comparison or value that there is not; the message names the row.
	"""
	doc.applies_to = ", ".join(kind for kind in APPLIES if doc.get(APPLIES[kind]))
	if not doc.applies_to:
		_refuse(_("Say what the rule gives out: leads, prospects, customers or deals."))
	if doc.valid_from and doc.valid_upto and getdate(doc.valid_from) > getdate(doc.valid_upto):
		_refuse(
			_("The rule ends before it begins. Correct {0} or {1}.").format(
				frappe.bold(_("Valid From")), frappe.bold(_("Valid Until"))
			)
		)
	_validate_managers(doc)
	for row in doc.conditions:
		for kind in APPLIES:
			if doc.get(APPLIES[kind]):
				_validate_condition(kind, row)
	if not doc.is_new():  # whose turn it is goes on while somebody edits the rule
		doc.turns = frappe.db.get_value(DOCTYPE, doc.get_doc_before_save().name, "turns", for_update=True)


def _validate_managers(doc) -> None:
	if doc.give_to == ONE:
		doc.managers = []
		if not doc.manager:
			_refuse(_("Choose the manager to whom the rule gives."))
	else:
		doc.manager = None
	if doc.give_to == SEGMENT:
		doc.managers = []
	if doc.give_to == LISTED:
		seen: set[str] = set()
		for row in list(doc.managers):
			if row.manager in seen:
				doc.remove(row)
			seen.add(row.manager)
		if not doc.managers:
			_refuse(_("List the managers among whom the rule chooses."))


def _validate_condition(kind: str, row) -> None:
	field, row_field = field_of(kind, row.field)
	if not field:
		_refuse_row(
			row,
			_("{0} has no field {1}. Choose a field of the list.").format(_(kind), frappe.bold(row.field)),
		)
	asked = row_field or field
	label = frappe.bold(_(asked.label or asked.fieldname))
	if row.operator in WITHOUT_VALUE:
		row.value = None
		return
	if not cstr(row.value).strip():
		_refuse_row(row, _("a value to compare {0} with is missing.").format(label))
	if row.operator in ORDERED and asked.fieldtype not in (*NUMBERS, *DATES):
		_refuse_row(row, _("{0} is neither a number nor a date: it has no more and less.").format(label))
	if row.operator == "Is or Below" and not _tree(asked):
		_refuse_row(row, _("{0} is no tree: there is nothing below its values.").format(label))
	if row.operator == "Contains":
		return
	for part in _parts(row.operator, row.value):
		_validate_value(row, asked, label, part)


def _validate_value(row, asked, label: str, value: str) -> None:
	if asked.fieldtype == "Link":
		if not frappe.db.exists(asked.options, value):
			_refuse_row(
				row, _("{0}: there is no {1} {2}.").format(label, _(asked.options), frappe.bold(value))
			)
	elif asked.fieldtype == "Select":
		options = (asked.options or "").split("\n")
		if value not in options:
			_refuse_row(
				row, _("{0} has no option {1}. Choose one of: {2}.").format(
					label, frappe.bold(value), ", ".join(filter(None, options))
				)
			)  # fmt: skip
	elif asked.fieldtype in NUMBERS:
		try:
			float(value.replace(" ", ""))
		except ValueError:
			_refuse_row(row, _("{0} is a number; {1} is not.").format(label, frappe.bold(value)))
	elif asked.fieldtype in DATES:
		try:
			getdate(value)
		except Exception:
			_refuse_row(row, _("{0} is a date; write {1} as 2026-12-31.").format(label, frappe.bold(value)))


def field_of(kind: str, path: str | None):
	"""The field a condition asks: (field, None), (table, field of its rows) for `items.item_code`, or (None, None)."""
	meta = frappe.get_meta(kind)
	name, _dot, row_name = cstr(path).partition(".")
	field = meta.get_field(name)
	if not field or field.fieldtype in WITHOUT_DATA:
		return None, None
	if field.fieldtype not in TABLES:
		return (None, None) if row_name else (field, None)
	rows = frappe.get_meta(field.options)
	if not row_name and field.fieldtype == "Table MultiSelect":  # a list of links, such as segments
		row_name = next(each.fieldname for each in rows.fields if each.fieldtype == "Link")
	row_field = rows.get_field(row_name) if row_name else None
	if not row_field or row_field.fieldtype in (*WITHOUT_DATA, *TABLES):
		return None, None
	return field, row_field


def fields_for(kinds: list[str]) -> list[dict]:
	"""Fields that every one of these kinds of record has, for the choice in the form.

	:return: `{"value", "label"}`, sorted by label.
	"""
	common: dict[str, str] | None = None
	for kind in kinds:
		if kind not in APPLIES:
			_refuse(_("{0} is nothing that a rule gives out.").format(frappe.bold(kind)))
		there = _paths(kind)
		common = there if common is None else {path: common[path] for path in common if path in there}
	rows = [{"value": path, "label": label} for path, label in (common or {}).items()]
	return sorted(rows, key=lambda row: row["label"].casefold())


def _paths(kind: str) -> dict[str, str]:
	found = {}
	for field in frappe.get_meta(kind).fields:
		if field.fieldtype in WITHOUT_DATA:
			continue
		label = _(field.label or field.fieldname, context=kind)
		if field.fieldtype == "Table":
			for each in frappe.get_meta(field.options).fields:
				if each.fieldtype not in (*WITHOUT_DATA, *TABLES) and each.label:
					found[f"{field.fieldname}.{each.fieldname}"] = f"{label}: {_(each.label)}"
		else:
			found[field.fieldname] = label
	return found


def load(kind: str, only: str | None = None) -> list[Rule]:
	"""The rules that are asked for records of this kind today, in their order.

	:param only: just this rule, whether enabled and valid today or not, for a trial.
	"""
	if kind not in APPLIES:
		return []
	filters = {"name": only} if only else {"enabled": 1, APPLIES[kind]: 1}
	names = frappe.get_all(  # rules work for everybody, whoever may read them
		DOCTYPE, filters=filters, pluck="name", order_by="priority desc, creation asc, name asc"
	)
	today, rules = getdate(), []
	for name in names:
		doc = frappe.get_cached_doc(DOCTYPE, name)
		if not only and not _valid_on(doc, today):
			continue
		rules.append(
			Rule(
				name=doc.name,
				give_to=doc.give_to,
				choose_by=doc.choose_by or TURN,
				manager=doc.manager,
				managers=tuple(row.manager for row in doc.managers),
				conditions=tuple(_condition(kind, row) for row in doc.conditions),
			)
		)
	return rules


def _valid_on(doc, day) -> bool:
	starts = not doc.valid_from or getdate(doc.valid_from) <= day
	return starts and (not doc.valid_upto or getdate(doc.valid_upto) >= day)


def _condition(kind: str, row) -> Condition:
	field, row_field = field_of(kind, row.field)
	asked = row_field or field
	fieldtype = asked.fieldtype if asked else "Data"
	if row.operator == "Is or Below":
		value = _below(asked.options, cstr(row.value).strip()) if asked else set()
	elif row.operator in ("One Of", "Not One Of"):
		value = {_read(part, fieldtype) for part in _parts(row.operator, row.value)}
	elif row.operator in WITHOUT_VALUE:
		value = None
	else:
		value = _read(cstr(row.value).strip(), fieldtype if row.operator != "Contains" else "Data")
	# a field that has gone since the rule was made holds nothing
	return Condition(
		field=field.fieldname if field else cstr(row.field),
		row_field=row_field.fieldname if row_field else None,
		operator=row.operator,
		value=value,
		kind="Data" if row.operator == "Contains" else fieldtype,
	)


def _parts(operator: str, value) -> list[str]:
	if operator in ("One Of", "Not One Of"):
		return [part.strip() for part in cstr(value).split(";") if part.strip()]
	return [cstr(value).strip()]


def _read(value, fieldtype: str):
	"""A value as it is compared. Text without regard to case, as the database compares it."""
	if fieldtype in DATES:
		return getdate(value) if value else None
	if fieldtype in NUMBERS:
		if isinstance(value, str):
			value = value.replace(" ", "")
		return cint(value) if fieldtype == "Check" else flt(value)
	return cstr(value).strip().casefold()


def _values_of(values, condition: Condition) -> list:
	value = values.get(condition.field)
	if condition.row_field is None:
		return [value]
	rows = value or []
	if isinstance(rows, str):  # a caller without rows gives the names
		return [rows]
	return [row.get(condition.row_field) if hasattr(row, "get") else row for row in rows]


def _tree(field) -> bool:
	return field.fieldtype == "Link" and bool(frappe.get_meta(field.options).is_tree)


def _below(doctype: str, name: str) -> set[str]:
	"""Names of a branch of a tree, its root included."""
	place = frappe.db.get_value(doctype, name, ["lft", "rgt"])
	if not place or place[0] is None:
		return {name.casefold()}
	names = frappe.get_all(  # the tree, whoever may see its parts
		doctype, filters={"lft": (">=", place[0]), "rgt": ("<=", place[1])}, pluck="name", order_by=None
	)
	return {each.casefold() for each in names}


def _refuse_row(row, reason: str) -> None:
	_refuse(_("Condition {0}: {1}").format(row.idx, reason))


def _refuse(message: str) -> None:
	frappe.throw(message, DistributionError, title=_("Distribution Rule"))

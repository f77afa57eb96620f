"""Rules of one relation: two different sides that fit its kind, no double, dates in order."""

import frappe
from frappe import _
from frappe.utils import formatdate, getdate

from rule24_crm.exceptions import RelationError
from rule24_crm.parties import chain
from rule24_crm.parties.kinds import PARTY_TYPES
from rule24_crm.parties.relations import doubles, kinds, sides
from rule24_crm.parties.relations.sides import SIDES
from rule24_crm.titles import titles

FIELDS = (
	"kind",
	"from_type",
	"from_party",
	"from_title",
	"to_type",
	"to_party",
	"to_title",
	"valid_from",
	"valid_to",
)


def set_titles(relation) -> None:
	"""A record goes by its own name; somebody who is no record by the name that was typed."""
	for side in SIDES:
		doctype, party, title = sides.of(relation, side)
		if not doctype:
			relation.set(f"{side}_party", None)
			relation.set(f"{side}_title", " ".join(title.split()))
		elif party and doctype in sides.RECORDS:
			relation.set(f"{side}_title", titles(doctype, [party]).get(party, party))


def validate(relation) -> None:
	"""Check a relation.

	:raises RelationError: a side is missing, both are the same, the kind does not fit, the dates are turned round, or
		there is such a relation for the same time.
	"""
	first, second = (sides.of(relation, side) for side in SIDES)
	_complete(first, _("First Side"))
	_complete(second, _("Second Side"))
	if not first.party and not second.party:
		_refuse(_("Choose a record for at least one side: two names alone belong to nobody."))
	_different(first, second)
	_dates(relation)
	if relation.is_new() or any(relation.has_value_changed(field) for field in FIELDS):
		_fitting(relation, first, second)
		_single(relation)


def _complete(side, label: str) -> None:
	if side.doctype and side.doctype not in sides.RECORDS:
		_refuse(
			_("{0}: {1} cannot be related. Choose one of: {2}.").format(
				label, frappe.bold(_(side.doctype)), ", ".join(_(kind) for kind in sides.RECORDS)
			)
		)
	if not (side.party if side.doctype else side.title):
		_refuse(_("{0} is missing: choose a record or type a name.").format(frappe.bold(label)))


def _different(first, second) -> None:
	if first.key == second.key:
		_refuse(_("{0} cannot be related to itself.").format(frappe.bold(first.title)))
	if {first.doctype, second.doctype} <= set(PARTY_TYPES) and second.key in chain.lineage(*first.key):
		_refuse(
			_("{0} and {1} are one client under two records.").format(
				frappe.bold(first.title), frappe.bold(second.title)
			)
		)


def _dates(relation) -> None:
	if (
		relation.valid_from
		and relation.valid_to
		and getdate(relation.valid_from) > getdate(relation.valid_to)
	):
		_refuse(
			_("It cannot end on {0}, before it begins on {1}.").format(
				formatdate(relation.valid_to), formatdate(relation.valid_from)
			)
		)


def _fitting(relation, first, second) -> None:
	kind = frappe.db.get_value(
		kinds.DOCTYPE, relation.kind, ["between", "disabled"], as_dict=True, for_update=True
	)
	if not kind:
		_refuse(_("Choose the kind of relation."))
	if kind.disabled and (relation.is_new() or relation.has_value_changed("kind")):
		_refuse(_("{0} is no longer used. Choose another kind.").format(frappe.bold(_(relation.kind))))
	if not kinds.fits(kind.between, first.doctype, second.doctype):
		_refuse(
			_("{0} is a relation between: {1}. {2} and {3} do not fit.").format(
				frappe.bold(_(relation.kind)),
				_(kind.between),
				frappe.bold(first.title),
				frappe.bold(second.title),
			)
		)


def _single(relation) -> None:
	"""The kind is locked by `_fitting`: two people adding the same come here one after the other."""
	there = doubles.find(relation, for_update=True)
	if there:
		_refuse(
			_(
				"{0} and {1} are related in this way already. Edit that relation, or give both their dates."
			).format(frappe.bold(relation.from_title), frappe.bold(relation.to_title)),
			_("Related Already"),
		)


def _refuse(words: str, title: str | None = None) -> None:
	frappe.throw(words, RelationError, title=title or _("This Relation Cannot Be"))

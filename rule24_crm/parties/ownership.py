"""Every client, deal and work has exactly one active responsible manager (F04).

A new record without one, or with one who has left, gets one by `parties.distribution`; nobody can be taken off or changed
for somebody who does not work any more. What came without a manager from elsewhere is found by `parties/ownerless.py`.
"""

import frappe
from frappe import _

from rule24_crm.exceptions import OwnerError
from rule24_crm.parties import distribution, managers, segments
from rule24_crm.parties.distribution import log
from rule24_crm.parties.kinds import OWNER_FIELD
from rule24_crm.titles import title_field

#: where each kind of record keeps its one responsible user
FIELDS = {**OWNER_FIELD, "Opportunity": "opportunity_owner", "Work": "assigned_to"}


def settle(doc, method: str | None = None) -> None:
	"""Before a new record is named: give it a manager where it has none who is active."""
	field = FIELDS[doc.doctype]
	user = doc.get(field)
	if user and user != "Guest" and managers.is_active(user):
		return
	if doc.doctype in OWNER_FIELD:
		segments.sync(doc)  # rules ask for the primary segment, whichever of the two fields was filled
	decision = distribution.decide(doc.doctype, doc)
	doc.set(field, decision.manager)
	doc.flags.rule24_decision = decision
	if user and user != "Guest":
		frappe.msgprint(
			_("{0} is not active any more: {1} is responsible instead.").format(
				frappe.bold(frappe.utils.get_fullname(user)),
				frappe.bold(frappe.utils.get_fullname(decision.manager)),
			),
			alert=True,
		)


def note(doc, method: str | None = None) -> None:
	"""The new record has its name: write down why it went to its manager."""
	if decision := doc.flags.pop("rule24_decision", None):
		distribution.note(
			doc.doctype, [(doc.name, decision)], {doc.name: doc.get(title_field(doc.doctype)) or doc.name}
		)


def check(doc, method: str | None = None) -> None:
	"""A record that has a manager keeps one, and a new one must be active.

	:raises OwnerError: the manager is taken off, or changed for one who is not active.
	"""
	field = FIELDS[doc.doctype]
	if doc.is_new() or not doc.has_value_changed(field):
		return
	user = doc.get(field)
	if not user:
		frappe.throw(
			_("{0} needs a responsible manager. Choose another one instead of clearing {1}.").format(
				_(doc.doctype), frappe.bold(_(doc.meta.get_label(field)))
			),
			OwnerError,
			title=_("No Manager"),
		)
	if not managers.is_active(user):
		frappe.throw(
			_("{0} is not active any more. Choose a manager who works, or make {0} active first.").format(
				frappe.bold(frappe.utils.get_fullname(user))
			),
			OwnerError,
			title=_("Manager Is Not Active"),
		)


def show(doc, method: str | None = None) -> None:
	"""For the form: why the record is with its manager, as long as it is."""
	found = log.latest(doc.doctype, doc.name)
	if found and found["manager"] == doc.get(FIELDS[doc.doctype]):
		doc.set_onload("rule24_distribution", found)


def forget(doc, method: str | None = None) -> None:
	"""The record is being deleted, and the reasons go with it."""
	log.forget(doc.doctype, doc.name)

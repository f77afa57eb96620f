"""Every client, deal and work has exactly one active responsible manager (F04).

A new record without one, or with one who has left, gets one by `parties.distribution`, and so does one that is taken up
again after its manager has left; nobody can be taken off or changed for somebody who does not work any more. Whoever leaves
hands everything over: `parties/leaving.py`. What came without a manager from elsewhere is found by `parties/ownerless.py`.
"""

import frappe
from frappe import _
from frappe.utils import now

from rule24_crm.exceptions import OwnerError
from rule24_crm.history import History
from rule24_crm.parties import distribution, managers, segments
from rule24_crm.parties.distribution import log
from rule24_crm.parties.kinds import OWNER_FIELD
from rule24_crm.parties.live import CLOSED_DEALS, is_live_document
from rule24_crm.parties.next_work import OPEN
from rule24_crm.titles import title_field

#: where each kind of record keeps its one responsible user
FIELDS = {**OWNER_FIELD, "Opportunity": "opportunity_owner", "Work": "assigned_to"}


def settle(doc, method: str | None = None) -> None:
	"""Before a new record is named: give it a manager where it has none who is active."""
	user = doc.get(FIELDS[doc.doctype])
	if user and user != "Guest" and managers.is_active(user):
		return
	if doc.doctype in OWNER_FIELD:
		segments.sync(doc)  # rules ask for the primary segment, whichever of the two fields was filled
	_give(doc)


def _give(doc) -> None:
	"""Put down whom the record goes to, and say so where it was somebody else's."""
	field = FIELDS[doc.doctype]
	user = doc.get(field)
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


def needs_somebody(doc) -> bool:
	"""Whether somebody has to look after a record as it is in memory: a live client, an open deal or work."""
	if doc.doctype == "Work":
		return doc.status in OPEN
	return doc.status not in CLOSED_DEALS if doc.doctype == "Opportunity" else is_live_document(doc)


def _taken_up_again(doc) -> bool:
	"""Whether this change makes the record one that needs somebody, while its manager has left."""
	before = doc.get_doc_before_save()
	if not before or doc.flags.in_delete or needs_somebody(before) or not needs_somebody(doc):
		return False
	return not managers.is_active(doc.get(FIELDS[doc.doctype]))


def wake(doc, method: str | None = None) -> None:
	"""A lost deal goes on, a client is live again, a work is planned anew: somebody active has it from then on. The last step
	of a validation, when it is known how the record stands."""
	if _taken_up_again(doc):
		_give(doc)
		note(doc)


def wake_stored(doc, method: str | None = None) -> None:
	"""The same for what ERPNext writes past the validation: a letter or an offer opens a lost deal."""
	if not _taken_up_again(doc):
		return
	field = FIELDS[doc.doctype]
	was, stamp = doc.get(field), now()
	_give(doc)
	doc.db_set(field, doc.get(field), update_modified=False)
	history = History(doc.doctype)
	history.change(doc.name, field, was, doc.get(field))
	history.write(stamp, frappe.session.user)
	note(doc)


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

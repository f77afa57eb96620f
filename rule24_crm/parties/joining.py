"""A Lead or Prospect turns out to be a Customer that is there already.

ERPNext has no merge over kinds of record, but a way that a Lead goes on as a Customer; so here it goes the same way, only
that the Customer is not made anew. Nothing is deleted: works move, people and addresses are linked to the Customer too, and
what stays with the older record (deals, letters, notes, closed things) is found through the chain of the client.
"""

from __future__ import annotations

import frappe
from frappe import _

from rule24_crm.deals import contacts
from rule24_crm.deals.customer import ORIGIN_FIELD
from rule24_crm.exceptions import MergeError, MergeNotPermittedError
from rule24_crm.parties import chain, managers, participants, segments
from rule24_crm.parties.kinds import OWNER_FIELD, TITLE_FIELD
from rule24_crm.parties.merging import refuse_two_inns
from rule24_crm.work import links


def join(party_type: str, party: str, customer: str) -> dict:
	"""Let a Lead or Prospect go on as a Customer, in one transaction. Harmless when it does already.

	:return: `{"party_type": "Customer", "party", "works"}`: how many works have moved.
	:raises MergeError: the two cannot be one client; nothing has been written.
	:raises MergeNotPermittedError: the user may not change both.
	"""
	if party_type not in ORIGIN_FIELD:
		frappe.throw(
			_("Only a lead or a prospect goes on as a customer. Merge two customers instead."), MergeError
		)
	frappe.db.get_value(party_type, party, "name", for_update=True)  # two people at once: one after the other
	frappe.db.get_value("Customer", customer, "name", for_update=True)
	old, new = frappe.get_doc(party_type, party), frappe.get_doc("Customer", customer)
	_check(old, new)
	contacts.carry(party_type, party, "Customer", customer)
	_carry_on(old, new)
	chain.continue_as(party_type, party, "Customer", customer)
	works = links.move(party_type, party, "Customer", customer)
	return {"party_type": "Customer", "party": customer, "works": works}


def _check(old, new) -> None:
	if not (old.has_permission("write") and new.has_permission("write")):
		frappe.throw(
			_("For this you need the right to change both, {0} and {1}. Ask your head of sales.").format(
				frappe.bold(old.get(TITLE_FIELD[old.doctype])), frappe.bold(new.customer_name)
			),
			MergeNotPermittedError,
			title=_("Not Permitted"),
		)
	refuse_two_inns(old, new)
	today = chain.successor(old.doctype, old.name)
	if today not in ((old.doctype, old.name), ("Customer", new.name)):
		frappe.throw(
			_("{0} goes on as {1} {2} already.").format(
				frappe.bold(old.get(TITLE_FIELD[old.doctype])), _(today[0]), frappe.bold(today[1])
			),
			MergeError,
			title=_("Two Clients"),
		)


def _carry_on(old, new) -> None:
	"""As ERPNext: the Customer names what it came from, if it came from nothing else, and the Lead is converted."""
	field = ORIGIN_FIELD[old.doctype]
	if not new.get(field):
		new.set(field, old.name)
	segments.carry(old, new)
	participants.carry(old, new)
	theirs = old.get(OWNER_FIELD[old.doctype])
	if not managers.is_active(new.account_manager) and managers.is_active(theirs):
		new.account_manager = theirs
	new.save()
	if old.doctype == "Lead" and frappe.db.get_value("Lead", old.name, "status") != "Converted":
		frappe.get_doc("Lead", old.name).db_set("status", "Converted")

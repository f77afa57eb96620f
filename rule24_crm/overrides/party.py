"""Customer, Lead and Prospect: each has a responsible manager, and their works follow them."""

import frappe

from rule24_crm.compat import forget_dynamic_links
from rule24_crm.parties import call_window, chain, entry, next_work, ownership, participants, segments
from rule24_crm.parties.duplicates import store, warning
from rule24_crm.parties.kinds import OWNER_FIELD, TITLE_FIELD
from rule24_crm.parties.relations import following
from rule24_crm.work import links

#: Dynamic Links to clients that bulk paths write: DocType, field of the kind
POINTING = (
	("Work", "party_type"),
	("Work Campaign Member", "party_type"),
	("Lead", "rule24_successor_type"),
	("Prospect", "rule24_successor_type"),
	("Dynamic Link", "link_doctype"),
	("Bank Account", "party_type"),
)


def before_rename(doc, method: str, old: str, new: str, merge: bool = False) -> None:
	"""Frappe has to find the rows that point at the client, also those that were written in bulk."""
	for doctype, field in POINTING:
		forget_dynamic_links(doctype, field)


def after_rename(doc, method: str, old: str, new: str, merge: bool = False) -> None:
	"""Frappe has re-pointed the works already; title and next day have to follow."""
	links.rename_party(doc.doctype, new)
	next_work.refresh([(doc.doctype, new)])
	store.forget(doc.doctype, old)
	store.refresh([(doc.doctype, new)])
	following.settle(doc.doctype, new)


def validate(doc, method: str | None = None) -> None:
	"""One responsible manager, segments that agree, right requisites, nobody twice, only hours that somebody gave."""
	call_window.tidy(doc)
	ownership.check(doc)
	segments.sync(doc)
	entry.check(doc)
	warning.check(doc)
	ownership.wake(doc)


def on_change(doc, method: str | None = None) -> None:
	"""Who is live again is somebody's, also where ERPNext writes past the validation; works follow a new manager."""
	ownership.wake_stored(doc)
	before, manager = doc.get_doc_before_save(), doc.get(OWNER_FIELD[doc.doctype])
	if not before:
		return
	# of a document that is written more than once Frappe keeps what it was before the first time
	if doc.flags.get("rule24_followed", manager) != manager or doc.has_value_changed(
		OWNER_FIELD[doc.doctype]
	):
		links.follow_manager(doc.doctype, [doc.name])
		doc.flags.rule24_followed = manager


def on_update(doc, method: str | None = None) -> None:
	"""Participants get access; a corrected name shows in the works too."""
	participants.sync(doc)
	if any(map(doc.has_value_changed, store.watched(doc.doctype))):
		store.refresh([(doc.doctype, doc.name)])
	if not doc.is_new() and doc.has_value_changed(TITLE_FIELD[doc.doctype]) and doc.get_doc_before_save():
		links.rename_party(doc.doctype, doc.name)
		following.retitle(doc.doctype, doc.name)


def on_trash(doc, method: str | None = None) -> None:
	"""The client's relations go with it."""
	following.forget(doc.doctype, doc.name)


def after_delete(doc, method: str | None = None) -> None:
	"""Nobody is recognised as a client that is gone."""
	store.forget(doc.doctype, doc.name)


def customer_after_insert(doc, method: str | None = None) -> None:
	"""A Customer made from a Lead or Prospect, by whatever button, continues it."""
	ownership.note(doc)
	for party_type, party in (("Lead", doc.get("lead_name")), ("Prospect", doc.get("prospect_name"))):
		if party and frappe.db.exists(party_type, party):
			chain.continue_as(party_type, party, "Customer", doc.name)
			links.move(party_type, party, "Customer", doc.name, opportunity=doc.get("opportunity_name"))

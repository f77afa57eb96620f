"""A work's deal is one with the work's client: closed works open the gates of the deal they name."""

from __future__ import annotations

import frappe
from frappe import _

from rule24_crm.exceptions import WorkError
from rule24_crm.parties import chain
from rule24_crm.parties.kinds import PARTY_TYPES

#: field in which a Customer names what ERPNext made it from, also before this app kept the chain
_ORIGINS = {"lead_name": "Lead", "prospect_name": "Prospect"}


def check(work) -> None:
	"""Open or closed, a work gets no deal of another client. A work without a client may be about a deal while it is open.

	:param work: a Work that is being saved.
	:raises WorkError: deal and client do not belong together, and this save has brought them so.
	"""
	if not work.opportunity:
		return
	before = work.get_doc_before_save()
	if before and not any(work.has_value_changed(field) for field in ("opportunity", "party_type", "party")):
		return
	finished = bool(before) and before.status == "Closed"
	if not fits(work.opportunity, work.party_type, work.party, finished=finished):
		frappe.throw(reason(work.opportunity), WorkError, title=_("Another Client"))


def fits(opportunity: str, party_type: str | None, party: str | None, *, finished: bool = False) -> bool:
	"""Whether a work with this client may name the deal.

	:param finished: the work is closed already: with nobody, it was no work of any deal.
	"""
	return is_with(opportunity, party_type, party) if party else not finished


def reason(opportunity: str) -> str:
	"""Why it may not, in words."""
	return _(
		"The deal {0} is not with the client of this work. Choose one of the client's deals, or clear {1}."
	).format(frappe.bold(opportunity), frappe.bold(_("Deal")))


def is_with(opportunity: str, party_type: str, party: str) -> bool:
	"""Whether a deal is with a client, be it under another of the records that the client has gone through.

	A deal that does not exist is nobody's fault here: that it exists is Frappe's link validation.
	"""
	client = frappe.db.get_value("Opportunity", opportunity, ["opportunity_from", "party_name"])
	if not client or client == (party_type, party):
		return True
	if client[0] not in PARTY_TYPES:
		return False
	records, others = chain.lineage(*client), chain.lineage(party_type, party)
	return (party_type, party) in records or _made_from(records, others) or _made_from(others, records)


def search(party_type: str, party: str, words: str = "", *, start: int = 0, limit: int = 20) -> list[tuple]:
	"""Deals of a client that the user may read, under whichever of its records they stand; the latest first.

	:param words: a part of the deal's name or title.
	:return: rows of a link field: name, title, status.
	"""
	records = chain.lineage(party_type, party)
	like = ("like", f"%{words}%")
	rows = frappe.get_list(
		"Opportunity",
		filters={
			"opportunity_from": ("in", list({kind for kind, _name in records})),
			"party_name": ("in", [name for _kind, name in records]),
		},
		or_filters={"name": like, "title": like},
		fields=["name", "title", "status", "opportunity_from", "party_name"],
		order_by="creation desc",
		limit_start=start,
		limit=limit,
	)
	# a prospect is often called like a customer who is another client
	return [
		(row.name, row.title or "", _(row.status))
		for row in rows
		if (row.opportunity_from, row.party_name) in records
	]


def _made_from(customers: list[tuple[str, str]], records: list[tuple[str, str]]) -> bool:
	"""Whether ERPNext made a Customer among the first from a record among the second."""
	names = [name for kind, name in customers if kind == "Customer"]
	return any(
		frappe.db.exists("Customer", {"name": ("in", names), field: name})
		for field, origin in _ORIGINS.items()
		for kind, name in records
		if kind == origin and names
	)

"""A work's deal is one with the work's client: closed works open the gates of the deal they name."""

from __future__ import annotations

import frappe
from frappe import _

from rule24_crm.deals.client import is_with
from rule24_crm.exceptions import WorkError


def check(work) -> None:
	"""Open or closed, a work gets no deal of another client. A work without a client may be about a deal while it is open.

	The deal stays locked until the work is written: whoever gives it another client at this moment (`deals.client_change`)
	waits, and sees the work. A work that follows another one of the same deal and client needs no lock (and would wait with
	the other one locked): that one keeps the deal with its client.

	:param work: a Work that is being saved; `flags.keeps_deal`: deal and client are those of the work it follows.
	:raises WorkError: deal and client do not belong together, and this save has brought them so.
	"""
	if not work.opportunity:
		return
	before = work.get_doc_before_save()
	if before and not any(work.has_value_changed(field) for field in ("opportunity", "party_type", "party")):
		return
	finished = bool(before) and before.status == "Closed"
	lock = not work.flags.keeps_deal
	if not fits(work.opportunity, work.party_type, work.party, finished=finished, for_update=lock):
		frappe.throw(reason(work.opportunity), WorkError, title=_("Another Client"))


def fits(
	opportunity: str,
	party_type: str | None,
	party: str | None,
	*,
	finished: bool = False,
	for_update: bool = False,
) -> bool:
	"""Whether a work with this client may name the deal.

	:param finished: the work is closed already: with nobody, it was no work of any deal.
	:param for_update: such a work is about to be written; see `is_with`.
	"""
	return is_with(opportunity, party_type, party, for_update=for_update) if party else not finished


def reason(opportunity: str) -> str:
	"""Why it may not, in words."""
	return _(
		"The deal {0} is not with the client of this work. Choose one of the client's deals, or clear {1}."
	).format(frappe.bold(opportunity), frappe.bold(_("Deal")))

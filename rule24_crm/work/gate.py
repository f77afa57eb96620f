"""The next-action gate: a live client must not be left without a next work.

It holds whenever an open work ends: when it is closed, and when it is cancelled, given to another client or deleted.
"""

import frappe
from frappe import _

from rule24_crm.compat import single_value
from rule24_crm.exceptions import NextWorkRequiredError
from rule24_crm.parties.live import is_live
from rule24_crm.parties.next_work import OPEN

OFF, WARN, ENFORCE = "Off", "Warn", "Enforce"


def mode() -> str:
	"""The setting: Off, Warn or Enforce."""
	return single_value("Rule24 CRM Settings", "next_action_gate") or ENFORCE


def check(work, *, has_successor: bool, writes_off: bool = False) -> None:
	"""Refuse, or warn about, closing the last open work of a live client.

	:param work: the Work being closed.
	:param has_successor: a next work is given or proposed by the matrix.
	:param writes_off: closing makes the client not live.
	:raises NextWorkRequiredError: nothing is planned, no stop reason is given, and the gate is set to Enforce.
	"""
	if has_successor or writes_off or work.stop_reason or not work.party or mode() == OFF:
		return
	if not _is_last_of_a_live_client(work):
		return
	_refuse(
		_(
			"{0} is a live client and nothing else is planned with it. Plan the next work, or say why there is none in {1}."
		).format(frappe.bold(work.party_name or work.party), frappe.bold(_("Stop Reason")))
	)


def check_leaving(work) -> None:
	"""Refuse, or warn about, taking its last open work from a live client: to another client, or by deleting it.

	:param work: the Work as it is stored, still with this client.
	:raises NextWorkRequiredError: nothing else is planned, and the gate is set to Enforce.
	"""
	if work.status not in OPEN or not work.party or mode() == OFF or not _is_last_of_a_live_client(work):
		return
	_refuse(
		_(
			"{0} is a live client and nothing else is planned with it. Plan the next work first, or close or cancel this "
			"one with a {1}."
		).format(frappe.bold(work.party_name or work.party), frappe.bold(_("Stop Reason")))
	)


def _is_last_of_a_live_client(work) -> bool:
	return is_live(work.party_type, work.party) and not already_planned(work, now=True)


def _refuse(message: str) -> None:
	if mode() == ENFORCE:
		frappe.throw(message, NextWorkRequiredError, title=_("What Comes Next?"))
	frappe.msgprint(message, title=_("What Comes Next?"), indicator="orange")


def already_planned(work, *, now: bool = False) -> bool:
	"""Whether another open work with the same client exists.

	:param now: as it is at this moment, and leaving out works that somebody is just saving: of two people who close the
		last two works of a client at once, each would else rely on the other's.
	"""
	other = frappe.qb.DocType("Work")
	query = (
		frappe.qb.from_(other)
		.select(other.name)
		.where(
			(other.party_type == work.party_type)
			& (other.party == work.party)
			& other.status.isin(OPEN)
			& (other.name != (work.name or ""))
		)
		.limit(1)
	)
	return bool((query.for_update(skip_locked=True) if now else query).run())

"""What a `Client Handover` says, checked: whose, what, to whom, until when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import frappe
from frappe import _
from frappe.utils import cint, flt, getdate, nowdate

from rule24_crm.exceptions import HandoverError
from rule24_crm.parties import managers
from rule24_crm.parties.handover import next_in_line
from rule24_crm.parties.kinds import PARTY_TYPES, titles
from rule24_crm.setup.roles import MANAGER

EVERYTHING, OF_SEGMENTS, CHOSEN = "Everything", "Clients of Segments", "Chosen Clients"
BY_SHARES, BY_SEGMENTS = "Shares", "Segments"
DRAFT, DONE, RETURNED, UNDONE = "Draft", "Handed Over", "Returned", "Undone"
#: hundredths of a percent by which shares may miss 100: a third is 33.33
TOLERANCE = 0.05


@dataclass
class Terms:
	"""A handover as the rest of the package reads it.

	:param shares: receiver -> part of the whole, 0 to 1; in the order of the table. Empty when divided by segments.
	:param by_segment: market segment -> receiver; empty when divided by shares.
	:param bare: only clients, deals and works: what somebody is responsible for, without anything that is shared with others.
	:param rest: who takes what belongs to nobody else; None only when segments name nobody for the rest.
	"""

	from_user: str
	receivers: list[str]
	shares: dict[str, float]
	by_segment: dict[str, str]
	rest: str | None
	scope: str = EVERYTHING
	segments: tuple[str, ...] = ()
	clients: tuple[tuple[str, str], ...] = ()
	until: date | None = None
	closed_deals: bool = False
	hand_segments: bool = False
	subordinates: bool = False
	deactivate: bool = False
	bare: bool = False
	portions: dict[str, float] = field(default_factory=dict)

	@property
	def for_good(self) -> bool:
		"""Whether nothing comes back by itself."""
		return not self.until

	@property
	def whole(self) -> bool:
		"""Whether the manager hands over everything, not only some clients."""
		return self.scope == EVERYTHING

	@property
	def main(self) -> str:
		"""Who takes what cannot be divided."""
		return self.rest or self.receivers[0]


def of(doc) -> Terms:
	"""The terms of a valid handover."""
	by_shares = doc.divide_by != BY_SEGMENTS
	shares = {row.user: flt(row.share) / 100 for row in doc.receivers} if by_shares else {}
	rest = next((row.user for row in doc.receivers if row.takes_rest), None)
	if by_shares and not rest:
		rest = max(shares, key=lambda user: shares[user])  # the first of equals
	whole = doc.scope == EVERYTHING
	return Terms(
		from_user=doc.from_user,
		receivers=list(dict.fromkeys(row.user for row in doc.receivers)),
		shares=shares,
		by_segment={} if by_shares else {row.segment: row.user for row in doc.receivers if row.segment},
		rest=rest,
		scope=doc.scope,
		segments=tuple(row.segment for row in doc.segments) if doc.scope == OF_SEGMENTS else (),
		clients=tuple((row.party_type, row.party) for row in doc.clients) if doc.scope == CHOSEN else (),
		until=getdate(doc.until) if doc.until else None,
		closed_deals=bool(cint(doc.closed_deals)),
		hand_segments=whole and bool(cint(doc.hand_segments)),
		subordinates=whole and bool(cint(doc.subordinates)),
		deactivate=whole and not doc.until and bool(cint(doc.deactivate)),
	)


def validate(doc, lock: bool = False) -> None:
	"""Check and complete a draft.

	:param lock: read what others have written of the receivers a moment ago, and keep them as they are.
	:raises HandoverError: it contradicts itself; the message names the row.
	"""
	_check_receivers(doc, lock)
	if doc.divide_by == BY_SEGMENTS:
		_check_segments(doc)
	else:
		_check_shares(doc)
	if doc.until and getdate(doc.until) <= getdate(nowdate()):
		_refuse(
			_("{0} must be a day to come. Leave it empty to hand over for good.").format(_label(doc, "until"))
		)
	if doc.scope == OF_SEGMENTS and not doc.segments:
		_refuse(_("Choose the market segments whose clients are handed over."))
	if doc.scope == CHOSEN:
		_check_clients(doc)


def _check_receivers(doc, lock: bool) -> None:
	if not doc.receivers:
		_refuse(_("Say who takes over: add at least one receiver."))
	for row in doc.receivers:
		name = frappe.bold(row.full_name or row.user)
		if row.user == doc.from_user:
			_refuse(
				_("Row {0}: {1} cannot hand over to himself. Choose somebody else.").format(row.idx, name)
			)
		# the system's last choice stands in the register of few companies, and works in all of them
		last = doc.flags.by_system and row.user == next_in_line.LAST
		if not last and not managers.is_active(row.user, lock=lock):
			_refuse(
				_(
					"Row {0}: {1} is not an active manager. Enable the user and mark the manager as active, or choose somebody else."
				).format(row.idx, name)
			)
		if not frappe.has_permission("Work", "write", user=row.user):
			_refuse(
				_(
					"Row {0}: {1} may not work with clients. Give the user the role {2}, or choose somebody else."
				).format(row.idx, name, frappe.bold(_(MANAGER)))
			)
	if len([row for row in doc.receivers if row.takes_rest]) > 1:
		_refuse(_("Only one receiver takes the rest."))


def _check_shares(doc) -> None:
	seen = set()
	for row in doc.receivers:
		row.segment = None
		if row.user in seen:
			_refuse(_("Row {0}: {1} is among the receivers twice.").format(row.idx, frappe.bold(row.user)))
		seen.add(row.user)
	if not any(flt(row.share) for row in doc.receivers):
		for row in doc.receivers:
			row.share = flt(100 / len(doc.receivers), 2)
		return
	for row in doc.receivers:
		if flt(row.share) <= 0:
			_refuse(_("Row {0}: the share must be above zero.").format(row.idx))
	total = sum(flt(row.share) for row in doc.receivers)
	if abs(total - 100) > TOLERANCE:
		_refuse(_("The shares add up to {0} %. They must make 100 %.").format(flt(total, 2)))


def _check_segments(doc) -> None:
	seen: dict[str, int] = {}
	for row in doc.receivers:
		row.share = 0
		if not row.segment and not row.takes_rest:
			_refuse(
				_("Row {0}: choose a market segment, or let this receiver take the rest.").format(row.idx)
			)
		if row.segment and row.segment in seen:
			_refuse(
				_("Row {0}: the clients of {1} go to row {2} already.").format(
					row.idx, frappe.bold(row.segment), seen[row.segment]
				)
			)
		if row.segment:
			seen[row.segment] = row.idx


def _check_clients(doc) -> None:
	if not doc.clients:
		_refuse(_("Choose the clients who are handed over."))
	seen = set()
	for row in doc.clients:
		if row.party_type not in PARTY_TYPES:
			_refuse(
				_("Row {0}: {1} is not a kind of client.").format(row.idx, frappe.bold(row.party_type or "-"))
			)
		if (row.party_type, row.party) in seen:
			_refuse(_("Row {0}: {1} is on the list twice.").format(row.idx, frappe.bold(row.party)))
		seen.add((row.party_type, row.party))
	for kind in PARTY_TYPES:
		found = titles(kind, [row.party for row in doc.clients if row.party_type == kind] or [""])
		for row in doc.clients:
			if row.party_type == kind:
				row.party_name = (found.get(row.party) or "")[:140]


def _label(doc, fieldname: str) -> str:
	return frappe.bold(_(doc.meta.get_label(fieldname)))


def _refuse(message: str) -> None:
	frappe.throw(message, HandoverError)

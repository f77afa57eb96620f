"""From what a manager has to a list of moves: which clients are meant, who gets them, what changes because of that."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import frappe
from frappe import _

from rule24_crm.exceptions import HandoverError
from rule24_crm.parties.handover import access, belongings, dealing, register
from rule24_crm.parties.handover.belongings import Belonging
from rule24_crm.parties.handover.clients import Groups, Key, segments_of
from rule24_crm.parties.handover.moves import Move, Step
from rule24_crm.parties.handover.terms import CHOSEN, OF_SEGMENTS, Terms
from rule24_crm.parties.kinds import PARTY_TYPES, titles

#: kinds of record that are work, so are dealt evenly
WORKLOAD = ("Opportunity", "Work")
#: so many names stand in a message
NAMED = 5


@dataclass
class Plan:
	"""What a handover does.

	:param clients: receiver -> number of clients, each counted once however many records it has.
	"""

	terms: Terms
	steps: list[Step] = field(default_factory=list)
	clients: dict[str, int] = field(default_factory=dict)

	@property
	def moves(self) -> list[Move]:
		return [step.move for step in self.steps]

	def counts(self) -> dict[str, int]:
		"""Kind -> number of moves, in the order they are made."""
		return dict(Counter(step.kind for step in self.steps))

	def counts_of(self, user: str) -> dict[str, int]:
		"""The same for one receiver."""
		return dict(Counter(step.kind for step in self.steps if step.receiver == user))

	def token(self) -> str:
		"""Tells whether two plans do the same."""
		told = hashlib.sha256(self.terms.from_user.encode())
		for move in sorted(
			self.moves, key=lambda move: (move.doctype, move.name, move.field, move.row, move.old)
		):
			if move.field != "*":  # rows that are made anew have other names each time
				told.update(repr(move).encode())
		return told.hexdigest()[:32]


def make(terms: Terms, lock: bool = False) -> Plan:
	"""Everything that these terms move; nothing is written.

	:param lock: lock all rows concerned until the end of the transaction.
	:raises HandoverError: the segments do not cover the clients, or a chosen client is not the manager's.
	"""
	found = belongings.of(terms, lock)
	clients = _clients(found)
	groups = Groups()
	groups.find([*clients.values(), *terms.clients])
	if terms.scope == CHOSEN:
		_check_chosen(terms, found)
	meant = _meant(terms, found, clients, groups)
	placed: list[tuple[Belonging, Key | None]] = []
	for each in found:
		group = groups.of(clients[each.refers_to]) if each.refers_to in clients else None
		if meant is None or group in meant:
			placed.append((each, group))
	whose = _deal(terms, placed, groups)
	terms = replace(terms, portions=_portions(terms, placed, whose))
	plan = Plan(terms)
	given = [(each, group, _receiver(terms, each, group, whose)) for each, group in placed]
	plan.steps = [
		*_steps(terms, given),
		*_beside(terms, given, {key: whose.get(groups.of(key)) for key in _keys(groups, meant)}, lock),
	]
	owned = {group: receiver for each, group, receiver in given if each.kind in PARTY_TYPES}
	plan.clients = {user: 0 for user in terms.receivers} | Counter(owned.values())
	return plan


def _beside(terms: Terms, given: list, whose: dict, lock: bool) -> Iterator[Step]:
	"""What goes along beside the records themselves: rights, and places on lists."""
	if terms.bare:
		return
	yield from access.steps(terms, given, whose, lock)
	if terms.whole:
		yield from register.steps(terms, lock)


def _clients(found: list[Belonging]) -> dict[Key, Key]:
	"""The record that something refers to -> its client; records of clients stand for themselves."""
	records = {each.refers_to for each in found if each.refers_to}
	clients = belongings.clients_of(records)
	clients.update({key: key for key in records if key[0] in PARTY_TYPES})
	return clients


def _keys(groups: Groups, meant: set[Key] | None) -> list[Key]:
	return [key for key in groups if meant is None or groups.of(key) in meant]


def _check_chosen(terms: Terms, found: list[Belonging]) -> None:
	"""
	:raises HandoverError: somebody else is responsible for a chosen client.
	"""
	owned = {each.refers_to for each in found if each.kind in PARTY_TYPES}
	strange = [key for key in terms.clients if key not in owned]
	if not strange:
		return
	names = [titles(kind, [name]).get(name, name) for kind, name in strange[:NAMED]]
	frappe.throw(
		_("{0} is not responsible for: {1}. Take them off the list of clients.").format(
			frappe.bold(frappe.utils.get_fullname(terms.from_user)), ", ".join(map(frappe.bold, names))
		),
		HandoverError,
	)


def _meant(terms: Terms, found: list[Belonging], clients: dict[Key, Key], groups: Groups) -> set[Key] | None:
	"""The clients that the handover is about; None for everything."""
	if terms.scope == CHOSEN:
		return {groups.of(key) for key in terms.clients}
	if terms.scope != OF_SEGMENTS:
		return None
	owned = {groups.of(clients[each.refers_to]) for each in found if each.kind in PARTY_TYPES}
	wanted = set(terms.segments)
	in_segment = {groups.of(key) for key, segments in segments_of(groups).items() if wanted & set(segments)}
	return owned & in_segment


def _deal(terms: Terms, placed: list, groups: Groups) -> dict:
	"""Client, or record of work without a client -> receiver."""
	weights: Counter = Counter()
	owned: set[Key] = set()
	segments: dict = {}
	for each, group in placed:
		key = group or ((each.doctype, each.name) if each.kind in WORKLOAD else None)
		if key is None:
			continue
		weights[key] += each.kind in WORKLOAD
		if each.kind in PARTY_TYPES:
			owned.add(group)
		if not group and each.segment:
			segments[key] = [each.segment]
	if terms.shares:
		units = [dealing.Unit(key, weight, key in owned) for key, weight in weights.items()]
		return dealing.by_shares(units, terms.shares)
	by_group = defaultdict(list)
	of_records = segments_of([key for key in groups if groups.of(key) in weights])
	for key in sorted(of_records):  # a Customer's segments before those of its Lead
		by_group[groups.of(key)] += of_records[key]
	segments.update(by_group)
	return _by_segment(terms, {key: weights[key] or key in owned for key in weights}, segments)


def _by_segment(terms: Terms, keys: dict, segments: dict) -> dict:
	"""Who gets what by its segment.

	:param keys: client or record -> whether it has to be covered: the manager is responsible for it, or has work there.
	:raises HandoverError: some clients are in no segment of the table and nobody takes the rest.
	"""
	dealt, uncovered = {}, Counter()
	for key, must_be_covered in keys.items():
		mine = segments.get(key, [])
		receiver = next((terms.by_segment[each] for each in mine if each in terms.by_segment), terms.rest)
		if not receiver and must_be_covered:
			uncovered[mine[0] if mine else _("no segment")] += 1
		dealt[key] = receiver or terms.main
	if uncovered:
		frappe.throw(
			_(
				"Nobody takes the clients of: {0}. Add a row for each segment, or mark one receiver with {1}."
			).format(
				", ".join(f"{frappe.bold(name)} ({count})" for name, count in uncovered.most_common(NAMED)),
				frappe.bold(_("The Rest")),
			),
			HandoverError,
		)
	return dealt


def _portions(terms: Terms, placed: list, whose: dict) -> dict[str, float]:
	"""Receiver -> part of the whole, for what is divided like the clients."""
	if terms.shares:
		return terms.shares
	clients = Counter(whose[group] for group in {group for each, group in placed if each.kind in PARTY_TYPES})
	if not clients:
		return {terms.main: 1.0}
	return {user: clients[user] / clients.total() for user in terms.receivers if clients[user]}


def _receiver(terms: Terms, each: Belonging, group: Key | None, whose: dict) -> str:
	return whose.get(group or (each.doctype, each.name)) or terms.main


def _steps(terms: Terms, given: list) -> list[Step]:
	"""Moves that only put the receiver in the manager's place."""
	return [
		Step(
			each.kind,
			each.title,
			receiver,
			Move(each.doctype, each.name, each.field, terms.from_user, receiver, each.row),
		)
		for each, _group, receiver in given
		if each.kind not in access.KINDS
	]

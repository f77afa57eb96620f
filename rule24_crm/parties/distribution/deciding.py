"""Deciding who gets a record. One record and a batch of them go through the same code."""

from __future__ import annotations

import frappe
from frappe import _

from rule24_crm.compat import single_value
from rule24_crm.parties import managers
from rule24_crm.parties.distribution import rules as rulebook
from rule24_crm.parties.distribution.decision import CREATOR, FALLBACK, INHERITED, RULE, Candidate, Decision
from rule24_crm.parties.distribution.rules import CAPACITY, CLIENTS, LISTED, ONE, SEGMENT, TURN, WORKS, Rule
from rule24_crm.parties.distribution.staff import Staff
from rule24_crm.parties.kinds import PARTY_TYPES, responsibles


def decide(party_type: str, values) -> Decision:
	"""Who is to be responsible for a new record.

	:param party_type: Lead, Prospect, Customer, Opportunity or Work.
	:param values: field values of the record, a dict or a document.
	:return: always somebody. Where a rule chooses among several, its row stays locked until the transaction ends, so that
		two at once do not get the same turn.
	"""
	return decide_many(party_type, [values])[0]


def decide_many(party_type: str, rows: list) -> list[Decision]:
	"""As `decide` for each of these records in turn; what one gets counts for the next.

	The number of queries does not grow with the number of records.

	:param rows: field values of each record.
	"""
	return Distributor(party_type).decide(rows)


class Distributor:
	"""Rules and managers, read once.

	:param dry: a trial: nothing is locked, and turns are forgotten afterwards.
	:param only: ask just this rule, whether enabled or not.
	"""

	def __init__(self, party_type: str, *, dry: bool = False, only: str | None = None):
		self.party_type, self.dry = party_type, dry
		self.rules = rulebook.load(party_type, only)
		self._staff: Staff | None = None
		self.turns: dict[str, dict[str, int]] = {}
		self._kept: dict[str, dict[str, int]] = {}
		self.others = Others(party_type)

	@property
	def staff(self) -> Staff:
		if self._staff is None:
			self._staff = Staff()
		return self._staff

	def decide(self, rows: list) -> list[Decision]:
		fitting = [[rule for rule in self.rules if rule.fits(values)] for values in rows]
		self._take_turns({rule.name for each in fitting for rule in each if rule.give_to != ONE})
		self.others.prepare(rows)
		decisions = [self._one(values, each) for values, each in zip(rows, fitting, strict=True)]
		self._keep_turns()
		return decisions

	def _one(self, values, fitting: list[Rule]) -> Decision:
		passed: list[str] = []
		for rule in fitting:
			candidates = self._candidates(rule, values)
			chosen = self._choose(rule, [each for each in candidates if each.free])
			if not chosen:
				passed.append(_("the rule «{0}» fits, but has nobody to give to").format(rule.name))
				continue
			if rule.name in self.turns:
				given = self.turns[rule.name]
				given[chosen] = max(given.values(), default=0) + 1
			self.staff.gave(chosen)
			return Decision(chosen, rule.name, self._because(rule, passed), RULE, tuple(candidates))
		manager, way, why = self.others.whom(values)
		return Decision(manager, None, "; ".join([*passed, why]), way)

	def _candidates(self, rule: Rule, values) -> list[Candidate]:
		staff = self.staff
		if rule.give_to == ONE:
			users = [rule.manager]
		elif rule.give_to == LISTED:
			users = list(rule.managers)
		else:
			users = staff.with_segments(segments_in(values))
		found = []
		for user in users:
			manager = staff.managers.get(user)
			if not manager:
				found.append(Candidate(user, user, _("not in the register of account managers"), False))
			elif manager.away:
				found.append(Candidate(user, manager.name, manager.away, False))
			else:
				found.append(Candidate(user, manager.name, self._load(rule, user)))
		return found

	def _load(self, rule: Rule, user: str) -> str:
		if rule.give_to == ONE:
			return ""
		if rule.choose_by == WORKS:
			return _("{0} open works").format(self.staff.open_works(user))
		if rule.choose_by == CLIENTS:
			return _("{0} clients").format(self.staff.clients(user))
		if rule.choose_by == CAPACITY:
			due, capacity = self.staff.due(user)
			return _("{0} works until today, {1} a day").format(due, capacity)
		turn = self.turns.get(rule.name, {}).get(user)
		return _("last turn: {0}").format(turn) if turn else _("has had no turn yet")

	def _choose(self, rule: Rule, free: list[Candidate]) -> str | None:
		"""The one with the least; among equals whoever has waited longest since his last turn."""
		if not free:
			return None
		turns = self.turns.get(rule.name, {})
		places = {each.user: place for place, each in enumerate(free)}

		def rank(user: str) -> tuple:
			return (self._weight(rule, user), turns.get(user, 0), places[user])

		return min(places, key=rank)

	def _weight(self, rule: Rule, user: str) -> float:
		if rule.choose_by == TURN or rule.give_to == ONE:
			return 0
		if rule.choose_by == WORKS:
			return self.staff.open_works(user)
		if rule.choose_by == CLIENTS:
			return self.staff.clients(user)
		due, capacity = self.staff.due(user)
		return (due + 1) / capacity

	def _because(self, rule: Rule, passed: list[str]) -> str:
		if rule.give_to == ONE:
			why = _("the rule «{0}» names the manager").format(rule.name)
		else:
			among = _("managers of the segment") if rule.give_to == SEGMENT else _("the managers it lists")
			by = {
				TURN: _("whoever has waited longest for a turn"),
				WORKS: _("whoever has fewest open works"),
				CLIENTS: _("whoever has fewest clients"),
				CAPACITY: _("whoever has most free capacity"),
			}[rule.choose_by]
			why = _("the rule «{0}» chooses among {1}: {2}").format(rule.name, among, by)
		return "; ".join([*passed, why])

	def _take_turns(self, names: set[str]) -> None:
		"""Read whose turn it was; for real, the rules are locked, always in the same order."""
		new = sorted(names - self.turns.keys())
		if not new:
			return
		rule = frappe.qb.DocType(rulebook.DOCTYPE)
		query = (
			frappe.qb.from_(rule).select(rule.name, rule.turns).where(rule.name.isin(new)).orderby(rule.name)
		)
		for name, turns in (query if self.dry else query.for_update()).run():
			self.turns[name] = dict(frappe.parse_json(turns) or {}) if turns else {}
			self._kept[name] = dict(self.turns[name])

	def _keep_turns(self) -> None:
		if self.dry:
			return
		for name, turns in self.turns.items():
			if turns != self._kept[name]:
				frappe.db.set_value(
					rulebook.DOCTYPE, name, "turns", frappe.as_json(turns, indent=None), update_modified=False
				)
				self._kept[name] = dict(turns)


class Others:
	"""Whom a record goes to when no rule gives it to anybody."""

	def __init__(self, party_type: str):
		self.party_type = party_type
		self._active: dict[str, bool] = {}
		self._owners: dict[tuple[str, str], str | None] = {}
		self._fallback: tuple[str, str, str] | None = None

	def prepare(self, rows: list) -> None:
		"""Read the managers of the clients that the records come from, one query for each kind."""
		wanted: dict[str, set[str]] = {}
		for values in rows:
			for kind, name in self._origins(values):
				wanted.setdefault(kind, set()).add(name)
		for kind, names in wanted.items():
			self._owners |= {(kind, name): user for name, user in responsibles(kind, sorted(names)).items()}

	def whom(self, values) -> tuple[str, str, str]:
		"""(user, way, why)."""
		for origin in self._origins(values):
			owner = self._owners.get(origin)
			if self._is_active(owner):
				return owner, INHERITED, _("responsible for the client already")
		if not self._fallback:
			self._fallback = _creator_or_fallback()
		return self._fallback

	def _origins(self, values) -> list[tuple[str, str]]:
		if self.party_type == "Opportunity":
			pairs = [(values.get("opportunity_from"), values.get("party_name"))]
		elif self.party_type == "Work":
			pairs = [(values.get("party_type"), values.get("party"))]
		elif self.party_type == "Customer":
			pairs = [("Lead", values.get("lead_name")), ("Prospect", values.get("prospect_name"))]
		else:
			pairs = []
		return [(kind, name) for kind, name in pairs if name and kind in PARTY_TYPES]

	def _is_active(self, user: str | None) -> bool:
		if user not in self._active:
			self._active[user] = managers.is_active(user)
		return self._active[user]


def _creator_or_fallback() -> tuple[str, str, str]:
	creator = frappe.session.user
	if managers.is_manager(creator):
		return creator, CREATOR, _("made the record and is an active manager")
	fallback = single_value("Rule24 CRM Settings", "fallback_manager")
	if managers.is_active(fallback):
		return fallback, FALLBACK, _("the fallback manager of Rule24 CRM Settings")
	if creator != "Guest" and managers.is_active(creator):
		return creator, CREATOR, _("made the record; no fallback manager is set in Rule24 CRM Settings")
	first = managers.first_active()
	if first:
		return (
			first,
			FALLBACK,
			_("the first in the register; no fallback manager is set in Rule24 CRM Settings"),
		)
	return "Administrator", FALLBACK, _("there is no active manager; set a fallback in Rule24 CRM Settings")


def segments_in(values) -> set[str]:
	"""Market segments of a record: its rows, and ERPNext's own field."""
	found = {row.get("segment") if hasattr(row, "get") else row for row in values.get("segments") or []}
	return (found | {values.get("market_segment")}) - {None, ""}

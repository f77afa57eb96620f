"""Who in the base is the same client as a candidate, why, and how surely.

The whole base is searched, whoever asks: two managers must not make one client twice because they do not see each other's.
What of it a user may see is `warning`'s concern.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import frappe
from frappe import _
from frappe.utils import cstr
from rapidfuzz import fuzz, process

from rule24_crm.parties.chain import LIMIT
from rule24_crm.parties.duplicates import keys, store
from rule24_crm.parties.identity import phones, sounding
from rule24_crm.parties.identity.numbers import INDIVIDUAL, SOLE_PROPRIETOR, clean
from rule24_crm.parties.kinds import TITLE_FIELD

INN_KPP, SAME_INN, BRANCH, EMAIL, PHONE, SAME_NAME, LIKE_NAME = (
	"inn_kpp",
	"inn",
	"inn_other_kpp",
	"email",
	"phone",
	"name",
	"name_alike",
)
#: reason -> how surely it alone says that two are one, of 100
WEIGHTS = {INN_KPP: 100, SAME_INN: 97, BRANCH: 80, EMAIL: 85, PHONE: 80, SAME_NAME: 75, LIKE_NAME: 75}
#: two people of one name are less surely one than two companies
NAMESAKE = 55
#: a shared phone or e-mail of clients with different INN: one director's firms
OTHER_INN = 45
#: names less alike than this are not worth mentioning; of people, whose names resemble each other anyway
ALIKE, ALIKE_PERSON = 0.75, 0.93
#: a word that more clients than this have in their names tells nothing alone
RARE = 60
#: so many clients at most are compared by a name that sounds alike
MOST_NAMED = 500
#: consonants a name needs before one of them may be wrong: half of all short names are one letter apart
TELLING = 3
#: names that are sooner looked through at once than one by one
MANY = 8
#: of likenesses in hundredths
ROUNDING = 0.001


@dataclass
class Candidate:
	"""Somebody who may be in the base already; every value as it was typed, all may be missing.

	:param kind: `Legal Entity`, `Sole Proprietor`, `Individual`, or nothing.
	:param exclude: (party_type, party): the record itself, with everything it was before or became.
	"""

	kind: str = ""
	name: str = ""
	inn: str = ""
	kpp: str = ""
	phones: list[str] = field(default_factory=list)
	emails: list[str] = field(default_factory=list)
	exclude: tuple[str, str] | None = None

	@property
	def is_person(self) -> bool:
		return self.kind in (INDIVIDUAL, SOLE_PROPRIETOR) or len(clean(self.inn)) == 12


@dataclass(frozen=True)
class Reason:
	"""Why two are thought to be one: a `code` for programs, `words` for people."""

	code: str
	words: str
	weight: int = 0


@dataclass
class Match:
	"""A client that a candidate may be; `score` of 100."""

	party_type: str
	party: str
	title: str
	score: int
	reasons: list[Reason]


def find(candidate: Candidate, limit: int = 5) -> list[Match]:
	"""Clients that the candidate may be, the surest first."""
	return find_many([candidate], limit=limit)[0]


def find_many(
	candidates: list[Candidate], limit: int = 5, near: bool = True, words: bool = True
) -> list[list[Match]]:
	"""As `find`, for many: one query for each kind of key and chunk.

	:param near: also look for names with one mistyped consonant. Without it typing errors in vowels, doubled letters,
		transliteration, the order of words and the legal form are still seen through, several times faster.
	:param words: also look for names that have but one telling word in common. Without it whole names, or those with one
		word more, are compared: for files of thousands.
	"""
	evidence: list[dict[tuple[str, str], dict[str, Reason]]] = [defaultdict(dict) for _each in candidates]
	_by_numbers(candidates, evidence)
	_by_names(candidates, evidence, near, words)
	parties = _Parties({party for found in evidence for party in found} | {c.exclude for c in candidates})
	return [_matches(c, found, parties)[:limit] for c, found in zip(candidates, evidence, strict=True)]


# -- evidence -----------------------------------------------------------------------------------------------------------


def _by_numbers(candidates: list[Candidate], evidence: list[dict]) -> None:
	"""The same INN, phones and e-mails."""
	region = phones.default_region()
	wanted: dict[str, dict[str, list[int]]] = {
		kind: defaultdict(list) for kind in (keys.INN, keys.PHONE, keys.EMAIL)
	}
	for at, candidate in enumerate(candidates):
		if inn := clean(candidate.inn):
			wanted[keys.INN][inn].append(at)
		for number in keys.numbers_of(candidate.phones, region):
			wanted[keys.PHONE][number].append(at)
		for address in keys.addresses_of(candidate.emails):
			wanted[keys.EMAIL][address].append(at)
	for kind, value, party_type, party, detail in store.lookup(wanted):
		for at in wanted[kind][value]:
			reason = _of_number(kind, value, candidates[at], detail)
			evidence[at][party_type, party][reason.code] = reason


def _of_number(kind: str, value: str, candidate: Candidate, kpp: str) -> Reason:
	if kind == keys.PHONE:
		return Reason(PHONE, _("the same phone {0}").format(value), WEIGHTS[PHONE])
	if kind == keys.EMAIL:
		return Reason(EMAIL, _("the same e-mail {0}").format(value), WEIGHTS[EMAIL])
	mine = clean(candidate.kpp).upper()
	if len(value) == 12:  # a person has no KPP
		return Reason(SAME_INN, _("the same INN {0}").format(value), WEIGHTS[INN_KPP])
	if not mine or not kpp:
		return Reason(SAME_INN, _("the same INN {0}").format(value), WEIGHTS[SAME_INN])
	if mine == kpp:
		return Reason(INN_KPP, _("the same INN {0} and KPP {1}").format(value, kpp), WEIGHTS[INN_KPP])
	return Reason(BRANCH, _("the same INN {0}, another KPP: perhaps a branch").format(value), WEIGHTS[BRANCH])


def _by_names(candidates: list[Candidate], evidence: list[dict], near: bool, by_words: bool) -> None:
	"""Names that sound alike."""
	named = {at: name for at, c in enumerate(candidates) if (name := keys.Name.of(c.name)).spellings}
	whole: dict[str, list[int]] = defaultdict(list)
	words: dict[str, list[int]] = defaultdict(list)
	for at, name in named.items():
		for value in _values_like(name, near):
			whole[value].append(at)
		for word in name.words if by_words else ():
			words[word].append(at)
	limit = MOST_NAMED if len(candidates) == 1 else None
	rows = [*store.lookup({keys.NAME: whole}, limit), *store.lookup_rare(keys.WORD, words, RARE)]
	# value -> name -> (INN, client) of all who are called so
	called: dict[tuple[str, str], dict[str, list]] = defaultdict(lambda: defaultdict(list))
	for kind, value, party_type, party, detail in rows:
		spelled, inn = keys.without_inn(detail)
		called[kind, value][spelled].append((inn, (party_type, party)))
	person = [candidate.is_person for candidate in candidates]
	inns = [clean(candidate.inn) for candidate in candidates]
	compared: dict[tuple[int, str], Reason | None] = {}
	for (kind, value), theirs in called.items():
		several = [spelled for spelled in theirs if " " in spelled]
		alone = [spelled for spelled in theirs if " " not in spelled]
		for at in (whole if kind == keys.NAME else words)[value]:
			least = ALIKE_PERSON if person[at] else ALIKE
			for spelled in (*several, *_worth_comparing(named[at], alone, least)):
				# by its name alone a client with another INN is none, see `_matches`
				parties = [party for inn, party in theirs[spelled] if not _differ(inn, inns[at])]
				if parties and (at, spelled) not in compared:
					compared[at, spelled] = _reason(named[at], spelled, person[at])
				if parties and (reason := compared[at, spelled]):
					for party in parties:
						_note(reason, evidence[at][party])


def _differ(one: str, other: str) -> bool:
	"""Whether two INNs say that these are two."""
	return bool(one and other and one != other)


def _values_like(name: keys.Name, near: bool) -> set[str]:
	"""Values of names like this one: itself, as one word, without one of its words, with one consonant mistyped."""
	codes = name.codes
	values = {name.value}
	if name.as_one:
		values.add(sounding.code(name.as_one))
	near = near and sum(map(len, codes)) >= TELLING
	for at, word in enumerate(codes):
		others = codes[:at] + codes[at + 1 :]
		if others and any(len(each) >= TELLING for each in others):
			values.add(keys.joined(others))
		if near:
			values.update(keys.joined([*others, each]) for each in sounding.near(word))
	return values


def _worth_comparing(name: keys.Name, others: list[str], least: float) -> list[str]:
	"""Those of these names of one word that can be as alike as `least`.

	A code says little about a name written as one word: whoever begins like «Автотранспортное предприятие» has the same one,
	so there are ever more of them as the base grows. With a name of one word no name has more in common than its words
	written as one have, and that is asked for all of them at once.
	"""
	together = "".join(name.spellings)
	if len(others) < MANY or len(together) > keys.LENGTH:  # a longer one is cut where it is kept
		return others
	alike = process.extract_iter(
		together, others, scorer=fuzz.ratio, processor=None, score_cutoff=100 * least - ROUNDING
	)
	return [other for other, _ratio, _at in alike]


def _reason(name: keys.Name, spelled: str, person: bool) -> Reason | None:
	"""Why a name in the base is the candidate's; None when it is not like enough."""
	theirs = spelled.split()
	likeness = sounding.likeness(list(name.spellings), theirs)
	if likeness < 1 and len(theirs) == 1 and name.as_one:
		likeness = max(likeness, sounding.likeness([name.as_one], theirs))
	if likeness < (ALIKE_PERSON if person else ALIKE):
		return None
	if likeness == 1:
		return Reason(SAME_NAME, _("the same name"), NAMESAKE if person else WEIGHTS[SAME_NAME])
	weight = round((NAMESAKE if person else WEIGHTS[LIKE_NAME]) * likeness)
	return Reason(LIKE_NAME, _("a name like it"), weight)


def _note(reason: Reason, found: dict[str, Reason]) -> None:
	"""Note what a client's name says; the best of its names counts."""
	known = [found[code] for code in (SAME_NAME, LIKE_NAME) if code in found]
	if all(reason.weight > each.weight for each in known):
		for each in known:
			del found[each.code]
		found[reason.code] = reason


# -- matches ------------------------------------------------------------------------------------------------------------


def _matches(candidate: Candidate, found: dict, parties: _Parties) -> list[Match]:
	"""The evidence gathered by the record each client goes by today, as matches, the surest first."""
	itself = parties.today(candidate.exclude) if candidate.exclude else None
	by_client: dict[tuple[str, str], dict[str, Reason]] = defaultdict(dict)
	inn = clean(candidate.inn)
	for party, reasons in found.items():
		today = parties.today(party)
		if not today or today == itself or party == candidate.exclude:
			continue
		theirs = parties.inn(party) or parties.inn(today)
		if _differ(inn, theirs):
			reasons = {code: each for code, each in reasons.items() if code in (PHONE, EMAIL)}
		for code, reason in reasons.items():
			if code not in by_client[today] or by_client[today][code].weight < reason.weight:
				by_client[today][code] = reason
	matches = []
	for (party_type, party), reasons in by_client.items():
		if reasons:
			ordered = sorted(reasons.values(), key=lambda reason: (-reason.weight, reason.code))
			theirs = parties.inn((party_type, party))
			score = _score(ordered, differs=_differ(inn, theirs))
			matches.append(Match(party_type, party, parties.title((party_type, party)), score, ordered))
	return sorted(matches, key=lambda match: (-match.score, match.party_type, match.party))


def _score(reasons: list[Reason], differs: bool) -> int:
	"""How surely all reasons together say that two are one: each lessens what doubt the others leave."""
	doubt = 1.0
	for reason in reasons:
		doubt *= 1 - reason.weight / 100
	score = round(100 * (1 - doubt))
	return min(score, OTHER_INN) if differs else score


class _Parties:
	"""Titles, INNs and successors of clients, read once."""

	def __init__(self, parties: Iterable[tuple[str, str] | None]):
		self._rows: dict[tuple[str, str], frappe._dict] = {}
		wanted = {party for party in parties if party}
		for _step in range(LIMIT):  # as far as a client has gone on: a lead, then a customer
			self._load(wanted - self._rows.keys())
			wanted = {party for row in self._rows.values() if (party := row.successor)} - self._rows.keys()
			if not wanted:
				break

	def _load(self, parties: set[tuple[str, str]]) -> None:
		for party_type in {party_type for party_type, _party in parties}:
			fields = {"name": "name", "title": TITLE_FIELD[party_type], "inn": store.FIELDS[party_type][1]}
			if party_type != "Customer":
				fields.update(to_type="rule24_successor_type", to="rule24_successor")
			names = [party for kind, party in parties if kind == party_type]
			table = frappe.qb.DocType(party_type)
			query = frappe.qb.from_(table).select(*(table[column].as_(key) for key, column in fields.items()))
			for row in query.where(table.name.isin(names)).run(as_dict=True):
				row.successor = (row.to_type, row.to) if row.get("to") else None
				self._rows[party_type, row.name] = row

	def today(self, party: tuple[str, str]) -> tuple[str, str] | None:
		"""The record the client goes by today; None when it is gone."""
		for _step in range(LIMIT):
			following = self._rows.get(party) and self._rows[party].successor
			if not following or following not in self._rows:
				break
			party = following
		return party if party in self._rows else None

	def title(self, party: tuple[str, str]) -> str:
		return self._rows[party].title or party[1]

	def inn(self, party: tuple[str, str]) -> str:
		return clean(cstr(self._rows[party].inn)) if party in self._rows else ""

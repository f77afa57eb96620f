"""Recognise a client of a file among those in the base, and among the rows above it.

Who is alike in the base, and why, is the business of `parties.duplicates`; here it is decided when a row of a file is so
surely a known client that none is made of it. By INN (and KPP: a branch has its parent's INN and a KPP of its own), then
by e-mail, by phone and name, by the name of a company. Two different INNs are two clients, whatever else they share: one
director's firms answer the same phone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from frappe import _

from rule24_crm.parties.duplicates import Candidate, Match, find_many
from rule24_crm.parties.duplicates.finding import BRANCH, EMAIL, INN_KPP, PHONE, SAME_INN, SAME_NAME
from rule24_crm.parties.identity.names import name_key
from rule24_crm.parties.importing.checking import COMPANY, Client, Warned


@dataclass(eq=False, slots=True)  # there is one for every row of the file
class Known:
	"""A party: of the base, or, with `line`, one that a row of this file named first.

	:param title: what people call it, where it is one of the base.
	:param why: what tells that a row is about it, in words, where it has been found.
	:param score: how surely, of 100, for one of the base.
	"""

	party_type: str
	party: str
	inn: str = ""
	kpp: str = ""
	emails: tuple[str, ...] = ()
	phones: tuple[str, ...] = ()
	names: tuple[str, ...] = ()
	line: int | None = None
	company: bool = True
	title: str = ""
	why: str = ""
	score: int = 0

	def told(self) -> str:
		"""That a row is about it, for whoever looks at the row."""
		if self.line is not None:
			return _("It repeats row {0}: {1}.").format(self.line, self.why)
		return _("It is in the base already: {0} {1} ({2}, {3} %).").format(
			_(self.party_type), self.title or self.party, self.why, self.score
		)


class Registry:
	"""Who is known already; the base asked for many rows at once, the file remembered row by row.

	:param by_name: whether clients of the base are looked for by their names as well.
	"""

	def __init__(self, clients: Iterable[Client] = (), by_name: bool = True):
		self.by_name = by_name
		self._matches: dict[int, list[Match]] = {}
		self._rows: dict[tuple[str, str], Known] = {}
		self._by_inn: dict[str, list[Known]] = defaultdict(list)
		self._by_email: dict[str, list[Known]] = defaultdict(list)
		self._by_phone: dict[str, list[Known]] = defaultdict(list)
		self._by_name: dict[str, list[Known]] = defaultdict(list)
		self.load(clients)

	def load(self, clients: Iterable[Client]):
		"""Ask the base about these rows, whoever imports: a head must not make doubles of clients he cannot see."""
		clients = [client for client in clients if not client.error]
		found = find_many([self._candidate(client) for client in clients], near=False, words=False)
		self._matches = {client.line: matches for client, matches in zip(clients, found, strict=True)}

	def _candidate(self, client: Client) -> Candidate:
		numbers = client.given_inn or client.emails or client.phones
		return Candidate(
			kind=client.kind,
			name=client.name if self.by_name or not numbers else "",
			inn=client.given_inn,
			kpp=client.kpp,
			phones=[phone.number for phone in client.phones],
			emails=client.emails,
		)

	def find(self, client: Client) -> Known | None:
		"""The party this row is about, if it is known."""
		if same := self._in_the_file(client):
			return same
		for match in self._matches.get(client.line, ()):
			if _is_surely(client, match):
				known = self._rows.get((match.party_type, match.party))
				known = known or Known(match.party_type, match.party, title=match.title)
				return replace(known, why=_words(match), score=match.score)
		return None

	def _in_the_file(self, client: Client) -> Known | None:
		for known in self._by_inn.get(client.given_inn, ()) if client.given_inn else ():
			if not client.kpp or not known.kpp or client.kpp == known.kpp:
				return replace(known, why=_("the same INN {0}").format(client.given_inn))
		for email in client.emails:
			for known in self._by_email.get(email, ()):
				if not _different(client, known):
					return replace(known, why=_("the same e-mail {0}").format(email))
		for phone in client.phones:
			for known in self._by_phone.get(phone.number, ()):
				# a shared switchboard is not yet the same client: the names decide
				if not _different(client, known) and name_key(client.name) in known.names:
					return replace(known, why=_("the same phone {0}").format(phone.number))
		for known in self._by_name.get(name_key(client.name), ()):
			if not _different(client, known) and not _namesake(client, known):
				return replace(known, why=_("the same name"))
		return None

	def warn_of_likeness(self, client: Client, columns: dict[str, str]):
		"""Warn of others who share a phone or e-mail, and of clients of the base with a name like this one.

		:param columns: field -> heading of the file.
		"""
		for fieldname, values, index in (
			("email", client.emails, self._by_email),
			("phone", [phone.number for phone in client.phones], self._by_phone),
		):
			for value in values:
				for other in index.get(value, ()):
					text = _("{0} is also that of {1}").format(value, _("row {0}").format(other.line))
					client.warnings.append(Warned(columns.get(fieldname, ""), text))
		alike = [
			f"{_(match.party_type)} {match.title} ({_words(match)}, {match.score} %)"
			for match in self._matches.get(client.line, ())
			if (match.party_type, match.party) not in self._rows
		]
		if alike:
			client.warnings.append(Warned("", _("perhaps it is {0}").format(", ".join(alike))))

	def add_client(self, client: Client, party_type: str, party: str) -> Known:
		"""From now on rows like this one are recognised."""
		known = Known(
			party_type,
			party,
			inn=client.given_inn,
			kpp=client.kpp,
			emails=tuple(client.emails),
			phones=tuple(phone.number for phone in client.phones),
			names=(name_key(client.name),),
			line=client.line,
			company=client.kind == COMPANY,
		)
		self.remember(known)
		return known

	def remember(self, known: Known):
		"""A row is about this party."""
		self._rows[known.party_type, known.party] = known
		if known.inn:
			self._by_inn[known.inn].append(known)
		for index, keys in (
			(self._by_email, known.emails),
			(self._by_phone, known.phones),
			(self._by_name, known.names),
		):
			for key in keys:
				index[key].append(known)


def _words(match: Match) -> str:
	return ", ".join(reason.words for reason in match.reasons)


def _is_surely(client: Client, match: Match) -> bool:
	codes = {reason.code for reason in match.reasons}
	if codes & {INN_KPP, SAME_INN}:
		return True
	if BRANCH in codes or match.score < 75:  # another INN, or nothing but a namesake
		return False
	if EMAIL in codes:
		return True
	return SAME_NAME in codes and (client.kind == COMPANY or PHONE in codes)


def _different(client: Client, known: Known) -> bool:
	"""Whether something says outright that these are two: an INN, a branch's KPP, or company against person."""
	if client.given_inn and known.inn:
		# With the same INN and KPP it would have been recognised by them already.
		return True
	return known.company != (client.kind == COMPANY)


def _namesake(client: Client, known: Known) -> bool:
	"""A person of the same name with another phone and another address is another person."""
	theirs = {*known.emails, *known.phones}
	mine = set(client.emails) | {phone.number for phone in client.phones}
	return client.kind != COMPANY and bool(theirs and mine and not theirs & mine)

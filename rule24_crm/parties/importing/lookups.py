"""Records of the base that the rows of a file name by words: segments, managers, industries, banks.

Loaded once for a file; what a row names and the base lacks is a warning, or is made when the import says so.
"""

from __future__ import annotations

import frappe
from frappe import _

from rule24_crm.parties import banks
from rule24_crm.parties.importing.checking import Client, Warned
from rule24_crm.parties.record_names import DATA_LENGTH, same_name


class Lookups:
	"""Words of the file -> names of records.

	:param create_segments: whether segments that are not there will be made.
	:param named_managers: whether the column of responsible managers counts.
	"""

	def __init__(self, create_segments: bool = False, named_managers: bool = True):
		self.create_segments = create_segments
		self.named_managers = named_managers
		# the dictionaries of the company, whoever imports
		self._segments = _by_word("Market Segment")
		self._industries = _by_word("Industry Type")
		self.reload_banks()
		self._managers, self._namesakes = _managers()

	def tell(self, client: Client, columns: dict[str, str]) -> None:
		"""Warn of what a row names and nobody knows.

		:param columns: field -> heading of the file.
		"""
		if not self.create_segments:
			for segment in client.segments:
				if same_name(segment) not in self._segments:
					client.warnings.append(
						Warned(
							columns.get("segment", ""),
							_("there is no segment «{0}»; create it, or let the import create it").format(
								segment
							),
						)
					)
		if self.named_managers and client.manager and not self.manager(client.manager):
			if _words(client.manager) in self._namesakes:
				words = _("«{0}» is the name of several users: give the e-mail of the one who is meant")
			else:
				words = _("«{0}» is no manager: a full name or e-mail of an enabled user is needed")
			client.warnings.append(Warned(columns.get("manager", ""), words.format(client.manager)))

	def manager(self, words: str) -> str | None:
		"""The user a file calls by full name, in either order, or by e-mail; nobody where namesakes could be meant."""
		return self._managers.get(_words(words))

	def segments(self, client: Client) -> list[str]:
		"""Market Segments of a row, those that are missing made if the import may."""
		names = []
		for words in client.segments:
			name = self._segments.get(same_name(words))
			if not name and self.create_segments:
				name = self._segments[same_name(words)] = _made("Market Segment", "market_segment", words)
			if name:
				names.append(name)
		return list(dict.fromkeys(names))

	def industry(self, words: str) -> str | None:
		"""The Industry Type, made if it is missing: a dictionary of words, as ERPNext ships it."""
		if not words:
			return None
		if same_name(words) not in self._industries:
			self._industries[same_name(words)] = _made("Industry Type", "industry", words)
		return self._industries[same_name(words)]

	def bank(self, bic: str, name: str = "") -> str | None:
		"""The Bank with this BIC, if there is one; without a BIC, the one that is called so."""
		return self._banks.get(bic) if bic else self.bank_called(name)

	def bank_called(self, name: str) -> str | None:
		"""The Bank of this name as the database compares them, to which ё is е."""
		key = same_name(name)
		if name and key not in self._bank_names:
			found = frappe.db.get_value("Bank", {"name": name}, "name")  # a dictionary of the company
			if not found:
				return None  # it is going to be made
			self._bank_names[key] = found
		return self._bank_names.get(key)

	def bank_title(self, bic: str, name: str) -> str:
		"""What a Bank is called that is not there yet."""
		return banks.bank_title(bic, name, self.bank_called)

	def remember_bank(self, bic: str, name: str) -> None:
		"""A Bank has been made."""
		if bic:
			self._banks[bic] = name
		self._bank_names[same_name(name)] = name

	def reload_banks(self) -> None:
		"""Something was rolled back, and perhaps a Bank that was remembered with it."""
		self._banks = _banks()
		self._bank_names = _by_word("Bank")


def _by_word(doctype: str) -> dict[str, str]:
	return {same_name(name): name for name in frappe.get_all(doctype, pluck="name", order_by="name desc")}


def _banks() -> dict[str, str]:
	return dict(
		frappe.get_all(  # a dictionary of the company
			"Bank",
			{"rule24_bic": ("!=", "")},
			["rule24_bic", "name"],
			as_list=True,
			order_by="creation desc",
		)
	)


def _made(doctype: str, field: str, words: str) -> str:
	# the right to import covers the words of the file
	return (
		frappe.get_doc({"doctype": doctype, field: words[:DATA_LENGTH]}).insert(ignore_permissions=True).name
	)


def _words(value: str) -> str:
	"""A name in lower case, its words in alphabetical order: «Иванов Пётр» is «Пётр Иванов»."""
	return " ".join(sorted(value.casefold().replace("ё", "е").split()))


def _managers() -> tuple[dict[str, str], set[str]]:
	"""Words -> the one user who is called by them; words that several users are called by."""
	found: dict[str, str] = {}
	people: dict[str, set[str]] = {}
	for user in frappe.get_all(  # colleagues, whoever imports
		"User",
		{"enabled": 1, "user_type": "System User"},
		["name", "email", "full_name", "first_name", "last_name"],
		order_by="creation desc",
	):
		found.update({_words(words): user.name for words in (user.name, user.email) if words})
		for words in (user.full_name, f"{user.first_name} {user.last_name or ''}"):
			if words and words.strip():
				people.setdefault(_words(words), set()).add(user.name)
	namesakes = {words for words, users in people.items() if len(users) > 1 and words not in found}
	alone = {words: next(iter(users)) for words, users in people.items() if len(users) == 1}
	return {**alone, **found}, namesakes

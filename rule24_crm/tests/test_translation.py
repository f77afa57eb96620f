"""Russian is complete: every string that a user can see has a translation in our own file.

What there is to translate is found by Frappe's own extractor (Python, JavaScript, templates, DocTypes, reports, workspace,
print formats) and, for strings that live in tables of constants, from those tables.
"""

import csv
import re
from pathlib import Path

import frappe
from frappe.translate import get_messages_for_app

from rule24_crm.tests.base import CRMTestCase

FILE = Path(frappe.get_app_path("rule24_crm", "translations", "ru.csv"))
CYRILLIC = re.compile("[а-яё№]", re.IGNORECASE)
PLACEHOLDER = re.compile(r"\{\w*\}")
#: proper names, formats and placeholders, the same in every language
SAME = {
	"Rule24",
	"Rule24 CRM",
	"SMS",
	"Jinja",
	"HTML",
	"PDF",
	"QR",
	"CSV",
	"XLSX",
	"Email",
	"DaData",
	"WORK-.#######",
	"HANDOVER-.#####",
}


def translations() -> dict[tuple[str, str], str]:
	"""(source, context) -> Russian; the same word may say something else on a printed form."""
	with FILE.open(encoding="utf-8", newline="") as file:
		return {(row[0], "".join(row[2:])): row[1] for row in csv.reader(file) if len(row) > 1}


def constants() -> set[str]:
	"""Strings of tables: fields on stock DocTypes and the starting dictionaries."""
	from rule24_crm.deals import defaults
	from rule24_crm.parties.relations.defaults import KINDS as relation_kinds
	from rule24_crm.setup import custom_fields, dictionaries

	found = (
		set(dictionaries.RESULTS) | set(dictionaries.ACTIONS) | set(defaults.STAGES) | set(defaults.PROCESSES)
	)
	found |= {name for first, second, _between in relation_kinds for name in (first, second)}
	found |= {reason["reason"] for reason in dictionaries.STOP_REASONS}
	for fields in custom_fields.CUSTOM_FIELDS.values():
		for field in fields:
			found |= {field.get("label"), field.get("description")}
			if field["fieldtype"] == "Select":
				found |= set(field["options"].split("\n"))
	return {text for text in found if text}


def needed() -> set[tuple[str, str]]:
	"""Every string of ours with its context, without those that say the same in every language."""
	found = {(text, "") for text in constants()}
	navbar = set(frappe.get_all("Navbar Item", pluck="item_label"))  # Frappe's, whatever app is asked about
	for _path, text, *rest in get_messages_for_app("rule24_crm"):
		if text and isinstance(text, str):
			found.add((text.strip(), (rest and rest[0]) or ""))
	return {
		(text, context)
		for text, context in found
		if re.search("[A-Za-z]{2}", text) and text not in SAME | navbar and not _technical(text)
	}


def _technical(text: str) -> bool:
	"""What extractors bring along that nobody reads: field names, colours, icons, markup without words."""
	return bool(re.fullmatch(r"[a-z0-9_.:#/\-]+", text)) and " " not in text


class TestRussian(CRMTestCase):
	def test_nothing_is_untranslated(self):
		known = translations()
		missing = sorted(
			key for key in needed() if not (known.get(key) or known.get((key[0], "")) or "").strip()
		)
		self.assertEqual(missing, [], f"{len(missing)} strings without Russian in {FILE.name}")

	def test_translations_are_russian_and_keep_their_placeholders(self):
		wrong = []
		for (source, _context), text in translations().items():
			if sorted(PLACEHOLDER.findall(source)) != sorted(PLACEHOLDER.findall(text)):
				wrong.append((source, text, "placeholders"))
			elif source not in SAME and not CYRILLIC.search(text):
				wrong.append((source, text, "not Russian"))
		self.assertEqual(wrong, [])

	def test_no_string_twice_with_different_words(self):
		with FILE.open(encoding="utf-8", newline="") as file:
			rows = [row for row in csv.reader(file) if row]
		broken = [row for row in rows if len(row) not in (2, 3)]
		self.assertEqual(broken, [], "a comma or quote in a string needs quoting")
		seen, twice = {}, []
		for row in rows:
			key = (row[0], "".join(row[2:]))
			if seen.setdefault(key, row[1]) != row[1]:
				twice.append((*key, seen[key], row[1]))
		self.assertEqual(twice, [])

	def test_a_russian_user_sees_russian(self):
		frappe.local.lang = "ru"
		self.assertEqual(frappe._("Work Campaign"), translations()["Work Campaign", ""])

"""Whose words: what the server tells somebody is in that person's language, whoever or whatever causes it."""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe


@contextmanager
def in_language_of(user: str) -> Iterator[None]:
	"""Words and dates within the block are as this user reads them."""
	with in_language(frappe.db.get_value("User", user, "language") or frappe.local.lang):
		yield


@contextmanager
def in_language(language: str) -> Iterator[None]:
	"""Words and dates within the block are in this language."""
	before = frappe.local.lang
	frappe.local.lang = language
	try:
		yield
	finally:
		frappe.local.lang = before

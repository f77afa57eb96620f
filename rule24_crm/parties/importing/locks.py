"""One worker for an import: a lock that ends with the worker's connection, however the worker ends."""

from __future__ import annotations

from contextlib import contextmanager

import frappe
from frappe import _

from rule24_crm.exceptions import PartyImportError


def _key(name: str) -> str:
	return f"{frappe.conf.db_name}:rule24:{name}"[:190]


@contextmanager
def held(name: str):
	"""Hold the lock of an import for the block.

	:raises PartyImportError: another worker has it.
	"""
	if not frappe.db.sql("select get_lock(%s, 0)", _key(name))[0][0]:
		_refuse()
	try:
		yield
	finally:
		frappe.db.sql("select release_lock(%s)", _key(name))


def is_held(name: str) -> bool:
	"""Whether a worker that is alive works on the import."""
	return frappe.db.sql("select is_used_lock(%s)", _key(name))[0][0] is not None


def refuse_if_held(name: str) -> None:
	""":raises PartyImportError: a worker has the import."""
	if is_held(name):
		_refuse()


def _refuse():
	raise PartyImportError(_("The import is being worked on just now. Wait until it stops, or pause it."))

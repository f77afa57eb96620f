"""One worker for an import, or a bulk change of segments: a lock that ends with the worker's connection, however the worker ends."""

from __future__ import annotations

from contextlib import contextmanager

import frappe
from frappe import _

from rule24_crm.exceptions import PartyImportError


def _key(name: str) -> str:
	return f"{frappe.conf.db_name}:rule24:{name}"[:190]


@contextmanager
def held(name: str, refusal: Exception | None = None, *, wait: int = 0):
	"""Hold the lock of an import, or of something else of that name, for the block.

	:param refusal: what is raised when another worker has it.
	:param wait: seconds to wait for another worker.
	:raises PartyImportError: another worker has it, and no `refusal` is given.
	"""
	_take(name, wait, refusal)
	try:
		yield
	finally:
		_release(name)


def hold_to_the_end(name: str) -> None:
	"""Hold the lock of an import until the transaction ends: for what is written and committed by a request.

	:raises PartyImportError: another worker has it.
	"""
	_take(name, 0)
	for end in (frappe.db.after_commit, frappe.db.after_rollback):
		end.add(lambda: _release(name))


def _take(name: str, wait: int, refusal: Exception | None = None) -> None:
	if not frappe.db.sql("select get_lock(%s, %s)", (_key(name), wait))[0][0]:
		raise refusal or busy()


def _release(name: str) -> None:
	frappe.db.sql("select release_lock(%s)", _key(name))


def is_held(name: str) -> bool:
	"""Whether a worker that is alive works on the import."""
	return frappe.db.sql("select is_used_lock(%s)", _key(name))[0][0] is not None


def is_held_elsewhere(name: str) -> bool:
	"""Whether a worker that is alive, and not this one, works on it."""
	return bool(frappe.db.sql("select is_used_lock(%s) <> connection_id()", _key(name))[0][0])


def refuse_if_held(name: str) -> None:
	""":raises PartyImportError: a worker has the import."""
	if is_held(name):
		raise busy()


def busy() -> PartyImportError:
	"""What whoever comes while a worker has the import is told."""
	return PartyImportError(_("The import is being worked on just now. Wait until it stops, or pause it."))

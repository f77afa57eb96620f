"""Several records made as one: all of them or none, whatever the caller does with the error."""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe


@contextmanager
def all_or_nothing(name: str) -> Iterator[None]:
	"""Take back what the block has written when it fails; the error goes on to the caller.

	:param name: of the savepoint; blocks within one another have different ones.
	"""
	frappe.db.savepoint(name)
	try:
		yield
	except frappe.QueryDeadlockError:
		raise  # the database has taken back the whole transaction already
	except Exception:
		frappe.db.rollback(save_point=name)
		raise
	frappe.db.release_savepoint(name)

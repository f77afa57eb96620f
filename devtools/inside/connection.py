"""A connection to the site for the programs of this package; they run in the runtime's own Python."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import frappe


@contextmanager
def connected(site: str | None = None, user: str = "Administrator") -> Iterator[str]:
	"""Connects to the site named on the command line (or given), commits at the end unless something was raised."""
	site = site or sys.argv[1]
	frappe.init(site=site, sites_path=os.environ["SITES_PATH"])
	frappe.connect()
	try:
		frappe.set_user(user)
		frappe.local.lang = "en"
		yield site
		frappe.db.commit()
	finally:
		frappe.destroy()

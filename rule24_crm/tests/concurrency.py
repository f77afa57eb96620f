"""Several people at once: for tests that commit, because two connections have to see the same rows, and tidy up after."""

import threading
from collections.abc import Callable

import frappe

from rule24_crm.compat import lock_rows_as_they_are


def at_once(*jobs: Callable) -> list:
	"""Run each job in a thread with a connection of its own, as Administrator, and commit what it has done.

	All have looked at the site before they start together: what the database shows each of them was settled then, as it is
	for a request, long before it gets to its locks.

	:return: what the jobs have returned, or their errors, in order. The caller's connection starts afresh.
	"""
	site, sites_path, outcomes = frappe.local.site, frappe.local.sites_path, [None] * len(jobs)
	start = threading.Barrier(len(jobs))

	def worker(index: int, job: Callable):
		frappe.init(site=site, sites_path=sites_path)
		frappe.connect()
		lock_rows_as_they_are()
		frappe.set_user("Administrator")
		try:
			frappe.db.count("DocType")  # one look settles it for all tables
			start.wait(timeout=60)
			outcomes[index] = job()
			frappe.db.commit()
		except Exception as error:
			frappe.db.rollback()
			outcomes[index] = error
		finally:
			frappe.destroy()

	threads = [threading.Thread(target=worker, args=item) for item in enumerate(jobs)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join(timeout=120)
	frappe.db.rollback()
	return outcomes

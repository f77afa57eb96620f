"""Two people at once. These tests commit, because two connections have to see the same rows, and tidy up after."""

import threading

import frappe

from rule24_crm.compat import lock_rows_as_they_are
from rule24_crm.exceptions import WorkClosedError
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.work import closing
from rule24_crm.work.bulk import create_works


class TestAtOnce(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.lead = make.make_lead()
		self.work = make.make_work(self.lead)
		frappe.db.commit()
		self.addCleanup(self.tidy)

	def tidy(self):
		frappe.db.rollback()
		frappe.db.delete("Work", {"party": self.lead.name})
		frappe.delete_doc("Lead", self.lead.name, force=True)
		frappe.db.commit()

	def run_in_threads(self, *jobs):
		"""Run each job with a connection of its own, all starting together. :return: outcomes or errors, in order."""
		site, sites_path, outcomes = frappe.local.site, frappe.local.sites_path, [None] * len(jobs)
		start = threading.Barrier(len(jobs))

		def worker(index, job):
			frappe.init(site=site, sites_path=sites_path)
			frappe.connect()
			lock_rows_as_they_are()
			frappe.set_user("Administrator")
			try:
				start.wait(timeout=20)
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
			thread.join(timeout=60)
		return outcomes

	def assert_one_won(self, outcomes):
		errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
		self.assertEqual(len(errors), 1, outcomes)
		self.assertIsInstance(errors[0], WorkClosedError)
		self.assertIn("already been closed", str(errors[0]))
		frappe.db.rollback()  # a fresh look
		self.assertEqual(frappe.db.get_value("Work", self.work.name, "status"), "Closed")
		# one successor, not two
		self.assertEqual(frappe.db.count("Work", {"based_on": self.work.name}), 1)

	def test_closing_through_the_api(self):
		name = self.work.name
		self.assert_one_won(self.run_in_threads(*[lambda: closing.close(name, "No Answer")] * 2))

	def test_closing_in_two_open_forms(self):
		name = self.work.name
		opened = threading.Barrier(2)

		def save_form():
			doc = frappe.get_doc("Work", name)
			opened.wait(timeout=20)
			doc.update({"status": "Closed", "result": "No Answer"})
			doc.save()

		self.assert_one_won(self.run_in_threads(save_form, save_form))

	def test_two_blocks_of_names_do_not_overlap(self):
		row = {"action": "Call", "party_type": "Lead", "party": self.lead.name}
		first, second = self.run_in_threads(*[lambda: create_works([row] * 200)] * 2)
		self.assertEqual(len(set(first) | set(second)), 400)

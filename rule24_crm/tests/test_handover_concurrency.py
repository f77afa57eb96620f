"""Two heads at once. These tests commit, because two connections have to see the same rows, and tidy up after."""

import threading

import frappe

from rule24_crm.compat import lock_rows_as_they_are
from rule24_crm.exceptions import HandoverError
from rule24_crm.parties.handover import service
from rule24_crm.tests import factories as make
from rule24_crm.tests.handover_scene import PEOPLE, HandoverTestCase


class TestAtOnce(HandoverTestCase):
	def setUp(self):
		super().setUp()
		self.leads = [make.make_lead(lead_owner=self.ivan).name for _n in range(6)]
		frappe.db.commit()
		self.addCleanup(self.tidy)

	def tidy(self):
		frappe.db.rollback()
		for lead in self.leads:
			frappe.delete_doc("Lead", lead, force=True)
		for doctype in ("Client Handover", "Client Handover Receiver", "Client Handover Item"):
			frappe.db.delete(doctype)
		frappe.db.delete("Account Manager", {"name": ("in", PEOPLE)})
		frappe.db.delete("Notification Log", {"document_type": "Client Handover"})
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
				frappe.db.sql("select count(*) from tabLead")  # a snapshot from before, as a request has one
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
		return outcomes

	def assert_one_won(self, outcomes, *words):
		errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
		self.assertEqual(len(errors), 1, outcomes)
		self.assertIsInstance(errors[0], HandoverError)
		for word in words:
			self.assertIn(word, str(errors[0]))
		frappe.db.rollback()  # a fresh look
		items = frappe.get_all("Client Handover Item", {"ref_doctype": "Lead"}, ["handover", "ref_name"])
		self.assertEqual(sorted(item.ref_name for item in items), sorted(self.leads))
		self.assertEqual(len({item.handover for item in items}), 1)

	def test_two_handovers_of_one_manager(self):
		drafts = [make.make_handover(self.ivan, [user]).name for user in (self.olga, self.denis)]
		frappe.db.commit()
		self.assert_one_won(
			self.run_in_threads(*[lambda name=name: service.execute(name) for name in drafts]),
			"Nothing is left",
		)
		self.assertEqual(
			len(set(frappe.get_all("Lead", {"name": ("in", self.leads)}, pluck="lead_owner"))), 1
		)

	def test_one_handover_twice(self):
		draft = make.make_handover(self.ivan, [self.olga]).name
		frappe.db.commit()
		self.assert_one_won(self.run_in_threads(*[lambda: service.execute(draft)] * 2), "carried out")

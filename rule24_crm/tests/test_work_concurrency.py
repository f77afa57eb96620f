"""Two people at once. These tests commit, because two connections have to see the same rows, and tidy up after."""

import threading

import frappe

from rule24_crm.exceptions import NextWorkRequiredError, WorkClosedError
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.tests.concurrency import at_once
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

	def assert_one_won(self, outcomes):
		errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
		self.assertEqual(len(errors), 1, outcomes)
		self.assertIsInstance(errors[0], WorkClosedError)
		self.assertIn("already been closed", str(errors[0]))
		self.assertEqual(frappe.db.get_value("Work", self.work.name, "status"), "Closed")
		# one successor, not two
		self.assertEqual(frappe.db.count("Work", {"based_on": self.work.name}), 1)

	def test_closing_through_the_api(self):
		name = self.work.name
		self.assert_one_won(at_once(*[lambda: closing.close(name, "No Answer")] * 2))

	def test_closing_in_two_open_forms(self):
		name = self.work.name
		opened = threading.Barrier(2)

		def save_form():
			doc = frappe.get_doc("Work", name)
			opened.wait(timeout=20)
			doc.update({"status": "Closed", "result": "No Answer"})
			doc.save()

		self.assert_one_won(at_once(save_form, save_form))

	def test_two_blocks_of_names_do_not_overlap(self):
		row = {"action": "Call", "party_type": "Lead", "party": self.lead.name}
		first, second = at_once(*[lambda: create_works([row] * 200)] * 2)
		self.assertEqual(len(set(first) | set(second)), 400)

	def test_the_last_two_works_of_a_client(self):
		other = make.make_work(self.lead)
		action = make.make_action([{"result": "Done", "sign": "Plus"}]).name
		frappe.db.set_value("Work", {"party": self.lead.name}, "action", action)
		frappe.db.commit()
		self.addCleanup(self.forget, action)
		names = (self.work.name, other.name)
		outcomes = at_once(*[lambda name=name: closing.close(name, "Done") for name in names])
		refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
		# whoever comes second, or both when they meet: never none
		self.assertTrue(refused, outcomes)
		for error in refused:
			self.assertIsInstance(error, NextWorkRequiredError)
		self.assertTrue(frappe.db.exists("Work", {"party": self.lead.name, "status": "Planned"}))

	def test_the_last_two_works_are_cancelled(self):
		other = make.make_work(self.lead)
		frappe.db.commit()
		outcomes = at_once(*[lambda name=name: closing.cancel(name) for name in (self.work.name, other.name)])
		refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
		self.assertTrue(refused, outcomes)
		for error in refused:
			self.assertIsInstance(error, NextWorkRequiredError)
		self.assertTrue(frappe.db.exists("Work", {"party": self.lead.name, "status": "Planned"}))

	def test_the_last_two_works_are_deleted(self):
		other = make.make_work(self.lead)
		frappe.db.commit()
		outcomes = at_once(
			*[lambda name=name: frappe.delete_doc("Work", name) for name in (self.work.name, other.name)]
		)
		refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
		self.assertTrue(refused, outcomes)
		self.assertTrue(frappe.db.exists("Work", {"party": self.lead.name, "status": "Planned"}))

	def forget(self, action: str):
		frappe.db.delete("Work", {"party": self.lead.name})
		frappe.delete_doc("Work Action", action, force=True)
		frappe.db.commit()

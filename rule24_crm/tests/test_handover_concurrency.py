"""Two heads at once. These tests commit, because two connections have to see the same rows, and tidy up after."""

import threading

import frappe

from rule24_crm.exceptions import HandoverError
from rule24_crm.parties.handover import service
from rule24_crm.tests import factories as make
from rule24_crm.tests.concurrency import at_once
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

	def assert_one_won(self, outcomes, *words):
		errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
		self.assertEqual(len(errors), 1, outcomes)
		self.assertIsInstance(errors[0], HandoverError)
		for word in words:
			self.assertIn(word, str(errors[0]))
		items = frappe.get_all("Client Handover Item", {"ref_doctype": "Lead"}, ["handover", "ref_name"])
		self.assertEqual(sorted(item.ref_name for item in items), sorted(self.leads))
		self.assertEqual(len({item.handover for item in items}), 1)

	def test_two_handovers_of_one_manager(self):
		drafts = [make.make_handover(self.ivan, [user]).name for user in (self.olga, self.denis)]
		frappe.db.commit()
		self.assert_one_won(
			at_once(*[lambda name=name: service.execute(name) for name in drafts]),
			"Nothing is left",
		)
		self.assertEqual(
			len(set(frappe.get_all("Lead", {"name": ("in", self.leads)}, pluck="lead_owner"))), 1
		)

	def test_one_handover_twice(self):
		draft = make.make_handover(self.ivan, [self.olga]).name
		frappe.db.commit()
		self.assert_one_won(at_once(*[lambda: service.execute(draft)] * 2), "carried out")

	def test_undone_by_whoever_looked_before_it_was_carried_out(self):
		draft = make.make_handover(self.ivan, [self.olga]).name
		frappe.db.commit()
		carried_out = threading.Event()

		def execute():
			service.execute(draft)
			frappe.db.commit()
			carried_out.set()

		def undo():
			carried_out.wait(timeout=60)
			return service.undo(draft)

		_executed, undone = at_once(execute, undo)
		self.assertIsInstance(undone, HandoverError)
		self.assertIn("this very moment", str(undone))
		result = service.undo(draft)
		self.assertEqual((result["given_back"], result["left"]), (len(self.leads) + 1, 0))
		owners = frappe.get_all("Lead", {"name": ("in", self.leads)}, pluck="lead_owner")
		self.assertEqual(set(owners), {self.ivan})

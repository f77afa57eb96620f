"""A document from a locked row is the one that is stored at that moment. Commits, because two connections see the same rows."""

import threading

import frappe

from rule24_crm.locking import take
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.tests.concurrency import at_once


class TestTake(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.first, self.second = (make.make_user().name for _number in range(2))
		self.lead = make.make_lead(rule24_participants=[{"user": self.first}])
		frappe.db.commit()
		self.addCleanup(self.tidy)

	def tidy(self):
		frappe.db.rollback()
		frappe.delete_doc("Lead", self.lead.name, force=True)
		for user in (self.first, self.second):
			# without Frappe's own steps, which let no user go where Administrator is the only System Manager
			frappe.delete_doc("Notification Settings", user, force=True)
			frappe.delete_doc("User", user, force=True, ignore_on_trash=True)
		frappe.db.commit()

	def test_rows_of_somebody_who_was_faster_are_saved_again(self):
		saved = threading.Event()

		def add() -> None:
			lead = frappe.get_doc("Lead", self.lead.name)
			lead.append("rule24_participants", {"user": self.second})
			lead.save()
			frappe.db.commit()
			saved.set()

		def rename() -> None:
			saved.wait(60)
			lead, _stored = take("Lead", self.lead.name, "gone", to_save=True)
			lead.first_name = "Later"
			lead.save()

		self.assertEqual(at_once(add, rename), [None, None])
		lead = frappe.get_doc("Lead", self.lead.name)
		self.assertEqual(lead.first_name, "Later")
		self.assertEqual({row.user for row in lead.rule24_participants}, {self.first, self.second})

	def test_as_frappe_reads_it(self):
		lead, stored = take("Lead", self.lead.name, "gone")
		whole = frappe.get_doc("Lead", self.lead.name).as_dict(no_nulls=True)
		for doc in (lead, stored):
			self.assertEqual(doc.as_dict(no_nulls=True), whole)
		lead.first_name = "Other"
		lead.rule24_participants[0].user = self.second
		self.assertEqual(stored.as_dict(no_nulls=True), whole)

	def test_nobody(self):
		with self.assertRaisesRegex(frappe.DoesNotExistError, "gone"):
			take("Lead", "No Such Lead", "gone")

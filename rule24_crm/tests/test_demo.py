"""The demo plays the seminar; it is what `./dev up` shows."""

import frappe

from rule24_crm.setup.demo import company, create_demo, people, seminar
from rule24_crm.tests.base import CRMTestCase


class TestDemo(CRMTestCase):
	def test_the_whole_seminar(self):
		people.make()
		company.make()
		seminar.make()
		works = frappe.get_all(
			"Work", {"campaign": seminar.CAMPAIGN}, ["action", "status", "sign", "result", "opportunity"]
		)
		signs = {work.sign for work in works if work.status == "Closed"}
		self.assertTrue({"Plus", "Minus"} <= signs)
		results = {work.result for work in works}
		self.assertTrue(
			{"Interested", "Sent", "Documents Signed", "Meeting Held", "Came"} <= results, results
		)
		deals = frappe.get_all(
			"Opportunity", {"rule24_work_campaign": seminar.CAMPAIGN}, ["name", "status", "sales_stage"]
		)
		self.assertIn("Closed Won", {deal.sales_stage for deal in deals})
		for doctype in ("Sales Invoice", "Contract"):
			drafts = frappe.get_all(
				doctype, {"rule24_opportunity": ("in", [deal.name for deal in deals])}, pluck="docstatus"
			)
			self.assertTrue(drafts)
			self.assertEqual(set(drafts), {0})  # the accountant posts them
		before = frappe.db.count("Work")
		seminar.make()
		self.assertEqual(frappe.db.count("Work"), before)

	def test_everybody_can_log_in(self):
		people.make()
		for person in people.credentials():
			self.assertTrue(frappe.db.exists("User", {"name": person["user"], "enabled": 1}))
		self.assertTrue(callable(create_demo))

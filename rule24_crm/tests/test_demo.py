"""The demo plays the seminar; it is what `./dev up` shows."""

import frappe
import pytest

from rule24_crm.parties import facts
from rule24_crm.parties.relations import listing, network
from rule24_crm.setup.demo import company, create_demo, partners, people, seminar
from rule24_crm.tests.base import CRMTestCase

pytestmark = pytest.mark.long


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

	def test_a_client_with_a_past(self):
		people.make()
		company.make()
		partners.make()
		self.assertEqual(len(listing.of_record("Customer", partners.CUSTOMER)), 12)
		self.assertEqual(len(network.around("Customer", partners.CUSTOMER, 2)["nodes"]), 15)
		found = facts.of_client("Customer", partners.CUSTOMER)
		self.assertEqual(
			(found["sales"]["total"], found["sales"]["count"], found["deals"]["won"]), (72000, 3, 3)
		)
		self.assertTrue(found["next_work"])
		usual = frappe.db.get_single_value("Selling Settings", "customer_group")
		group = frappe.db.get_value("Customer", partners.CUSTOMER, "customer_group")
		self.assertTrue(usual)
		self.assertEqual(group, usual)
		before = frappe.db.count("Partner Relation")
		partners.make()
		self.assertEqual(frappe.db.count("Partner Relation"), before)

	def test_everybody_can_log_in(self):
		people.make()
		for person in people.credentials():
			self.assertTrue(frappe.db.exists("User", {"name": person["user"], "enabled": 1}))
		self.assertTrue(callable(create_demo))

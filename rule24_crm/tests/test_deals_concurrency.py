"""Two people at once on one deal. These tests commit, because two connections have to see the same rows, and tidy up."""

import threading

import frappe

from rule24_crm.deals import conversion, documents, stages
from rule24_crm.exceptions import DealError, WorkError
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.tests.concurrency import at_once
from rule24_crm.work import bulk


class TestDealsAtOnce(CRMTestCase):
	def setUp(self):
		super().setUp()
		frappe.db.set_single_value("Rule24 CRM Settings", "check_requisites", 0)
		self.item = make.make_item()
		self.lead = make.make_lead()
		frappe.db.commit()
		self.addCleanup(self.tidy)

	def tidy(self):
		frappe.db.rollback()
		frappe.db.set_single_value("Rule24 CRM Settings", "check_requisites", 1)
		deals = frappe.get_all("Opportunity", {"party_name": self.lead.name}, pluck="name")
		self.forget_papers(deals)
		frappe.db.set_value("Lead", self.lead.name, {"rule24_successor": None, "rule24_successor_type": None})
		for name in frappe.get_all("Customer", {"lead_name": self.lead.name}, pluck="name"):
			frappe.delete_doc("Customer", name, force=True)
		for name in deals:
			frappe.delete_doc("Opportunity", name, force=True)
		frappe.delete_doc("Lead", self.lead.name, force=True)
		frappe.delete_doc("Item", self.item.name, force=True)
		frappe.db.commit()

	def forget_papers(self, deals: list[str]) -> None:
		for doctype in ("Contract", "Sales Invoice"):
			for name in frappe.get_all(doctype, {"rule24_opportunity": ("in", deals or [""])}, pluck="name"):
				frappe.delete_doc(doctype, name, force=True)

	def deal(self):
		doc = make.make_opportunity(self.lead, items=[{"item_code": self.item.name, "qty": 1, "rate": 100}])
		frappe.db.commit()
		return doc.name

	def test_one_makes_the_documents_and_the_other_gets_them(self):
		deal = self.deal()
		first, second = at_once(*[lambda: documents.issue_documents(deal)] * 2)
		for outcome in (first, second):
			self.assertIsInstance(outcome, dict, outcome)
		for key in ("customer", "invoice", "contract"):
			self.assertEqual(first[key], second[key])
		self.assertEqual(sorted((len(first["created"]), len(second["created"]))), [0, 3])
		self.assertEqual(frappe.db.count("Sales Invoice", {"rule24_opportunity": deal}), 1)
		self.assertEqual(frappe.db.count("Contract", {"rule24_opportunity": deal}), 1)
		self.assertEqual(frappe.db.count("Customer", {"lead_name": self.lead.name}), 1)

	def test_a_lead_becomes_one_deal(self):
		name = self.lead.name
		first, second = at_once(*[lambda: conversion.convert_lead(name)] * 2)
		for outcome in (first, second):
			self.assertIsInstance(outcome, dict, outcome)
		self.assertEqual(first["opportunity"], second["opportunity"])
		self.assertEqual({first["created"], second["created"]}, {True, False})
		self.assertEqual(frappe.db.count("Opportunity", {"party_name": name}), 1)

	def test_a_deal_moves_once(self):
		deal = self.deal()
		outcomes = at_once(*[lambda: stages.set_stage(deal, "Interest")] * 2)
		self.assertEqual([outcome["stage"] for outcome in outcomes], ["Interest", "Interest"], outcomes)
		moves = frappe.get_all(
			"Deal Stage Change", {"opportunity": deal}, pluck="to_stage", order_by="changed_on"
		)
		self.assertEqual(moves, ["Cold Contact", "Interest"])

	def one_after_the_other(self, first, second) -> list:
		"""Both have looked at the site; the second acts when the first has committed."""
		done = threading.Event()

		def begin():
			try:
				first()
				frappe.db.commit()
			finally:
				done.set()

		def follow():
			done.wait(60)
			second()

		return at_once(begin, follow)

	def test_a_deal_that_goes_to_another_client_and_what_is_done_for_it(self):
		other = make.make_customer()
		frappe.db.commit()
		self.addCleanup(frappe.db.commit)
		self.addCleanup(frappe.delete_doc, "Customer", other.name, force=True)
		for do in (self.plan, self.plan_many, documents.issue_documents):
			deal = self.deal()

			def give(deal=deal) -> None:
				doc = frappe.get_doc("Opportunity", deal)
				doc.update({"opportunity_from": "Customer", "party_name": other.name})
				doc.save()

			def work(deal=deal, do=do) -> None:
				do(deal)

			for first, second in ((work, give), (give, work)):
				outcomes = self.one_after_the_other(first, second)
				self.assertIsNone(outcomes[0], (do, outcomes))
				self.assertIsInstance(
					outcomes[1], DealError | WorkError | frappe.ValidationError, (do, first)
				)
				self.undo(deal)

	def plan(self, deal: str):
		return make.make_work(self.lead, opportunity=deal).name

	def plan_many(self, deal: str):
		party = {"party_type": "Lead", "party": self.lead.name}
		row = {**party, "opportunity": deal, "action": "Call", "planned_on": frappe.utils.nowdate()}
		return bulk.create_works([row])

	def undo(self, deal: str) -> None:
		"""The deal as it was before, with nothing done for it."""
		self.forget_papers([deal])
		frappe.db.delete("Work", {"opportunity": deal})
		client = {"opportunity_from": "Lead", "party_name": self.lead.name}
		frappe.db.set_value("Opportunity", deal, client)
		frappe.db.commit()

	def test_lost_and_won_at_once(self):
		deal = self.deal()
		outcomes = at_once(lambda: stages.mark_lost(deal), lambda: stages.set_stage(deal, "Interest"))
		self.assertFalse(
			[each for each in outcomes if isinstance(each, Exception) and not isinstance(each, DealError)],
			outcomes,
		)
		last = stages.last_change(deal)
		self.assertEqual(last.to_stage, frappe.db.get_value("Opportunity", deal, "sales_stage"))

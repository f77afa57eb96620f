"""A contract that ends soon brings its manager a work, once."""

import frappe
from frappe.utils import add_days, nowdate

from rule24_crm.deals import deadlines
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase


class TestDeadlines(CRMTestCase):
	def contract(self, customer, **values):
		doc = frappe.get_doc(
			{
				"doctype": "Contract",
				"party_type": "Customer",
				"party_name": customer.name,
				"start_date": nowdate(),
				"contract_terms": "Terms",
				**values,
			}
		).insert()
		doc.submit()
		return doc

	def works(self, customer):
		return frappe.get_all("Work", {"party": customer.name}, ["subject", "assigned_to", "action"])

	def test_before_the_end_the_manager_gets_a_work_once(self):
		manager = make.make_user().name
		customer = make.make_customer(account_manager=manager)
		contract = self.contract(customer, end_date=add_days(nowdate(), 10))
		deadlines.plan_works()
		deadlines.plan_works()
		works = self.works(customer)
		self.assertEqual([(work.assigned_to, work.action) for work in works], [(manager, "Task")])
		self.assertIn(contract.name, works[0].subject)
		self.assertTrue(frappe.db.get_value("Contract", contract.name, "rule24_renewal_work"))

	def test_a_contract_that_cannot_be_planned_for_does_not_stop_the_others(self):
		broken, sound = make.make_customer(), make.make_customer()
		for customer in (broken, sound):
			contract = self.contract(customer, end_date=add_days(nowdate(), 10))
			if customer is broken:
				contract.db_set("party_name", "No Such Customer")
				bad = contract.name
		before = frappe.db.count("Error Log")
		self.assertGreaterEqual(deadlines.plan_works(), 1)
		self.assertEqual(len(self.works(sound)), 1)
		self.assertFalse(frappe.db.get_value("Contract", bad, "rule24_renewal_work"))
		self.assertEqual(frappe.db.count("Error Log"), before + 1)

	def test_a_deal_that_has_gone_to_another_client_does_not_keep_the_contracts_client_from_a_work(self):
		manager = make.make_user().name
		customer = make.make_customer(account_manager=manager)
		contract = self.contract(customer, end_date=add_days(nowdate(), 10))
		deal = make.make_opportunity(party=make.make_customer())
		contract.db_set("rule24_opportunity", deal.name)
		deadlines.plan_works()
		work = frappe.get_last_doc("Work", {"party": customer.name})
		self.assertEqual((work.assigned_to, work.opportunity), (manager, None))

	def test_a_deal_of_another_record_of_the_client_stays_with_the_work(self):
		owner = make.make_user().name
		customer = make.make_customer()
		contract = self.contract(customer, end_date=add_days(nowdate(), 10))
		lead = make.make_lead(customer=customer.name)
		deal = make.make_opportunity(party=lead, opportunity_owner=owner)
		contract.db_set("rule24_opportunity", deal.name)
		deadlines.plan_works()
		work = frappe.get_last_doc("Work", {"party": customer.name})
		self.assertEqual((work.assigned_to, work.opportunity), (owner, deal.name))

	def test_deals_and_owners_of_all_contracts_are_asked_for_together(self):
		def asked() -> int:
			with self.asked_of_the_database() as queries:
				deadlines.plan_works()
			return sum(
				"tabOpportunity`" in query
				and "opportunity_owner" in query
				and "for update" not in query.lower()
				for query, _rows in queries
			)

		for contracts in (1, 3):
			for _number in range(contracts):
				customer = make.make_customer()
				contract = self.contract(customer, end_date=add_days(nowdate(), 10))
				contract.db_set("rule24_opportunity", make.make_opportunity(party=customer).name)
			self.assertEqual(asked(), 1)

	def test_far_away_ended_or_draft_contracts_bring_none(self):
		customer = make.make_customer()
		self.contract(customer, end_date=add_days(nowdate(), 40))
		self.contract(customer)
		frappe.get_doc(
			{
				"doctype": "Contract",
				"party_type": "Customer",
				"party_name": customer.name,
				"contract_terms": "Terms",
			}
			| {"start_date": nowdate(), "end_date": add_days(nowdate(), 5)}
		).insert()
		deadlines.plan_works()
		self.assertEqual(self.works(customer), [])

	def test_a_fulfilment_deadline_counts_until_it_is_met(self):
		customer = make.make_customer()
		self.contract(customer, requires_fulfilment=1, fulfilment_deadline=add_days(nowdate(), 3))
		deadlines.plan_works()
		self.assertIn("fulfilled", self.works(customer)[0].subject)

	def test_it_can_be_switched_off(self):
		customer = make.make_customer()
		self.contract(customer, end_date=add_days(nowdate(), 10))
		with self.settings(contract_notice_days=0):
			self.assertEqual(deadlines.plan_works(), 0)

"""Deals and their clients: which are a client's, and that a deal stays with its own."""

import frappe
from frappe.utils import nowdate

from rule24_crm.api import deals as api
from rule24_crm.deals import belonging
from rule24_crm.deals.client import is_same
from rule24_crm.exceptions import DealError
from rule24_crm.parties import chain, joining, merging
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase


class TestSearch(CRMTestCase):
	def search(self, client, words="", start=0, limit=20) -> list[str]:
		asked = {"party_type": client.doctype, "party": client.name}
		return [row[0] for row in api.of_client("Opportunity", words, "name", start, limit, asked)]

	def test_a_page_is_full_whoever_else_is_called_like_the_client(self):
		customer, prospect = make.make_customer(), make.make_prospect()
		chain.continue_as("Prospect", prospect.name, "Customer", customer.name)
		namesake = make.make_prospect(company_name=customer.name)
		self.assertEqual(namesake.name, customer.name)
		own = [make.make_opportunity(client).name for client in (customer, prospect, customer)]
		others = [make.make_opportunity(namesake).name for _number in range(3)]
		with self.as_user(make.make_user(["Sales User"]).name):
			self.assertEqual(self.search(customer, limit=2), [own[2], own[1]])
			self.assertEqual(self.search(customer, start=2, limit=2), [own[0]])
			self.assertEqual(self.search(prospect), own[::-1])
			self.assertEqual(self.search(namesake), others[::-1])

	def test_deals_of_records_that_erpnext_links_with_the_client(self):
		customer = make.make_customer()
		lead, older = make.make_lead(customer=customer.name), make.make_lead()
		prospect = make.make_prospect(leads=[{"lead": lead.name}])
		chain.continue_as("Lead", older.name, "Lead", lead.name)
		bought = make.make_customer()
		# past the rule that a new customer goes on a chain: it was made before the app was there
		bought.db_set({"lead_name": lead.name, "prospect_name": prospect.name})
		clients = (customer, lead, older, prospect, bought)
		deals = {client.name: make.make_opportunity(client).name for client in clients}
		make.make_opportunity(make.make_customer())
		of_lead = sorted(deals.values())
		for client in clients:
			found = self.search(client)
			for name, deal in deals.items():
				other = next(each for each in clients if each.name == name)
				same = is_same((client.doctype, client.name), (other.doctype, other.name))
				self.assertEqual(deal in found, same, (client.doctype, other.doctype))
		self.assertEqual(sorted(self.search(lead)), of_lead)
		self.assertEqual(sorted(self.search(older)), of_lead)
		self.assertNotIn(deals[bought.name], self.search(customer))

	def test_only_deals_that_may_be_read(self):
		customer = make.make_customer()
		manager, other = (make.make_user(["Sales User"]).name for _number in range(2))
		make.make_account_manager(manager)
		seen = make.make_opportunity(customer, opportunity_owner=manager).name
		hidden = make.make_opportunity(customer, opportunity_owner=other).name
		customer.db_set("account_manager", other)
		with self.settings(access="By Responsible"):
			frappe.share.add_docshare(
				"Customer", customer.name, manager, read=1, flags={"ignore_share_permission": True}
			)
			with self.as_user(manager):
				self.assertEqual(set(self.search(customer)), {seen, hidden})
		deal = frappe.get_doc("Opportunity", hidden)
		frappe.get_doc(
			{
				"doctype": "User Permission",
				"user": manager,
				"allow": "Opportunity",
				"for_value": seen,
				"apply_to_all_doctypes": 1,
			}
		).insert()
		with self.as_user(manager):
			self.assertFalse(deal.has_permission("read"))
			self.assertEqual(self.search(customer), [seen])


class TestADealStaysWithItsClient(CRMTestCase):
	def setUp(self):
		super().setUp()
		frappe.db.set_single_value("Rule24 CRM Settings", "next_action_gate", "Off")
		self.customer, self.other = make.make_customer(), make.make_customer()
		self.deal = make.make_opportunity(self.customer)
		self.action = make.make_action([{"result": "Done", "sign": "Plus"}]).name

	def give(self, client) -> None:
		self.deal.reload()
		self.deal.update({"opportunity_from": client.doctype, "party_name": client.name})
		self.deal.save()

	def assertRefused(self, *words):
		with self.assertRaisesWith(
			DealError, "stays with", "Make a new deal", self.customer.customer_name, *words
		):
			self.give(self.other)
		self.assertEqual(frappe.db.get_value("Opportunity", self.deal.name, "party_name"), self.customer.name)

	def work(self, client, **values):
		return make.make_work(client, action=self.action, opportunity=self.deal.name, **values)

	def paper(self, doctype: str, **values):
		party = (
			{"party_type": "Customer", "party_name": self.customer.name, "contract_terms": "Terms"}
			if doctype == "Contract"
			else {
				"quotation_to": "Customer",
				"party_name": self.customer.name,
				"company": make.COMPANY,
				"currency": "RUB",
				"conversion_rate": 1,
				"transaction_date": nowdate(),
				"items": [
					{
						"item_code": make.make_item().name,
						"qty": 1,
						"rate": 100,
						"uom": "Nos",
						"conversion_factor": 1,
					}
				],
			}
		)
		return frappe.get_doc({"doctype": doctype, **party, **values})

	def test_nothing_was_done_for_it_yet(self):
		make.make_work(self.customer)
		self.work(None)
		self.give(self.other)
		self.assertEqual(self.deal.party_name, self.other.name)

	def test_open_and_closed_works(self):
		self.work(self.customer)
		self.assertRefused("Work: 1", "cancel these")
		done = self.work(self.customer)
		done.update({"status": "Closed", "result": "Done"}).save()
		with self.assertRaises(DealError) as refused:
			self.give(self.other)
		self.assertIn("Work: 2", str(refused.exception))
		self.assertNotIn("cancel these", str(refused.exception))  # a closed work cannot be cancelled

	def test_what_is_advised_helps(self):
		done = self.work(self.customer)
		done.update({"status": "Closed", "result": "Done"}).save()
		merging.merge("Customer", self.customer.name, self.other.name)
		self.give(self.other)
		self.assertEqual(self.deal.party_name, self.other.name)

	def test_works_that_were_cancelled_or_taken_off_the_deal(self):
		self.work(self.customer).update({"status": "Cancelled"}).save()
		self.work(self.customer).update({"opportunity": None}).save()
		self.give(self.other)
		self.assertEqual(self.deal.party_name, self.other.name)

	def test_documents(self):
		agreement = belonging.issued_for(self.paper("Contract"), self.deal.name).insert()
		self.assertRefused("Contract: 1")
		agreement.submit()
		self.assertRefused("Contract: 1")
		agreement.cancel()
		self.give(self.other)
		self.assertEqual(self.deal.party_name, self.other.name)

	def test_an_offer_made_with_the_button_of_erpnext(self):
		offer = self.paper("Quotation", opportunity=self.deal.name).insert()
		self.assertRefused("Quotation: 1")
		frappe.delete_doc("Quotation", offer.name)
		offer = self.paper("Quotation")
		offer.items[0].update({"prevdoc_doctype": "Opportunity", "prevdoc_docname": self.deal.name})
		offer.insert()
		self.work(self.customer)
		self.assertRefused("Quotation: 1", "Work: 1")

	def test_another_record_of_the_same_client(self):
		lead = make.make_lead()
		self.deal = make.make_opportunity(lead)
		self.work(lead)
		customer = make.make_customer(lead_name=lead.name)
		for client in (customer, lead):
			self.give(client)
			self.assertEqual(self.deal.party_name, client.name)

	def test_records_that_erpnext_knows_to_be_one_client(self):
		customer = make.make_customer()
		lead, other = make.make_lead(customer=customer.name), make.make_lead()
		prospect = make.make_prospect(leads=[{"lead": other.name}])
		for one, two in ((lead, customer), (other, prospect)):
			self.deal = make.make_opportunity(one)
			self.work(one)
			for client in (two, one):
				self.give(client)
				self.assertEqual(self.deal.party_name, client.name)
			self.assertFalse(is_same((one.doctype, one.name), ("Customer", self.other.name)))

	def test_the_new_clients_records_are_asked_for_once(self):
		def asked() -> int:
			with self.asked_of_the_database() as queries, self.assertRaises(DealError):
				self.give(self.other)
			return sum("rule24_successor" in query and "where" in query.lower() for query, _rows in queries)

		self.work(self.customer)
		few = asked()
		lead = make.make_lead(customer=self.customer.name)
		for client in (self.customer, lead):
			self.work(client, planned_on="2030-01-01").update({"status": "In Progress"}).save()
		self.assertEqual(asked(), few)

	def test_a_client_joined_later(self):
		lead = make.make_lead()
		self.deal = make.make_opportunity(lead)
		self.work(lead)
		with self.assertRaises(DealError):
			self.give(self.other)
		joining.join("Lead", lead.name, self.other.name)
		self.give(self.other)
		self.assertEqual(self.deal.party_name, self.other.name)

	def test_works_that_are_with_the_new_client_already(self):
		"""What came past the rules, by another app say, is put right."""
		work = self.work(self.customer)
		work.db_set({"party": self.other.name})
		self.give(self.other)
		self.assertEqual(self.deal.party_name, self.other.name)

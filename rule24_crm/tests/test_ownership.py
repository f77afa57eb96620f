"""One active responsible manager for every client, deal and work, whatever way it comes in."""

import frappe

from rule24_crm.exceptions import AccountManagerError, OwnerError
from rule24_crm.parties.ownership import FIELDS
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.work.bulk import create_works


class OwnershipCase(CRMTestCase):
	def setUp(self):
		super().setUp()
		frappe.db.set_value("Distribution Rule", {"enabled": 1}, "enabled", 0)
		self.manager = make.make_account_manager().name
		self.leaver = make.make_account_manager().name

	def leave(self, user: str) -> str:
		frappe.db.set_value("Account Manager", user, "active", 0)
		return user

	def of_every_kind(self, **owner) -> list:
		customer = make.make_customer()
		return [
			make.make_lead(**{"lead_owner": owner.get("user")} if owner else {}),
			make.make_prospect(**{"prospect_owner": owner.get("user")} if owner else {}),
			make.make_customer(**{"account_manager": owner.get("user")} if owner else {}),
			make.make_opportunity(customer, **{"opportunity_owner": owner.get("user")} if owner else {}),
			make.make_work(customer, **{"assigned_to": owner.get("user")} if owner else {}),
		]

	def owner(self, doc) -> str | None:
		return frappe.db.get_value(doc.doctype, doc.name, FIELDS[doc.doctype])


class TestNewRecords(OwnershipCase):
	def test_nothing_arises_without_a_manager(self):
		for doc in self.of_every_kind():
			self.assertEqual(self.owner(doc), "Administrator", doc.doctype)

	def test_a_rule_decides_and_says_why(self):
		rule = make.make_distribution_rule(
			managers=[self.manager], for_prospect=1, for_customer=1, for_opportunity=1
		)
		for doc in self.of_every_kind()[:4]:
			self.assertEqual(self.owner(doc), self.manager, doc.doctype)
			log = frappe.get_last_doc("Distribution Log", {"party": doc.name})
			self.assertEqual((log.party_type, log.manager, log.rule), (doc.doctype, self.manager, rule.name))
			doc = frappe.get_doc(doc.doctype, doc.name)
			doc.set("__onload", frappe._dict())
			doc.run_method("onload")
			self.assertEqual(doc.get_onload("rule24_distribution")["rule"], rule.name)

	def test_rules_see_segments_however_they_are_given(self):
		make.make_distribution_rule(
			[("market_segment", "Is Set", "")], managers=[self.manager], for_prospect=1, for_customer=1
		)
		rows = [{"segment": make.make_segment()}]
		for doc in (
			make.make_lead(segments=rows),
			make.make_prospect(segments=rows),
			make.make_customer(segments=rows),
		):
			self.assertEqual(self.owner(doc), self.manager, doc.doctype)

	def test_who_is_chosen_stays(self):
		make.make_distribution_rule(managers=[self.leaver], for_customer=1, for_opportunity=1, for_prospect=1)
		for doc in self.of_every_kind(user=self.manager):
			self.assertEqual(self.owner(doc), self.manager, doc.doctype)
			self.assertFalse(frappe.db.exists("Distribution Log", {"party": doc.name}))

	def test_who_has_left_gets_nothing_new(self):
		self.leave(self.leaver)
		with self.settings(fallback_manager=self.manager):
			for doc in self.of_every_kind(user=self.leaver):
				self.assertEqual(self.owner(doc), self.manager, doc.doctype)
				self.assertTrue(frappe.db.exists("Distribution Log", {"party": doc.name}))
		self.assertMessage("is not active any more")

	def test_a_guest_is_no_manager(self):
		with self.settings(fallback_manager=self.manager), self.as_user("Guest"):
			lead = make.make_lead(email_id=f"{frappe.generate_hash(length=8)}@example.com")
		self.assertEqual(self.owner(lead), self.manager)

	def test_many_works_at_once(self):
		self.leave(self.leaver)
		lead = make.make_lead(lead_owner=self.manager)
		row = {"action": "Call", "party_type": "Lead", "party": lead.name, "assigned_to": self.leaver}
		slow = make.make_work(lead, assigned_to=self.leaver)
		(fast,) = create_works([row])
		self.assertEqual(self.owner(slow), self.manager)
		self.assertEqual(frappe.db.get_value("Work", fast, "assigned_to"), self.manager)
		fields = ["manager", "way", "rule", "explanation", "candidates"]
		one, other = (
			frappe.db.get_value("Distribution Log", {"party": name}, fields) for name in (slow.name, fast)
		)
		self.assertEqual(one, other)


class TestChanges(OwnershipCase):
	def test_nobody_is_taken_off(self):
		for doc in self.of_every_kind(user=self.manager)[:4]:
			doc.reload()
			doc.set(FIELDS[doc.doctype], None)
			with self.assertRaisesWith(OwnerError, "needs a responsible manager"):
				doc.save()

	def test_nobody_is_given_to_one_who_has_left(self):
		docs = self.of_every_kind(user=self.manager)
		self.leave(self.leaver)
		for doc in docs:
			doc.reload()
			doc.set(FIELDS[doc.doctype], self.leaver)
			with self.assertRaisesWith(OwnerError, "not active any more"):
				doc.save()

	def test_what_is_with_a_leaver_can_still_be_edited(self):
		docs = self.of_every_kind(user=self.leaver)
		self.leave(self.leaver)
		for doc in docs:
			doc.reload()
			doc.save()
			self.assertEqual(self.owner(doc), self.leaver)

	def test_a_manager_with_clients_stays_active(self):
		user = make.make_account_manager().name
		self.of_every_kind(user=user)
		make.make_work(make.make_customer(), assigned_to=user, status="Cancelled")
		words = ("Lead: 1", "Prospect: 1", "Customer: 1", "Opportunity: 1", "Work: 1", "Client Handover")
		with self.assertRaisesWith(AccountManagerError, *words):
			self.clear("Account Manager", user, "active")
		self.clear("Account Manager", self.leaver, "active")  # has nothing

	def clear(self, doctype: str, name: str, field: str) -> None:
		doc = frappe.get_doc(doctype, name)
		doc.set(field, 0)
		doc.save()

	def test_a_record_of_nobody_can_be_edited_and_given(self):
		lead = make.make_lead(lead_owner=None)
		lead.job_title = "Director"
		lead.save()
		self.assertIsNone(self.owner(lead))
		lead.lead_owner = self.manager
		lead.save()
		self.assertEqual(self.owner(lead), self.manager)

	def test_the_reasons_go_with_the_record(self):
		make.make_distribution_rule(managers=[self.manager])
		lead = make.make_lead()
		self.assertTrue(frappe.db.exists("Distribution Log", {"party": lead.name}))
		lead.reload()
		lead.delete()
		self.assertFalse(frappe.db.exists("Distribution Log", {"party": lead.name}))

"""A work repeats who is responsible for its client, whatever way he changes; it opens nothing by itself, and hides nothing for long."""

from unittest.mock import patch

import frappe
from frappe.model.meta import Meta

from rule24_crm.parties import joining, merging, ownerless
from rule24_crm.parties.access import predicate
from rule24_crm.parties.kinds import OWNER_FIELD, PARTY_TYPES
from rule24_crm.tests import factories as make
from rule24_crm.tests.handover_scene import HandoverTestCase
from rule24_crm.work import closing, links
from rule24_crm.work.bulk import create_works

ASK = {"access": "By Responsible"}


def told(work) -> str | None:
	"""Whom the stored work names as its client's manager."""
	return frappe.db.get_value("Work", getattr(work, "name", work), "party_manager")


class TestManagerOfClient(HandoverTestCase):
	def setUp(self):
		super().setUp()
		self.customer = make.make_customer(account_manager=self.ivan)

	def test_a_new_work_names_him(self):
		for kind in PARTY_TYPES:
			with self.subTest(kind=kind):
				party = getattr(make, f"make_{kind.lower()}")(**{OWNER_FIELD[kind]: self.ivan})
				work = make.make_work(party, assigned_to=self.olga)
				self.assertEqual((work.party_manager, told(work)), (self.ivan, self.ivan))
				self.assertEqual(told(create_works([self._row(party)])[0]), self.ivan)

	def _row(self, party) -> dict:
		return {"action": "Call", "party_type": party.doctype, "party": party.name, "assigned_to": self.olga}

	def test_without_client_it_names_nobody(self):
		work, _next = (make.make_work(self.customer) for _n in range(2))
		self.assertEqual(told(work), self.ivan)
		work.reload()
		work.update({"party_type": "", "party": None})
		work.save()
		self.assertFalse(told(work))

	def test_with_another_client_it_names_his(self):
		work, _next = (make.make_work(self.customer) for _n in range(2))
		work.reload()
		work.party = make.make_customer(account_manager=self.denis).name
		work.save()
		self.assertEqual(told(work), self.denis)

	def test_nobody_writes_another(self):
		work = make.make_work(self.customer)
		work.reload()
		work.party_manager = self.olga
		work.save()
		self.assertEqual((work.party_manager, told(work)), (self.ivan, self.ivan))
		forged = make.make_work(self.customer, party_manager=self.olga)
		self.assertEqual(told(forged), self.ivan)

	def test_saved_client_and_written_field(self):
		work, closed = make.make_work(self.customer), make.make_work(self.customer)
		stop = make.make_stop_reason().name
		closing.close(closed.name, "Not Interested", note="Later", stop_reason=stop)
		modified = frappe.db.get_value("Work", work.name, "modified")
		self.customer.reload()
		self.customer.account_manager = self.olga
		self.customer.save()
		self.assertEqual((told(work), told(closed)), (self.olga, self.olga))
		self.assertEqual(frappe.get_doc("Work", work.name).party_manager, self.olga)
		self.assertEqual(frappe.db.get_value("Work", work.name, "modified"), modified)
		frappe.get_doc("Customer", self.customer.name).db_set("account_manager", self.denis)
		self.assertEqual(told(work), self.denis)

	def test_given_away_and_back_by_one_document(self):
		work = make.make_work(self.customer)
		for change in ("save", "db_set"):
			with self.subTest(change=change):
				client = frappe.get_doc("Customer", self.customer.name)
				if change == "save":
					client.account_manager = self.olga
					client.save()
				else:
					client.db_set("account_manager", self.olga)
				self.assertEqual(told(work), self.olga)
				client.db_set("account_manager", self.ivan)
				self.assertEqual(told(work), self.ivan)

	def test_handed_over_and_back(self):
		work = make.make_work(self.customer, assigned_to=self.denis)
		lead = make.make_lead(lead_owner=self.ivan)
		other = make.make_work(lead, assigned_to=self.denis)
		self.hand_over()
		self.assertEqual((told(work), told(other)), (self.olga, self.olga))
		self.undo()
		self.assertEqual((told(work), told(other)), (self.ivan, self.ivan))

	def test_merged(self):
		old = make.make_customer(account_manager=self.denis)
		work = make.make_work(old)
		merging.merge("Customer", old.name, self.customer.name)
		self.assertEqual(told(work), self.ivan)

	def test_gone_on_as_a_customer(self):
		lead, found = make.make_lead(lead_owner=self.denis), make.make_lead(lead_owner=self.denis)
		work, joined = make.make_work(lead), make.make_work(found)
		make.make_customer(lead_name=lead.name, account_manager=self.olga)
		self.assertEqual(told(work), self.olga)
		joining.join("Lead", found.name, self.customer.name)
		self.assertEqual(told(joined), self.ivan)

	def test_the_successor_names_him(self):
		work = make.make_work(self.customer, action="Call")
		# the client has changed hands since the work was read
		frappe.db.set_value("Customer", self.customer.name, "account_manager", self.olga)
		answer = closing.close(work.name, "Call Back Later")
		self.assertEqual(told(answer["next_work"]), self.olga)

	def test_clients_of_nobody(self):
		frappe.db.set_value("Customer", self.customer.name, "account_manager", None)
		self.assertIsNone(told(make.make_work(self.customer)))

	def test_given_to_somebody_who_was_nobody_s(self):
		work = make.make_work(self.customer)
		self.customer.db_set("account_manager", None)
		self.assertFalse(told(work))
		ownerless.give("Customer", [self.customer.name], self.olga)
		self.assertEqual(told(work), self.olga)

	def test_written_past_all_rules_it_is_right_by_the_next_day(self):
		work, other = make.make_work(self.customer), make.make_work(make.make_lead(lead_owner=self.denis))
		frappe.db.set_value("Customer", self.customer.name, "account_manager", self.olga)
		self.assertEqual(told(work), self.ivan)
		links.repair_managers()
		self.assertEqual((told(work), told(other)), (self.olga, self.denis))
		self.assertIn(
			"rule24_crm.work.links.repair_managers", frappe.get_hooks("scheduler_events")["daily_long"]
		)


class TestAccess(HandoverTestCase):
	def setUp(self):
		super().setUp()
		self.customer = make.make_customer(account_manager=self.ivan)
		self.work = make.make_work(self.customer, assigned_to=self.denis)

	def seen_by(self, user: str) -> bool:
		with self.settings(**ASK), self.as_user(user):
			listed = frappe.get_list("Work", filters={"name": self.work.name}, pluck="name")
			may = frappe.has_permission("Work", "read", doc=frappe.get_doc("Work", self.work.name))
		self.assertEqual(bool(listed), may)
		return may

	def test_it_goes_with_the_client(self):
		self.assertTrue(self.seen_by(self.ivan))
		self.assertFalse(self.seen_by(self.olga))
		self.customer.reload()
		self.customer.account_manager = self.olga
		self.customer.save()
		self.assertFalse(self.seen_by(self.ivan))
		self.assertTrue(self.seen_by(self.olga))

	def test_what_the_work_says_opens_nothing(self):
		frappe.db.set_value("Work", self.work.name, "party_manager", self.olga)
		self.assertFalse(self.seen_by(self.olga))

	def test_a_work_that_does_not_know_yet_is_looked_up(self):
		for unknown in (None, ""):
			frappe.db.set_value("Work", self.work.name, "party_manager", unknown)
			self.assertTrue(self.seen_by(self.ivan))
			self.assertFalse(self.seen_by(self.olga))

	def test_a_shared_client_opens_his_works(self):
		self.assertFalse(self.seen_by(self.olga))
		self.customer.reload()
		self.customer.append("rule24_participants", {"user": self.olga})
		self.customer.save()
		self.assertTrue(self.seen_by(self.olga))

	def test_before_the_column_is_there(self):
		predicate.of_scope.cache_clear()
		self.addCleanup(predicate.of_scope.cache_clear)
		with self.settings(**ASK), patch.object(Meta, "has_field", lambda *_field: False):
			condition = predicate.criterion("Work", self.ivan).get_sql()
		self.assertNotIn("party_manager", condition)

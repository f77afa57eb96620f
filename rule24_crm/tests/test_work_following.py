"""Works follow their client through conversion, merge and renaming; chains, trees, working days."""

import datetime

import frappe
from frappe.utils import add_days, nowdate

from rule24_crm.parties import chain, live
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.work import basis, closing, links, timeline, tree
from rule24_crm.work.bulk import create_works
from rule24_crm.work.working_days import WorkingDays


class TestMoves(CRMTestCase):
	def test_move_takes_all_works_and_gives_the_deal_to_open_ones(self):
		prospect, customer = make.make_prospect(), make.make_customer()
		opportunity = make.make_opportunity(customer)
		done = make.make_work(prospect)
		closing.close(done.name, "Not Interested", note="Later", stop_reason=make.make_stop_reason().name)
		planned = make.make_work(prospect)
		self.assertEqual(
			links.move("Prospect", prospect.name, "Customer", customer.name, opportunity=opportunity.name), 2
		)
		for name, deal in ((done.name, None), (planned.name, opportunity.name)):
			work = frappe.get_doc("Work", name)
			self.assertEqual(
				(work.party_type, work.party, work.party_name),
				("Customer", customer.name, customer.customer_name),
			)
			self.assertEqual(work.opportunity or None, deal)
		self.assertIsNone(frappe.db.get_value("Prospect", prospect.name, "rule24_next_work_on"))
		self.assertTrue(frappe.db.get_value("Customer", customer.name, "rule24_next_work_on"))

	def test_a_customer_made_from_a_lead_takes_its_works(self):
		lead = make.make_lead()
		work = make.make_work(lead)
		customer = make.make_customer(lead_name=lead.name)
		work.reload()
		self.assertEqual((work.party_type, work.party), ("Customer", customer.name))
		self.assertEqual(chain.successor("Lead", lead.name), ("Customer", customer.name))
		self.assertFalse(live.is_live("Lead", lead.name))

	def test_merging_customers_merges_their_works(self):
		old, new = make.make_customer(), make.make_customer()
		work = make.make_work(old, planned_on=add_days(nowdate(), 1))
		frappe.rename_doc("Customer", old.name, new.name, merge=True, force=True)
		work.reload()
		self.assertEqual((work.party, work.party_name), (new.name, new.customer_name))
		self.assertEqual(frappe.db.get_value("Customer", new.name, "rule24_next_work_on"), work.planned_on)

	def test_a_corrected_name_shows_in_the_works(self):
		customer = make.make_customer()
		work = make.make_work(customer)
		customer.reload()
		customer.customer_name = "Corrected"
		customer.save()
		self.assertEqual(frappe.db.get_value("Work", work.name, "party_name"), "Corrected")

	def test_the_past_is_counted_to_its_end(self):
		lead = make.make_lead()
		create_works([{"action": "Call", "party_type": "Lead", "party": lead.name}] * 1001)
		frappe.db.set_value("Work", {"party": lead.name}, "status", "Closed")
		with self.asked_of_the_database() as asked:
			found = timeline.of_party("Lead", lead.name)
		self.assertEqual((len(found["past"]), found["past_total"]), (20, 1001))
		self.assertLessEqual(
			max(rows for query, rows in asked if "`tabWork`" in query), 20
		)  # the database counts

	def test_what_is_hidden_is_not_counted(self):
		user, other = (make.make_user().name for _n in range(2))
		make.make_account_manager(user)
		lead = make.make_lead(lead_owner=other)
		for whose in (user, other, other):
			make.make_work(lead, assigned_to=whose)
		frappe.db.set_value("Work", {"party": lead.name}, "status", "Closed")
		with self.settings(access="By Responsible"), self.as_user(user):
			found = timeline.of_party("Lead", lead.name)
		self.assertEqual((len(found["past"]), found["past_total"]), (1, 1))

	def test_timeline_joins_the_records_of_one_client(self):
		lead = make.make_lead()
		make.make_work(lead)
		customer = make.make_customer(lead_name=lead.name)
		make.make_work(customer, planned_on=add_days(nowdate(), -2))
		for kind, name in (("Lead", lead.name), ("Customer", customer.name)):
			rows = timeline.of_party(kind, name)
			self.assertEqual(len(rows["planned"]), 2)
			self.assertLess(rows["planned"][0].planned_on, rows["planned"][1].planned_on)


class TestBasis(CRMTestCase):
	def test_copy_is_open_and_linked(self):
		lead = make.make_lead()
		work = make.make_work(lead, action="Meeting", subject="Tea", priority="High")
		closing.close(work.name, "Meeting Cancelled")
		work.reload()
		new = basis.create_from(work)
		self.assertTrue(new.is_new())
		self.assertEqual(
			(new.subject, new.action, new.priority, new.based_on), ("Tea", "Meeting", "High", work.name)
		)
		self.assertFalse(new.result or new.sign)
		new.insert()
		self.assertEqual(new.party, lead.name)


class TestTree(CRMTestCase):
	def test_sums_at_any_depth(self):
		top = make.make_work()
		child = make.make_work(parent_work=top.name)
		make.make_work(parent_work=child.name, planned_on=add_days(nowdate(), -1))
		closing.close(make.make_work(parent_work=child.name).name, "Not Interested", note="No")
		make.make_work(parent_work=top.name, status="Cancelled")
		self.assertEqual(
			tree.rollup(top.name),
			{"total": 4, "open": 2, "overdue": 1, "closed": 1, "plus": 0, "minus": 1, "cancelled": 1},
		)
		self.assertEqual(tree.rollup(child.name)["total"], 2)
		self.assertEqual(tree.rollup(make.make_work().name)["total"], 0)


class TestWorkingDays(CRMTestCase):
	def test_without_a_list_weekends_are_off(self):
		days = WorkingDays(None)
		friday = datetime.date(2026, 11, 20)
		self.assertEqual(days.shift(friday, 1), datetime.date(2026, 11, 23))
		self.assertEqual(days.shift(friday, 0), friday)
		self.assertEqual(days.shift(datetime.date(2026, 11, 21), 0), datetime.date(2026, 11, 23))

	def test_with_a_list_only_its_days_are_off(self):
		days = WorkingDays({datetime.date(2026, 11, 23)})
		self.assertEqual(days.shift(datetime.date(2026, 11, 20), 1), datetime.date(2026, 11, 21))
		self.assertEqual(days.shift(datetime.date(2026, 11, 22), 1), datetime.date(2026, 11, 24))

	def test_a_year_without_working_days_ends(self):
		start = datetime.date(2026, 1, 1)
		days = WorkingDays({start + datetime.timedelta(days=n) for n in range(800)})
		self.assertEqual(days.on_or_after(start), start)

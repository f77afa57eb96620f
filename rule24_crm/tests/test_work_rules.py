"""What a Work must satisfy whatever way it comes in."""

import frappe
from frappe.utils import add_days, get_datetime, getdate, nowdate

from rule24_crm import exceptions
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.work import closing
from rule24_crm.work.bulk import create_works


class TestDefaults(CRMTestCase):
	def test_subject_script_and_client_name_follow(self):
		script = frappe.get_doc(
			{"doctype": "Call Script", "script_name": "Hello", "text": "Good day"}
		).insert()
		action = make.make_action([{"result": "Done", "sign": "Plus"}], default_script=script.name)
		prospect = make.make_prospect()
		work = make.make_work(prospect, action=action.name, subject=None)
		self.assertEqual(work.party_name, prospect.company_name)
		self.assertEqual(work.script, script.name)
		self.assertEqual(work.subject, f"{action.name}: {prospect.company_name}"[:140])

	def test_name_comes_from_the_series(self):
		first, second = make.make_work(), make.make_work()
		self.assertRegex(first.name, r"^WORK-\d{7}$")
		self.assertEqual(int(second.name[5:]), int(first.name[5:]) + 1)

	def test_start_with_a_time_makes_a_timed_work(self):
		work = make.make_work(starts_at="2031-03-04 10:00:00", planned_on=None)
		self.assertEqual(work.all_day, 0)
		self.assertEqual(getdate(work.planned_on), getdate("2031-03-04"))
		self.assertEqual(
			get_datetime(work.ends_at), get_datetime("2031-03-04 10:15:00")
		)  # a call takes 15 minutes
		self.assertEqual(get_datetime(work.remind_at), get_datetime("2031-03-04 09:50:00"))

	def test_start_without_a_time_is_a_whole_day(self):
		work = make.make_work(starts_at="2031-03-04 00:00:00", ends_at="2031-03-06 00:00:00")
		self.assertEqual(work.all_day, 1)
		self.assertIsNone(work.remind_at)

	def test_moving_a_work_moves_its_reminder_and_reminds_again(self):
		work = make.make_work(starts_at="2031-03-04 10:00:00")
		work.db_set("reminded_on", "2031-03-04 09:50:00")
		work.starts_at, work.ends_at = "2031-03-05 12:00:00", None
		work.save()
		self.assertEqual(get_datetime(work.remind_at), get_datetime("2031-03-05 11:50:00"))
		self.assertIsNone(work.reminded_on)

	def test_a_reminder_set_by_hand_stays(self):
		work = make.make_work(starts_at="2031-03-04 10:00:00", remind_at="2031-03-03 18:00:00")
		self.assertEqual(get_datetime(work.remind_at), get_datetime("2031-03-03 18:00:00"))

	def test_an_open_work_has_no_outcome(self):
		work = make.make_work(result="No Answer", sign="Plus", closed_by="Administrator")
		self.assertFalse(work.result or work.sign or work.closed_by or work.closed_on)


class TestRefusals(CRMTestCase):
	def test_end_before_start(self):
		with self.assertRaisesWith(exceptions.WorkTimeError, "before it starts"):
			make.make_work(starts_at="2031-03-04 10:00:00", ends_at="2031-03-04 09:00:00")

	def test_end_without_start(self):
		with self.assertRaisesWith(exceptions.WorkTimeError, "Starts At"):
			make.make_work(ends_at="2031-03-04 09:00:00")

	def test_client_that_does_not_exist(self):
		with self.assertRaisesWith(frappe.LinkValidationError, "Client", "Nobody"):
			make.make_work(party_type="Customer", party="Nobody")

	def test_half_a_client(self):
		with self.assertRaisesWith(frappe.ValidationError, "Client Kind"):
			make.make_work(party="Somebody")
		with self.assertRaisesWith(exceptions.PartyNotFoundError, "Client"):
			make.make_work(party_type="Lead")

	def test_unknown_kind_of_client(self):
		with self.assertRaises(frappe.ValidationError):
			make.make_work(party_type="Supplier", party="Somebody")

	def test_disabled_action(self):
		action = make.make_action([{"result": "Done"}], disabled=1)
		with self.assertRaisesWith(exceptions.WorkError, "disabled"):
			make.make_work(action=action.name)

	def test_disabling_an_action_does_not_block_its_works(self):
		action = make.make_action([{"result": "Done"}])
		work = make.make_work(action=action.name)
		action.db_set("disabled", 1)
		frappe.clear_document_cache("Work Action", action.name)
		work.priority = "High"
		work.save()
		self.assertEqual(frappe.db.get_value("Work", work.name, "priority"), "High")

	def test_a_work_cannot_be_part_of_itself(self):
		work = make.make_work()
		work.parent_work = work.name
		with self.assertRaisesWith(exceptions.WorkLoopError, "Part Of"):
			work.save()

	def test_parents_cannot_go_round(self):
		top = make.make_work()
		middle = make.make_work(parent_work=top.name)
		bottom = make.make_work(parent_work=middle.name)
		top.reload()
		top.parent_work = bottom.name
		with self.assertRaises(exceptions.WorkLoopError):
			top.save()

	def test_based_on_cannot_go_round(self):
		first = make.make_work()
		second = make.make_work(based_on=first.name)
		first.reload()
		first.based_on = second.name
		with self.assertRaisesWith(exceptions.WorkLoopError, "Based On"):
			first.save()


class TestDeal(CRMTestCase):
	"""A work's deal is with the work's client, open or closed: closed works open the gates of the deal they name."""

	def setUp(self):
		super().setUp()
		frappe.db.set_single_value("Rule24 CRM Settings", "next_action_gate", "Off")
		self.lead = make.make_lead()
		self.own, self.foreign = make.make_opportunity(self.lead), make.make_opportunity()
		self.action = make.make_action([{"result": "Done", "sign": "Plus"}]).name

	def closed(self, client=None):
		work = make.make_work(client, action=self.action)
		work.update({"status": "Closed", "result": "Done"}).save()
		work.reload()
		return work

	def assertRefused(self, work, **values):
		work.reload()
		work.update(values)
		with self.assertRaisesWith(exceptions.WorkError, "not with the client"):
			work.save()
		self.assertFalse(frappe.db.get_value("Work", work.name, "opportunity"))

	def test_a_new_work(self):
		make.make_work(self.lead, opportunity=self.own.name)
		with self.assertRaisesWith(exceptions.WorkError, self.foreign.name, "not with the client"):
			make.make_work(self.lead, opportunity=self.foreign.name)

	def test_an_open_work(self):
		work = make.make_work(self.lead)
		self.assertRefused(work, opportunity=self.foreign.name)
		work.reload()
		work.update({"opportunity": self.own.name}).save()
		other = make.make_customer()
		work.update({"party_type": "Customer", "party": other.name, "party_name": None})
		with self.assertRaisesWith(exceptions.WorkError, "not with the client"):
			work.save()
		work.reload()
		work.update({"party_type": "Customer", "party": other.name, "party_name": None, "opportunity": None})
		self.assertEqual(work.save().party, other.name)

	def test_a_closed_work(self):
		work = self.closed(self.lead)
		self.assertRefused(work, opportunity=self.foreign.name)
		work.reload()
		work.update({"opportunity": self.own.name}).save()
		self.assertEqual(frappe.db.get_value("Work", work.name, "opportunity"), self.own.name)

	def test_a_work_with_nobody(self):
		"""About a deal while it is open; closed, it was no work of any deal."""
		self.assertEqual(make.make_work(opportunity=self.own.name).opportunity, self.own.name)
		self.assertRefused(self.closed(), opportunity=self.own.name)

	def test_the_client_goes_by_another_record_by_now(self):
		"""The deal of a Lead is that of the Customer made from it, and the other way round."""
		customer = make.make_customer(lead_name=self.lead.name)
		work = self.closed(customer)
		work.update({"opportunity": self.own.name}).save()
		older = self.closed(self.lead)
		older.update({"opportunity": make.make_opportunity(customer).name}).save()
		self.assertTrue(older.opportunity)

	def test_a_customer_that_was_made_before_the_chain_was_kept(self):
		customer = make.make_customer(lead_name=self.lead.name)
		self.lead.db_set({"rule24_successor_type": None, "rule24_successor": None})
		self.assertTrue(make.make_work(customer, opportunity=self.own.name).opportunity)
		later = make.make_opportunity(customer)
		self.assertTrue(make.make_work(self.lead, opportunity=later.name).opportunity)

	def test_the_next_work_with_another_client_leaves_the_deal_behind(self):
		other = make.make_customer()
		for values, expected in (
			({}, self.own.name),
			({"party_type": "Customer", "party": other.name}, None),
		):
			work = make.make_work(self.lead, action=self.action, opportunity=self.own.name)
			following = closing.close(
				work.name, "Done", next_work={"action": "Call", "planned_on": nowdate(), **values}
			)["next_work"]
			self.assertEqual(frappe.db.get_value("Work", following, "opportunity"), expected)

	def test_many_works_at_once(self):
		row = {"action": "Call", "party_type": "Lead", "party": self.lead.name}
		customer = make.make_customer(lead_name=self.lead.name)
		rows = [
			{**row, "opportunity": self.own.name},
			{**row, "party_type": "Customer", "party": customer.name, "opportunity": self.own.name},
			{"action": "Call", "opportunity": self.own.name},
		]
		self.assertEqual(len(create_works(rows)), 3)
		with self.assertRaisesWith(exceptions.WorkError, "Row 4", self.foreign.name, "not with the client"):
			create_works([*rows, {**row, "opportunity": self.foreign.name}])


class TestFollowing(CRMTestCase):
	"""`rule24_next_work_on` is the nearest open work's day, through every change."""

	def next_day(self, party):
		return frappe.db.get_value(party.doctype, party.name, "rule24_next_work_on")

	def test_insert_move_cancel_delete(self):
		lead = make.make_lead()
		self.assertIsNone(self.next_day(lead))
		later = make.make_work(lead, planned_on=add_days(nowdate(), 5))
		nearer = make.make_work(lead, planned_on=add_days(nowdate(), 2))
		self.assertEqual(self.next_day(lead), getdate(add_days(nowdate(), 2)))
		nearer.planned_on = add_days(nowdate(), 9)
		nearer.save()
		self.assertEqual(self.next_day(lead), getdate(later.planned_on))
		later.status = "Cancelled"
		later.save()
		self.assertEqual(self.next_day(lead), getdate(nearer.planned_on))
		with self.settings(next_action_gate="Off"):
			frappe.delete_doc("Work", nearer.name)
		self.assertIsNone(self.next_day(lead))

	def test_changing_the_client_updates_both(self):
		first, second = make.make_lead(), make.make_prospect()
		work = make.make_work(first)
		work.update({"party_type": "Prospect", "party": second.name})
		with self.settings(next_action_gate="Off"):
			work.save()
		self.assertIsNone(self.next_day(first))
		self.assertEqual(self.next_day(second), getdate(work.planned_on))
		self.assertEqual(work.party_name, second.company_name)

	def test_the_client_itself_does_not_look_edited(self):
		customer = make.make_customer()
		before = frappe.db.get_value("Customer", customer.name, "modified")
		make.make_work(customer)
		self.assertEqual(frappe.db.get_value("Customer", customer.name, "modified"), before)

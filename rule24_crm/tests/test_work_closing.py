"""Closing a Work: Result, gate, successor and effect in one transaction, on every way in."""

import json

import frappe
from frappe.utils import add_days, getdate, nowdate

from rule24_crm import exceptions
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.work import closing
from rule24_crm.work.working_days import for_company


class TestResult(CRMTestCase):
	def test_sign_time_and_person_are_recorded(self):
		work = make.make_work()
		outcome = closing.close(work.name, "Not Interested", note="Has no time")
		work.reload()
		self.assertEqual((work.status, work.sign, work.result), ("Closed", "Minus", "Not Interested"))
		self.assertEqual((work.closed_by, work.result_note), ("Administrator", "Has no time"))
		self.assertTrue(work.closed_on)
		self.assertEqual(outcome["sign"], "Minus")

	def test_result_of_another_action_is_refused_with_the_list(self):
		work = make.make_work(action="Call")
		with self.assertRaisesWith(exceptions.ResultNotAllowedError, "Documents Signed", "No Answer"):
			closing.close(work.name, "Documents Signed")
		self.assertEqual(frappe.db.get_value("Work", work.name, "status"), "Planned")

	def test_no_result_is_refused(self):
		work = make.make_work(action="Call")
		work.status = "Closed"
		with self.assertRaisesWith(exceptions.ResultNotAllowedError, "Interested"):
			work.save()

	def test_an_action_without_results_says_who_adds_them(self):
		action = make.make_action()
		work = make.make_work(action=action.name)
		with self.assertRaisesWith(exceptions.ResultNotAllowedError, "administrator"):
			closing.close(work.name, "Done")

	def test_note_is_asked_for(self):
		work = make.make_work(action="Call")
		with self.assertRaisesWith(exceptions.ResultNotAllowedError, "note"):
			closing.close(work.name, "Not Interested", note="  ")

	def test_closing_twice_tells_who_was_first(self):
		work = make.make_work()
		closing.close(work.name, "Not Interested", note="No")
		with self.assertRaisesWith(exceptions.WorkClosedError, "already been closed", "Administrator"):
			closing.close(work.name, "Not Interested", note="No")

	def test_a_cancelled_work_is_not_closed(self):
		work = make.make_work(status="Cancelled")
		with self.assertRaisesWith(exceptions.WorkClosedError, "cancelled"):
			closing.close(work.name, "Not Interested", note="No")

	def test_the_deal_of_a_closed_work_stays_once_it_is_set(self):
		lead = make.make_lead()
		work = make.make_work(lead)
		closing.close(work.name, "No Answer")
		first, second = (make.make_opportunity(lead) for _n in range(2))
		work.reload()
		work.opportunity = first.name  # forgotten
		work.save()
		for value in (second.name, None):
			work.reload()
			work.opportunity = value
			with self.assertRaisesWith(exceptions.WorkClosedError, "Deal", "cannot be changed"):
				work.save()

	def test_history_cannot_be_rewritten(self):
		work = make.make_work()
		closing.close(work.name, "Not Interested", note="No")
		for field, value in (
			("status", "Planned"),
			("result", "No Answer"),
			("planned_on", add_days(nowdate(), 1)),
			("sign", "Plus"),
			("closed_by", make.make_user().name),
			("closed_on", add_days(nowdate(), -30)),
		):
			work.reload()
			work.set(field, value)
			with self.assertRaisesWith(exceptions.WorkClosedError, "cannot be changed"):
				work.save()
		work.reload()
		work.result_note = "No, and rudely"
		work.save()
		self.assertEqual(work.sign, "Minus")


class TestGate(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.lead = make.make_lead()
		self.action = make.make_action(
			[{"result": "Done", "sign": "Plus"}, {"result": "Not Done", "sign": "Minus"}]
		).name
		self.work = make.make_work(self.lead, action=self.action)

	def test_enforced_the_live_client_must_have_a_next_work(self):
		with self.settings(next_action_gate="Enforce"):
			with self.assertRaisesWith(exceptions.NextWorkRequiredError, self.lead.title, "Stop Reason"):
				closing.close(self.work.name, "Done")
		self.assertEqual(frappe.db.get_value("Work", self.work.name, "status"), "Planned")

	def test_warned(self):
		with self.settings(next_action_gate="Warn"):
			closing.close(self.work.name, "Done")
		self.assertMessage(self.lead.title, "Plan the next work")

	def test_off(self):
		with self.settings(next_action_gate="Off"):
			closing.close(self.work.name, "Done")
		self.assertEqual(frappe.db.get_value("Work", self.work.name, "status"), "Closed")

	def test_every_other_way_in_meets_the_gate(self):
		self.work.update({"status": "Closed", "result": "Done"})
		with self.assertRaises(exceptions.NextWorkRequiredError):  # form, REST, list edit
			self.work.save()
		from frappe.client import set_value

		with self.assertRaises(exceptions.NextWorkRequiredError):  # Desk quick edit
			set_value("Work", self.work.name, json.dumps({"status": "Closed", "result": "Done"}))
		with self.assertRaises(exceptions.NextWorkRequiredError):  # import of a finished work
			make.make_work(self.lead_without_works(), action=self.action, status="Closed", result="Done")

	def lead_without_works(self):
		return make.make_lead()

	def test_stop_reason_satisfies_it(self):
		reason = make.make_stop_reason()
		closing.close(self.work.name, "Done", stop_reason=reason.name)
		self.work.reload()
		self.assertEqual(self.work.stop_reason, reason.name)
		self.assertEqual(frappe.db.get_value("Lead", self.lead.name, "rule24_phase"), "Potential")

	def test_a_reason_that_writes_off_makes_the_client_lost(self):
		closing.close(self.work.name, "Done", stop_reason=make.make_stop_reason(writes_off=True).name)
		self.assertEqual(frappe.db.get_value("Lead", self.lead.name, "rule24_phase"), "Lost")

	def test_writing_off_is_history_and_cancels_what_is_planned(self):
		later = make.make_work(self.lead, planned_on=add_days(nowdate(), 3))
		with_another = make.make_work(make.make_lead())
		closing.close(self.work.name, "Done", stop_reason=make.make_stop_reason(writes_off=True).name)
		self.assertEqual(frappe.db.get_value("Work", later.name, "status"), "Cancelled")
		self.assertEqual(frappe.db.get_value("Work", with_another.name, "status"), "Planned")
		self.assertIsNone(frappe.db.get_value("Lead", self.lead.name, "rule24_next_work_on"))
		self.assertMessage("written off: 1 other")
		changes = frappe.get_all(
			"Version",
			{"ref_doctype": "Lead", "docname": self.lead.name},
			pluck="data",
			order_by="creation desc",
		)
		self.assertIn(["rule24_phase", "Potential", "Lost"], frappe.parse_json(changes[0])["changed"])

	def test_another_planned_work_satisfies_it(self):
		make.make_work(self.lead, planned_on=add_days(nowdate(), 3))
		closing.close(self.work.name, "Done")
		self.assertEqual(frappe.db.get_value("Work", self.work.name, "status"), "Closed")

	def test_cancelling_meets_the_gate(self):
		from frappe.client import set_value

		with self.assertRaisesWith(exceptions.NextWorkRequiredError, self.lead.title, "Stop Reason"):
			set_value("Work", self.work.name, "status", "Cancelled")
		self.assertEqual(frappe.local.response["rule24_cancelling"], self.work.name)
		self.assertEqual(frappe.db.get_value("Work", self.work.name, "status"), "Planned")
		with self.settings(next_action_gate="Warn"):
			set_value("Work", self.work.name, "status", "Cancelled")
		self.assertMessage(self.lead.title, "Plan the next work")
		set_value("Work", self.work.name, "status", "Planned")
		with self.settings(next_action_gate="Off"):
			closing.cancel(self.work.name)
		self.assertEqual(frappe.db.get_value("Work", self.work.name, "status"), "Cancelled")

	def test_a_reason_or_another_work_lets_cancel(self):
		reason = make.make_stop_reason()
		closing.cancel(self.work.name, stop_reason=reason.name)
		self.work.reload()
		self.assertEqual((self.work.status, self.work.stop_reason), ("Cancelled", reason.name))
		self.work.status = "Planned"
		self.work.save()
		self.assertFalse(self.work.stop_reason)
		make.make_work(self.lead, planned_on=add_days(nowdate(), 3))
		closing.cancel(self.work.name)
		closing.cancel(self.work.name)  # once more: nothing happens
		self.assertEqual(frappe.db.get_value("Work", self.work.name, "status"), "Cancelled")

	def test_a_reason_that_writes_off_does_so_when_cancelling(self):
		closing.cancel(self.work.name, stop_reason=make.make_stop_reason(writes_off=True).name)
		self.assertEqual(frappe.db.get_value("Lead", self.lead.name, "rule24_phase"), "Lost")

	def test_leaving_for_another_client_meets_the_gate(self):
		other = make.make_lead()
		self.work.update({"party": other.name, "party_name": None})
		with self.assertRaisesWith(exceptions.NextWorkRequiredError, self.lead.title, "first"):
			self.work.save()
		make.make_work(self.lead)
		self.work.reload()
		self.work.update({"party": other.name, "party_name": None})
		self.work.save()
		self.work.update({"party_type": None, "party": None})
		with self.assertRaisesWith(exceptions.NextWorkRequiredError, other.title):
			self.work.save()

	def test_leaving_while_it_is_closed_meets_the_gate(self):
		self.work.update({"party_type": None, "party": None, "status": "Closed", "result": "Done"})
		with self.assertRaises(exceptions.NextWorkRequiredError):
			self.work.save()

	def test_deleting_meets_the_gate(self):
		with self.assertRaisesWith(exceptions.NextWorkRequiredError, self.lead.title, "first"):
			frappe.delete_doc("Work", self.work.name)
		closing.cancel(self.work.name, stop_reason=make.make_stop_reason().name)
		frappe.delete_doc("Work", self.work.name)
		self.assertFalse(frappe.db.exists("Work", self.work.name))

	def test_a_work_that_goes_on_with_its_client_meets_no_gate(self):
		self.work.update({"assigned_to": make.make_user().name, "planned_on": add_days(nowdate(), 2)})
		self.work.save()
		self.assertEqual(self.work.status, "Planned")

	def test_a_client_that_is_not_live_needs_none(self):
		for field, value in (("status", "Do Not Contact"), ("disabled", 1), ("rule24_phase", "Lost")):
			lead = make.make_lead()
			work = make.make_work(lead, action=self.action)
			lead.db_set(field, value)
			other = make.make_work(lead, action=self.action)
			closing.cancel(other.name)
			closing.close(work.name, "Done")
			self.assertEqual(frappe.db.get_value("Work", work.name, "status"), "Closed")

	def test_a_work_without_client_needs_none(self):
		work = make.make_work(action=self.action)
		closing.close(work.name, "Done")
		self.assertEqual(frappe.db.get_value("Work", work.name, "status"), "Closed")


class TestSuccessor(CRMTestCase):
	def test_the_matrix_plans_the_next_work(self):
		prospect = make.make_prospect()
		contact = make.make_contact("Prospect", prospect.name)
		work = make.make_work(prospect, action="Call", contact=contact.name, priority="High")
		outcome = closing.close(work.name, "Call Back Later")
		following = frappe.get_doc("Work", outcome["next_work"])
		self.assertEqual(
			(following.action, following.status, following.based_on), ("Call", "Planned", work.name)
		)
		self.assertEqual(
			(following.party, following.contact, following.priority), (prospect.name, contact.name, "High")
		)
		self.assertEqual(following.planned_on, for_company().shift(getdate(), 3))
		self.assertEqual(following.assigned_to, work.assigned_to)
		self.assertEqual(frappe.db.get_value("Work", work.name, "next_work"), following.name)
		self.assertEqual(
			frappe.db.get_value("Prospect", prospect.name, "rule24_next_work_on"), following.planned_on
		)

	def test_the_user_plans_something_else(self):
		lead = make.make_lead()
		work = make.make_work(lead, action="Call")
		day = getdate(add_days(nowdate(), 40))
		outcome = closing.close(
			work.name, "No Answer", next_work={"action": "Meeting", "planned_on": day, "subject": "Tea"}
		)
		following = frappe.get_doc("Work", outcome["next_work"])
		self.assertEqual((following.action, following.subject, following.planned_on), ("Meeting", "Tea", day))
		self.assertEqual(frappe.db.count("Work", {"party": lead.name}), 2)

	def test_half_a_next_work_is_refused(self):
		work = make.make_work(make.make_lead(), action="Call")
		with self.assertRaisesWith(exceptions.WorkError, "Planned On"):
			closing.close(work.name, "No Answer", next_work={"action": "Meeting"})

	def test_a_next_work_brings_no_outcome_along(self):
		work = make.make_work(make.make_lead(), action="Call")
		for values, word in (
			({"result": "Interested"}, "result"),
			({"closed_by": "Administrator"}, "closed_by"),
			({"name": "WORK-x"}, "name"),
			({"status": "Closed"}, "open"),
		):
			given = {"action": "Meeting", "planned_on": nowdate(), **values}
			with self.subTest(word=word), self.assertRaisesWith(exceptions.WorkError, word):
				closing.close(work.name, "No Answer", next_work=given)

	def test_a_next_work_opens_no_hidden_client(self):
		manager = make.make_user().name
		make.make_account_manager(manager)
		hidden = make.make_customer(account_manager=make.make_user().name)
		contact = make.make_contact("Customer", hidden.name)
		lead = make.make_lead(lead_owner=manager)
		work = make.make_work(lead, action="Call", assigned_to=manager)
		day = nowdate()
		with self.settings(access="By Responsible", works_open_clients=1), self.as_user(manager):
			for values in (
				{"party_type": "Customer", "party": hidden.name},
				{"contact": contact.name},
			):
				with self.assertRaisesWith(frappe.PermissionError, "not yours to see"):
					closing.close(
						work.name, "No Answer", next_work={"action": "Call", "planned_on": day, **values}
					)
			closing.close(work.name, "No Answer", next_work={"action": "Call", "planned_on": day})

	def test_what_the_closed_work_knows_goes_on_though_hidden(self):
		manager = make.make_user().name
		make.make_account_manager(manager)
		hidden = make.make_customer(account_manager=make.make_user().name)
		work = make.make_work(hidden, action="Call", assigned_to=manager)
		with self.settings(access="By Responsible", works_open_clients=0), self.as_user(manager):
			given = {"action": "Meeting", "planned_on": nowdate()}
			outcome = closing.close(work.name, "No Answer", next_work=given)
		self.assertEqual(frappe.db.get_value("Work", outcome["next_work"], "party"), hidden.name)

	def test_an_existing_work_is_named(self):
		lead = make.make_lead()
		work, planned = make.make_work(lead, action="Call"), make.make_work(lead, action="Meeting")
		closing.close(work.name, "No Answer", next_work=planned.name)
		self.assertEqual(frappe.db.get_value("Work", work.name, "next_work"), planned.name)
		self.assertEqual(frappe.db.count("Work", {"party": lead.name}), 2)

	def test_a_wrong_existing_work_is_refused(self):
		lead = make.make_lead()
		work = make.make_work(lead, action="Call")
		stranger = make.make_work(make.make_lead())
		done = make.make_work(lead, status="Cancelled")
		for name, words in (
			(stranger.name, "another client"),
			(done.name, "not open"),
			(work.name, "own next"),
		):
			with self.assertRaisesWith(exceptions.WorkError, words):
				closing.close(work.name, "No Answer", next_work=name)

	def test_not_both_next_work_and_stop_reason(self):
		work = make.make_work(make.make_lead(), action="Call")
		with self.assertRaisesWith(exceptions.WorkError, "not both"):
			closing.close(
				work.name,
				"No Answer",
				next_work={"action": "Call", "planned_on": nowdate()},
				stop_reason=make.make_stop_reason().name,
			)

	def test_nothing_is_half_done_when_the_successor_fails(self):
		lead = make.make_lead()
		work = make.make_work(lead, action="Call")
		frappe.db.savepoint("half")
		with self.assertRaises(exceptions.WorkTimeError):
			closing.close(
				work.name,
				"No Answer",
				next_work={"action": "Call", "planned_on": nowdate(), "ends_at": "2031-01-01 10:00:00"},
			)
		frappe.db.rollback(save_point="half")  # what a request does on an error
		self.assertEqual(frappe.db.get_value("Work", work.name, "status"), "Planned")
		self.assertEqual(frappe.db.count("Work", {"party": lead.name}), 1)


class TestEffects(CRMTestCase):
	def action_with(self, effect: str, **row):
		return make.make_action(
			[{"result": "Done", "sign": "Plus", "effect": effect, "next_action": "Call", **row}]
		).name

	def test_without_a_client_the_effect_says_what_is_missing(self):
		for effect, missing in (
			("Create Lead", "Client"),
			("Convert to Deal", "Client"),
			("Issue Documents", "Deal"),
		):
			work = make.make_work(action=self.action_with(effect))
			with self.assertRaisesWith(exceptions.WorkError, missing):
				closing.close(work.name, "Done")

	def test_mark_lost_without_a_deal_writes_the_client_off(self):
		prospect = make.make_prospect()
		action = make.make_action([{"result": "Done", "sign": "Minus", "effect": "Mark Lost"}]).name
		closing.close(make.make_work(prospect, action=action).name, "Done")
		self.assertEqual(frappe.db.get_value("Prospect", prospect.name, "rule24_phase"), "Lost")

	def test_an_effect_may_move_the_deal_as_well(self):
		lead = make.make_lead()
		action = self.action_with("Convert to Deal", stage="Interest")
		outcome = closing.close(make.make_work(lead, action=action).name, "Done")
		self.assertEqual(
			frappe.db.get_value("Opportunity", outcome["opportunity"], "sales_stage"), "Interest"
		)
		following = frappe.get_doc("Work", outcome["next_work"])
		self.assertEqual((following.opportunity, following.party), (outcome["opportunity"], lead.name))

	def test_a_lost_deal_makes_room_for_a_new_one(self):
		lead = make.make_lead()
		action = self.action_with("Convert to Deal")
		first = closing.close(make.make_work(lead, action=action).name, "Done")["opportunity"]
		frappe.get_doc("Opportunity", first).declare_enquiry_lost([], [])
		again = make.make_work(lead, action=action, opportunity=first)
		second = closing.close(again.name, "Done")["opportunity"]
		self.assertNotEqual(first, second)
		self.assertEqual(frappe.db.get_value("Opportunity", second, "status"), "Open")

	def test_create_lead_hands_the_next_work_to_the_lead(self):
		prospect = make.make_prospect()
		outcome = closing.close(make.make_work(prospect, action=self.action_with("Create Lead")).name, "Done")
		self.assertEqual(outcome["party_type"], "Lead")
		self.assertEqual(frappe.db.get_value("Work", outcome["next_work"], "party_type"), "Lead")
		self.assertEqual(frappe.db.get_value("Prospect", prospect.name, "rule24_successor"), outcome["party"])
		self.assertTrue(frappe.db.get_value("Lead", outcome["party"], "rule24_next_work_on"))
		self.assertIsNone(frappe.db.get_value("Prospect", prospect.name, "rule24_next_work_on"))

	def test_the_next_work_has_the_segment_that_the_lead_has_by_now(self):
		action = make.make_action(
			[{"result": "Interested", "sign": "Plus", "effect": "Create Lead", "next_action": "Call"}]
		).name
		own = make.make_segment()
		for of_work, of_lead, expected in (
			(None, own, own),
			(None, None, None),
			(own, make.make_segment(), own),
		):
			with self.subTest(of_work=of_work, of_lead=of_lead):
				lead = make.make_lead()
				work = make.make_work(lead, action=action, segment=of_work)
				lead.market_segment = of_lead
				lead.save()
				following = closing.close(work.name, "Interested")["next_work"]
				self.assertEqual(frappe.db.get_value("Work", following, "segment") or None, expected)

	def test_when_the_effect_fails_nothing_is_closed(self):
		customer = make.make_customer()
		work = make.make_work(
			customer,
			action=self.action_with("Issue Documents"),
			opportunity=make.make_opportunity(customer).name,
		)
		frappe.db.savepoint("effect")
		with self.assertRaises(frappe.ValidationError):
			closing.close(work.name, "Done")  # a deal without items cannot be invoiced
		frappe.db.rollback(save_point="effect")  # what a request does on an error
		self.assertEqual(frappe.db.get_value("Work", work.name, "status"), "Planned")

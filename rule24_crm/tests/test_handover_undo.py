"""Taking a handover back: undo, and the return after a vacation."""

from unittest.mock import patch

import frappe
from frappe.utils import add_days, nowdate

from rule24_crm.exceptions import HandoverError
from rule24_crm.parties.handover import service
from rule24_crm.tests import factories as make
from rule24_crm.tests.handover_scene import HandoverTestCase

CLIENT_TABLES = (
	"Lead",
	"Prospect",
	"Customer",
	"Opportunity",
	"Work",
	"ToDo",
	"DocShare",
	"Party Participant",
)


class TestUndo(HandoverTestCase):
	def picture(self) -> dict:
		"""Every row of the tables concerned, without what any save changes."""
		stamps = {"modified", "modified_by", "creation", "owner", "idx", "_seen"}
		found = {}
		for doctype in CLIENT_TABLES:
			for row in frappe.get_all(doctype, fields=["*"], limit=0, order_by="name asc"):
				found[doctype, row.name] = {key: value for key, value in row.items() if key not in stamps}
		return found

	def test_everything_is_as_it_was(self):
		lead = make.make_lead(lead_owner=self.ivan)
		make.make_opportunity(make.make_customer(account_manager=self.ivan), opportunity_owner=self.ivan)
		make.make_work(lead, assigned_to=self.ivan)
		make.make_lead(rule24_participants=[{"user": self.ivan}, {"user": self.denis}])
		make.make_lead(lead_owner=self.olga, rule24_participants=[{"user": self.ivan}])
		values = {
			"doctype": "ToDo",
			"description": "Call",
			"reference_type": "Lead",
			"reference_name": lead.name,
		}
		frappe.get_doc({**values, "allocated_to": self.ivan}).insert()
		shared = make.make_customer()
		frappe.share.add_docshare("Customer", shared.name, self.ivan, write=1, share=1)
		frappe.share.add_docshare("Customer", shared.name, self.olga, read=1)
		before = self.picture()
		shown = self.hand_over([self.olga, self.denis])
		self.assertNotEqual(self.picture(), before)
		result = self.undo()
		self.assertEqual((result["given_back"], result["left"]), (shown["total"], 0))
		self.assertEqual(self.picture(), before)
		self.assertEqual(frappe.db.get_value("Client Handover", self.handover.name, "status"), "Undone")

	def test_what_was_changed_since_is_left_and_named(self):
		given_on = make.make_lead(lead_owner=self.ivan, company_name="Given On")
		kept = make.make_lead(lead_owner=self.ivan, company_name="Edited Only")
		closed = make.make_work(kept, assigned_to=self.ivan, subject="Closed Since")
		gone = make.make_work(kept, assigned_to=self.ivan, subject="Deleted Since")
		self.hand_over()
		frappe.db.set_value("Lead", given_on.name, "lead_owner", self.denis)
		frappe.db.set_value("Lead", kept.name, "job_title", "Director")
		frappe.db.set_value("Work", closed.name, "status", "Closed")
		with self.settings(next_action_gate="Off"):
			frappe.delete_doc("Work", gone.name)
		result = self.undo()
		text = " ".join(result["conflicts"])
		for word in ("Given On", "Closed Since", gone.name):
			self.assertIn(word, text)
		self.assertNotIn("Edited Only", text)
		self.assertEqual(self.value(given_on, "lead_owner"), self.denis)
		self.assertEqual(self.value(kept, "lead_owner"), self.ivan)
		self.assertEqual(self.value(closed, "assigned_to"), self.olga)
		self.assertIn("Given On", frappe.db.get_value("Client Handover", self.handover.name, "left_alone"))
		states = frappe.get_all("Client Handover Item", {"handover": self.handover.name}, pluck="state")
		self.assertEqual(states.count("Left"), 3)

	def test_only_what_was_moved(self):
		mine = make.make_lead(lead_owner=self.ivan)
		olgas = make.make_lead(lead_owner=self.olga)
		self.hand_over()
		self.undo()
		self.assertEqual(self.value(mine, "lead_owner"), self.ivan)
		self.assertEqual(self.value(olgas, "lead_owner"), self.olga)

	def test_a_draft_and_a_second_time_are_refused(self):
		make.make_lead(lead_owner=self.ivan)
		draft = make.make_handover(self.ivan, [self.olga])
		with self.assertRaisesWith(HandoverError, "not been carried out"):
			service.undo(draft.name)
		service.execute(draft.name)
		service.undo(draft.name)
		with self.assertRaisesWith(HandoverError, "undone already"):
			service.undo(draft.name)

	def test_nothing_goes_back_to_a_user_disabled_since(self):
		lead = make.make_lead(lead_owner=self.ivan)
		self.hand_over()
		frappe.db.set_value("User", self.ivan, "enabled", 0)
		with self.assertRaisesWith(HandoverError, "Enable the user first"):
			self.undo()
		self.assertEqual(self.value(lead, "lead_owner"), self.olga)
		frappe.db.set_value("User", self.ivan, "enabled", 1)
		self.undo()
		self.assertEqual(self.value(lead, "lead_owner"), self.ivan)
		self.assertEqual(frappe.db.get_value("Account Manager", self.ivan, "active"), 1)


class TestVacation(HandoverTestCase):
	def setUp(self):
		super().setUp()
		self.lead, self.other = (make.make_lead(lead_owner=self.ivan) for _n in range(2))
		self.work = make.make_work(self.lead, assigned_to=self.ivan)
		self.hand_over(until=add_days(nowdate(), 7))

	def back(self) -> bool:
		return service.give_back_after_absence(self.handover.name)

	def test_the_manager_stays_active(self):
		self.assertEqual(frappe.db.get_value("Account Manager", self.ivan, "active"), 1)

	def test_nothing_new_meanwhile(self):
		absence = ("absent_from", "absent_until")
		known = frappe.db.get_value("Account Manager", self.ivan, absence)
		self.assertEqual([str(day) for day in known], [nowdate(), add_days(nowdate(), 6)])
		self.back()
		self.assertEqual(frappe.db.get_value("Account Manager", self.ivan, absence), (None, None))

	def test_it_comes_back_on_the_day(self):
		self.assertEqual(self.daily_job(), 0)
		frappe.db.set_value("Client Handover", self.handover.name, "until", nowdate())
		self.assertEqual(self.daily_job(), 1)
		self.assertEqual(self.value(self.lead, "lead_owner"), self.ivan)
		self.assertEqual(self.value(self.work, "assigned_to"), self.ivan)
		self.assertEqual(frappe.db.get_value("Client Handover", self.handover.name, "status"), "Returned")

	def daily_job(self) -> int:
		with patch.object(frappe.local.db, "commit"):
			return service.return_due()

	def test_what_was_handed_over_for_good_does_not_come_back(self):
		lead = make.make_lead(lead_owner=self.denis)
		for_good = make.make_handover(self.denis, [self.olga], deactivate=0)
		service.execute(for_good.name)
		self.assertTrue(frappe.db.get_value("Account Manager", self.denis, "active"))
		self.assertEqual(self.daily_job(), 0)
		self.assertEqual(self.value(lead, "lead_owner"), self.olga)
		self.assertEqual(self.value(for_good, "status"), "Handed Over")

	def test_what_the_receiver_gave_on_stays(self):
		frappe.db.set_value("Lead", self.other.name, "lead_owner", self.denis)
		self.back()
		self.assertEqual(self.value(self.lead, "lead_owner"), self.ivan)
		self.assertEqual(self.value(self.other, "lead_owner"), self.denis)

	def test_the_next_work_comes_along(self):
		second = make.make_work(self.lead, assigned_to=self.olga, based_on=self.work.name)
		third = make.make_work(self.lead, assigned_to=self.olga, based_on=second.name)
		handed_on = make.make_work(self.lead, assigned_to=self.denis, based_on=self.work.name)
		own = make.make_work(self.lead, assigned_to=self.olga)
		frappe.db.set_value("Work", {"name": ("in", (self.work.name, second.name))}, "status", "Closed")
		self.back()
		self.assertEqual(self.value(third, "assigned_to"), self.ivan)
		self.assertEqual(self.value(second, "assigned_to"), self.olga)
		self.assertEqual(self.value(handed_on, "assigned_to"), self.denis)
		self.assertEqual(self.value(own, "assigned_to"), self.olga)

	def test_whoever_has_left_meanwhile_gets_nothing(self):
		frappe.db.set_value("User", self.ivan, "enabled", 0)
		self.assertFalse(self.back())
		self.assertEqual(self.value(self.lead, "lead_owner"), self.olga)
		self.assertEqual(
			frappe.db.get_value("Client Handover", self.handover.name, ["status", "until"]),
			("Handed Over", None),
		)

	def test_who_stands_in_for_whom(self):
		self.assertEqual([row["user"] for row in service.cover(self.ivan)["covered_by"]], [self.olga])
		self.assertEqual([row["user"] for row in service.cover(self.olga)["covers_for"]], [self.ivan])
		self.back()
		self.assertEqual(service.cover(self.ivan), {"covered_by": [], "covers_for": []})

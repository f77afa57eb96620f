"""Live clients without a next work, and reminders."""

import frappe
from frappe.utils import add_to_date, now_datetime

from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.work import reminders, without_next


class TestWithoutNext(CRMTestCase):
	def names(self, **filters):
		return {row["party"] for row in without_next.clients(limit=100000, **filters)}

	def test_only_live_clients_without_an_open_work(self):
		user = make.make_user().name
		idle = make.make_lead(lead_owner=user)
		busy = make.make_lead(lead_owner=user)
		make.make_work(busy)
		dead = make.make_lead(lead_owner=user, status="Do Not Contact")
		lost = make.make_prospect(prospect_owner=user)
		lost.db_set("rule24_phase", "Lost")
		idle_customer = make.make_customer(account_manager=user)
		disabled = make.make_customer(account_manager=user, disabled=1)
		found = self.names(user=user)
		self.assertEqual(found, {idle.name, idle_customer.name})
		self.assertFalse({dead.name, lost.name, disabled.name} & found)
		self.assertEqual(without_next.count(user=user), 2)
		self.assertEqual(without_next.count_by_responsible()[user], 2)

	def test_fields_left_empty_by_older_records_count_as_live(self):
		user = make.make_user().name
		lead = make.make_lead(lead_owner=user)
		lead.db_set({"rule24_phase": None, "rule24_successor": None})
		self.assertEqual(self.names(user=user), {lead.name})

	def test_daily_notice_goes_to_the_manager_and_orphans_to_the_head(self):
		manager, head = make.make_user().name, make.make_user(["Sales Manager"]).name
		make.make_lead(lead_owner=manager)
		make.make_prospect(prospect_owner=None)
		without_next.send_daily_notice()
		to_manager = frappe.get_all("Notification Log", {"for_user": manager}, pluck="subject")
		self.assertEqual(to_manager, ["1 of your live clients have no next work"])
		self.assertIn(
			"neither a manager", frappe.get_all("Notification Log", {"for_user": head}, pluck="subject")[0]
		)

	def test_where_there_is_no_head_of_sales_somebody_else_is_told(self):
		administrator = make.make_user(["CRM Administrator"]).name
		system, gone = (
			make.make_user(["System Manager"]).name,
			make.make_user(["Sales Manager"], enabled=0).name,
		)
		make.make_prospect(prospect_owner=None)

		def told(user):
			return frappe.db.exists("Notification Log", {"for_user": user})

		without_next.send_daily_notice()
		head = make.make_user(["Sales Manager"]).name
		self.assertFalse(told(head))
		frappe.db.delete("Has Role", {"role": "Sales Manager", "parent": ("!=", gone)})
		without_next.send_daily_notice()
		self.assertEqual([bool(told(user)) for user in (administrator, system, gone)], [True, False, False])
		frappe.db.delete("Has Role", {"role": "CRM Administrator"})
		without_next.send_daily_notice()
		self.assertTrue(told(system))

	def test_notice_can_be_switched_off(self):
		make.make_lead(lead_owner=make.make_user().name)
		with self.settings(daily_notice=0):
			self.assertEqual(without_next.send_daily_notice(), 0)


class TestReminders(CRMTestCase):
	def due(self, **values):
		start = add_to_date(now_datetime(), minutes=5)
		return make.make_work(starts_at=start, **values)

	def notices(self, user):
		return frappe.get_all(
			"Notification Log", {"for_user": user, "document_type": "Work"}, pluck="document_name"
		)

	def test_reminds_the_assigned_user_once(self):
		user = make.make_user().name
		work = self.due(assigned_to=user)
		later = make.make_work(assigned_to=user, starts_at=add_to_date(now_datetime(), hours=5))
		reminders.send_due()
		self.assertEqual(self.notices(user), [work.name])
		reminders.send_due()
		self.assertEqual(self.notices(user), [work.name])
		self.assertFalse(frappe.db.get_value("Work", later.name, "reminded_on"))

	def test_without_a_moment_nobody_is_reminded(self):
		user = make.make_user().name
		work = make.make_work(assigned_to=user)
		self.assertIsNone(work.remind_at)
		reminders.send_due()
		self.assertEqual(self.notices(user), [])
		self.assertIsNone(frappe.db.get_value("Work", work.name, "reminded_on"))

	def test_closed_works_and_disabled_users_are_silent(self):
		user, gone = make.make_user().name, make.make_user().name
		self.due(assigned_to=user, status="Cancelled")
		self.due(assigned_to=gone)
		frappe.db.set_value("User", gone, "enabled", 0)
		reminders.send_due()
		self.assertEqual(self.notices(user) + self.notices(gone), [])

	def test_by_email_too_when_set(self):
		user = make.make_user().name
		self.due(assigned_to=user)
		make.make_email_account()
		with self.settings(remind_by_email=1):
			reminders.send_due()
		self.assertTrue(frappe.db.exists("Email Queue Recipient", {"recipient": user}))

	def test_a_letter_goes_to_the_address_not_to_the_name(self):
		address = "head@example.ru"
		frappe.db.set_value("User", "Administrator", "email", address)
		self.due(assigned_to="Administrator")
		make.make_email_account()
		with self.settings(remind_by_email=1):
			reminders.send_due()
		self.assertTrue(frappe.db.exists("Email Queue Recipient", {"recipient": address}))

	def test_one_that_fails_does_not_silence_the_others(self):
		broken, good = make.make_user().name, make.make_user().name
		first, second = self.due(assigned_to=broken), self.due(assigned_to=good)
		real = frappe.publish_realtime

		def fails(event=None, *args, **more):
			if event == "rule24_reminder" and more.get("user") == broken:
				raise RuntimeError("no room")
			return real(event, *args, **more)

		frappe.publish_realtime = fails
		self.addCleanup(setattr, frappe, "publish_realtime", real)
		self.assertEqual(reminders.send_due(), 1)
		self.assertEqual((self.notices(broken), self.notices(good)), ([], [second.name]))
		# it has had its moment: the error log tells of it, not every minute
		self.assertTrue(frappe.db.get_value("Work", first.name, "reminded_on"))
		self.assertTrue(frappe.db.exists("Error Log", {"reference_name": first.name}))

	def test_without_an_outgoing_account_the_bell_still_rings(self):
		frappe.db.delete("Email Account")
		frappe.clear_cache(doctype="Email Account")
		user = make.make_user().name
		work = self.due(assigned_to=user)
		with self.settings(remind_by_email=1):
			reminders.send_due()
		self.assertEqual(self.notices(user), [work.name])

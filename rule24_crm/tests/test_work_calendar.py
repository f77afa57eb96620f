"""Works in the calendar: what lies in a span of days, and what dragging one means."""

import datetime

import frappe
from frappe.utils import add_days, get_datetime, getdate, nowdate

from rule24_crm import exceptions
from rule24_crm.api import work as api
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.work import calendar

DAY = "2031-03-10"


class CalendarCase(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.manager = make.make_user(["Sales User"]).name
		self.stranger = make.make_user([]).name
		self.lead = make.make_lead(lead_owner=self.manager)

	def work(self, **values):
		return make.make_work(self.lead, **{"assigned_to": self.manager, "planned_on": DAY, **values})

	def events(self, start=DAY, end=None, **more):
		with self.as_user(self.manager):
			rows = api.get_events(str(start), str(end or add_days(start, 1)), **more)
		return {row["name"]: row for row in rows}


class TestEvents(CalendarCase):
	def test_a_whole_day_ends_where_the_next_begins(self):
		work = self.work()
		event = self.events()[work.name]
		self.assertEqual((event["start"], event["end"], event["all_day"]), (DAY, add_days(DAY, 1), 1))
		self.assertEqual(event["color"], frappe.db.get_value("Work Action", "Call", "color"))

	def test_several_days_hold_their_last_day(self):
		work = self.work(all_day=1, starts_at=f"{DAY} 00:00:00", ends_at=f"{add_days(DAY, 2)} 23:59:00")
		event = self.events()[work.name]
		self.assertEqual((event["start"], event["end"]), (DAY, add_days(DAY, 3)))
		self.assertIn(work.name, self.events(add_days(DAY, 2)), "a day in its middle or at its end shows it")
		self.assertNotIn(work.name, self.events(add_days(DAY, 3)))
		self.assertNotIn(work.name, self.events(add_days(DAY, -1)))

	def test_more_than_a_calendar_shows_is_said(self):
		limit = calendar.LIMIT
		self.addCleanup(setattr, calendar, "LIMIT", limit)
		calendar.LIMIT = 2
		for _n in range(2):
			self.work()
		frappe.clear_messages()
		self.events()
		self.assertFalse(frappe.local.message_log)
		self.work()
		self.assertEqual(len(self.events()), 2)
		self.assertMessage("more than 2 works", "not all")

	def test_hours(self):
		work = self.work(starts_at=f"{DAY} 10:00:00")
		event = self.events()[work.name]
		self.assertEqual((event["start"], event["end"]), (f"{DAY} 10:00:00", f"{DAY} 10:15:00"))
		self.assertFalse(event["all_day"])

	def test_filters_of_the_list_apply(self):
		call, visit = self.work(), self.work(action="Visit")
		found = self.events(filters=frappe.as_json([["Work", "action", "=", "Visit", False]]))
		self.assertIn(visit.name, found)
		self.assertNotIn(call.name, found)
		self.assertEqual(
			set(self.events(filters={"action": "Visit", "assigned_to": self.manager})), {visit.name}
		)

	def test_a_moment_with_a_time_zone_and_the_middle_of_a_day(self):
		work = self.work()
		self.assertIn(work.name, self.events(f"{DAY}T00:00:00+03:00", f"{DAY}T18:00:00+03:00"))

	def test_overdue_is_marked(self):
		late = self.work(planned_on=add_days(nowdate(), -2))
		self.assertTrue(self.events(add_days(nowdate(), -3), add_days(nowdate(), 1))[late.name]["overdue"])

	def test_malformed(self):
		for start, end in (
			("no day", DAY),
			(DAY, "2031-99-99"),
			(DAY, DAY),
			(DAY, "2029-01-01"),
			(DAY, "2040-01-01"),
		):
			with self.subTest(start=start, end=end), self.assertRaisesWith(exceptions.WorkTimeError):
				api.get_events(start, end)
		with self.assertRaisesWith(exceptions.Rule24Error, "JSON"):
			api.get_events(DAY, add_days(DAY, 1), filters="{broken")

	def test_denied(self):
		self.work()
		with self.as_user(self.stranger), self.assertRaises(frappe.PermissionError):
			api.get_events(DAY, add_days(DAY, 1))


class TestReschedule(CalendarCase):
	def move(self, work, start, end=None, all_day=False):
		with self.as_user(self.manager):
			api.reschedule(work.name, str(start), end and str(end), all_day)
		work.reload()  # returns nothing on early 15
		return work

	def test_to_another_day(self):
		work = self.move(self.work(), add_days(DAY, 4), add_days(DAY, 5), True)
		self.assertEqual(getdate(work.planned_on), getdate(add_days(DAY, 4)))
		self.assertIsNone(work.starts_at)
		self.assertIsNone(work.ends_at)

	def test_to_several_days_and_back(self):
		work = self.move(self.work(), DAY, add_days(DAY, 3), True)
		self.assertEqual(get_datetime(work.ends_at), get_datetime(f"{add_days(DAY, 2)} 23:59:00"))
		self.assertEqual(calendar.span(work), (getdate(DAY), getdate(add_days(DAY, 3)), True))
		work = self.move(work, add_days(DAY, 1), None, True)
		self.assertEqual(
			calendar.span(work),
			(getdate(add_days(DAY, 1)), getdate(add_days(DAY, 4)), True),
			"length is kept",
		)
		work = self.move(work, DAY, add_days(DAY, 1), True)
		self.assertIsNone(work.ends_at)

	def test_to_an_hour_and_from_it(self):
		work = self.move(self.work(), f"{DAY} 11:30:00")
		self.assertEqual(get_datetime(work.starts_at), get_datetime(f"{DAY} 11:30:00"))
		self.assertEqual(
			get_datetime(work.ends_at), get_datetime(f"{DAY} 11:45:00"), "as long as a call takes"
		)
		self.assertFalse(work.all_day)
		self.assertEqual(get_datetime(work.remind_at), get_datetime(f"{DAY} 11:20:00"))
		work = self.move(work, DAY, add_days(DAY, 1), True)
		self.assertEqual((work.starts_at, work.ends_at, work.all_day), (None, None, 1))

	def test_refused(self):
		work = self.work()
		with self.assertRaisesWith(exceptions.WorkTimeError, "before"):
			self.move(work, DAY, add_days(DAY, -1), True)
		with self.assertRaisesWith(exceptions.WorkTimeError, "before"):
			self.move(work, f"{DAY} 11:00:00", f"{DAY} 10:00:00")
		with self.assertRaisesWith(exceptions.WorkTimeError, "not a date"):
			self.move(work, "soon")
		api.close(work.name, "No Answer")
		with self.assertRaisesWith(exceptions.WorkClosedError, "open"):
			self.move(work, add_days(DAY, 1), None, True)

	def test_denied(self):
		work = self.work()
		with self.as_user(self.stranger), self.assertRaises(frappe.PermissionError):
			api.reschedule(work.name, DAY, None, True)
		work.reload()
		self.assertEqual(getdate(work.planned_on), getdate(DAY))


class TestAnotherDayInTheForm(CalendarCase):
	def test_the_hours_go_along(self):
		work = self.work(starts_at=f"{DAY} 10:00:00", ends_at=f"{DAY} 12:00:00")
		work.planned_on = add_days(DAY, 7)
		work.save()
		self.assertEqual(get_datetime(work.starts_at), get_datetime(f"{add_days(DAY, 7)} 10:00:00"))
		self.assertEqual(get_datetime(work.ends_at), get_datetime(f"{add_days(DAY, 7)} 12:00:00"))

	def test_a_new_start_wins(self):
		work = self.work(starts_at=f"{DAY} 10:00:00", ends_at=f"{DAY} 12:00:00")
		work.update(
			{"planned_on": add_days(DAY, 7), "starts_at": f"{add_days(DAY, 1)} 09:00:00", "ends_at": None}
		)
		work.save()
		self.assertEqual(getdate(work.planned_on), getdate(add_days(DAY, 1)))
		self.assertEqual(get_datetime(work.starts_at).time(), datetime.time(9))

"""Preview, commit and re-plan of works in the database."""

import random
from collections import Counter
from unittest import mock

import frappe
from frappe.utils import add_days, get_datetime, getdate, now_datetime, nowdate

from rule24_crm.api import plan as api
from rule24_crm.exceptions import PlanError, Rule24Error
from rule24_crm.tests import factories
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.work import bulk
from rule24_crm.work.campaigns import members, works
from rule24_crm.work.planning import service, writing
from rule24_crm.work.planning.service import request_from


def monday() -> str:
	"""The Monday after next: far enough for nothing of it to be gone."""
	return add_days(nowdate(), 14 - getdate().weekday())


class PlanTestCase(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.managers = [factories.make_user(roles=("Sales User",)).name for _n in range(3)]
		self.start, self.end = monday(), add_days(monday(), 4)

	def make(self, count: int, manager: str | None = None, **values) -> list[str]:
		return bulk.create_works(
			[{"action": "Call", "assigned_to": manager or self.managers[0], **values} for _n in range(count)]
		)

	def request(self, names=None, capacity: int = 10, **values):
		managers = [{"user": user, "capacity_per_day": capacity} for user in self.managers]
		return request_from(
			names=names, **{"managers": managers, "start": self.start, "end": self.end, **values}
		)

	def rows(
		self, names, fields=("name", "assigned_to", "planned_on", "starts_at", "ends_at", "all_day", "status")
	):
		return frappe.get_all("Work", {"name": ("in", names)}, list(fields), order_by="name asc")


class TestPreviewAndCommit(PlanTestCase):
	def test_a_preview_writes_nothing_and_a_commit_writes_what_it_has_shown(self):
		names = self.make(30)
		before = self.rows(names)
		shown = service.preview(self.request(names))
		self.assertEqual(self.rows(names), before)
		self.assertEqual((shown["total"], shown["planned"], shown["handed_over"]), (30, 30, 20))
		self.assertEqual([row["planned"] for row in shown["managers"]], [10, 10, 10])

		result = service.commit(self.request(names), shown["token"])
		self.assertEqual(result, {"planned": 30, "moved": 30, "unfitted": 0})
		after = self.rows(names)
		cells = {
			(row["user"], day): row["days"][index]["planned"]
			for row in shown["managers"]
			for index, day in enumerate(shown["days"])
		}
		written = Counter((row.assigned_to, row.planned_on) for row in after)
		self.assertEqual({key: count for key, count in cells.items() if count}, dict(written))
		for row in after:
			self.assertEqual(row.all_day, 0)
			self.assertEqual(row.starts_at.date(), row.planned_on)
			self.assertEqual((row.ends_at - row.starts_at).total_seconds(), 15 * 60)
			self.assertTrue(9 <= row.starts_at.hour < 18)

	def test_a_commit_refuses_when_anything_has_changed_since(self):
		names = self.make(6)
		prospect = factories.make_prospect()
		called = self.make(1, party_type="Prospect", party=prospect.name)
		request = self.request(names + called)
		changes = (
			lambda: frappe.get_doc("Work", names[0]).update({"priority": "High"}).save(),
			lambda: self.make(1, self.managers[1], planned_on=self.start),
			lambda: frappe.db.set_value("Prospect", prospect.name, "rule24_timezone", "Asia/Vladivostok"),
			lambda: frappe.db.set_single_value("Rule24 CRM Settings", "day_end", "17:00:00"),
			lambda: frappe.get_doc("Work", names[1]).update({"status": "In Progress"}).save(),
		)
		for change in changes:
			token = service.preview(request)["token"]
			before = self.rows(names)
			change()
			frappe.clear_cache()
			with self.assertRaisesWith(PlanError, "changed"):
				service.commit(request, token)
			self.assertEqual([row.planned_on for row in self.rows(names)], [row.planned_on for row in before])
		service.commit(request, service.preview(request)["token"])

	def test_a_token_of_another_request_day_or_making_is_refused(self):
		names = self.make(2)
		token = service.preview(self.request(names))["token"]
		with self.assertRaisesWith(PlanError, "changed"):
			service.commit(self.request(names, capacity=1), token)
		yesterday = f"{add_days(now_datetime(), -1):%Y-%m-%d %H:%M}|{token.split('|')[1]}"
		with self.assertRaisesWith(PlanError, "another day"):
			service.commit(self.request(names), yesterday)
		for nonsense in ("", "x", "a|b|c", f"soon|{token.split('|')[1]}"):
			with self.assertRaisesWith(PlanError, "no preview"):
				service.commit(self.request(names), nonsense)

	def test_re_planning_moves_planned_works_only(self):
		names = self.make(4)
		frappe.get_doc("Work", names[0]).update({"status": "In Progress"}).save()
		frappe.db.set_value("Work", names[1], "status", "Closed")
		meeting = self.make(1, action="Meeting", starts_at=f"{self.start} 15:00:00")
		event = self.make(1, action="Attendance")
		fixed = [*names[:2], *meeting, *event]
		before = self.rows(fixed)
		shown = service.preview(self.request(names + meeting + event))
		self.assertEqual(sum(group["count"] for group in shown["left_alone"]), 4)
		result = service.replan(self.request(names + meeting + event))
		self.assertEqual(result["planned"], 2)
		self.assertEqual(self.rows(fixed), before)

	def test_planning_again_moves_nothing_that_is_well_placed(self):
		names = self.make(12)
		service.replan(self.request(names))
		modified = self.rows(names, ("name", "modified"))
		self.assertEqual(service.replan(self.request(names)), {"planned": 12, "moved": 0, "unfitted": 0})
		self.assertEqual(self.rows(names, ("name", "modified")), modified)

	def test_what_managers_have_already_is_respected(self):
		busy = self.managers[0]
		self.make(8, busy, planned_on=self.start)
		self.make(1, busy, starts_at=f"{self.start} 09:00:00", ends_at=f"{self.start} 17:00:00")
		names = self.make(9)
		service.replan(self.request(names, end=self.start))
		mine = [row for row in self.rows(names) if row.assigned_to == busy]
		self.assertEqual(len(mine), 1)
		self.assertGreaterEqual(mine[0].starts_at, get_datetime(f"{self.start} 17:00:00"))

	def test_a_work_of_several_days_takes_its_manager_s_hours(self):
		away = self.managers[0]
		long = self.make(
			1,
			away,
			starts_at=f"{add_days(self.start, -2)} 00:00:00",
			ends_at=f"{add_days(self.start, 1)} 00:00:00",
		)
		frappe.db.set_value("Work", long[0], "all_day", 1)
		names = self.make(6)
		service.replan(self.request(names))
		days = {row.planned_on for row in self.rows(names) if row.assigned_to == away}
		self.assertTrue(days and min(days) >= getdate(add_days(self.start, 2)), days)

	def test_calls_fall_into_the_client_s_hours_by_the_client_s_clock(self):
		prospect = factories.make_prospect(
			rule24_timezone="Asia/Novosibirsk", rule24_call_from="14:00:00", rule24_call_to="16:00:00"
		)
		zone_only = factories.make_prospect(rule24_timezone="Asia/Vladivostok")
		names = self.make(1, party_type="Prospect", party=prospect.name)
		names += self.make(1, party_type="Prospect", party=zone_only.name)
		service.replan(self.request(names))
		first, second = self.rows(names)
		# Novosibirsk is four hours ahead of Moscow, Vladivostok seven
		self.assertTrue(10 <= first.starts_at.hour < 12, first.starts_at)
		self.assertTrue(9 <= second.starts_at.hour < 11, second.starts_at)
		self.assertLessEqual(second.ends_at, get_datetime(f"{second.planned_on} 11:00:00"))

	def test_what_did_not_fit_is_explained(self):
		far = factories.make_prospect(
			rule24_timezone="America/Los_Angeles", rule24_call_from="09:00:00", rule24_call_to="12:00:00"
		)
		nowhere = factories.make_prospect(rule24_timezone="Nowhere/Land")
		names = self.make(1, party_type="Prospect", party=far.name) + self.make(
			1, party_type="Prospect", party=nowhere.name
		)
		names += self.make(20)
		shown = service.preview(self.request(names, capacity=1))
		self.assertEqual((shown["planned"], shown["unfitted_count"]), (15, 7))
		reasons = {row["work"]: row["reason"] for row in shown["unfitted"]}
		self.assertIn("09:00-12:00 (America/Los_Angeles)", reasons[names[0]])
		self.assertIn("Nowhere/Land", reasons[names[1]])
		self.assertEqual(len([reason for reason in reasons.values() if "full" in reason]), 5)
		self.assertEqual(sum(group["count"] for group in shown["unfitted_summary"]), 7)

	def test_holidays_of_company_and_employee(self):
		def holiday_list(*days):
			doc = frappe.get_doc(
				{
					"doctype": "Holiday List",
					"holiday_list_name": frappe.generate_hash(length=8),
					"from_date": add_days(self.start, -30),
					"to_date": add_days(self.start, 60),
				}
			)
			for day in days:
				doc.append("holidays", {"holiday_date": day, "description": "off"})
			return doc.insert(ignore_permissions=True).name

		frappe.db.set_value("Company", factories.COMPANY, "default_holiday_list", holiday_list(self.start))
		frappe.clear_cache()
		names = self.make(12)
		service.replan(self.request(names))
		self.assertNotIn(getdate(self.start), {row.planned_on for row in self.rows(names)})
		if not frappe.db.table_exists("Employee"):
			return
		employee = frappe.new_doc("Employee")
		employee.update(
			{
				"first_name": "Test", "status": "Active", "user_id": self.managers[1], "company": factories.COMPANY,
				"gender": "Other", "date_of_birth": "1990-01-01", "date_of_joining": "2020-01-01",
				"holiday_list": holiday_list(*[add_days(self.start, n) for n in range(1, 5)]),
			}
		)  # fmt: skip
		employee.flags.ignore_mandatory = True
		employee.insert(ignore_permissions=True, ignore_links=True)
		service.replan(self.request(names))
		days = {row.planned_on for row in self.rows(names) if row.assigned_to == self.managers[1]}
		self.assertEqual(days, {getdate(self.start)})

	def test_a_campaign_is_planned_with_its_own_managers_and_members_follow(self):
		campaign = factories.make_campaign(
			managers=[{"user": user, "capacity_per_day": 2} for user in self.managers[:2]],
			starts_on=self.start,
			ends_on=self.end,
		)
		prospects = [factories.make_prospect() for _n in range(8)]
		members.add(campaign.name, "Prospect", [doc.name for doc in prospects])
		works.create_works(campaign.name)
		frappe.db.set_value(
			"Work", {"campaign": campaign.name, "party": ("is", "set")}, "assigned_to", self.managers[0]
		)
		shown = service.preview(request_from(campaign=campaign.name))
		self.assertEqual([row["planned"] for row in shown["managers"]], [4, 4])
		self.assertEqual((shown["start"], shown["end"]), (getdate(self.start), getdate(self.end)))
		service.commit(request_from(campaign=campaign.name), shown["token"])
		rows = frappe.get_all(
			"Work",
			{"campaign": campaign.name, "party": ("is", "set")},
			["name", "party", "assigned_to", "planned_on"],
		)
		self.assertEqual(
			{(row.party, row.name, row.assigned_to) for row in rows},
			{
				(row.party, row.work, row.assigned_to)
				for row in frappe.get_all(
					"Work Campaign Member", {"campaign": campaign.name}, ["party", "work", "assigned_to"]
				)
			},
		)
		for row in rows:
			self.assertEqual(
				frappe.db.get_value("Prospect", row.party, "rule24_next_work_on"), row.planned_on
			)

	def test_keeping_managers(self):
		names = self.make(6)
		service.replan(self.request(names, keep_managers=True))
		self.assertEqual({row.assigned_to for row in self.rows(names)}, {self.managers[0]})

	def test_whoever_has_left_gets_nothing_though_he_can_sign_in(self):
		names = self.make(4)
		factories.make_account_manager(self.managers[0]).db_set("active", 0)  # past the rules
		other = self.make(1, self.managers[1])
		service.replan(request_from(names=names + other, start=self.start, end=self.end))
		self.assertEqual({row.assigned_to for row in self.rows(names)}, {self.managers[1]})
		with self.assertRaisesWith(PlanError, self.managers[0]):
			service.preview(self.request(names))

	def test_what_makes_no_sense_is_refused(self):
		names = self.make(1)
		disabled = factories.make_user().name
		frappe.db.set_value("User", disabled, "enabled", 0)
		for values, word in (
			({"start": add_days(nowdate(), -1)}, "past"),
			({"start": self.end, "end": self.start}, "ends before"),
			({"end": add_days(self.start, 400)}, "year"),
			({"managers": [{"user": disabled}]}, disabled),
			({"managers": [{"user": "nobody@example.com"}]}, "nobody@example.com"),
		):
			with self.subTest(word=word), self.assertRaisesWith(PlanError, word):
				service.preview(self.request(names, **values))
		for values, word in (
			({}, "Say which"),
			({"names": []}, "no planned work"),
			({"names": names, "start": "soon"}, "date"),
			({"names": names, "managers": [{"capacity_per_day": 3}]}, "user"),
			({"names": names, "managers": [{"user": "a", "capacity_per_day": -3}]}, "less than zero"),
		):
			with self.subTest(word=word), self.assertRaisesWith(PlanError, word):
				service.preview(request_from(**values))


class TestWritingEqualsSaving(PlanTestCase):
	"""The set-based commit leaves what saving each work would leave, column by column, history included."""

	def test_columns_and_versions(self):
		moments = (
			{"planned_on": self.start},
			{"starts_at": f"{self.start} 10:00:00", "ends_at": f"{self.start} 10:15:00"},
			{"planned_on": self.start, "remind_at": f"{self.start} 08:00:00"},
		)
		targets = (
			{"assigned_to": self.managers[1], "planned_on": getdate(self.end), "all_day": 0,
				"starts_at": get_datetime(f"{self.end} 11:00:00"), "ends_at": get_datetime(f"{self.end} 11:15:00")},
			{"assigned_to": self.managers[0], "planned_on": getdate(self.end), "all_day": 1, "starts_at": None, "ends_at": None},
			{"assigned_to": self.managers[0], "planned_on": getdate(self.start), "all_day": 0,
				"starts_at": get_datetime(f"{self.start} 10:00:00"), "ends_at": get_datetime(f"{self.start} 10:15:00")},
		)  # fmt: skip
		for values in moments:
			for target in targets:
				with self.subTest(values=values, target=target):
					prospects = [factories.make_prospect() for _n in range(2)]
					fast, slow = (
						self.make(1, party_type="Prospect", party=doc.name, subject="The same", **values)[0]
						for doc in prospects
					)
					reminded = now_datetime()
					frappe.db.set_value("Work", {"name": ("in", (fast, slow))}, "reminded_on", reminded)
					row = frappe.get_all("Work", {"name": fast}, ["*"])[0]
					moved = writing.write([row], {fast: target})
					doc = frappe.get_doc("Work", slow)
					doc.update(target)
					if moved:
						doc.save(ignore_version=False)  # Frappe keeps no history under test unless told to
					self.compare(fast, slow)

	def compare(self, fast: str, slow: str):
		one, two = (frappe.get_all("Work", {"name": name}, ["*"])[0] for name in (fast, slow))
		for fieldname in one:
			if fieldname in ("name", "creation", "modified", "party", "party_name"):
				continue
			self.assertEqual(one[fieldname], two[fieldname], fieldname)
		self.assertEqual(one.modified > one.creation, two.modified > two.creation)
		versions = [
			frappe.get_all(
				"Version",
				{"ref_doctype": "Work", "docname": name},
				["data", "owner", "modified_by", "docstatus", "idx"],
				order_by="name",
			)
			for name in (fast, slow)
		]
		for rows in versions:
			for row in rows:
				row.data = frappe.parse_json(row.data)
		self.assertEqual(versions[0], versions[1])


class TestPermissions(PlanTestCase):
	def test_managers_and_strangers_do_not_plan(self):
		names = self.make(1)
		for roles in (("Sales User",), ("Purchase User",), ("Accounts User",)):
			user = factories.make_user(roles=roles).name
			with self.as_user(user):
				for call, values in ((api.preview, {}), (api.commit, {"token": "x"}), (api.replan, {})):
					with (
						self.subTest(roles=roles, call=call.__name__),
						self.assertRaises(frappe.PermissionError),
					):
						call(names=names, **values)

	def test_head_and_administrator_plan(self):
		for role in ("Sales Manager", "CRM Administrator"):
			names = self.make(2)
			user = factories.make_user(roles=(role,)).name
			with self.as_user(user), self.subTest(role=role):
				values = {"names": frappe.as_json(names), "start": self.start, "end": self.end}
				shown = api.preview(**values)
				self.assertEqual(api.commit(token=shown["token"], **values)["planned"], 2)
				self.assertEqual(api.replan(**values)["moved"], 0)
			self.assertEqual({row.modified_by for row in self.rows(names, ("name", "modified_by"))}, {user})

	def test_by_filter_as_the_list_sends_it(self):
		names = self.make(3, subject="Backlog of the filter")
		shown = api.preview(
			filters=frappe.as_json([["Work", "subject", "=", "Backlog of the filter"]]), start=self.start
		)
		self.assertEqual(shown["total"], len(names))

	def test_nonsense_is_refused_with_words(self):
		for values in ({"names": "[]"}, {}, {"filters": "[]"}):
			with self.subTest(values=values), self.assertRaises(PlanError):
				api.preview(**values)
		for values in (
			{"names": "WORK-1"},
			{"names": "{}"},
			{"filters": "1"},
			{"names": "[]", "managers": "[1]"},
		):
			for call, more in ((api.preview, {}), (api.commit, {"token": "x"}), (api.replan, {})):
				with self.subTest(values=values, call=call.__name__), self.assertRaises(Rule24Error):
					call(**values, **more)
		# a form sends nothing as empty text
		names = frappe.as_json(self.make(1))
		self.assertEqual(
			api.preview(names=names, managers="", filters="", end="", start=self.start)["planned"], 1
		)
		with self.assertRaises(frappe.DoesNotExistError):
			api.preview(campaign="No Such Campaign")


class TestManyWorks(PlanTestCase):
	"""Seconds are measured in `benchmarks/planning.py`."""

	def queries(self, job) -> int:
		sql, asked = frappe.db.sql, []
		with mock.patch.object(frappe.db, "sql", lambda *args, **more: asked.append(1) or sql(*args, **more)):
			job()
		return len(asked)

	def test_many_works_are_read_in_a_few_queries(self):
		few, many = (self.request(self.make(count), end=add_days(self.start, 83)) for count in (100, 1_900))
		service.preview(few)  # metadata
		asked = [self.queries(lambda request=each: service.preview(request)) for each in (few, many)]
		self.assertEqual(asked[0], asked[1])

	def test_ten_thousand_works_with_the_database(self):
		"""10,000 works over 50 managers and 60 days."""
		self.managers = [factories.make_user(roles=("Sales User",)).name for _n in range(50)]
		rng = random.Random(3)
		rows = [{"action": "Call", "assigned_to": rng.choice(self.managers)} for _n in range(10_000)]
		names = bulk.create_works(rows)
		request = self.request(names, end=add_days(self.start, 83))
		shown = service.preview(request)
		self.assertEqual(shown["planned"], 10_000)
		self.assertEqual({row["planned"] for row in shown["managers"]}, {200})

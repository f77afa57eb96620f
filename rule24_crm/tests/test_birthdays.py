"""Birthdays: the responsible manager is reminded once, in time, by a notice or a work."""

from datetime import date
from unittest.mock import patch

import frappe
from frappe.permissions import add_permission
from frappe.utils import add_days, getdate, nowdate

from rule24_crm.api import facts as api
from rule24_crm.exceptions import PartyError
from rule24_crm.parties import birthdays
from rule24_crm.rule24_crm.report.birthdays import birthdays as report
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase

#: a Wednesday
TODAY = "2026-11-25"


class BirthdayCase(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.manager = make.make_account_manager().user
		self.customer = make.make_customer(account_manager=self.manager)

	def person(self, birthday: str | None = None, client=None, **values):
		client = client or self.customer
		return make.make_contact(client.doctype, client.name, rule24_birthday=birthday, **values)

	def run_on(self, day: str, **settings) -> int:
		values = {"birthday_notice": "A Notice", "birthday_notice_days": 3, **settings}
		with self.settings(**values), patch.object(birthdays, "nowdate", return_value=day):
			return birthdays.remind()

	def notices(self, user: str | None = None) -> list[str]:
		return frappe.get_all(
			"Notification Log",
			{"for_user": user or self.manager, "document_type": "Contact"},
			pluck="subject",
			order_by="creation",
		)


class TestDays(CRMTestCase):
	def test_the_next_one(self):
		for born, today, day in (
			("1980-11-25", "2026-11-25", "2026-11-25"),
			("1980-11-24", "2026-11-25", "2027-11-24"),
			("1980-01-02", "2026-12-30", "2027-01-02"),
			("1980-02-29", "2027-02-01", "2027-02-28"),
			("1980-02-29", "2028-02-01", "2028-02-29"),
			("1980-02-29", "2027-03-01", "2028-02-29"),
			("1980-02-28", "2028-02-28", "2028-02-28"),
		):
			self.assertEqual(birthdays.next_after(getdate(born), getdate(today)), getdate(day), (born, today))

	def test_nobody_is_born_in_a_day_to_come(self):
		to_come = add_days(nowdate(), 1)
		lead = make.make_lead().name
		with self.assertRaisesRegex(PartyError, "still to come"):
			make.make_contact("Lead", lead, rule24_birthday=to_come)
		child = {"relative_name": "Маша", "relation": "Daughter", "birthday": to_come}
		with self.assertRaisesRegex(PartyError, "Маша.*still to come"):
			make.make_contact("Lead", lead, rule24_family=[child])
		person = make.make_contact("Lead", lead, rule24_birthday=nowdate())
		frappe.db.set_value("Contact", person.name, "rule24_birthday", to_come)
		person.reload()
		person.update({"designation": "Director"}).save()  # what stood there before stops no other change


class TestReminding(BirthdayCase):
	def test_some_days_ahead_once_a_year(self):
		self.person("1980-11-28")
		self.assertEqual(self.run_on("2026-11-24"), 0)
		for day in ("2026-11-25", "2026-11-26", "2026-11-28", "2026-11-29"):
			self.run_on(day)
		self.assertEqual(len(self.notices()), 1)
		self.run_on("2027-11-26")  # the 25th was missed
		self.assertEqual(len(self.notices()), 2)

	def test_over_new_year(self):
		self.person("1980-01-01")
		self.assertEqual([self.run_on("2026-12-30"), self.run_on("2027-01-01")], [1, 0])
		self.assertIn("1 January", self.notices()[0])

	def test_29_february(self):
		self.person("1980-02-29")
		self.assertEqual([self.run_on(f"2027-02-{day}") for day in (24, 25, 28)], [0, 1, 0])
		self.assertEqual([self.run_on(f"2028-02-{day}") for day in (25, 26, 29)], [0, 1, 0])

	def test_in_the_language_of_whoever_reads_it(self):
		self.person("1980-11-28")
		frappe.db.set_value("User", self.manager, "language", "ru")
		self.run_on(TODAY)
		self.assertIn("28 ноября", self.notices()[0])

	def test_on_the_day_itself(self):
		self.person("1980-11-25")
		self.person("1980-11-26")
		self.assertEqual(self.run_on(TODAY, birthday_notice_days=0, birthday_notice="A Notice"), 1)

	def test_switched_off(self):
		self.person("1980-11-25")
		self.assertEqual(self.run_on(TODAY, birthday_notice="Nothing"), 0)

	def test_settings_that_were_never_saved(self):
		self.person("1980-11-28")
		frappe.db.delete("Singles", {"doctype": "Rule24 CRM Settings", "field": ("like", "birthday%")})
		frappe.clear_document_cache("Rule24 CRM Settings", "Rule24 CRM Settings")
		with patch.object(birthdays, "nowdate", return_value=TODAY):
			self.assertEqual(birthdays.remind(), 1)

	def test_family(self):
		person = self.person(
			rule24_family=[
				{"relative_name": "Маша", "relation": "Daughter", "birthday": "2015-11-27"},
				{"relative_name": "Олег", "relation": "Spouse", "birthday": "1980-06-01"},
				{"relative_name": "Ира"},
			]
		)
		self.assertEqual([self.run_on(TODAY), self.run_on("2026-11-26")], [1, 0])
		(notice,) = self.notices()
		for words in ("Маша", "Daughter", person.first_name, "27 November"):
			self.assertIn(words, notice)

	def test_a_form_that_was_open_meanwhile(self):
		person = self.person(
			"1980-11-25",
			rule24_family=[{"relative_name": "Маша", "relation": "Daughter", "birthday": "2015-11-26"}],
		)
		person.reload()
		self.assertEqual(self.run_on(TODAY), 2)
		person.rule24_preferences = "tea"
		person.save()
		self.assertEqual(self.run_on(TODAY), 0)

	def test_in_the_managers_language(self):
		frappe.db.set_value("User", self.manager, "language", "ru")
		self.person("1980-11-25")
		self.run_on(TODAY)
		self.assertIn("День рождения", self.notices()[0])


class TestWhoIsReminded(BirthdayCase):
	def test_the_manager_of_a_live_client(self):
		lost = make.make_customer(account_manager=self.manager, rule24_phase="Lost")
		nobodys, gone = make.make_customer(), make.make_customer()
		# past the rule that every client has an active manager: he has left since
		frappe.db.set_value("Customer", nobodys.name, "account_manager", None)
		frappe.db.set_value(
			"Customer", gone.name, "account_manager", make.make_account_manager(active=0).user
		)
		for client in (lost, nobodys, gone):
			self.person("1980-11-25", client)
		self.assertEqual(self.run_on(TODAY), 0)
		frappe.db.set_value("Customer", nobodys.name, "account_manager", self.manager)
		self.assertEqual(self.run_on("2026-11-25"), 1)  # had waited for a manager

	def test_a_person_of_nobody(self):
		make.make_contact(rule24_birthday="1980-11-25")
		self.assertEqual(self.run_on(TODAY), 0)

	def test_a_person_of_two_clients_once(self):
		lead = make.make_lead(lead_owner=make.make_account_manager().user)
		person = self.person("1980-11-25", lead)
		person.append("links", {"link_doctype": "Customer", "link_name": self.customer.name})
		person.save()
		self.assertEqual(self.run_on(TODAY), 1)
		self.assertEqual((len(self.notices()), len(self.notices(lead.lead_owner))), (1, 0))


class TestWorks(BirthdayCase):
	def plan(self, birthday: str, day: str):
		person = self.person(birthday)
		sent = self.run_on(day, birthday_notice="A Work", birthday_action="Letter")
		self.assertEqual(sent, 1)
		return frappe.get_doc("Work", {"contact": person.name})

	def test_a_work(self):
		work = self.plan("1980-11-27", TODAY)
		self.assertEqual(
			(work.action, work.party_type, work.party, work.assigned_to, work.planned_on, work.all_day),
			("Letter", "Customer", self.customer.name, self.manager, date(2026, 11, 27), 1),
		)
		self.assertEqual(self.run_on(TODAY, birthday_notice="A Work"), 0)

	def test_on_a_weekend_the_friday_before(self):
		self.assertEqual(self.plan("1980-11-29", "2026-11-26").planned_on, date(2026, 11, 27))

	def test_unless_it_has_passed(self):
		self.assertEqual(self.plan("1980-11-29", "2026-11-28").planned_on, date(2026, 11, 29))

	def test_one_that_fails_does_not_stop_the_others(self):
		self.person("1980-11-25")
		self.person("1980-11-26")
		plan, calls = birthdays._plan, []

		def failing(*args):
			calls.append(args)
			if len(calls) == 1:
				raise RuntimeError("full disk")
			return plan(*args)

		with patch.object(birthdays, "_plan", failing):
			self.assertEqual(self.run_on(TODAY, birthday_notice="A Work"), 1)
		self.assertEqual(self.run_on(TODAY, birthday_notice="A Work"), 1)  # made up for


class TestManyReminders(BirthdayCase):
	def test_what_a_portion_has_done_stays_done(self):
		for _number in range(5):
			self.person("1980-11-26")
		written = []

		def commit():
			written.append(len(self.notices()))
			if len(written) == 2:
				raise frappe.QueryDeadlockError

		with self.settings(birthday_notice="A Notice", birthday_notice_days=3):
			with (
				patch.object(birthdays, "PORTION", 2),
				patch.object(birthdays, "nowdate", return_value=TODAY),
			):
				with self.assertRaises(frappe.QueryDeadlockError):
					birthdays.remind(commit=commit)
				self.assertEqual(written, [2, 4])
				self.assertEqual(birthdays.remind(commit=commit), 1)
		self.assertEqual(written, [2, 4, 5])

	def test_a_deadlock_ends_the_job_of_the_day(self):
		self.person("1980-11-26")
		with patch.object(birthdays, "_notify", side_effect=frappe.QueryDeadlockError):
			with self.assertRaises(frappe.QueryDeadlockError):
				self.run_on(TODAY)

	def test_the_daily_job_commits(self):
		with patch.object(birthdays, "remind", return_value=7) as remind:
			self.assertEqual(birthdays.remind_daily(), 7)
		remind.assert_called_once_with(commit=frappe.db.commit)


class TestReport(BirthdayCase):
	"""Who has a birthday soon: what a manager opens to congratulate."""

	def setUp(self):
		super().setUp()
		self.head = make.make_user(["Sales Manager", "Sales User"]).name
		self.colleague = make.make_account_manager().user
		self.ours = self.person(
			"1980-11-30",
			phone="+74950000001",
			rule24_family=[{"relative_name": "Маша", "relation": "Daughter", "birthday": "2015-11-26"}],
		)
		self.theirs = self.person("1990-12-20", make.make_lead(lead_owner=self.colleague))

	def rows(self, user: str | None = None, **filters) -> list[dict]:
		with self.as_user(user or self.manager), patch.object(birthdays, "nowdate", return_value=TODAY):
			return report.execute(filters)[1]

	def people(self, *args, **filters) -> list[str]:
		mine = {self.ours.name, self.theirs.name}
		return [row["person"] for row in self.rows(*args, **filters) if row["contact"] in mine]

	def test_own_clients_nearest_first(self):
		self.assertEqual(self.people(), ["Маша", self.ours.full_name])
		self.assertEqual(self.people(days=1), ["Маша"])
		self.assertEqual(self.people(days=0), [])
		self.assertEqual(self.people(self.colleague), [])
		self.assertEqual(self.people(self.colleague, days=25), [self.theirs.full_name])

	def test_what_is_said(self):
		daughter, person = (row for row in self.rows() if row["contact"] == self.ours.name)
		self.assertEqual(
			(daughter["day"], daughter["age"], daughter["relation"]), (date(2026, 11, 26), 11, "Daughter")
		)
		self.assertEqual(
			(person["age"], person["party_type"], person["party"], person["responsible"], person["work"]),
			(46, "Customer", self.customer.name, self.manager, None),
		)
		self.assertEqual(person["words"], f"Birthday on 30 November: {self.ours.full_name}")
		self.assertEqual(person["action"], birthdays.action())

	def works(self) -> dict:
		return {row["person"]: row["work"] for row in self.rows() if row["contact"] == self.ours.name}

	def plan(self, **values):
		defaults = {"contact": self.ours.name, "assigned_to": self.manager, "planned_on": "2026-11-30"}
		return make.make_work(self.customer, **{**defaults, **values})

	def test_a_work_that_congratulates_is_shown_with_its_person_only(self):
		daughter, person = (row for row in self.rows() if row["contact"] == self.ours.name)
		nobodys = {"Маша": None, self.ours.full_name: None}
		self.plan(planned_on=TODAY)  # about money
		self.assertEqual(self.works(), nobodys)
		self.plan(subject=daughter["words"], planned_on="2025-11-26")  # of last year, and never done
		self.assertEqual(self.works(), nobodys)
		hers = self.plan(subject=daughter["words"], planned_on="2026-11-25", action="Letter")
		self.assertEqual(self.works(), {**nobodys, "Маша": hers.name})
		his = self.plan(subject=person["words"])
		self.assertEqual(self.works(), {"Маша": hers.name, self.ours.full_name: his.name})

	def test_who_has_been_congratulated_is_shown_so(self):
		def told() -> dict:
			return {
				row["person"]: (row["work"], row["closed"])
				for row in self.rows()
				if row["contact"] == self.ours.name
			}

		daughter, _person = (row for row in self.rows() if row["contact"] == self.ours.name)
		action = make.make_action([{"result": "Done", "sign": "Plus"}]).name

		def close(**values) -> str:
			work = self.plan(subject=daughter["words"], action=action, **values)
			work.update({"status": "Closed", "result": "Done"}).save()
			return work.name

		with self.settings(next_action_gate="Off"):
			close(planned_on="2025-11-26")  # last year
			self.assertEqual(told()["Маша"], (None, False))
			close(planned_on="2026-11-20")
			last = close(planned_on="2026-11-25")
			self.assertEqual(told(), {"Маша": (last, True), self.ours.full_name: (None, False)})
			again = self.plan(subject=daughter["words"], planned_on="2026-11-26").name
			self.assertEqual(told()["Маша"], (again, False))

	def test_a_work_of_the_reminder_is_shown_whatever_language_its_reader_has(self):
		frappe.db.set_value("User", self.manager, "language", "ru")
		self.run_on("2026-11-24", birthday_notice="A Work", birthday_notice_days=2)
		work = frappe.get_doc("Work", {"contact": self.ours.name})
		self.assertIn("Маша", work.subject)
		self.assertIn("День рождения", work.subject)
		frappe.db.set_value("User", self.manager, "language", "en")
		make.make_user(language="ru")
		self.assertEqual(self.works(), {"Маша": work.name, self.ours.full_name: None})

	def test_no_age_for_a_year_that_cannot_be(self):
		for born, age in (("2026-11-27", None), ("2031-11-27", None), ("2025-11-27", 1)):
			frappe.db.set_value("Contact", self.ours.name, "rule24_birthday", born)
			ages = {row["person"]: row["age"] for row in self.rows()}
			self.assertEqual(ages[self.ours.full_name], age, born)

	def test_family_and_position_stand_apart(self):
		frappe.db.set_value("Contact", self.ours.name, "designation", "Director")
		daughter, person = (row for row in self.rows() if row["contact"] == self.ours.name)
		self.assertEqual((daughter["relation"], daughter["designation"]), ("Daughter", None))
		self.assertEqual((person["relation"], person["designation"]), ("", "Director"))

	def test_no_more_than_the_nearest_are_listed_and_that_is_said(self):
		with patch.object(report, "LIMIT", 1), self.as_user(self.manager):
			with patch.object(birthdays, "nowdate", return_value=TODAY):
				_columns, rows, words = report.execute({})
		self.assertEqual([row["person"] for row in rows], ["Маша"])
		self.assertIn("nearest 1", words)

	def test_nearest_first_over_new_year(self):
		self.person("1980-01-02")
		days = [row["day"] for row in self.rows(days=366)]
		self.assertEqual(days, sorted(days))
		with self.as_user(self.manager), patch.object(birthdays, "nowdate", return_value=TODAY):
			nearest = birthdays.coming(366, user=self.manager, limit=2)
			self.assertEqual([row["day"] for row in nearest], [date(2026, 11, 26), date(2026, 11, 30)])

	def test_a_head_sees_everybody(self):
		self.assertEqual(
			self.people(self.head, days=25), ["Маша", self.ours.full_name, self.theirs.full_name]
		)
		self.assertEqual(self.people(self.head, days=25, responsible=self.colleague), [self.theirs.full_name])

	def test_denied(self):
		with self.assertRaises(frappe.PermissionError):
			self.rows(responsible=self.head)
		stranger = make.make_user([]).name
		with self.assertRaises(frappe.PermissionError):
			self.rows(stranger)
		with self.as_user(stranger), self.assertRaises(frappe.PermissionError):
			api.count_birthdays()

	def test_clients_and_persons_that_are_hidden(self):
		with self.settings(access="By Responsible", heads_see_only_team=1):
			team_head = make.make_account_manager(make.make_user(["Sales Manager", "Sales User"]).name).user
			register = frappe.get_doc("Account Manager", self.manager)
			register.reports_to = team_head
			register.save()
			self.assertEqual(self.people(team_head, days=25), ["Маша", self.ours.full_name])

	def test_without_the_right_to_read_contacts(self):
		role = frappe.get_doc({"doctype": "Role", "role_name": "Works Only", "desk_access": 1}).insert().name
		for doctype in ("Work", "Customer"):
			add_permission(doctype, role)
			self.addCleanup(frappe.clear_cache, doctype=doctype)
		user = make.make_user([role]).name
		frappe.db.set_value("Customer", self.customer.name, "account_manager", user)
		with self.as_user(user):
			self.assertEqual(
				frappe.get_list("Customer", {"name": self.customer.name}, pluck="name"), [self.customer.name]
			)
			self.assertFalse(frappe.has_permission("Contact", "read", self.ours.name))
		self.assertEqual((self.people(user, days=30), self.count(user)), ([], 0))

	def test_user_permissions_count(self):
		second = make.make_customer(account_manager=self.manager)
		third = make.make_customer(account_manager=self.manager)
		persons = [self.ours, self.person("1980-11-28", second), self.person("1980-11-29", third)]
		self.assertEqual(self.count(self.manager), 4)
		self.allow("Customer", second.name)
		self.allow("Customer", third.name)
		self.assertEqual([row["contact"] for row in self.rows()], [persons[1].name, persons[2].name])
		self.assertEqual(self.count(self.manager), 2)
		self.allow("Contact", persons[2].name)
		self.assertEqual([row["contact"] for row in self.rows()], [persons[2].name])
		self.assertEqual(self.count(self.manager), 1)

	def allow(self, doctype: str, name: str) -> None:
		frappe.get_doc(
			{"doctype": "User Permission", "user": self.manager, "allow": doctype, "for_value": name}
		).insert()

	def count(self, user: str) -> int:
		with self.as_user(user), patch.object(birthdays, "nowdate", return_value=TODAY):
			return api.count_birthdays()["value"]

	def test_the_number_card_counts_what_the_report_lists(self):
		self.person("1980-02-29")
		self.person("1980-12-01", make.make_customer(account_manager=self.manager, rule24_phase="Lost"))
		both = self.person("1980-02-28", make.make_lead(lead_owner=self.manager))
		both.append("links", {"link_doctype": "Customer", "link_name": self.customer.name})
		both.save()
		for today in (
			TODAY,
			"2027-02-21",
			"2027-02-28",
			"2027-03-01",
			"2028-02-21",
			"2028-02-22",
			"2028-02-29",
		):
			with self.as_user(self.manager), patch.object(birthdays, "nowdate", return_value=today):
				listed = report.execute({"days": 7})[1]
				self.assertEqual(api.count_birthdays()["value"], len(listed), today)

	def test_the_number_card_reads_no_names(self):
		with self.as_user(self.manager), self.asked_of_the_database() as asked:
			api.count_birthdays()
		self.assertEqual([rows for sql, rows in asked if "rule24_birthday" in sql], [1])

	def test_nobody_says_what_to_do(self):
		with self.as_user(make.make_account_manager().user):
			self.assertIn("Write birthdays down", report.execute({})[2])

	def test_the_number_card(self):
		self.assertEqual((self.count(self.manager), self.count(self.colleague)), (2, 0))

"""Endpoints of segments, distribution and the register: allowed, denied and malformed."""

from unittest.mock import patch

import frappe
from frappe.desk.treeview import get_all_nodes

from rule24_crm.api import distribution, managers, segments
from rule24_crm.exceptions import DistributionError, OwnerError, Rule24Error, SegmentError
from rule24_crm.parties import ownerless
from rule24_crm.parties.access import forget
from rule24_crm.parties.segments import jobs
from rule24_crm.rule24_crm.report.clients_without_an_active_manager import (
	clients_without_an_active_manager as report,
)
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase


class APICase(CRMTestCase):
	def setUp(self):
		super().setUp()
		frappe.db.set_value("Distribution Rule", {"enabled": 1}, "enabled", 0)
		self.manager = make.make_account_manager().name
		self.head = make.make_user(["Sales Manager", "Sales User"]).name
		self.stranger = make.make_user(["Accounts User"]).name


class TestSegments(APICase):
	def test_assign_and_undo(self):
		segment, lead = make.make_segment(), make.make_lead(lead_owner=self.manager)
		with self.as_user(self.manager):
			result = segments.assign("Lead", f'["{segment}"]', names=f'["{lead.name}"]')
			self.assertEqual(result["changed"], 1)
			self.assertEqual(segments.last_change("Lead")["name"], result["change"])
			self.assertEqual(segments.undo(result["change"])["restored"], 1)
			self.assertEqual(segments.assign("Lead", [segment], names=[lead.name], remove="1")["changed"], 0)

	def test_denied(self):
		segment, lead = make.make_segment(), make.make_lead()
		change = segments.assign("Lead", [segment], names=[lead.name])["change"]
		with self.as_user(self.stranger):
			for call in (
				lambda: segments.assign("Lead", [segment], names=[lead.name]),
				lambda: segments.undo(change),
				lambda: segments.last_change("Lead"),
			):
				self.assertRaises(frappe.PermissionError, call)

	def test_malformed(self):
		segment = make.make_segment()
		for error, call in (
			(Rule24Error, lambda: segments.assign("Lead", "{", names=[])),
			(SegmentError, lambda: segments.assign("Lead", "[]", names=[])),
			(SegmentError, lambda: segments.assign("User", [segment], names=[])),
			(Rule24Error, lambda: segments.assign("Lead", [segment])),
			(frappe.DoesNotExistError, lambda: segments.undo("nothing")),
		):
			self.assertRaises(error, call)

	def test_many_go_to_the_queue(self):
		segment = make.make_segment()
		names = [make.make_lead().name for _n in range(3)]
		at_once, jobs.AT_ONCE = jobs.AT_ONCE, 2
		self.addCleanup(setattr, jobs, "AT_ONCE", at_once)
		queued = segments.assign("Lead", [segment], names=names)
		self.assertEqual((queued["queued"], queued["records"]), (True, 3))
		self.assertEqual(frappe.db.get_value("Segment Change", queued["change"], "status"), "Running")


class TestDistribution(APICase):
	def test_fields_of_every_kind(self):
		with self.as_user(self.head):
			both = {row["value"] for row in distribution.fields('["Lead", "Customer"]')}
			deal = {row["value"] for row in distribution.fields(["Opportunity"])}
		self.assertTrue({"territory", "rule24_kind", "segments", "market_segment"} <= both)
		self.assertNotIn("account_manager", both)
		self.assertIn("items.item_code", deal)
		self.assertRaises(DistributionError, distribution.fields, ["User"])
		with self.as_user(self.manager):
			self.assertRaises(frappe.PermissionError, distribution.fields, ["Lead"])

	def test_a_trial_writes_nothing(self):
		rule = make.make_distribution_rule(managers=[self.manager], enabled=0).name
		lead = make.make_lead(lead_owner="Administrator", job_title="Trial")
		before = (
			frappe.get_doc("Lead", lead.name).as_json(),
			frappe.db.get_value("Distribution Rule", rule, "turns"),
		)
		logs = frappe.db.count("Distribution Log")
		with self.as_user(self.head):
			outcome = distribution.try_on_existing("Lead", filters='{"job_title": "Trial"}', rule=rule)
		(row,) = outcome["rows"]
		self.assertEqual(
			(row["name"], row["now"], row["manager"], row["rule"]),
			(lead.name, "Administrator", self.manager, rule),
		)
		self.assertEqual(outcome["by_manager"], [{"manager": self.manager, "count": 1}])
		after = (
			frappe.get_doc("Lead", lead.name).as_json(),
			frappe.db.get_value("Distribution Rule", rule, "turns"),
		)
		self.assertEqual((before, logs), (after, frappe.db.count("Distribution Log")))

	def test_a_trial_asks_rows_of_tables(self):
		item = make.make_item().name
		deal = make.make_opportunity(items=[{"item_code": item, "qty": 1, "rate": 1}])
		make.make_distribution_rule(
			[("items.item_code", "Equals", item)], for_lead=0, for_opportunity=1, give_to="One Manager",
			manager=self.manager,
		)  # fmt: skip
		outcome = distribution.try_on_existing("Opportunity", filters={"name": deal.name})
		self.assertEqual(outcome["rows"][0]["manager"], self.manager)

	def test_who_may_try_and_what(self):
		rule = make.make_distribution_rule(managers=[self.manager]).name
		with self.as_user(self.manager):
			self.assertRaises(frappe.PermissionError, distribution.try_on_existing, "Lead")
		self.assertRaises(DistributionError, distribution.try_on_existing, "User")
		self.assertRaises(DistributionError, distribution.try_on_existing, "Customer", rule=rule)
		self.assertRaises(DistributionError, distribution.try_on_existing, "Lead", rule="nothing")
		self.assertRaises(Rule24Error, distribution.try_on_existing, "Lead", filters="{")


class TestOwnerless(APICase):
	def orphans(self) -> list:
		leaver = make.make_account_manager().name
		docs = [
			make.make_lead(lead_owner=None),
			make.make_prospect(prospect_owner=None),
			make.make_customer(account_manager=leaver),
			make.make_opportunity(opportunity_owner=leaver),
			make.make_work(assigned_to=leaver),
		]
		frappe.db.set_value("Account Manager", leaver, "active", 0)
		return docs

	def listed(self, kind: str = "") -> dict:
		with self.as_user(self.head):
			_columns, rows, words = report.execute({"party_type": kind})
		self.assertEqual(bool(words), not rows)
		return {row["party"]: row["reason"] for row in rows}

	def test_what_is_not_shown_is_told(self):
		self.orphans()
		with self.as_user(self.head), patch.object(report, "LIMIT", 1):
			_columns, rows, words = report.execute({})
		self.assertEqual((len(rows), "there are more" in words), (1, True))

	def test_they_are_listed_and_counted(self):
		before = ownerless.count()
		docs = self.orphans()
		self.assertEqual(ownerless.count(), before + 3)
		with self.as_user(self.head):
			self.assertEqual(distribution.count_without_manager(), before + 3)
		found = self.listed()
		self.assertEqual(
			[found.get(doc.name) for doc in docs], ["no manager", "no manager", "not active", None, None]
		)
		for doc in docs[3:]:
			self.assertEqual(self.listed(doc.doctype)[doc.name], "not active")

	def test_a_head_of_one_team_sees_those_of_the_team(self):
		make.make_account_manager(self.head)
		leaver = make.make_account_manager(reports_to=self.head).name
		ours, others = make.make_lead(lead_owner=leaver), self.orphans()[0]
		frappe.db.set_value("Account Manager", leaver, "active", 0)
		forget()
		with self.settings(access="By Responsible", heads_see_only_team=1):
			listed = self.listed("Lead")
			self.assertIn(ours.name, listed)
			self.assertNotIn(others.name, listed)
			with self.as_user(self.head):
				self.assertEqual(distribution.count_without_manager(), 1)
		self.assertIn(others.name, self.listed("Lead"))

	def test_segments_of_many_are_read_at_once(self):
		segments = [make.make_segment(), make.make_segment()]
		leads = [make.make_lead(lead_owner=None, segments=[{"segment": each} for each in segments])]
		leads.append(make.make_lead(lead_owner=None))
		rows = [frappe._dict(name=lead.name) for lead in leads]
		found = ownerless._with_segments("Lead", rows)
		self.assertEqual([row["segments"] for row in found], [segments, []])

	def test_they_are_given_by_hand_and_by_rule(self):
		docs = self.orphans()
		rule = make.make_distribution_rule(managers=[self.manager]).name
		with self.as_user(self.head):
			self.assertEqual(distribution.give("Lead", [docs[0].name])["given"], 1)
			for doc in docs[1:]:
				outcome = distribution.give(doc.doctype, f'["{doc.name}"]', manager=self.manager)
				self.assertEqual(outcome, {"given": 1, "passed_over": 0}, doc.doctype)
			again = distribution.give("Lead", [docs[0].name], manager=self.head)
		self.assertEqual(again, {"given": 0, "passed_over": 1})
		for doc in docs:
			self.assertIn(self.manager, frappe.get_doc(doc.doctype, doc.name).as_dict().values())
			log = frappe.get_last_doc("Distribution Log", {"party": doc.name, "manager": self.manager})
			self.assertEqual(log.rule, rule if doc.doctype == "Lead" else None)
		version = frappe.get_last_doc("Version", {"ref_doctype": "Prospect", "docname": docs[1].name})
		self.assertIn("prospect_owner", version.data)

	def test_denied_and_malformed(self):
		lead = make.make_lead(lead_owner=None)
		with self.as_user(self.manager):
			for call in (
				lambda: distribution.give("Lead", [lead.name], manager=self.manager),
				distribution.count_without_manager,
				lambda: report.execute({}),
			):
				self.assertRaises(frappe.PermissionError, call)
		frappe.db.set_value("Account Manager", self.manager, "active", 0)
		for call in (
			lambda: distribution.give("Lead", [lead.name], manager=self.manager),
			lambda: distribution.give("User", [lead.name], manager=self.head),
		):
			self.assertRaises(OwnerError, call)
		self.assertRaises(frappe.ValidationError, report.execute, {"party_type": "User"})


class TestRegister(APICase):
	def test_the_tree(self):
		low = make.make_account_manager(reports_to=self.manager).name
		with self.as_user(self.manager):
			top = {row["value"]: row for row in managers.tree(is_root=True)}
			self.assertEqual(top[self.manager]["expandable"], 1)
			self.assertEqual([row["value"] for row in managers.tree(parent=self.manager)], [low])
			every = get_all_nodes("Account Manager", "All", "All", "rule24_crm.api.managers.tree")
			self.assertIn(low, [row["value"] for part in every for row in part["data"]])
		with self.as_user(self.stranger):
			self.assertRaises(frappe.PermissionError, managers.tree)

	def test_moving(self):
		low, other = (make.make_account_manager(reports_to=self.manager).name for _n in range(2))
		with self.as_user(self.head):
			managers.move(low, other)
		self.assertEqual(frappe.db.get_value("Account Manager", low, "reports_to"), other)
		with self.as_user(self.manager):
			self.assertRaises(frappe.PermissionError, managers.move, low, None)
		with self.assertRaises(frappe.ValidationError):
			managers.move(other, low)

	def test_loads(self):
		make.make_work(assigned_to=self.manager)
		make.make_lead(lead_owner=self.manager)
		frappe.db.set_value("Account Manager", self.manager, "capacity_per_day", 7)
		other = make.make_account_manager().name
		with self.as_user(self.manager):
			found = managers.loads([self.manager, other])
		self.assertEqual(found, {self.manager: {"clients": 1, "works": 1, "today": 1, "capacity": 7}})
		with self.as_user(self.head):
			self.assertEqual(set(managers.loads(f'["{other}"]')), {other})
		with self.as_user(self.stranger):
			self.assertRaises(frappe.PermissionError, managers.loads, [other])

	def test_absence_is_checked(self):
		manager = frappe.get_doc("Account Manager", self.manager)
		manager.absent_from = "2026-12-10"
		with self.assertRaisesWith(Rule24Error, "until when"):
			manager.save()
		manager.reload()
		manager.update({"absent_from": "2026-12-10", "absent_until": "2026-12-01"})
		with self.assertRaisesWith(Rule24Error, "ends before"):
			manager.save()

	def test_plans_use_the_register(self):
		from rule24_crm.work.campaigns.works import manager_capacities

		frappe.db.set_value("Account Manager", self.manager, "capacity_per_day", 7)
		other = make.make_user().name
		with self.settings(capacity_per_day=11):
			campaign = make.make_campaign(
				managers=[{"user": self.manager}, {"user": other}, {"user": self.head, "capacity_per_day": 3}]
			)
			self.assertEqual(manager_capacities(campaign), {self.manager: 7, other: 11, self.head: 3})

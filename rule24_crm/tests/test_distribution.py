"""Distribution rules: conditions, the four ways to choose, who is passed over, and why it is said."""

from collections import Counter

import frappe
from frappe.utils import add_days, nowdate

from rule24_crm.exceptions import DistributionError
from rule24_crm.parties import distribution
from rule24_crm.parties.distribution import deciding, log
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase


class DistributionCase(CRMTestCase):
	def setUp(self):
		super().setUp()
		frappe.db.set_value("Distribution Rule", {"enabled": 1}, "enabled", 0)
		self.first, self.second, self.third = (make.make_account_manager().name for _n in range(3))
		self.staff = [self.first, self.second, self.third]

	def given(self, *rows, kind: str = "Lead") -> list[str]:
		return [each.manager for each in distribution.decide_many(kind, list(rows))]


class TestConditions(DistributionCase):
	def rule(self, *conditions, **values):
		values = {"give_to": "One Manager", "manager": self.first, **values}
		return make.make_distribution_rule(conditions, **values)

	def fits(self, values: dict, kind: str = "Lead") -> bool:
		return distribution.decide(kind, values).rule is not None

	def test_text_number_and_list(self):
		self.rule(("city", "Equals", "Тверь"), ("annual_revenue", "At Least", "1000000"))
		self.assertTrue(self.fits({"city": "тверь", "annual_revenue": 1_000_000}))
		self.assertFalse(self.fits({"city": "Тверь", "annual_revenue": 999_999}))
		self.assertFalse(self.fits({"city": "Тверь"}))
		self.assertFalse(self.fits({"city": "Псков", "annual_revenue": 2_000_000}))

	def test_one_of_and_not(self):
		self.rule(("no_of_employees", "One Of", "1-10; 11-50"), ("city", "Not Equals", "Псков"))
		self.assertTrue(self.fits({"no_of_employees": "11-50", "city": ""}))
		self.assertFalse(self.fits({"no_of_employees": "51-200"}))
		self.assertFalse(self.fits({"no_of_employees": "11-50", "city": "Псков"}))

	def test_contains_set_and_not_set(self):
		self.rule(
			("company_name", "Contains", "банк"), ("email_id", "Is Not Set", ""), ("city", "Is Set", "")
		)
		self.assertTrue(self.fits({"company_name": "АО «Первый Банк»", "city": "Тверь"}))
		self.assertFalse(self.fits({"company_name": "АО «Первый Банк»"}))
		self.assertFalse(self.fits({"company_name": "Банк", "city": "Тверь", "email_id": "a@b.example"}))

	def test_a_branch_of_a_tree(self):
		root = frappe.db.get_value("Territory", {"is_group": 1, "parent_territory": ("in", ("", None))})
		root = root or frappe.db.get_value("Territory", {"is_group": 1}, order_by="lft")
		north = frappe.get_doc(
			{"doctype": "Territory", "territory_name": "North X", "is_group": 1, "parent_territory": root}
		).insert()
		town = frappe.get_doc(
			{"doctype": "Territory", "territory_name": "Town X", "parent_territory": north.name}
		).insert()
		self.rule(("territory", "Is or Below", north.name))
		self.assertTrue(self.fits({"territory": town.name}))
		self.assertTrue(self.fits({"territory": north.name}))
		self.assertFalse(self.fits({"territory": root}))
		self.assertFalse(self.fits({}))

	def test_rows_of_a_table_and_segments(self):
		segment, item = make.make_segment(), make.make_item().name
		self.rule(("segments", "Equals", segment))
		self.assertTrue(self.fits({"segments": [{"segment": make.make_segment()}, {"segment": segment}]}))
		self.assertTrue(self.fits({"segments": [segment]}))
		self.assertFalse(self.fits({"segments": []}))
		self.rule(("items.item_code", "Equals", item), for_lead=0, for_opportunity=1)
		self.assertTrue(self.fits({"items": [{"item_code": item}]}, "Opportunity"))
		self.assertFalse(self.fits({"items": []}, "Opportunity"))

	def test_custom_fields_and_kinds(self):
		self.rule(("rule24_kind", "Equals", "Individual"), for_customer=1)
		for kind in ("Lead", "Customer"):
			self.assertTrue(self.fits({"rule24_kind": "Individual"}, kind))
		self.assertFalse(self.fits({"rule24_kind": "Individual"}, "Prospect"))

	def test_days_priority_and_switch(self):
		low = self.rule(priority=1)
		high = self.rule(priority=2, manager=self.second)
		self.assertEqual(distribution.decide("Lead", {}).rule, high.name)
		high.valid_from = add_days(nowdate(), 1)
		high.save()
		self.assertEqual(distribution.decide("Lead", {}).rule, low.name)
		high.valid_from, high.valid_upto = add_days(nowdate(), -1), nowdate()
		high.save()
		self.assertEqual(distribution.decide("Lead", {}).rule, high.name)
		high.enabled = 0
		high.save()
		self.assertEqual(distribution.decide("Lead", {}).rule, low.name)


class TestChoosing(DistributionCase):
	def test_turns_are_even_and_go_on(self):
		rule = make.make_distribution_rule(managers=self.staff)
		self.assertEqual(self.given({}, {}, {}, {}), [*self.staff, self.first])
		self.assertEqual(self.given({}), [self.second])
		rule.reload()
		rule.priority = 5  # editing the rule does not begin again
		rule.save()
		self.assertEqual(self.given({}), [self.third])

	def test_turns_are_even_where_segments_alternate(self):
		one, two = make.make_segment(), make.make_segment()
		for user, segment in zip(
			(*self.staff, make.make_account_manager().name), (one, one, two, two), strict=True
		):
			manager = frappe.get_doc("Account Manager", user)
			manager.append("segments", {"segment": segment})
			manager.save()
		make.make_distribution_rule()
		rows = [{"market_segment": segment} for _n in range(4) for segment in (one, two)]
		self.assertEqual(set(Counter(self.given(*rows)).values()), {2})

	def test_least_open_works(self):
		make.make_work(assigned_to=self.first)
		make.make_work(assigned_to=self.second, status="In Progress")
		make.make_distribution_rule(managers=self.staff, choose_by="Open Works")
		decision = distribution.decide("Lead", {})
		self.assertEqual(decision.manager, self.third)
		self.assertIn("1 open works", decision.candidates[0].note)
		# within a batch, what was given counts
		self.assertEqual(self.given({}, {}, {}), [self.third, self.first, self.second])

	def test_least_clients(self):
		make.make_customer(account_manager=self.first)
		make.make_lead(lead_owner=self.second)
		make.make_prospect(prospect_owner=self.third, rule24_phase="Lost")
		make.make_distribution_rule(managers=self.staff, choose_by="Clients")
		self.assertEqual(self.given({}), [self.third])

	def test_capacity(self):
		for user, capacity in zip(self.staff, (10, 20, 10), strict=True):
			frappe.db.set_value("Account Manager", user, "capacity_per_day", capacity)
		make.make_distribution_rule(managers=self.staff, choose_by="Free Capacity")
		self.assertEqual(Counter(self.given(*[{}] * 40)), {self.first: 10, self.second: 20, self.third: 10})
		make.make_work(assigned_to=self.first, planned_on=add_days(nowdate(), 30))  # not today's
		self.assertEqual(deciding.Distributor("Lead").staff.due(self.first), (0, 10))

	def test_absent_inactive_and_disabled_are_passed_over(self):
		frappe.db.set_value("Account Manager", self.first, "absent_until", nowdate())
		frappe.db.set_value("Account Manager", self.second, "active", 0)
		make.make_distribution_rule(managers=self.staff)
		decision = distribution.decide("Lead", {})
		self.assertEqual(decision.manager, self.third)
		lines = decision.candidate_lines()
		for words in ("absent until", "not active", "chosen"):
			self.assertIn(words, lines)
		frappe.db.set_value("User", self.third, "enabled", 0)
		self.assertIsNone(distribution.decide("Lead", {}).rule)
		frappe.db.set_value("Account Manager", self.first, "absent_from", add_days(nowdate(), 1))
		frappe.db.set_value("Account Manager", self.first, "absent_until", add_days(nowdate(), 9))
		self.assertEqual(self.given({}), [self.first])
		frappe.db.set_value("Account Manager", self.first, "absent_from", add_days(nowdate(), -9))
		frappe.db.set_value("Account Manager", self.first, "absent_until", add_days(nowdate(), -1))
		self.assertEqual(self.given({}), [self.first])

	def test_a_rule_with_nobody_lets_the_next_one_speak(self):
		frappe.db.set_value("Account Manager", self.first, "active", 0)
		make.make_distribution_rule(give_to="One Manager", manager=self.first, priority=2)
		other = make.make_distribution_rule(managers=[self.second], priority=1)
		decision = distribution.decide("Lead", {})
		self.assertEqual((decision.manager, decision.rule), (self.second, other.name))
		self.assertIn("nobody to give to", decision.explanation)

	def test_one_by_one_and_batch_agree(self):
		make.make_distribution_rule(managers=self.staff, conditions=[("city", "Equals", "A")])
		make.make_distribution_rule(managers=self.staff[:2], conditions=[("city", "Equals", "B")])
		rows = [{"city": city} for city in "ABABCAB"]
		frappe.db.savepoint("slow")
		slow = [distribution.decide("Lead", row) for row in rows]
		frappe.db.rollback(save_point="slow")
		fast = distribution.decide_many("Lead", rows)
		self.assertEqual(
			[(each.manager, each.rule, each.explanation) for each in slow],
			[(each.manager, each.rule, each.explanation) for each in fast],
		)


class TestWithoutARule(DistributionCase):
	def test_creator_then_fallback(self):
		with self.as_user(self.first):
			decision = distribution.decide("Lead", {})
			self.assertEqual((decision.manager, decision.way), (self.first, "Creator"))
		stranger = make.make_user().name
		with self.settings(fallback_manager=self.second):
			for user in (stranger, "Guest"):
				with self.as_user(user):
					decision = distribution.decide("Lead", {})
					self.assertEqual((decision.manager, decision.way), (self.second, "Fallback Manager"))
		with self.settings(fallback_manager=None), self.as_user(stranger):
			self.assertEqual(distribution.decide("Lead", {}).manager, stranger)

	def test_an_inactive_fallback_is_passed_over(self):
		frappe.db.set_value("Account Manager", self.second, "active", 0)
		with self.settings(fallback_manager=self.second), self.as_user("Guest"):
			self.assertNotIn(distribution.decide("Lead", {}).manager, (self.second, "Guest"))

	def test_the_client_s_manager_has_the_deal_and_the_customer(self):
		lead = make.make_lead(lead_owner=self.third)
		for kind, values in (
			("Opportunity", {"opportunity_from": "Lead", "party_name": lead.name}),
			("Customer", {"lead_name": lead.name}),
			("Work", {"party_type": "Lead", "party": lead.name}),
		):
			decision = distribution.decide(kind, values)
			self.assertEqual((decision.manager, decision.way), (self.third, "Client's Manager"))

	def test_the_log(self):
		make.make_distribution_rule(managers=self.staff)
		leads = [make.make_lead().name for _n in range(2)]
		distribution.note("Lead", list(zip(leads, distribution.decide_many("Lead", [{}, {}]), strict=True)))
		rows = frappe.get_all(
			"Distribution Log",
			{"party": ("in", leads)},
			["party", "title", "manager", "manager_name", "way", "candidates", "owner"],
		)
		for row in rows:
			self.assertEqual(row.title, frappe.db.get_value("Lead", row.party, "title"))
			self.assertEqual(row.manager_name, frappe.utils.get_fullname(row.manager))
		self.assertEqual({row.manager for row in rows} & set(self.staff), {row.manager for row in rows})
		self.assertIn("chosen", rows[0].candidates)

	def test_who_has_no_name_is_logged_by_the_login_alone_as_among_others(self):
		frappe.db.set_value("User", self.first, "full_name", None)
		frappe.clear_document_cache("User", self.first)
		self.assertEqual(log._people({self.first}), {self.first: self.first})
		self.assertEqual(log._people({self.first, self.second})[self.first], self.first)


class TestRuleIsChecked(DistributionCase):
	def refused(self, *words, conditions=(), **values):
		with self.assertRaisesWith(DistributionError, *words):
			make.make_distribution_rule(
				conditions, **{"give_to": "One Manager", "manager": self.first, **values}
			)

	def test_what_is_wrong_is_said(self):
		self.refused("what the rule gives out", for_lead=0)
		self.refused("ends before", valid_from="2026-02-01", valid_upto="2026-01-01")
		self.refused("Choose the manager", manager=None)
		self.refused("List the managers", give_to="Listed Managers")
		for words, condition in (
			(("Condition 1", "no field"), ("nonsense", "Equals", "1")),
			(("Condition 1", "no field"), ("notes", "Equals", "1")),
			(("value", "missing"), ("city", "Equals", " ")),
			(("neither a number nor a date",), ("city", "At Least", "5")),
			(("no tree",), ("industry", "Is or Below", "5")),
			(("there is no",), ("territory", "Equals", "Nowhere X")),
			(("there is no", "Nowhere Y"), ("territory", "One Of", "Nowhere Y;")),
			(("no option", "1-10"), ("no_of_employees", "Equals", "12")),
			(("is a number",), ("annual_revenue", "At Most", "many")),
			(("is a date",), ("qualified_on", "At Least", "soon")),
		):
			self.refused(*words, conditions=[condition])

	def test_a_field_must_be_in_every_kind(self):
		self.refused("Customer", "no field", conditions=[("annual_revenue", "At Least", "1")], for_customer=1)

	def test_rules_are_for_heads(self):
		rule = make.make_distribution_rule(managers=self.staff)
		with self.as_user(self.first):
			for right in ("read", "write", "create", "delete"):
				self.assertFalse(frappe.has_permission("Distribution Rule", right))
			self.assertFalse(frappe.has_permission("Distribution Log", "write"))
		self.assertEqual(rule.applies_to, "Lead")

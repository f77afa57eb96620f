"""The report Deal Funnel: where deals die and how long stages take."""

import frappe
from frappe.utils import add_days, nowdate

from rule24_crm.deals import funnel, stages
from rule24_crm.exceptions import DealError
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.tests.test_stages import deal, make_process


class TestFunnel(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.process = make_process("Free")

	def rows(self, **filters):
		filters = {
			"sales_process": self.process.name,
			"from_date": nowdate(),
			"to_date": nowdate(),
			**filters,
		}
		columns, rows, _message, chart, summary = funnel.report(filters)
		self.assertEqual(set(rows[0]), {"stage", *(column["fieldname"] for column in columns)})
		self.chart, self.summary = chart, {card["label"]: card["value"] for card in summary}
		return {row["stage"]: row for row in rows}

	def test_counts(self):
		won, lost, back, waits = (deal(self.process, opportunity_amount=100) for _each in range(4))
		for name in ("Two", "Three", "Yes"):
			stages.set_stage(won.name, name)
		stages.set_stage(lost.name, "Two")
		stages.mark_lost(lost.name)
		for name in ("Two", "One", "Two"):
			stages.set_stage(back.name, name)
		rows = self.rows()
		self.assertEqual(
			[rows[name]["entered"] for name in ("One", "Two", "Three", "Yes", "No")], [4, 3, 1, 1, 1]
		)
		self.assertEqual([rows[name]["moved_on"] for name in ("One", "Two", "Three")], [3, 1, 1])
		self.assertEqual([rows[name]["lost"] for name in ("One", "Two", "Three")], [0, 1, 0])
		self.assertEqual((rows["Two"]["lost_amount"], rows["One"]["conversion"]), (100, 75))
		self.assertEqual([rows[name]["in_work"] for name in ("One", "Two", "Three")], [1, 1, 0])
		self.assertIsNone(rows["Yes"]["lost"])
		self.assertEqual((self.summary["Won"], self.summary["Lost"], self.summary["In Work Now"]), (1, 1, 2))
		self.assertEqual(self.summary["Most Are Lost In"], "Two")
		self.assertEqual(self.chart["data"]["labels"], ["One", "Two", "Three"])
		self.assertEqual(waits.sales_stage, "One")

	def test_amounts_of_another_currency_are_named_and_not_added(self):
		for currency in (None, "EUR"):
			doc = deal(self.process, opportunity_amount=100)
			stages.mark_lost(doc.name)
			if currency:  # as a deal of a company with books in euros would be logged
				frappe.db.set_value("Deal Stage Change", {"opportunity": doc.name}, "currency", currency)
		filters = {"sales_process": self.process.name, "from_date": nowdate(), "to_date": nowdate()}
		_columns, rows, message, *_rest = funnel.report(filters)
		row = rows[0]
		self.assertEqual((row["lost"], row["lost_amount"]), (2, 100))
		self.assertIn("Not among the lost amounts", message)
		self.assertIn("100", message)

	def test_an_account_manager_opens_it(self):
		from frappe.desk.query_report import run

		filters = {"sales_process": self.process.name, "from_date": nowdate(), "to_date": nowdate()}
		with self.as_user(make.make_user(["Sales User"]).name):
			found = run("Deal Funnel", filters=filters)
		self.assertEqual([row["stage_name"] for row in found["result"]][:2], ["One", "Two"])

	def test_days(self):
		doc = deal(self.process)
		frappe.db.set_value(
			"Deal Stage Change",
			{"opportunity": doc.name},
			"changed_on",
			add_days(frappe.utils.now_datetime(), -3),
		)
		stages.set_stage(doc.name, "Two")
		self.assertEqual(self.rows(from_date=add_days(nowdate(), -5))["One"]["days"], 3)

	def test_period(self):
		doc = deal(self.process)
		frappe.db.set_value(
			"Deal Stage Change", {"opportunity": doc.name}, "changed_on", add_days(nowdate(), -10)
		)
		self.assertEqual(self.rows()["One"]["entered"], 0)
		self.assertEqual(
			self.rows(from_date=add_days(nowdate(), -10), to_date=add_days(nowdate(), -10))["One"]["entered"],
			1,
		)

	def test_manager_and_company(self):
		user = make.make_user().name
		deal(self.process, opportunity_owner=user)
		deal(self.process)
		self.assertEqual(self.rows()["One"]["entered"], 2)
		mine = self.rows(opportunity_owner=user)["One"]
		self.assertEqual((mine["entered"], mine["in_work"]), (1, 1))
		self.assertEqual(self.rows(company="Rule24 Demo")["One"]["entered"], 2)

	def test_stageless(self):
		self.process = make_process("Stageless")
		won, _open = deal(self.process), deal(self.process)
		stages.set_stage(won.name, "Yes")
		self.assertEqual(self.rows()["Yes"]["entered"], 1)
		self.assertEqual((self.summary["Won"], self.summary["In Work Now"]), (1, 1))

	def test_malformed(self):
		with self.assertRaisesWith(DealError, "Sales Process", "From Date", "To Date"):
			funnel.report({})
		with self.assertRaisesWith(DealError, "first day"):
			self.rows(from_date=add_days(nowdate(), 1))

	def test_through_the_desk(self):
		from frappe.desk.query_report import run

		deal(self.process)
		filters = {"sales_process": self.process.name, "from_date": nowdate(), "to_date": nowdate()}
		with self.as_user(make.make_user(["Sales Manager"]).name):
			self.assertEqual(run("Deal Funnel", filters=filters)["result"][0]["entered"], 1)
		with self.as_user(make.make_user(["Accounts User"]).name), self.assertRaises(frappe.PermissionError):
			run("Deal Funnel", filters=filters)

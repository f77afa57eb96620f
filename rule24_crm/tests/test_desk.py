"""What the Desk shows: closing dialog, script, report, charts, cards, workspace and Kanban board."""

import json
from pathlib import Path
from unittest import mock

import frappe
from frappe.utils import nowdate

from rule24_crm import exceptions
from rule24_crm.api import work as api
from rule24_crm.rule24_crm.dashboard_chart_source.deals_by_stage import deals_by_stage
from rule24_crm.rule24_crm.dashboard_chart_source.works_closed_by_week import works_closed_by_week
from rule24_crm.rule24_crm.report.clients_without_next_work import clients_without_next_work as report
from rule24_crm.setup import boards
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.work import reminders, working_days


class DeskCase(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.manager = make.make_user(["Sales User"], first_name="Anna", last_name="Petrova").name
		self.head = make.make_user(["Sales Manager", "Sales User"]).name
		self.stranger = make.make_user([]).name
		self.lead = make.make_lead(lead_owner=self.manager)


class TestClosingDialog(DeskCase):
	def test_options_say_what_each_result_brings(self):
		work = make.make_work(self.lead, assigned_to=self.manager)
		later = make.make_work(self.lead, assigned_to=self.manager, subject="Later")
		with self.as_user(self.manager):
			options = api.closing_options(work.name)
		self.assertEqual(options["work"]["party"], self.lead.name)
		self.assertEqual([row.name for row in options["planned"]], [later.name])
		interested = next(row for row in options["results"] if row["result"] == "Interested")
		self.assertEqual(interested["effect"], "Convert to Deal")
		self.assertFalse(options["must_plan"])

	def test_days_off_are_read_once_for_all_results(self):
		following = {"next_action": "Call", "next_in_days": 3}
		action = make.make_action(
			[{"result": each, **following} for each in ("Done", "Interested", "No Answer")]
		)
		work = make.make_work(self.lead, action=action.name)
		with mock.patch.object(working_days, "for_list", wraps=working_days.for_list) as read:
			results = api.closing_options(work.name)["results"]
		self.assertEqual(len({row["next"]["planned_on"] for row in results}), 1)
		self.assertEqual((len(results), read.call_count), (3, 1))

	def test_closing_without_a_result_names_the_work_for_the_dialog(self):
		work = make.make_work(self.lead)
		work.status = "Closed"
		frappe.local.response.pop("rule24_work", None)
		with self.assertRaises(exceptions.ResultMissingError):
			work.save()
		self.assertEqual(frappe.local.response["rule24_work"], work.name)


class TestScript(DeskCase):
	def script(self, text):
		return (
			frappe.get_doc(
				{"doctype": "Call Script", "script_name": frappe.generate_hash(length=8), "text": text}
			)
			.insert()
			.name
		)

	def test_names_are_filled_in(self):
		contact = make.make_contact("Lead", self.lead.name, first_name="Olga")
		contact.db_set("last_name", "<b>S</b>")
		script = self.script("<p>{{ contact }}, {{ manager }}, {{ party_name }}</p>")
		work = make.make_work(self.lead, contact=contact.name, script=script, assigned_to=self.manager)
		with self.as_user(self.manager):
			text = api.script_text(work.name)
		self.assertIn("Olga", text)
		self.assertIn("Anna Petrova", text)
		self.assertNotIn("<b>S</b>", text)

	def test_a_text_reads_nothing_but_its_names(self):
		for text in (
			"<p>{{ frappe.db.get_value('User', 'Administrator', 'email') }}</p>",
			"<p>{{ party_name.__class__.__mro__ }}</p>",
			"<p>{{ 1 / 0 }}</p>",
		):
			shown = api.script_text(make.make_work(self.lead, script=self.script(text)).name)
			self.assertIn("text-danger", shown)
			self.assertNotIn(frappe.db.get_value("User", "Administrator", "email"), shown)

	def test_a_broken_text_is_shown_as_it_is(self):
		work = make.make_work(self.lead, script=self.script("<p>Hello {{ party_name</p>"))
		self.assertIn("Hello", api.script_text(work.name))
		self.assertIn("text-danger", api.script_text(work.name))
		self.assertEqual(api.script_text(make.make_work(self.lead).name), "")

	def test_denied(self):
		work = make.make_work(self.lead)
		with self.as_user(self.stranger), self.assertRaises(frappe.PermissionError):
			api.script_text(work.name)


class TestReminder(DeskCase):
	def test_the_desk_is_told_at_once(self):
		sent = []
		real = frappe.publish_realtime
		frappe.publish_realtime = lambda *args, **more: sent.append((args, more)) or real(*args, **more)
		self.addCleanup(setattr, frappe, "publish_realtime", real)
		work = make.make_work(
			self.lead,
			assigned_to=self.manager,
			starts_at="2020-01-01 10:00:00",
			remind_at="2020-01-01 09:50:00",
		)
		reminders.send_due()
		mine = [
			(args, more) for args, more in sent
			if args[0] == "rule24_reminder" and args[1]["work"] == work.name
		]  # fmt: skip
		self.assertEqual(len(mine), 1)
		self.assertEqual(mine[0][1]["user"], self.manager)
		self.assertTrue(mine[0][1]["after_commit"])


class TestReport(DeskCase):
	def names(self, **filters):
		return {row["party"] for row in report.execute(filters)[1]}

	def test_a_manager_sees_own_clients_a_head_chooses(self):
		other = make.make_lead(lead_owner=self.head)
		with self.as_user(self.manager):
			self.assertEqual(self.names(), {self.lead.name})
		with self.as_user(self.head):
			self.assertIn(self.lead.name, self.names(responsible=self.manager))
			self.assertNotIn(other.name, self.names(responsible=self.manager))

	def test_people_are_called_by_name(self):
		make.make_lead(lead_owner=None)
		self.assertEqual(
			{
				row["responsible"]: row["responsible_name"]
				for row in report.execute({"party_type": "Lead"})[1]
			},
			{self.manager: "Anna Petrova", None: None},
		)
		self.assertIn("responsible_name", [column["fieldname"] for column in report.execute({})[0]])

	def test_what_is_not_shown_is_told(self):
		make.make_lead(lead_owner=self.manager)
		with self.as_user(self.manager):
			self.assertIsNone(report.execute({})[2])
			with mock.patch.object(report, "LIMIT", 1):
				_columns, rows, words = report.execute({})
		self.assertEqual((len(rows), "there are more" in words), (1, True))

	def test_kind(self):
		customer = make.make_customer(account_manager=self.manager)
		with self.as_user(self.manager):
			self.assertEqual(self.names(party_type="Customer"), {customer.name})
			with self.assertRaises(exceptions.PartyNotFoundError):
				self.names(party_type="Supplier")

	def test_denied(self):
		with self.as_user(self.manager), self.assertRaises(frappe.PermissionError):
			self.names(responsible=self.head)
		with self.as_user(self.stranger), self.assertRaises(frappe.PermissionError):
			self.names()

	def test_it_runs_through_the_desk(self):
		from frappe.desk.query_report import run

		with self.as_user(self.manager):
			found = run("Clients Without Next Work", filters={})
		self.assertIn(self.lead.name, [row["party"] for row in found["result"]])


class TestCharts(DeskCase):
	def test_works_closed_by_week(self):
		api.close(make.make_work(self.lead, assigned_to=self.manager, action="Visit").name, "Visited")
		with self.as_user(self.manager):
			chart = works_closed_by_week.get()
		plus = next(row for row in chart["datasets"] if row["name"] == "Plus")
		self.assertEqual(plus["values"][-1], 1)
		self.assertEqual(sum(plus["values"][:-1]), 0)
		self.assertEqual(len(chart["labels"]), works_closed_by_week.WEEKS)
		with self.as_user(self.head):
			everybody = works_closed_by_week.get()
		self.assertGreaterEqual(everybody["datasets"][0]["values"][-1], 1)
		with self.as_user(self.stranger), self.assertRaises(frappe.PermissionError):
			works_closed_by_week.get()

	def test_deals_by_stage_in_the_order_of_the_process(self):
		before = {"labels": [], "datasets": [{"values": []}], **deals_by_stage.get()}
		for stage in ("Documents", "Proposal", "Proposal"):
			make.make_opportunity(sales_stage=stage, rule24_sales_process="Free Movement")
		chart = deals_by_stage.get()
		labels, values = chart["labels"], chart["datasets"][0]["values"]
		self.assertLess(labels.index("Proposal"), labels.index("Documents"))
		was = dict(zip(before["labels"], before["datasets"][0]["values"], strict=True))
		self.assertEqual(values[labels.index("Proposal")] - was.get("Proposal", 0), 2)
		with self.as_user(self.stranger), self.assertRaises(frappe.PermissionError):
			deals_by_stage.get()

	def test_without_deals_the_chart_is_empty_and_says_what_to_do(self):
		frappe.db.set_value("Opportunity", {"status": ("!=", "Lost")}, "status", "Lost")
		self.assertEqual(deals_by_stage.get(), {})


class TestWorkspace(DeskCase):
	def test_everything_it_names_exists(self):
		workspace = frappe.get_doc("Workspace", "Rule24 CRM")
		kinds = {"DocType": "DocType", "Report": "Report", "Page": "Page"}
		for row in [*workspace.links, *workspace.shortcuts]:
			kind = kinds.get(row.get("link_type") or row.get("type"))
			if kind:
				self.assertTrue(frappe.db.exists(kind, row.link_to), row.link_to)
		for row in workspace.charts:
			self.assertTrue(frappe.db.exists("Dashboard Chart", row.chart_name), row.chart_name)
		for row in workspace.number_cards:
			self.assertTrue(frappe.db.exists("Number Card", row.number_card_name), row.number_card_name)
		blocks = json.loads(workspace.content)
		labels = {row.label for row in [*workspace.links, *workspace.shortcuts]}
		for block in blocks:
			name = block["data"].get("card_name") or block["data"].get("shortcut_name")
			self.assertTrue(not name or name in labels, name)

	def test_it_is_what_salespeople_see_first(self):
		from frappe.desk.desktop import get_workspace_sidebar_items

		with self.as_user(self.manager):
			self.assertEqual(get_workspace_sidebar_items()["pages"][0]["name"], "Rule24 CRM")
		accountant = make.make_user(["Accounts User"]).name
		with self.as_user(accountant):
			self.assertNotIn("Rule24 CRM", [page["name"] for page in get_workspace_sidebar_items()["pages"]])

	def test_cards_and_charts_are_for_salespeople(self):
		of_heads = {"Clients Without an Active Manager"}  # who give them out
		cards = frappe.get_all("Number Card", {"module": "Rule24 CRM"}, pluck="name")
		with self.as_user(make.make_user(["Sales Manager"]).name):
			for name in cards:
				self.assertTrue(frappe.has_permission("Number Card", "read", doc=name), name)
		with self.as_user(self.manager):
			for name in cards:
				may = frappe.has_permission("Number Card", "read", doc=name)
				self.assertEqual(bool(may), name not in of_heads, name)
			for name in frappe.get_all("Dashboard Chart", {"module": "Rule24 CRM"}, pluck="name"):
				self.assertTrue(frappe.has_permission("Dashboard Chart", "read", doc=name), name)


class TestBoard(DeskCase):
	def test_made_once_and_left_alone(self):
		boards.make()
		board = frappe.get_doc("Kanban Board", boards.NAME)
		self.assertEqual(
			[row.column_name for row in board.columns], [name for name, _color in boards.COLUMNS]
		)
		board.db_set("show_labels", 1)
		boards.make()
		self.assertEqual(frappe.db.get_value("Kanban Board", boards.NAME, "show_labels"), 1)

	def test_columns_are_the_statuses(self):
		statuses = frappe.get_meta("Work").get_field("status").options.split("\n")
		self.assertEqual([name for name, _color in boards.COLUMNS], statuses)

	def test_deleted_with_its_columns(self):
		boards.delete()
		self.assertFalse(frappe.db.exists("Kanban Board", boards.NAME))
		self.assertFalse(frappe.get_all("Kanban Board Column", {"parent": boards.NAME}))


class TestWorksTab(DeskCase):
	def test_it_is_the_second_tab_of_every_form(self):
		for doctype in ("Customer", "Lead", "Prospect", "Contact", "Opportunity"):
			fields = frappe.get_meta(doctype).fields
			tabs = [field.fieldname for field in fields if field.fieldtype == "Tab Break"]
			# a form that does not begin with a tab of its own gets one for what comes first
			place = 0 if fields[0].fieldtype != "Tab Break" else 1
			self.assertEqual(tabs[place], "rule24_works_tab", doctype)
			names = [field.fieldname for field in fields]
			self.assertEqual(names[names.index("rule24_works_tab") + 1], "rule24_works", doctype)

	def test_scripts_are_where_hooks_say(self):
		app = Path(frappe.get_app_path("rule24_crm"))
		for hook in ("doctype_js", "doctype_list_js"):
			for paths in frappe.get_hooks(hook, app_name="rule24_crm").values():
				for path in paths if isinstance(paths, list) else [paths]:
					self.assertTrue((app / path).is_file(), path)

	def test_a_work_from_each_kind_of_record(self):
		deal = make.make_opportunity(self.lead)
		contact = make.make_contact("Lead", self.lead.name)
		work = make.make_work(self.lead, opportunity=deal.name, contact=contact.name, planned_on=nowdate())
		with self.as_user(self.manager):
			for doc in (self.lead, deal, contact):
				found = api.of_record(doc.doctype, doc.name)
				planned = found["planned"]
				self.assertEqual(
					{row["fullname"] for row in found["people"].values()},
					{frappe.utils.get_fullname(row.assigned_to) for row in planned},
				)
				self.assertEqual([row.name for row in planned], [work.name], doc.doctype)

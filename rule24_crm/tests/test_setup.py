"""Install is safe to repeat, and every patch can be found."""

from importlib import import_module
from pathlib import Path
from unittest import mock

import frappe
from frappe.permissions import add_permission

from rule24_crm import install, uninstall
from rule24_crm.parties import next_work
from rule24_crm.patches.v1_0 import show_next_work
from rule24_crm.setup import custom_fields, grants, roles
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase


class TestInstall(CRMTestCase):
	def test_twice_changes_nothing_of_the_users(self):
		action = frappe.get_doc("Work Action", "Call")
		self.addCleanup(self._set_back, action.name, action.default_duration)
		action.default_duration = 33
		action.save()
		before = {
			d: frappe.db.count(d)
			for d in ("Work Action", "Work Result", "Sales Stage", "Sales Process", "Custom Field")
		}
		install.after_install()
		self.assertEqual(frappe.db.get_value("Work Action", "Call", "default_duration"), 33)
		self.assertEqual(before, {doctype: frappe.db.count(doctype) for doctype in before})

	def _set_back(self, action: str, duration: int) -> None:
		"""What stands in the database when tables or indexes are looked after is committed with them."""
		frappe.db.set_value("Work Action", action, "default_duration", duration, update_modified=False)
		frappe.db.commit()

	def test_there_is_a_key_before_the_first_password(self):
		self.assertTrue(frappe.get_site_config().get("encryption_key"))

	def test_fields_belong_to_our_module(self):
		for doctype, fields in custom_fields.CUSTOM_FIELDS.items():
			for field in fields:
				module = frappe.db.get_value(
					"Custom Field", {"dt": doctype, "fieldname": field["fieldname"]}, "module"
				)
				self.assertEqual(module, "Rule24 CRM", (doctype, field["fieldname"]))

	def test_the_dictionary_leads_somewhere(self):
		for action in frappe.get_all("Work Action", pluck="name"):
			rows = frappe.get_doc("Work Action", action).results
			self.assertTrue(rows, action)
			self.assertTrue(any(row.sign == "Plus" for row in rows), action)


class TestUninstall(CRMTestCase):
	def test_a_role_that_was_there_before_stays(self):
		frappe.db.set_default(roles.KEY, roles.CRM_ADMINISTRATOR)
		roles.delete()
		self.assertFalse(frappe.db.exists("Role", roles.CRM_ADMINISTRATOR))
		frappe.get_doc({"doctype": "Role", "role_name": roles.CRM_ADMINISTRATOR}).insert()
		user = make.make_user([roles.CRM_ADMINISTRATOR]).name
		roles.make()
		roles.delete()
		self.assertTrue(frappe.db.exists("Has Role", {"parent": user, "role": roles.CRM_ADMINISTRATOR}))
		self.assertTrue(frappe.db.exists("Role", roles.CRM_ADMINISTRATOR))

	def test_what_users_have_made_about_our_documents_goes(self):
		made = {
			"List View Settings": {"name": "Work"},
			"Client Script": {"dt": "Work"},
			"Server Script": {"reference_doctype": "Work"},
			"Webhook": {"webhook_doctype": "Work"},
			"Workflow": {"document_type": "Work"},
			"Report": {"ref_doctype": "Work"},
		}
		for doctype, values in made.items():
			# rows only: a form would hook them in, and a Workflow would add a column to the table
			doc = frappe.get_doc({"doctype": doctype, "name": f"Test {doctype}", **values})
			doc.db_insert()
		state = {"doctype": "Workflow Document State", "parenttype": "Workflow", "parent": "Test Workflow"}
		frappe.get_doc({**state, "parentfield": "states", "state": "Open"}).db_insert()
		script = frappe.get_doc({"doctype": "Client Script", "name": "Test Of ToDo", "dt": "ToDo"})
		script.db_insert()
		uninstall._delete_about(["Work"])
		for doctype, values in made.items():
			self.assertFalse(frappe.db.exists(doctype, values), doctype)
		self.assertFalse(frappe.db.exists("Workflow Document State", {"parent": "Test Workflow"}))
		self.assertTrue(frappe.db.exists("Client Script", script.name))


class TestGrants(CRMTestCase):
	def rights(self):
		return frappe.get_all(
			"Custom DocPerm",
			{"parent": "Market Segment"},
			["role", "read", "write", "create"],
			order_by="role",
		)

	def test_histories_are_shortened_in_portions(self):
		lead, changes = make.make_lead(), []
		for at in range(5):
			ours, own = ["rule24_kpp", "", str(at)], ["status", "Lead", str(at)]
			version = frappe.new_doc("Version")
			version.update({"ref_doctype": "Lead", "docname": lead.name})
			version.data = frappe.as_json({"changed": [ours, own] if at % 2 else [ours]})
			version.set_new_name()
			version.db_insert()
			changes.append(version.name)
		with mock.patch.object(uninstall, "PORTION", 2), self.asked_of_the_database() as asked:
			uninstall._shorten_history("Lead", {"rule24_kpp"})
		self.assertLessEqual(max(rows for query, rows in asked if "data" in query), 2)
		left = {name: frappe.db.get_value("Version", name, "data") for name in changes}
		self.assertEqual([bool(left[name]) for name in changes], [False, True, False, True, False])
		for data in filter(None, left.values()):
			self.assertEqual([each[0] for each in frappe.parse_json(data)["changed"]], ["status"])

	def test_managers_may_choose_segments(self):
		with self.as_user(make.make_user().name):
			self.assertTrue(frappe.has_permission("Market Segment", "read"))
			self.assertFalse(frappe.has_permission("Market Segment", "write"))
		with self.as_user(make.make_user(["Sales Manager"]).name):
			self.assertTrue(frappe.has_permission("Market Segment", "create"))

	def test_the_accountant_finds_the_contracts(self):
		with self.as_user(make.make_user(["Accounts User"]).name):
			for right, given in (("read", True), ("print", True), ("write", False), ("create", False)):
				self.assertEqual(bool(frappe.has_permission("Contract", right)), given, right)

	def test_uninstall_leaves_the_standard_rights_alone(self):
		grants.make()
		grants.delete()
		self.assertEqual(self.rights(), [])
		grants.make()
		grants.make()
		self.assertEqual(
			[row.role for row in self.rights()], ["CRM Administrator", "Sales Manager", "Sales User"]
		)

	def test_what_an_administrator_arranged_stays(self):
		grants.delete()
		add_permission("Market Segment", "Accounts User")
		grants.make()
		grants.delete()
		self.assertEqual([row.role for row in self.rights()], ["Accounts User", "Sales Manager"])

	def test_any_right_that_he_has_changed_since_stays(self):
		for right in ("print", "email", "report", "share", "import", "select"):
			grants.delete()
			self.assertEqual(self.rights(), [])
			grants.make()
			row = frappe.get_doc("Custom DocPerm", {"parent": "Market Segment", "role": "Sales Manager"})
			row.db_set(right, 0 if row.get(right) else 1)
			grants.delete()
			self.assertEqual([row.role for row in self.rights()], ["Sales Manager"], right)
			frappe.db.delete("Custom DocPerm", {"parent": "Market Segment"})


class TestPatches(CRMTestCase):
	def test_every_patch_imports(self):
		lines = Path(frappe.get_app_path("rule24_crm", "patches.txt")).read_text().splitlines()
		patches = [line.split()[0] for line in lines if line.strip() and not line.startswith(("[", "#"))]
		self.assertTrue(patches)
		for patch in patches:
			self.assertTrue(callable(import_module(patch).execute), patch)

	def test_lists_of_clients_show_the_next_work(self):
		column = {"dt": "Lead", "fieldname": "rule24_next_work_on"}
		frappe.db.set_value("Custom Field", column, "in_list_view", 0)
		frappe.db.delete("Property Setter", {"doc_type": "Lead", "field_name": "job_title"})
		frappe.clear_cache(doctype="Lead")
		self.assertIn(
			"job_title",
			[field.fieldname for field in frappe.get_meta("Lead").get("fields", {"in_list_view": 1})],
		)
		show_next_work.execute()
		shown = [field.fieldname for field in frappe.get_meta("Lead").get("fields", {"in_list_view": 1})]
		self.assertIn("rule24_next_work_on", shown)
		self.assertNotIn("job_title", shown)

	def test_the_next_day_can_be_rebuilt(self):
		lead, idle = make.make_lead(), make.make_prospect()
		work = make.make_work(lead)
		frappe.db.set_value("Lead", lead.name, "rule24_next_work_on", None)
		frappe.db.set_value("Prospect", idle.name, "rule24_next_work_on", "2031-01-01")
		next_work.rebuild()
		self.assertEqual(
			frappe.db.get_value("Lead", lead.name, "rule24_next_work_on"),
			frappe.utils.getdate(work.planned_on),
		)
		self.assertIsNone(frappe.db.get_value("Prospect", idle.name, "rule24_next_work_on"))

"""Install is safe to repeat, and every patch can be found."""

from importlib import import_module
from pathlib import Path

import frappe

from rule24_crm import install
from rule24_crm.parties import next_work
from rule24_crm.setup import custom_fields
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase


class TestInstall(CRMTestCase):
	def test_twice_changes_nothing_of_the_users(self):
		action = frappe.get_doc("Work Action", "Call")
		action.default_duration = 33
		action.save()
		before = {
			d: frappe.db.count(d)
			for d in ("Work Action", "Work Result", "Sales Stage", "Sales Process", "Custom Field")
		}
		install.after_install()
		self.assertEqual(frappe.db.get_value("Work Action", "Call", "default_duration"), 33)
		self.assertEqual(before, {doctype: frappe.db.count(doctype) for doctype in before})

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


class TestPatches(CRMTestCase):
	def test_every_patch_imports(self):
		lines = Path(frappe.get_app_path("rule24_crm", "patches.txt")).read_text().splitlines()
		patches = [line.split()[0] for line in lines if line.strip() and not line.startswith(("[", "#"))]
		self.assertTrue(patches)
		for patch in patches:
			self.assertTrue(callable(import_module(patch).execute), patch)

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

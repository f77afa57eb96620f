"""Imports and bulk changes of segments: a head who sees only the team sees those of the team."""

import frappe

from rule24_crm.api import imports as imports_api
from rule24_crm.api import segments as segments_api
from rule24_crm.parties import segments
from rule24_crm.parties.access import forget
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.tests.test_party_import import make_import

TEAM_ONLY = {"access": "By Responsible", "heads_see_only_team": 1}
HEAD = ["Sales Manager", "Sales User"]


class TestBulkWork(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.head, self.below, self.other = (make.make_user(HEAD).name for _n in range(3))
		make.make_account_manager(self.head)
		make.make_account_manager(self.below, reports_to=self.head)
		make.make_account_manager(self.other)
		forget()
		self.imports, self.rows, self.changes = {}, {}, {}
		for whose in ("below", "other"):
			with self.as_user(getattr(self, whose)):
				self.imports[whose] = make_import().name
				client, segment = make.make_customer(), make.make_segment()
				change = segments.assign("Customer", [segment], names=[client.name])["change"]
			self.rows[whose] = frappe.db.get_value("Party Import Row", {"party_import": self.imports[whose]})
			self.changes[whose] = change

	def seen(self) -> dict[str, set[str]]:
		"""Whose records are listed."""
		lists = {
			"Party Import": ("name", self.imports),
			"Party Import Row": ("party_import", self.imports),
			"Segment Change": ("name", self.changes),
		}
		found = {}
		for doctype, (field, names) in lists.items():
			listed = set(frappe.get_list(doctype, pluck=field, limit_page_length=0))
			found[doctype] = {whose for whose, name in names.items() if name in listed}
		columns = frappe.get_list(
			"Party Import Column", pluck="parent", parent_doctype="Party Import", limit_page_length=0
		)
		found["Party Import Column"] = {whose for whose, name in self.imports.items() if name in columns}
		return found

	def test_the_team_is_seen_and_nobody_else(self):
		with self.settings(**TEAM_ONLY), self.as_user(self.head):
			self.assertEqual({frozenset(each) for each in self.seen().values()}, {frozenset(("below",))})
			for records, doctype in (
				(self.imports, "Party Import"),
				(self.rows, "Party Import Row"),
				(self.changes, "Segment Change"),
			):
				self.assertTrue(frappe.has_permission(doctype, "read", doc=records["below"]), doctype)
				self.assertFalse(frappe.has_permission(doctype, "read", doc=records["other"]), doctype)
			self.assertTrue(frappe.has_permission("Party Import", "create"))

	def test_endpoints(self):
		theirs = self.imports["other"]
		with self.settings(**TEAM_ONLY), self.as_user(self.head):
			self.assertTrue(imports_api.rows(self.imports["below"])["total"])
			for refused in (
				lambda: imports_api.rows(theirs),
				lambda: imports_api.state(theirs),
				lambda: imports_api.download(theirs),
				lambda: imports_api.read(theirs),
				lambda: imports_api.edit_row(self.rows["other"], {"client_name": "Mine"}),
				lambda: segments_api.undo(self.changes["other"]),
			):
				self.assertRaises(frappe.PermissionError, refused)
			segments_api.undo(self.changes["below"])

	def test_else_heads_see_all(self):
		with self.settings(access="By Responsible", heads_see_only_team=0), self.as_user(self.head):
			self.assertEqual(
				{frozenset(each) for each in self.seen().values()}, {frozenset(("below", "other"))}
			)
			self.assertTrue(frappe.has_permission("Party Import", "read", doc=self.imports["other"]))

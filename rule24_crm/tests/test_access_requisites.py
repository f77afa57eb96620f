"""Requisites of clients that are not active yet: account managers see them nowhere and cannot lose them."""

import frappe

from rule24_crm.tests import access_ways as ways
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase

INN = "7707083893"


class TestAccessRequisites(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.manager = make.make_user().name
		self.people = [
			make.make_user(roles).name
			for roles in (
				["Sales Manager", "Sales User"],
				["CRM Administrator", "Sales User"],
				["Accounts User"],
			)
		]
		self.customer = make.make_customer(tax_id=INN, rule24_phase="Potential", account_manager=self.manager)
		self.lead = make.make_lead(rule24_tax_id=INN, rule24_phase="Potential", lead_owner=self.manager)

	def read(self, user: str, doctype: str, name: str) -> list:
		field = "tax_id" if doctype == "Customer" else "rule24_tax_id"
		with self.as_user(user):
			document = ways.call("frappe.client.get", doctype=doctype, name=name)
			ways.load.getdoc(doctype, name)
			form = next(doc for doc in frappe.local.response.docs if doc.get("name") == name)
			linked = ways.validate_link(doctype, name, [field])
		return [document.get(field), form.get(field), linked.get(field)]

	def test_hidden_from_managers_while_potential(self):
		for doctype, name in (("Customer", self.customer.name), ("Lead", self.lead.name)):
			self.assertEqual(self.read(self.manager, doctype, name), [None] * 3)
			frappe.db.set_value(doctype, name, "rule24_phase", "Active")
			self.assertEqual(self.read(self.manager, doctype, name)[:2], [INN] * 2)

	def test_heads_administrators_and_accountants_see_them(self):
		for user in self.people:
			self.assertEqual(self.read(user, "Customer", self.customer.name), [INN] * 3)

	def test_no_list_tells_them(self):
		asked = (
			{"fields": '["tax_id"]'},
			{"fields": '["*"]'},
			{"fields": '["name"]', "filters": {"tax_id": INN}},
			{"fields": '["name"]', "filters": [["Customer", "tax_id", "like", "77%"]]},
			{"fields": '["name"]', "order_by": "tax_id asc"},
			{"fields": '["name"]', "group_by": "tax_id"},
		)
		for arguments in asked:
			with self.as_user(self.manager), self.assertRaisesWith(frappe.PermissionError, "Leave out"):
				ways.call("frappe.client.get_list", doctype="Customer", **arguments)
			with self.as_user(self.people[0]):
				ways.call("frappe.client.get_list", doctype="Customer", **arguments)
		with self.as_user(self.manager):
			with self.assertRaises(frappe.PermissionError):
				ways.call(
					"frappe.client.get_value", doctype="Customer", fieldname="tax_id", filters={"tax_id": INN}
				)
			rows = ways.call("frappe.client.get_list", doctype="Customer", fields='["name", "customer_name"]')
			self.assertIn(self.customer.name, [row["name"] for row in rows])
			found = ways.call("frappe.desk.search.search_link", doctype="Customer", txt=INN)
			rows = found if isinstance(found, list) else found.get("results") or []
			self.assertFalse(rows)

	def test_saving_the_form_loses_nothing(self):
		with self.as_user(self.manager):
			ways.load.getdoc("Customer", self.customer.name)
			form = next(d for d in frappe.local.response.docs if d.get("name") == self.customer.name)
			form = frappe.get_doc(form.as_dict())
			self.assertIsNone(form.tax_id)
			form.customer_name = "Renamed"
			form.save()
		stored = frappe.db.get_value("Customer", self.customer.name, ["tax_id", "customer_name"])
		self.assertEqual(stored, (INN, "Renamed"))

	def test_the_window_of_documents_still_has_them(self):
		from rule24_crm.deals import requisites

		with self.as_user(self.manager):
			self.assertEqual(requisites.of_party("Lead", self.lead.name).tax_id, INN)

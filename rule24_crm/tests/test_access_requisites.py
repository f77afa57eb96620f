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
			ways.call("frappe.desk.form.load.getdoc", doctype=doctype, name=name)
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

	def test_lists_have_active_clients_only(self):
		active = make.make_customer(tax_id="7736207543", rule24_phase="Active", account_manager=self.manager)
		both = {self.customer.name, active.name}
		asked = (
			{"fields": '["name", "tax_id"]'},
			{"fields": '["*"]'},
			{"fields": '["name"]', "filters": {"tax_id": ("is", "set")}},
			{"fields": '["name"]', "filters": [["Customer", "tax_id", "like", "77%"]]},
			{"fields": '["name"]', "order_by": "tax_id asc"},
			{"fields": '["name", "`tabCustomer`.`tax_id`"]', "docname": "whatever"},
			{"fields": '["name", "\\u0074ax_id"]'},
			{"fields": '["\\u002a"]'},
			{"fields": '["name"]', "filters": '{"\\u0074ax_id": ["is", "set"]}'},
		)
		for arguments in asked:
			seen = {}
			for user in (self.manager, self.people[0]):
				frappe.clear_messages()
				frappe.flags.rule24_requisites_told = None
				with self.as_user(user):
					rows = ways.call(
						"frappe.client.get_list", doctype="Customer", limit_page_length=0, **arguments
					)
				seen[user] = {row["name"] for row in rows} & both
				if user == self.manager:
					self.assertMessage("Only active clients")
			self.assertEqual(seen, {self.manager: {active.name}, self.people[0]: both}, arguments)
		with self.as_user(self.manager):
			found = {"filters": {"tax_id": INN}, "fields": '["name"]'}
			self.assertEqual(ways.call("frappe.client.get_list", doctype="Customer", **found), [])
			value = ways.call(
				"frappe.client.get_value", doctype="Customer", fieldname="tax_id", filters=active.name
			)
			self.assertEqual(value["tax_id"], active.tax_id)
			for each in ({"tax_id": INN}, self.customer.name):
				value = ways.call(
					"frappe.client.get_value", doctype="Customer", fieldname="tax_id", filters=each
				)
				self.assertFalse(value)
			rows = ways.call(
				"frappe.client.get_list",
				doctype="Customer",
				fields='["name", "customer_name"]',
				limit_page_length=0,
			)
			self.assertLessEqual(both, {row["name"] for row in rows})
			found = ways.call("frappe.desk.search.search_link", doctype="Customer", txt=INN)
			rows = found if isinstance(found, list) else found.get("results") or []
			self.assertFalse(rows)

	def test_no_number_card_tells_them(self):
		method = "frappe.desk.doctype.number_card.number_card.get_result"
		card = {"document_type": "Customer", "function": "Maximum", "aggregate_function_based_on": "tax_id"}
		only = [["Customer", "name", "=", self.customer.name]]
		answers = []
		for user in (self.manager, self.people[0]):
			with self.as_user(user):
				given = {"doc": frappe.as_json(card), "filters": frappe.as_json(only)}
				answers.append(ways.call(method, cmd=method, **given))
		self.assertEqual(answers, [0, float(INN)])

	def test_no_export_of_all_columns_tells_them(self):
		frappe.permissions.add_permission("Customer", "Sales User", 0)
		frappe.permissions.update_permission_property("Customer", "Sales User", 0, "export", 1)
		method = "frappe.core.doctype.data_export.exporter.export_data"
		for user, told in ((self.manager, False), (self.people[0], True)):
			with self.as_user(user):
				columns = None if user == self.manager else '{"Customer": ["name", "tax_id"]}'
				ways.call(
					method, cmd=method, doctype="Customer", parent_doctype="Customer", with_data=True,
					select_columns=columns, file_type="CSV", filters="{}",
				)  # fmt: skip
			self.assertEqual(INN in str(frappe.local.response.get("result")), told, user)

	def test_a_link_fetches_none_of_them(self):
		method, argument = ways.link_method()
		for fields in ('"tax_id"', '["`tabCustomer`.`tax_id`"]', '["customer_name", "tax_id"]', '["*"]'):
			with self.as_user(self.manager):
				found = ways.call(
					method, doctype="Customer", docname=self.customer.name, **{argument: fields}
				)
				self.assertNotIn(INN, str(found), fields)

	def test_no_link_tells_them(self):
		frappe.db.set_value("Customer", self.customer.name, "lead_name", self.lead.name)
		for fields in ('["name", "lead_name.rule24_tax_id"]', '["lead_name.rule24_tax_id as x"]'):
			with self.as_user(self.manager), self.assertRaisesWith(frappe.PermissionError, "Leave out"):
				ways.call("frappe.client.get_list", doctype="Customer", fields=fields)

	def test_no_export_tells_them(self):
		active = make.make_customer(tax_id="7736207543", rule24_phase="Active", account_manager=self.manager)
		frappe.permissions.add_permission("Customer", "Sales User", 0)
		frappe.permissions.update_permission_property("Customer", "Sales User", 0, "export", 1)
		for more in ({}, {"export_in_background": 1}):
			with self.as_user(self.manager):
				ways.call(
					"frappe.desk.reportview.export_query",
					doctype="Customer",
					fields='["`tabCustomer`.`name`", "`tabCustomer`.`tax_id`"]',
					filters="[]",
					file_format_type="CSV",
					title="Customer",
					**more,
				)
			content = str(frappe.local.response.get("filecontent") or frappe.local.response.get("result"))
			self.assertIn(active.tax_id, content)
			self.assertNotIn(INN, content)

	def test_no_answer_to_a_change_tells_them(self):
		for doctype, name, field in (
			("Customer", self.customer.name, "customer_details"),
			("Lead", self.lead.name, "job_title"),
		):
			with self.as_user(self.manager):
				answer = ways.call(
					"frappe.client.set_value", doctype=doctype, name=name, fieldname=field, value="Changed"
				)
				self.assertEqual(answer[field], "Changed")
				self.assertNotIn(INN, frappe.as_json(answer))
				answer = ways.call("frappe.client.save", doc=frappe.as_json(answer))
				self.assertNotIn(INN, frappe.as_json(answer))
				ways.call("frappe.desk.form.save.savedocs", doc=frappe.as_json(answer), action="Save")
				self.assertNotIn(INN, frappe.as_json(frappe.local.response))
			stored = frappe.get_doc(doctype, name)
			self.assertIn(INN, frappe.as_json(stored))
			self.assertEqual(stored.get(field), "Changed")
		with self.as_user(self.manager):
			new = {
				**make.make_lead().as_dict(),
				"name": None,
				"rule24_tax_id": INN,
				"lead_owner": self.manager,
			}
			answer = ways.call("frappe.client.insert", doc=frappe.as_json(new))
			self.assertNotIn(INN, frappe.as_json(answer))
		self.assertEqual(frappe.db.get_value("Lead", answer["name"], "rule24_tax_id"), INN)

	def test_no_history_tells_them(self):
		other = "7736207543"
		for doctype, name, field in (
			("Customer", self.customer.name, "tax_id"),
			("Lead", self.lead.name, "rule24_tax_id"),
		):
			doc = frappe.get_doc(doctype, name)
			for values in ({field: other}, {"website": "https://example.com"}):
				doc.update(values)
				doc.save(ignore_version=False)  # Frappe keeps no history under test unless told to
			for user, phase, told in (
				(self.manager, "Potential", False),
				(self.people[0], "Potential", True),
				(self.manager, "Active", True),
			):
				frappe.db.set_value(doctype, name, "rule24_phase", phase)
				for method in ("frappe.desk.form.load.getdoc", "frappe.desk.form.load.get_docinfo"):
					with self.as_user(user):
						ways.call(method, doctype=doctype, name=name)
					versions = frappe.as_json(frappe.local.response["docinfo"]["versions"])
					self.assertEqual(
						(INN in versions, other in versions), (told, told), (doctype, user, phase)
					)
					self.assertIn("https://example.com", versions)

	def test_no_print_tells_them(self):
		for user, told in ((self.manager, False), (self.people[0], True)):
			with self.as_user(user):
				shown = ways.call("frappe.www.printview.get_html_and_style", doc="Lead", name=self.lead.name)
			self.assertEqual(INN in str(shown), told)

	def test_a_deleted_client_keeps_them(self):
		prospect = make.make_prospect(rule24_tax_id=INN, prospect_owner=self.manager).name
		with self.as_user(self.manager):
			frappe.delete_doc("Prospect", prospect, ignore_permissions=True)
		data = frappe.db.get_value("Deleted Document", {"deleted_name": prospect}, "data")
		self.assertIn(INN, data)

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

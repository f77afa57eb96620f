"""Endpoints of deals: allowed, denied, malformed."""

import frappe
from frappe.handler import execute_cmd

from rule24_crm.api import deals as api
from rule24_crm.exceptions import (
	ConversionError,
	DealError,
	DocumentsError,
	DocumentsNotPermittedError,
	PartyNotFoundError,
	Rule24Error,
)
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.tests.test_requisites import (
	BIC,
	CLIENT_ACCOUNT,
	INN,
	KPP,
	client_requisites,
	give_company_requisites,
)

WRITES = ("convert_lead", "set_stage", "mark_lost", "issue_documents")
READS = ("open_deals", "missing_for_stage", "stage_bar", "documents", "issuing_options")
SEARCHES = ("of_client",)


class TestDealsApi(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.manager = make.make_user(["Sales User"]).name
		self.stranger = make.make_user(["Accounts User"]).name
		self.lead = make.make_lead(
			email_id=f"{frappe.generate_hash(length=8)}@example.com", **client_requisites()
		)
		self.deal = make.make_opportunity(
			self.lead, items=[{"item_code": make.make_item().name, "qty": 1, "rate": 100}]
		)

	def arguments(self):
		deal = {"opportunity": self.deal.name}
		return {
			"convert_lead": {"lead": self.lead.name},
			"open_deals": {"lead": self.lead.name},
			"set_stage": {**deal, "stage": "Interest"},
			"missing_for_stage": {**deal, "stage": "Interest"},
			"mark_lost": deal,
			"stage_bar": deal,
			"documents": deal,
			"issuing_options": deal,
			"issue_documents": deal,
		}

	def test_all_endpoints_are_listed(self):
		ours = {
			name
			for name, function in vars(api).items()
			if callable(function) and function in frappe.whitelisted and function.__module__ == api.__name__
		}
		self.assertEqual(ours, {*WRITES, *READS, *SEARCHES})

	def test_writes_are_post_only(self):
		for name in (*WRITES, *READS, *SEARCHES):
			methods = frappe.allowed_http_methods_for_whitelisted_func[getattr(api, name)]
			self.assertEqual(methods == ["POST"], name in WRITES, name)

	def test_denied(self):
		for user in (self.stranger, "Guest"):
			for name, arguments in self.arguments().items():
				with self.as_user(user), self.assertRaises(frappe.PermissionError, msg=f"{name} as {user}"):
					getattr(api, name)(**arguments)
		self.assertEqual(
			frappe.db.get_value("Opportunity", self.deal.name, ["status", "sales_stage"]),
			("Open", "Cold Contact"),
		)

	def test_guest_through_the_handler(self):
		with self.as_user("Guest"), self.assertRaises(frappe.PermissionError):
			execute_cmd("rule24_crm.api.deals.set_stage")

	def test_unknown_records(self):
		for name, arguments in self.arguments().items():
			key = next(iter(arguments))
			with self.assertRaises(frappe.DoesNotExistError, msg=name):
				getattr(api, name)(**{**arguments, key: "No Such Record"})

	def test_wrong_types(self):
		for name, arguments in self.arguments().items():
			key = next(iter(arguments))
			with self.assertRaises((frappe.exceptions.FrappeTypeError, TypeError), msg=name):
				getattr(api, name)(**{**arguments, key: {"not": "a name"}})

	def test_manager_reads(self):
		with self.as_user(self.manager):
			self.assertEqual([row["name"] for row in api.open_deals(self.lead.name)], [self.deal.name])
			self.assertEqual(api.missing_for_stage(self.deal.name, "Interest"), [])
			self.assertEqual(api.stage_bar(self.deal.name)["stage"], "Cold Contact")
			self.assertEqual(api.documents(self.deal.name), [])

	def search(self, words="", **client) -> list[str]:
		client = client or {"party_type": "Lead", "party": self.lead.name}
		return [row[0] for row in api.of_client("Opportunity", words, "name", 0, 20, client)]

	def test_deals_of_a_client_for_a_link(self):
		customer = make.make_customer(lead_name=self.lead.name)
		make.make_opportunity()
		later = make.make_opportunity(customer, title="Seminar in spring")
		with self.as_user(self.manager):
			for client in (self.lead, customer):
				asked = {"party_type": client.doctype, "party": client.name}
				self.assertEqual(self.search(**asked), [later.name, self.deal.name])
				self.assertEqual(self.search("spring", **asked), [later.name])
				self.assertEqual(self.search("nothing like it", **asked), [])
			found = api.of_client("Opportunity", "", "name", 0, 1, frappe.as_json(asked))
			self.assertEqual(found, [(later.name, "Seminar in spring", "Open")])

	def test_deals_of_a_client_denied_and_malformed(self):
		for user in (self.stranger, "Guest"):
			with self.as_user(user), self.assertRaises(frappe.PermissionError):
				self.search()
		with self.assertRaises(frappe.DoesNotExistError):
			self.search(party_type="Lead", party="No Such Record")
		for client in ({"party_type": "User", "party": "Administrator"}, {"party": self.lead.name}):
			with self.assertRaises(PartyNotFoundError):
				self.search(**client)
		for filters in ("[1", "[]", 7):  # types are checked by Frappe, by early builds not
			with self.assertRaises((Rule24Error, frappe.exceptions.FrappeTypeError, TypeError)):
				api.of_client("Opportunity", "", "name", 0, 20, filters)

	def test_manager_moves(self):
		with self.as_user(self.manager):
			self.assertEqual(api.set_stage(self.deal.name, "Interest")["stage"], "Interest")
			with self.assertRaises(DealError):
				api.set_stage(self.deal.name, "Attendance")
			with self.assertRaises(DealError):
				api.set_stage(self.deal.name, "No Such Stage")
			with self.assertRaises(DealError):
				api.mark_lost(self.deal.name, reason="No Such Reason")
			self.assertEqual(
				api.mark_lost(self.deal.name, detailed_reason="Changed their mind")["status"], "Lost"
			)

	def test_manager_converts(self):
		lead = make.make_lead()
		with self.as_user(self.manager):
			result = api.convert_lead(lead.name, values='{"title": "From a form"}')
			self.assertEqual(
				frappe.db.get_value("Opportunity", result["opportunity"], "title"), "From a form"
			)
			with self.assertRaises(frappe.ValidationError):
				api.convert_lead(make.make_lead().name, values='["not", "a", "dict"]')
			with self.assertRaises(ConversionError):
				api.convert_lead(make.make_lead().name, values={"no_such_field": 1})

	def test_attach_needs_the_right_to_the_deal_too(self):
		role = frappe.get_doc(
			{"doctype": "Role", "role_name": f"Leads {frappe.generate_hash(length=5)}"}
		).insert()
		from frappe.permissions import add_permission, update_permission_property

		add_permission("Lead", role.name)
		update_permission_property("Lead", role.name, 0, "write", 1)
		with self.as_user(make.make_user([role.name]).name), self.assertRaises(frappe.PermissionError):
			api.convert_lead(self.lead.name, opportunity=self.deal.name)

	def test_issue(self):
		give_company_requisites()
		result = api.issue_documents(self.deal.name, documents='["Invoice"]', send="0")
		self.assertEqual((result["contract"], result["letter"]), (None, None))
		self.assertEqual(result["invoice"], api.documents(self.deal.name)[0]["name"])
		self.assertTrue(api.issue_documents(self.deal.name)["contract"])
		with self.assertRaises(DocumentsError):
			api.issue_documents(self.deal.name, documents=["Bill"])

	def test_issue_with_requisites_from_the_form(self):
		give_company_requisites()
		deal = make.make_opportunity(
			make.make_lead(), items=[{"item_code": make.make_item().name, "qty": 1, "rate": 1}]
		)
		asked = {row["key"]: row["problem"] for row in api.issuing_options(deal.name)["requisites"]}
		self.assertTrue(all(asked[key] for key in ("tax_id", "kpp", "bank_account", "bic")))
		values = frappe.as_json({"tax_id": INN, "kpp": KPP, "bank_account": CLIENT_ACCOUNT, "bic": BIC})
		result = api.issue_documents(deal.name, requisites=values)
		self.assertTrue(result["invoice"] and result["contract"])
		options = api.issuing_options(deal.name)
		self.assertEqual(options["issued"], {"Invoice": result["invoice"], "Contract": result["contract"]})
		self.assertEqual([row["problem"] for row in options["requisites"]], [None] * 5)

	def test_issue_without_rights_is_refused_in_words(self):
		with (
			self.as_user(self.manager),
			self.assertRaisesWith(DocumentsNotPermittedError, "Sales Invoice", "Contract"),
		):
			api.issue_documents(self.deal.name)

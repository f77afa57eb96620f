"""The register of companies: DaData's protocol over loopback, what is kept on a client, and what is said of it."""

import datetime
import socket
from unittest import mock

import frappe
from frappe.utils.password import set_encrypted_password

from rule24_crm.api import parties as api
from rule24_crm.deals.documents import issue_documents, options
from rule24_crm.exceptions import RegistryError
from rule24_crm.overrides import deal_document
from rule24_crm.parties import chain
from rule24_crm.parties.registry import service
from rule24_crm.parties.registry.providers import dadata
from rule24_crm.tests import factories as make
from rule24_crm.tests import registry_server as vendor
from rule24_crm.tests.base import CRMTestCase

INN, BIC = "7707083893", "044525225"


class RegistryCase(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.server = vendor.RegistryServer().__enter__()
		self.addCleanup(self.server.__exit__)
		self.turn_on(vendor.KEY)
		frappe.conf.rule24_dadata_url = self.server.url
		self.addCleanup(frappe.conf.pop, "rule24_dadata_url", None)
		for inn, kpp in ((INN, "773601001"), ("771234567859", "")):
			service.cache().delete_value(service._place(inn, kpp))

	def turn_on(self, key):
		frappe.db.set_single_value("Rule24 CRM Settings", "registry_provider", "DaData")
		frappe.clear_document_cache("Rule24 CRM Settings", "Rule24 CRM Settings")
		self.addCleanup(frappe.clear_document_cache, "Rule24 CRM Settings", "Rule24 CRM Settings")
		set_encrypted_password("Rule24 CRM Settings", "Rule24 CRM Settings", key, "registry_key")


class TestDaData(RegistryCase):
	def test_party(self):
		self.server.answers["findById/party"] = [vendor.party()]
		[found] = service.by_inn(INN)
		self.assertEqual(
			(found.kind, found.name, found.inn, found.kpp, found.ogrn),
			("Legal Entity", "ООО «Ромашка»", INN, "773601001", "1027700132195"),
		)
		self.assertEqual(
			(found.director, found.director_post), ("Петрова Анна Ивановна", "Генеральный директор")
		)
		self.assertEqual(
			(found.postal_code, found.city, found.region, found.street, found.country_code),
			("117312", "Москва", "г Москва", "ул Вавилова, д 19", "ru"),
		)
		self.assertEqual((found.okved, found.status, found.status_on), ("62.01", "Active", None))
		method, body, headers = self.server.requests[0]
		self.assertEqual((method, body["query"]), ("findById/party", INN))
		self.assertEqual(headers["Authorization"], f"Token {vendor.KEY}")
		self.assertEqual(headers["Content-Type"], "application/json")

	def test_the_head_office_first(self):
		branch = vendor.party(kpp="540601001", name="Филиал", branch_type="BRANCH")
		self.server.answers["findById/party"] = [branch, vendor.party()]
		self.assertEqual([found.kpp for found in service.by_inn(INN)], ["773601001", "540601001"])
		service.by_inn(INN, "540601001")
		self.assertEqual(self.server.requests[-1][1]["kpp"], "540601001")

	def test_a_person_and_nulls(self):
		self.server.answers["findById/party"] = [vendor.person()]
		[found] = service.by_inn("771234567859")
		self.assertEqual((found.kind, found.kpp, found.director, found.city), ("Sole Proprietor", "", "", ""))

	def test_states(self):
		for status, kept in (
			("LIQUIDATED", "Liquidated"),
			("LIQUIDATING", "Liquidating"),
			("BANKRUPT", "Bankrupt"),
			("REORGANIZING", "Reorganizing"),
		):
			self.server.answers["findById/party"] = [vendor.party(status=status)]
			[found] = service.by_inn(INN)
			self.assertEqual(found.status, kept)
			days = 19_000 if status == "LIQUIDATED" else 20_000
			self.assertEqual(found.status_on, datetime.date(1970, 1, 1) + datetime.timedelta(days))

	def test_suggest_and_bank(self):
		self.server.answers["suggest/party"] = [vendor.party(), vendor.person()]
		self.server.answers["findById/bank"] = [vendor.bank()]
		self.assertEqual(
			[found.kind for found in service.suggest("ромашка")], ["Legal Entity", "Sole Proprietor"]
		)
		self.assertEqual(service.suggest("ро"), [], "too short to ask")
		found = service.bank(BIC)
		self.assertEqual((found.name, found.correspondent_account), ("ПАО СБЕРБАНК", "30101810400000000225"))
		self.server.answers["findById/bank"] = []
		self.assertIsNone(service.bank(BIC))

	def test_nobody(self):
		self.assertEqual(service.by_inn(INN), [])

	def test_wrong_numbers_are_not_asked(self):
		for ask, value, words in (
			(service.by_inn, "7707083894", "the tenth digit"),
			(service.by_inn, "", "Give an INN"),
			(service.bank, "12", "BIC 12"),
			(service.bank, "", "Give a BIC"),
		):
			with self.assertRaisesWith(RegistryError, words):
				ask(value)
		self.assertEqual(self.server.requests, [])

	def test_errors_in_words(self):
		for answer, words in (
			(401, "wants a key"),
			(403, "wrong, or its requests for today are used up"),
			(429, "Too many requests"),
			(500, "out of order (500)"),
			(400, "does not understand the request (400)"),
			(302, "does not understand the request (302)"),
			(b"<html>", "cannot be read"),
			(b'{"suggestions": 5}', "cannot be read"),
			(b'{"suggestions": [{"data": null}]}', "cannot be read"),
			(b"[" * 3_000_000, "cannot be read"),
		):
			self.server.answers["findById/party"] = answer
			with self.assertRaisesWith(RegistryError, words):
				service.by_inn(INN)

	def test_wrong_key(self):
		self.turn_on("wrong")
		with self.assertRaisesWith(RegistryError, "refuses the key"):
			service.by_inn(INN)

	def test_slow(self):
		self.server.delay = 0.5
		with (
			mock.patch.object(dadata, "TIMEOUT", (0.2, 0.1)),
			self.assertRaisesWith(RegistryError, "does not answer"),
		):
			service.by_inn(INN)

	def test_an_answer_that_breaks_off(self):
		for seconds in (0, 0.5):
			self.server.answers["findById/party"] = (b'{"suggestions": [', seconds)
			with mock.patch.object(dadata, "TIMEOUT", (0.2, 0.1)), self.assertRaises(RegistryError):
				service.by_inn(INN)

	def test_not_there(self):
		with socket.socket() as free:
			free.bind(("127.0.0.1", 0))
			frappe.conf.rule24_dadata_url = f"http://127.0.0.1:{free.getsockname()[1]}"
			with self.assertRaisesWith(RegistryError, "cannot be reached"):
				service.by_inn(INN)

	def test_off_without_a_key(self):
		for provider, key in (("", vendor.KEY), ("DaData", "")):
			self.turn_on(key)
			frappe.db.set_single_value("Rule24 CRM Settings", "registry_provider", provider)
			frappe.clear_document_cache("Rule24 CRM Settings", "Rule24 CRM Settings")
			self.assertFalse(service.is_on())
			with self.assertRaisesWith(RegistryError, "is off"):
				service.by_inn(INN)
		self.assertEqual(self.server.requests, [])


class TestOnAClient(RegistryCase):
	def test_kept_with_its_date(self):
		self.server.answers["findById/party"] = [vendor.party(status="LIQUIDATED")]
		for client in (make.make_customer(tax_id=INN), make.make_prospect(rule24_tax_id=INN)):
			told = api.registry_update(client.doctype, client.name)
			client.reload()
			self.assertEqual(told["status"], "Liquidated")
			self.assertEqual(
				(client.rule24_registry_status, client.rule24_kpp, client.rule24_okved),
				("Liquidated", "773601001", "62.01"),
			)
			self.assertTrue(client.rule24_registry_status_on and client.rule24_registry_checked_on)
			self.assertIn("liquidated", service.warning(client))

	def test_what_the_register_does_not_say_is_kept(self):
		answer = vendor.party()
		for key in ("kpp", "ogrn", "okved"):
			answer["data"][key] = None
		self.server.answers["findById/party"] = [answer]
		kept = {"rule24_kpp": "773601001", "rule24_ogrn": "1027700132195", "rule24_okved": "64.19"}
		client = make.make_customer(tax_id=INN, **kept)
		api.registry_update("Customer", client.name)
		client.reload()
		self.assertEqual({field: client.get(field) for field in kept}, kept)
		self.assertTrue(client.rule24_registry_checked_on)

	def test_warned_when_documents_are_issued(self):
		client = make.make_lead(rule24_registry_status="Bankrupt", rule24_registry_status_on="2026-03-01")
		deal = make.make_opportunity(
			client, items=[{"item_code": make.make_item().name, "qty": 1, "rate": 100}]
		)
		self.assertIn("bankrupt", options(deal)["warning"])
		frappe.clear_messages()
		with self.settings(check_requisites=0):
			made = issue_documents(deal.name, "Invoice")
		self.assertTrue(made["invoice"])
		self.assertMessage("The client is bankrupt")
		self.assertEqual(
			frappe.db.get_value("Customer", made["customer"], "rule24_registry_status"), "Bankrupt"
		)

	def test_shown_and_said_on_documents_made_by_hand(self):
		gone = make.make_customer(rule24_registry_status="Liquidated", rule24_registry_status_on="2026-03-01")
		fine = make.make_customer()
		for customer, expected in ((gone, True), (fine, False)):
			for values in (
				{"doctype": "Sales Invoice", "customer": customer.name},
				{"doctype": "Sales Order", "customer": customer.name},
				{"doctype": "Quotation", "quotation_to": "Customer", "party_name": customer.name},
				{"doctype": "Contract", "party_type": "Customer", "party_name": customer.name},
			):
				doc = frappe.get_doc(values)
				for event in ("onload", "validate"):
					hooked = frappe.get_doc_hooks()[doc.doctype][event]
					self.assertIn(f"rule24_crm.overrides.deal_document.{event}", hooked)
				deal_document.onload(doc)
				self.assertEqual("liquidated" in doc.get_onload("rule24_client_warning"), expected, values)
				frappe.clear_messages()
				with mock.patch.object(deal_document, "by_hand", return_value=True):
					deal_document.validate(doc)
				self.assertEqual("liquidated" in str(frappe.get_message_log()), expected, values)
				frappe.clear_messages()
				deal_document.validate(doc)
				self.assertNotIn("liquidated", str(frappe.get_message_log()), "a program is not told")

	def test_shown_on_the_deal(self):
		client = make.make_lead(rule24_registry_status="Bankrupt", rule24_registry_status_on="2026-03-01")
		deal = make.make_opportunity(client)
		self.assertIn("bankrupt", self.told_on(deal))
		customer = make.make_customer(rule24_registry_status="Liquidated")
		chain.continue_as("Lead", client.name, "Customer", customer.name)
		self.assertIn("liquidated", self.told_on(deal), "of the record the client goes by today")
		customer.db_set("rule24_registry_status", "Active")
		self.assertFalse(self.told_on(deal))

	def told_on(self, deal):
		form = frappe.get_doc("Opportunity", deal.name)
		form.run_method("onload")
		return form.get_onload("rule24_client_warning")

	def test_nothing_to_ask_by(self):
		with self.assertRaisesWith(RegistryError, "There is no INN"):
			service.update("Lead", make.make_lead().name)
		with self.assertRaisesWith(RegistryError, "Nobody with the INN"):
			service.update("Lead", make.make_lead(rule24_tax_id=INN).name)


class TestEndpoints(RegistryCase):
	def test_allowed(self):
		self.server.answers["findById/party"] = [vendor.party()]
		self.server.answers["suggest/party"] = [vendor.party()]
		self.server.answers["findById/bank"] = [vendor.bank()]
		with self.as_user(make.make_user().name):
			self.assertEqual(api.registry_party(INN)[0]["kpp"], "773601001")
			self.assertEqual(api.registry_suggest("ромашка")[0]["inn"], INN)
			self.assertEqual(api.registry_bank(BIC)["name"], "ПАО СБЕРБАНК")
			self.assertTrue(api.new_party_options()["registry"])

	def test_denied(self):
		lead = make.make_lead(rule24_tax_id=INN)
		with self.as_user(make.make_user(roles=["Employee"]).name):
			for ask, arguments in (
				(api.registry_party, [INN]),
				(api.registry_suggest, ["ромашка"]),
				(api.registry_bank, [BIC]),
				(api.registry_update, ["Lead", lead.name]),
				(api.new_party_options, []),
			):
				self.assertRaises(frappe.PermissionError, ask, *arguments)
		self.assertEqual(self.server.requests, [])

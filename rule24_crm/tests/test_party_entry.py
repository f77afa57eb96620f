"""Requisites are checked on every way in; who is in the base already is said, and refused where the settings say so."""

from contextlib import contextmanager
from types import SimpleNamespace
from unittest.mock import patch

import frappe

from rule24_crm.api import parties as api
from rule24_crm.exceptions import DuplicateError, IdentityError, PartyNotFoundError, Rule24Error
from rule24_crm.parties import entry
from rule24_crm.parties.company import default_company
from rule24_crm.parties.duplicates import warning
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase

INN, KPP = "7707083893", "773601001"


class TestEntry(CRMTestCase):
	def test_a_wrong_number_is_refused_with_its_rule(self):
		for made, field, value, words in (
			(make.make_customer, "tax_id", "7707083894", "the tenth digit must be 3, it is 4"),
			(make.make_lead, "rule24_tax_id", "770708389", "there are 9"),
			(make.make_prospect, "rule24_kpp", "7736010O1", "the third part"),
			(make.make_prospect, "rule24_ogrn", "1027700132196", "the thirteenth digit must be 5"),
			(make.make_lead, "rule24_bic", "94525225", "BIC"),
		):
			with self.assertRaisesWith(IdentityError, words):
				made(**{field: value})

	def test_account_and_bic_go_together(self):
		with self.assertRaisesWith(IdentityError, "the ninth digit, the key, must be 2, it is 9"):
			make.make_lead(rule24_bank_account="40702810900000000001", rule24_bic="044525225")

	def test_the_kind_decides(self):
		with self.assertRaisesWith(IdentityError, "a legal entity has 10 digits"):
			make.make_prospect(rule24_kind="Legal Entity", rule24_tax_id="771234567859")
		with self.assertRaisesWith(IdentityError, "a sole proprietor or individual has 12 digits"):
			make.make_customer(customer_type="Individual", tax_id=INN)
		with self.assertRaisesWith(IdentityError, "has none, clear it"):
			make.make_prospect(rule24_tax_id="771234567859", rule24_kpp=KPP)
		make.make_customer(customer_type="Individual", tax_id="771234567859", rule24_ogrn="304500000000140")

	def test_abroad_its_own_rules(self):
		make.make_lead(country="Germany", rule24_tax_id="DE136695976", rule24_kpp="free text")
		with self.assertRaisesWith(IdentityError, "its check digits are wrong"):
			make.make_lead(country="Germany", rule24_tax_id="DE136695978")

	def test_a_territory_that_is_a_country_tells_where_a_client_without_an_address_is(self):
		territory = {"doctype": "Territory", "territory_name": "Германия"}
		frappe.get_doc({**territory, "parent_territory": "All Territories"}).insert()
		customer = make.make_customer(territory="Германия", tax_id="DE136695976")
		self.assertEqual(customer.tax_id, "DE136695976")
		with self.assertRaisesWith(IdentityError, "DE136695978"):
			make.make_customer(territory="Германия", tax_id="DE136695978")

	def test_a_number_that_is_right_at_home_is_of_home_whatever_the_territory(self):
		for territory in ("Беларусь", "DE"):  # often only the first leaf of the tree
			parent = {"parent_territory": "All Territories"}
			frappe.get_doc({"doctype": "Territory", "territory_name": territory, **parent}).insert()
			for made in (make.make_customer, make.make_lead, make.make_prospect):
				field = "tax_id" if made is make.make_customer else "rule24_tax_id"
				self.assertEqual(made(territory=territory, **{field: INN}).get(field), INN)
		with self.assertRaisesWith(IdentityError, "the tenth digit must be 3"):
			make.make_customer(territory="DE", tax_id="7707083894")

	def test_where_a_client_without_a_tax_number_is(self):
		lead = make.make_lead()
		address = {"doctype": "Address", "address_title": "Нур", "address_type": "Office"}
		place = {"address_line1": "Абая, 1", "city": "Алматы", "country": "Kazakhstan"}
		links = [{"link_doctype": "Lead", "link_name": lead.name}]
		frappe.get_doc({**address, **place, "links": links}).insert()
		lead.country = None
		lead.update({"rule24_bank_account": "KZ86125KZT5004100100", "rule24_bic": "HSBKKZKX"})
		lead.save()
		self.assertEqual(lead.rule24_bank_account, "KZ86125KZT5004100100")

	def test_an_old_mistake_stops_nobody(self):
		lead = make.make_lead()
		lead.db_set("rule24_tax_id", "123")
		lead.reload()
		lead.website = "https://example.com"
		lead.save()
		lead.rule24_tax_id = "1234"
		self.assertRaises(IdentityError, lead.save)

	def test_banks(self):
		with self.assertRaisesWith(IdentityError, "the first two digits"):
			frappe.get_doc({"doctype": "Bank", "bank_name": "Test Bank", "rule24_bic": "994525225"}).insert()
		bank = frappe.get_doc(
			{"doctype": "Bank", "bank_name": "Test Bank", "rule24_bic": "044525225"}
		).insert()
		account = frappe.get_doc(
			{
				"doctype": "Bank Account",
				"account_name": "Test",
				"bank": bank.name,
				"bank_account_no": "40702810900000000001",
				"party_type": "Customer",
				"party": make.make_customer().name,
			}
		)
		with self.assertRaisesWith(IdentityError, "the ninth digit"):
			account.insert()
		account.bank_account_no = "40702810200000000001"
		account.insert()

	def test_a_bank_abroad(self):
		with self.assertRaisesWith(IdentityError, "9 digits are needed"):
			frappe.get_doc({"doctype": "Bank", "bank_name": "Test Bank", "rule24_bic": "44525225"}).insert()
		bank = frappe.get_doc({"doctype": "Bank", "bank_name": "Test Bank", "rule24_bic": "DEUTDEFF500"})
		bank.insert()
		client = {"party_type": "Customer", "party": make.make_customer().name}
		number = {"bank": bank.name, "bank_account_no": "DE89370400440532013000"}
		account = frappe.get_doc({"doctype": "Bank Account", "account_name": "Abroad", **client, **number})
		account.insert()

	def test_what_is_no_whole_number_is_only_doubted(self):
		lead = make.make_lead(phone="123-45-67")
		self.assertEqual(lead.phone, "123-45-67")
		self.assertIn("digits are missing", entry.contact_problems("Lead", lead)["phone"])
		contact = make.make_contact(phone="500-55-50, 500-55-51")
		self.assertEqual(contact.phone_nos[0].phone, "500-55-50, 500-55-51")

	def test_phones_become_e164_on_every_record(self):
		lead = make.make_lead(
			phone="8 (495) 500-55-50", mobile_no="8 916 123-45-67", whatsapp_no="+7 916 123 45 68"
		)
		self.assertEqual(
			(lead.phone, lead.mobile_no, lead.whatsapp_no), ("+74955005550", "+79161234567", "+79161234568")
		)
		contact = make.make_contact(phone="8 (916) 123-45-69")
		self.assertEqual((contact.phone_nos[0].phone, contact.mobile_no), ("+79161234569", "+79161234569"))
		contact.append("phone_nos", {"phone": "8 (495) 500-55-50 доб. 12"})
		contact.save()
		row = contact.phone_nos[1]
		self.assertEqual((row.phone, row.rule24_extension), ("+74955005550", "12"))
		customer = make.make_customer(mobile_no="8 916 123 45 70")
		self.assertEqual(frappe.db.get_value("Customer", customer.name, "mobile_no"), "+79161234570")

	def test_without_a_code_it_is_a_number_of_the_companys_country(self):
		company = default_company()
		frappe.db.set_value("Company", company, "country", "Belarus")
		self.addCleanup(frappe.clear_document_cache, "Company", company)
		self.assertEqual(make.make_contact(phone="8 029 123-45-67").mobile_no, "+375291234567")

	def test_a_number_that_cannot_exist_is_refused(self):
		for number, words in (
			("+7 495 12", "digits are missing"),
			("+7 495 500-55-50-55", "too many digits"),
			("+999 12 34 56 78", "no such country code"),
		):
			for insert in (
				lambda number=number: make.make_lead(phone=number),
				lambda number=number: make.make_contact(phone=number),
			):
				with self.assertRaisesWith(IdentityError, number, words):
					insert()

	def test_the_base_is_searched_only_for_a_number_that_cannot_exist(self):
		"""The columns are not indexed: what people do type costs nothing."""
		with patch.object(entry, "_is_copied", wraps=entry._is_copied) as search:
			for number in (
				"+7 495 500-55-50", "8 916 123-45-67", "+7 000 500-55-50", "123-45-67", "500-55-50, 500-55-51", "12-34", "+375 29 123-45-67",
			):  # fmt: skip
				make.make_lead(phone=number)
			self.assertFalse(search.called)
			with self.assertRaises(IdentityError):
				make.make_lead(phone="+7 495 12")
			self.assertEqual(search.call_count, 1)

	def test_a_phone_from_before_is_left_alone_until_it_changes(self):
		lead, contact = make.make_lead(), make.make_contact(phone="+79161234571")
		lead.db_set("mobile_no", "+7 495 12")
		frappe.db.set_value("Contact Phone", contact.phone_nos[0].name, "phone", "8 (495) 500-55-51")
		lead = frappe.get_doc("Lead", lead.name)
		lead.job_title = "Директор"
		lead.save()
		self.assertEqual(lead.mobile_no, "+7 495 12")
		self.assertEqual(make.make_contact(phone="+7 495 12").mobile_no, "+7 495 12")  # made of that lead
		contact = frappe.get_doc("Contact", contact.name)
		contact.append("phone_nos", {"phone": "8 (495) 500-55-52"})
		contact.save()
		self.assertEqual([row.phone for row in contact.phone_nos], ["8 (495) 500-55-51", "+74955005552"])


class TestWarning(CRMTestCase):
	@contextmanager
	def by_hand(self, *doctypes):
		before = warning.by_hand
		warning.by_hand = lambda doctype: not doctypes or doctype in doctypes
		try:
			yield
		finally:
			warning.by_hand = before

	def test_said_when_saved_by_hand(self):
		first = make.make_customer(tax_id=INN, rule24_kpp=KPP)
		with self.by_hand():
			make.make_prospect(rule24_tax_id=INN)
		self.assertMessage(first.customer_name, "the same INN")

	def test_silent_otherwise(self):
		make.make_customer(tax_id=INN)
		frappe.clear_messages()
		make.make_prospect(rule24_tax_id=INN)
		with self.by_hand(), self.settings(duplicate_inn="Off"):
			make.make_prospect(rule24_tax_id=INN)
		self.assertNotIn("INN", str(frappe.local.message_log))

	def test_a_contact_of_somebody_else(self):
		client = make.make_prospect()
		make.make_contact("Prospect", client.name, phone="+79123456700")
		frappe.clear_messages()
		with self.by_hand():
			make.make_contact(phone="8 912 345 67 00")
		self.assertMessage(client.company_name, "the same phone")

	def test_said_once_of_a_lead_and_the_contact_it_brings_along(self):
		client = make.make_prospect()
		make.make_contact("Prospect", client.name, phone="+79123456700")
		frappe.clear_messages()
		with self.by_hand("Lead"):
			make.make_lead(mobile_no="8 912 345 67 00", company_name="Somebody")
		self.assertEqual(str(frappe.local.message_log).count("the same phone"), 1)

	def test_which_record_a_person_saves(self):
		doc = frappe.as_json({"doctype": "Lead", "company_name": "Somebody"})
		for path, form in (
			(
				"/api/method/frappe.desk.form.save.savedocs",
				{"cmd": "frappe.desk.form.save.savedocs", "doc": doc},
			),
			("/api/method/frappe.client.set_value", {"cmd": "frappe.client.set_value", "doctype": "Lead"}),
			("/api/resource/Lead/CRM-LEAD-1", {}),
			("/api/v2/document/Lead", {}),
		):
			with (
				self.subTest(path),
				patch.object(frappe.local, "request", SimpleNamespace(path=path), create=True),
				patch.object(frappe.local, "form_dict", frappe._dict(form)),
			):
				self.assertEqual([warning.by_hand(kind) for kind in ("Lead", "Contact")], [True, False])

	def test_refused(self):
		first = make.make_customer(tax_id=INN, rule24_kpp=KPP)
		with self.settings(duplicate_inn="Refuse"):
			with self.assertRaisesWith(DuplicateError, first.customer_name):
				make.make_prospect(rule24_tax_id=INN, rule24_kpp=KPP)
			make.make_prospect(rule24_tax_id=INN, rule24_kpp="540601001")
			first.customer_details = "changed"
			first.save()
			frappe.db.set_value("Customer", first.name, "disabled", 1)
			make.make_lead(rule24_tax_id=INN, rule24_kpp=KPP)

	def test_a_client_that_goes_on_is_no_second_one(self):
		lead = make.make_lead(rule24_tax_id=INN)
		with self.settings(duplicate_inn="Refuse"):
			make.make_customer(tax_id=INN, lead_name=lead.name)

	def test_who_may_not_see_it_learns_only_whom_to_ask(self):
		owner = make.make_user(first_name="Olga", last_name="Petrova")
		make.make_prospect(company_name="Лабиринтум тайный", rule24_tax_id=INN, prospect_owner=owner.name)
		blind = make.make_user(roles=["Employee"])
		with self.as_user(blind.name):
			[match] = warning.shown(warning.find(warning.Candidate(inn=INN)))
			text = warning.words(match)
		self.assertEqual(set(match), {"hidden", "reasons", "responsible"})
		self.assertIn("Olga Petrova", text)
		self.assertNotIn("Лабиринтум", frappe.as_json(match) + text)


class TestCheckEndpoint(CRMTestCase):
	def test_problems_and_matches(self):
		first = make.make_customer(tax_id=INN)
		user = make.make_user()
		with self.as_user(user.name):
			told = api.check("Lead", frappe.as_json({"rule24_tax_id": INN, "rule24_kpp": "1"}))
		self.assertEqual(list(told["problems"]), ["rule24_kpp"])
		self.assertEqual([match["party"] for match in told["matches"]], [first.name])
		self.assertEqual(told["matches"][0]["reasons"][0]["code"], "inn")

	def test_phone_and_contact(self):
		lead = make.make_lead(mobile_no="+79123456701")
		told = api.check("Lead", {"mobile_no": "8-912-345-67-01", "phone": "12"})
		self.assertEqual([match["party"] for match in told["matches"]], [lead.name])
		self.assertEqual(list(told["problems"]), ["phone"])
		told = api.check("Contact", {"phone_nos": [{"phone": "89123456701"}]})
		self.assertEqual([match["party"] for match in told["matches"]], [lead.name])
		both = [make.make_customer(), lead]
		links = [{"link_doctype": each.doctype, "link_name": each.name} for each in both]
		told = api.check("Contact", {"phone_nos": [{"phone": "89123456701"}], "links": links})
		self.assertEqual(told["matches"], [])

	def test_itself_is_no_match(self):
		lead = make.make_lead(mobile_no="+79123456701")
		self.assertEqual(api.check("Lead", {"mobile_no": "+79123456701"}, lead.name)["matches"], [])

	def test_denied(self):
		lead = make.make_lead()
		with self.as_user(make.make_user(roles=["Employee"]).name):
			self.assertRaises(frappe.PermissionError, api.check, "Lead", {})
			self.assertRaises(frappe.PermissionError, api.check, "Lead", {}, lead.name)

	def test_malformed(self):
		self.assertRaises(PartyNotFoundError, api.check, "User", {})
		self.assertRaises(Rule24Error, api.check, "Lead", "[1]")
		self.assertRaises(frappe.DoesNotExistError, api.check, "Lead", {}, "No Such Lead")

"""Clients that are in the base already: by number, phone, e-mail and name; the keys follow every change."""

import frappe

from rule24_crm.deals import contacts
from rule24_crm.parties import chain
from rule24_crm.parties.duplicates import Candidate, find, find_many, keys, store
from rule24_crm.parties.identity import numbers
from rule24_crm.setup.tables import PARTY_KEY
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase

INN, OTHER_INN, KPP, OTHER_KPP = "7707083893", "7702070139", "773601001", "540601001"


def found(**values):
	"""(party, score, codes) of what is found."""
	return [
		(match.party, match.score, [reason.code for reason in match.reasons])
		for match in find(Candidate(**values))
	]


def keys_of(doc) -> set[tuple[str, str]]:
	return {(kind, value) for kind, value, *_rest in store._present(doc.doctype, [doc.name])}


class TestReasons(CRMTestCase):
	def test_inn_and_kpp(self):
		customer = make.make_customer(tax_id=INN, rule24_kpp=KPP)
		self.assertEqual(found(inn=INN, kpp=KPP), [(customer.name, 100, ["inn_kpp"])])
		self.assertEqual(found(inn="7707 083893"), [(customer.name, 97, ["inn"])])
		self.assertEqual(found(inn=INN, kpp=OTHER_KPP), [(customer.name, 80, ["inn_other_kpp"])])
		self.assertEqual(found(inn=OTHER_INN, kpp=KPP), [])

	def test_phone_in_any_notation(self):
		lead = make.make_lead(mobile_no="8 (912) 345-67-89")
		self.assertEqual(found(phones=["+7 912 345 67 89"]), [(lead.name, 80, ["phone"])])
		self.assertEqual(found(phones=["nobody", "912-345"]), [])

	def test_email_of_a_contact(self):
		prospect = make.make_prospect()
		make.make_contact("Prospect", prospect.name, email="Anna@Example.com")
		self.assertEqual(found(emails=["anna@example.COM"]), [(prospect.name, 85, ["email"])])

	def test_names(self):
		prospect = make.make_prospect(company_name="ООО «Лабиринтум Зодчий»")
		for same in ("Зодчий Лабиринтум", "Labirintum Zodchiy LLC", "ЛАБИРИНТУМ-ЗОДЧИЙ, АО"):
			self.assertEqual(found(name=same), [(prospect.name, 75, ["name"])], same)
		for same in ("ЛабиринтумЗодчий", "Labirintumzodchiy"):
			self.assertEqual(found(name=same), [(prospect.name, 75, ["name"])], same)
		for like in (
			"Лабиринтум Зодчей",
			"Лаберинтум Зодчий",
			"Лабириптум Зодчий",
			"Либиринтум Зодчий",
			"Лабиинтум Зодчий",
			"Лабиринтум Зодчий Плюс",
		):
			self.assertEqual(
				[(party, codes) for party, _score, codes in found(name=like)],
				[(prospect.name, ["name_alike"])],
				like,
			)
		self.assertEqual(found(name="Зодчий Инвест"), [])
		self.assertEqual(found(name="Лабораторум Зодчий"), [])

	def test_numbers_in_names_tell_them_apart(self):
		make.make_prospect(company_name="Гимназиум № 12")
		self.assertEqual(found(name="Гимназиум № 13"), [])

	def test_people_of_one_name(self):
		lead = make.make_lead(first_name="Акакий", last_name="Башмачников", company_name=None)
		self.assertEqual(found(kind="Individual", name="Башмачников Акакий"), [(lead.name, 55, ["name"])])
		self.assertEqual(found(kind="Individual", name="Башмачникова Акакия"), [])

	def test_another_inn_is_another_client(self):
		customer = make.make_customer(customer_name="Лабиринтум", tax_id=INN)
		make.make_contact("Customer", customer.name, phone="+79123456780")
		self.assertEqual(found(name="Лабиринтум", inn=OTHER_INN), [])
		self.assertEqual(
			found(name="Лабиринтум", inn=OTHER_INN, phones=["+79123456780"]), [(customer.name, 45, ["phone"])]
		)

	def test_reasons_add_up(self):
		customer = make.make_customer(customer_name="Лабиринтум", tax_id=INN)
		make.make_contact("Customer", customer.name, phone="+79123456780", email="l@example.com")
		[(party, score, codes)] = found(name="Лабиринтум", phones=["+79123456780"], emails=["l@example.com"])
		self.assertEqual((party, codes), (customer.name, ["email", "phone", "name"]))
		self.assertGreater(score, 98)

	def test_the_surest_come_first_and_not_too_many(self):
		for _number in range(3):
			make.make_lead(phone="+79123456781")
		customer = make.make_customer(tax_id=INN)
		matches = find(Candidate(inn=INN, phones=["+79123456781"]), limit=2)
		self.assertEqual(matches[0].party, customer.name)
		self.assertEqual(len(matches), 2)

	def test_nothing_given(self):
		self.assertEqual(find(Candidate()), [])
		self.assertEqual(find_many([]), [])


class TestItself(CRMTestCase):
	def test_excluded(self):
		customer = make.make_customer(tax_id=INN)
		self.assertEqual(found(inn=INN, exclude=("Customer", customer.name)), [])

	def test_what_a_client_was_is_the_client(self):
		lead = make.make_lead(company_name="Лабиринтум", phone="+79123456782")
		customer = make.make_customer(customer_name="Лабиринтум")
		chain.continue_as("Lead", lead.name, "Customer", customer.name)
		[(party, _score, codes)] = found(name="Лабиринтум", phones=["+79123456782"])
		self.assertEqual((party, codes), (customer.name, ["phone", "name"]))
		for itself in (("Customer", customer.name), ("Lead", lead.name)):
			self.assertEqual(found(phones=["+79123456782"], exclude=itself), [])


class TestBulk(CRMTestCase):
	def test_many_equal_one_by_one(self):
		inns = [f"77000000{number:02}" for number in range(100)]
		inns = [inn for inn in inns if numbers.is_inn(inn)]
		for number in range(9):
			customer = make.make_customer(
				customer_name=f"Лабиринтум{'абвгдежзиклм'[number]}", tax_id=inns[number]
			)
			make.make_contact("Customer", customer.name, phone=f"+7912345670{number % 10}")
		candidates = [
			Candidate(name=name, inn=inn, phones=[phone])
			for name in ("Лабиринтумв", "Лабиринтуммм", "", "Другой")
			for inn in (inns[3], "")
			for phone in ("+79123456704", "")
		]
		self.assertEqual(find_many(candidates), [find(candidate) for candidate in candidates])

	def test_without_near_names(self):
		prospect = make.make_prospect(company_name="Лабиринтум")
		[typo, vowel] = find_many([Candidate(name="Лабириптум"), Candidate(name="Лаберинтум")], near=False)
		self.assertEqual((typo, [match.party for match in vowel]), ([], [prospect.name]))


class TestKeys(CRMTestCase):
	def test_rows(self):
		rows = keys.rows(
			"Lead",
			"L1",
			names=["ООО Ромашка Плюс", None],
			inn="7707 083893",
			kpp=KPP,
			phone_numbers=["8 912 345-67-89", "+79123456789", "no"],
			addresses=["A@B.ru", None, "no"],
		)
		self.assertEqual(
			[(kind, value, detail) for kind, value, _type, _party, detail in rows],
			[
				("inn", INN, KPP),
				("phone", "+79123456789", ""),
				("email", "a@b.ru", ""),
				("name", "pls rmSk", "romaSka plus"),
				("name", "rmSkpls", "romaSkaplus"),
				("word", "pls", "romaSka plus"),
				("word", "rmSk", "romaSka plus"),
			],
		)

	def test_follow_the_client(self):
		customer = make.make_customer(customer_name="Лабиринтум", tax_id=INN)
		self.assertEqual(keys_of(customer), {("inn", INN), ("name", "lprntm"), ("word", "lprntm")})
		customer.tax_id = OTHER_INN
		customer.save()
		self.assertIn(("inn", OTHER_INN), keys_of(customer))
		self.assertNotIn(("inn", INN), keys_of(customer))
		frappe.delete_doc("Customer", customer.name)
		self.assertEqual(keys_of(customer), set())

	def test_follow_the_contact(self):
		prospect, other = make.make_prospect(), make.make_prospect()
		contact = make.make_contact("Prospect", prospect.name, phone="+79123456783")
		self.assertIn(("phone", "+79123456783"), keys_of(prospect))
		contact.phone_nos[0].phone = "+79123456784"
		contact.save()
		self.assertIn(("phone", "+79123456784"), keys_of(prospect))
		self.assertNotIn(("phone", "+79123456783"), keys_of(prospect))
		contacts.link(contact.name, "Prospect", other.name)
		self.assertIn(("phone", "+79123456784"), keys_of(other))
		contact.reload()
		contact.links = [link for link in contact.links if link.link_name == other.name]
		contact.save()
		self.assertNotIn(("phone", "+79123456784"), keys_of(prospect))
		frappe.delete_doc("Contact", contact.name)
		self.assertNotIn(("phone", "+79123456784"), keys_of(other))

	def test_follow_a_rename_and_a_merge(self):
		one, other = make.make_customer(tax_id=INN), make.make_customer()
		frappe.rename_doc("Customer", one.name, "Лабиринтум новый", force=True)
		[match] = find(Candidate(inn=INN))
		self.assertEqual(match.party, "Лабиринтум новый")
		frappe.rename_doc("Customer", other.name, "Лабиринтум новый", merge=True, force=True)
		self.assertEqual(keys_of(other), set())

	def test_rebuild(self):
		lead = make.make_lead(phone="+79123456785", email_id="rebuild@example.com")
		before = sorted(store._present("Lead", [lead.name]))
		frappe.db.sql(f"delete from `{PARTY_KEY}` where party = %s", lead.name)
		store.write([("inn", INN, "Lead", "LEAD-GONE", "")])
		for _twice in range(2):
			store.rebuild()
			self.assertEqual(sorted(store._present("Lead", [lead.name])), before)
			self.assertEqual(find(Candidate(inn=INN)), [])
			self.assertFalse(store._present("Lead", ["LEAD-GONE"]))

	def test_write_renews_details(self):
		customer = make.make_customer(tax_id=INN)
		for kpp in (KPP, OTHER_KPP):
			store.write(keys.rows("Customer", customer.name, inn=INN, kpp=kpp))
			self.assertEqual(found(inn=INN, kpp=kpp)[0][2], ["inn_kpp"])

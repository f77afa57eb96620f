"""Clients that are in the base already: by number, phone, e-mail and name; the keys follow every change."""

import random
from unittest.mock import patch

import frappe

from rule24_crm.deals import contacts
from rule24_crm.parties import chain
from rule24_crm.parties.duplicates import Candidate, find, find_many, finding, keys, store
from rule24_crm.parties.identity import numbers, sounding
from rule24_crm.patches.v1_0 import make_party_keys
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


class TestManyAlike(CRMTestCase):
	"""However many names begin alike or are the same, few are compared and fewer read, and all that are like enough are found."""

	BEGINNINGS = (
		"Управляющая компания",
		"Торгово-Промышленная",
		"Автотранспорт Сервис",
		"Ромашка",
		"Иванов Сергей",
	)

	def setUp(self):
		super().setUp()
		self.chance = random.Random(24)
		self.inns = {}

	def name(self) -> str:
		beginning = self.chance.choice([*self.BEGINNINGS, "", "Ду"])
		return f"{beginning} {self.word(self.chance.randrange(1, 5))}".strip()

	def word(self, syllables: int) -> str:
		return "".join(
			self.chance.choice("бвгдзклмнпрст") + self.chance.choice("аеиоу") for _each in range(syllables)
		).title()

	def base(self, names: list[str], inns: list[str]) -> None:
		stamp = frappe.utils.now()
		clients = [(f"MANY-{number:04}", name, self.chance.choice(inns)) for number, name in enumerate(names)]
		frappe.db.bulk_insert(
			"Customer",
			("name", "customer_name", "tax_id", "creation", "modified"),
			[(*client, stamp, stamp) for client in clients],
		)
		store.write(
			row for party, name, inn in clients for row in keys.rows("Customer", party, names=[name], inn=inn)
		)
		self.inns = {party: inn for party, _name, inn in clients}

	def otherwise(self, name: str) -> str:
		"""The name as somebody else may type it."""
		words, at = name.split(), self.chance.randrange(len(name))
		match self.chance.randrange(8):
			case 0:
				self.chance.shuffle(words)
				return " ".join(words)
			case 1:
				return "".join(words)
			case 2:
				return " ".join(map(sounding.spelling, map(str.casefold, words)))
			case 3:
				return f"ООО «{name}» {self.word(1)}"
			case 4:
				return name[:at] + self.chance.choice("бвгдаеио") + name[at + 1 :]
			case 5:
				return name[:at] + name[at + 1 :] or name
			case 6:
				return " ".join(words[:-1]) or name
			case _:
				return name

	def test_equal_a_comparison_with_every_client(self):
		names = [self.name() for _number in range(700)]
		self.base(names, ["", INN, OTHER_INN])
		candidates = [
			Candidate(
				name=self.otherwise(name),
				kind=self.chance.choice(("Legal Entity", "Individual", "")),
				inn=self.chance.choice(("", "", INN)),
			)
			for name in self.chance.sample(names, 350) + [self.name() for _number in range(150)]
		]
		ways = ((candidates, False, False), (candidates[::5], True, True))
		with_inn = [find_many(wanted, near=near, words=words, limit=1000) for wanted, near, words in ways]
		for (wanted, near, words), found in zip(ways, with_inn, strict=True):
			self.assertGreater(sum(map(len, found)), len(wanted) / 2)
			for candidate, matches in zip(wanted, found, strict=True):
				self.assertEqual(self.alike(matches), self.plainly(candidate, near, words), candidate.name)
		forget_inns()
		without = [find_many(wanted, near=near, words=words, limit=1000) for wanted, near, words in ways]
		self.assertEqual(with_inn, without)

	def alike(self, matches) -> dict[str, tuple[str, int]]:
		return {
			match.party: (reason.code, reason.weight)
			for match in matches
			for reason in match.reasons
			if reason.code in (finding.SAME_NAME, finding.LIKE_NAME)
		}

	def plainly(self, candidate: Candidate, near: bool, words: bool) -> dict[str, tuple[str, int]]:
		"""The surest of the names of every client that has a key in common, each compared by itself."""
		name, found = keys.Name.of(candidate.name), {}
		rows = [
			*store.lookup({keys.NAME: finding._values_like(name, near)}),
			*(store.lookup_rare(keys.WORD, name.words, finding.RARE) if words else ()),
		]
		alike = finding.ALIKE_PERSON if candidate.is_person else finding.ALIKE
		most = finding.NAMESAKE if candidate.is_person else finding.WEIGHTS[finding.LIKE_NAME]
		for _kind, _value, _party_type, party, detail in rows:
			theirs = detail.partition("\t")[0].split()
			likeness = sounding.likeness(list(name.spellings), theirs)
			if name.as_one and len(theirs) == 1:
				likeness = max(likeness, sounding.likeness([name.as_one], theirs))
			inns = {candidate.inn, self.inns[party]} - {""}
			if likeness >= alike and len(inns) < 2:
				code = finding.SAME_NAME if likeness == 1 else finding.LIKE_NAME
				weight = round(most * likeness)
				if party not in found or weight > found[party][1]:
					found[party] = (code, weight)
		return found

	def test_those_who_only_begin_alike_are_not_compared_one_by_one(self):
		self.base([f"Автотранспорт Сервис {self.word(12)}" for _number in range(200)], [""])
		candidates = [Candidate(name=f"Автотранспорт Сервис {self.word(12)}") for _number in range(20)]
		with patch.object(sounding, "likeness", wraps=sounding.likeness) as compare:
			find_many(candidates, near=False, words=False)
		self.assertLess(compare.call_count, 200)

	def test_namesakes_are_compared_once(self):
		self.base(["Управляющая компания"] * 200, [""])
		with patch.object(sounding, "likeness", wraps=sounding.likeness) as compare:
			[matches, _other] = find_many(
				[Candidate(name="Компания управляющая"), Candidate(name="Другой")], limit=1000
			)
		self.assertEqual((len(matches), {match.score for match in matches}), (200, {75}))
		self.assertLess(compare.call_count, 10)

	def test_clients_with_another_inn_are_not_read(self):
		self.base(["Управляющая компания"] * 200, [OTHER_INN])
		with patch.object(finding._Parties, "_load", autospec=True) as load:
			self.assertEqual(find_many([Candidate(name="Управляющая компания", inn=INN)]), [[]])
		self.assertFalse({party for call in load.call_args_list for party in call.args[1]} - {None})


def forget_inns() -> None:
	"""Names as they were kept when the INN did not stand beside them."""
	frappe.db.sql(
		f"update `{PARTY_KEY}` set detail = substring_index(detail, char(9), 1) where kind in ('name', 'word')"
	)


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
				("name", "pls rmSk", f"romaSka plus\t{INN}"),
				("name", "rmSkpls", f"romaSkaplus\t{INN}"),
				("word", "pls", f"romaSka plus\t{INN}"),
				("word", "rmSk", f"romaSka plus\t{INN}"),
			],
		)

	def test_a_long_name_leaves_no_room_for_the_inn(self):
		for length, kept in ((keys.LENGTH - len(INN) - 1, True), (keys.LENGTH - len(INN), False)):
			word = ("ra" * length)[:length]
			[_inn, *names] = keys.rows("Lead", "L1", names=[word], inn=INN)
			self.assertEqual(
				{detail for *_key, detail in names}, {f"{word}\t{INN}" if kept else word}, length
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

	def test_the_inn_beside_a_name_follows_the_client(self):
		customer = make.make_customer(customer_name="Лабиринтум", tax_id=INN)
		self.assertEqual(found(name="Лабиринтум", inn=OTHER_INN), [])
		customer.tax_id = OTHER_INN
		customer.save()
		self.assertEqual(found(name="Лабиринтум", inn=INN), [])
		self.assertEqual(found(name="Лабиринтум", inn=OTHER_INN)[0][2], ["inn", "name"])
		customer.tax_id = ""
		customer.save()
		self.assertEqual(found(name="Лабиринтум", inn=INN), [(customer.name, 75, ["name"])])

	def test_the_patch_puts_the_inn_beside_names(self):
		customer = make.make_customer(customer_name="Лабиринтум", tax_id=INN)
		before = sorted(store._present("Customer", [customer.name]))
		forget_inns()
		self.assertNotEqual(sorted(store._present("Customer", [customer.name])), before)
		for _twice in range(2):
			make_party_keys.execute()
			self.assertEqual(sorted(store._present("Customer", [customer.name])), before)

	def test_write_renews_details(self):
		customer = make.make_customer(tax_id=INN)
		for kpp in (KPP, OTHER_KPP):
			store.write(keys.rows("Customer", customer.name, inn=INN, kpp=kpp))
			self.assertEqual(found(inn=INN, kpp=kpp)[0][2], ["inn_kpp"])

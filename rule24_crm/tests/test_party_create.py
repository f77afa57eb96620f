"""A new client in one step: party, person, address, bank account; all or nothing, and not twice."""

import frappe

from rule24_crm.api import parties as api
from rule24_crm.exceptions import DuplicateError, IdentityError, PartyNotFoundError
from rule24_crm.parties.registry import service
from rule24_crm.parties.registry.providers import dadata
from rule24_crm.tests import factories as make
from rule24_crm.tests import registry_server as vendor
from rule24_crm.tests.base import CRMTestCase

INN, KPP, OGRN, BIC, ACCOUNT = (
	"7707083893",
	"773601001",
	"1027700132195",
	"044525225",
	"40702810200000000001",
)


def values(**more):
	return {
		"name": f"ООО «Новый {frappe.generate_hash(length=6)}»",
		"kind": "Legal Entity",
		"inn": INN,
		"kpp": KPP,
		"ogrn": OGRN,
		"contact_name": "Петрова Анна Ивановна",
		"contact_position": "Директор",
		"contact_phone": "8 (912) 345-67-99",
		"contact_email": "Anna@New-Client.example",
		"address_line": "ул Вавилова, д 19",
		"city": "Москва",
		"postal_code": "117312",
		**more,
	}


class TestCreate(CRMTestCase):
	def test_a_customer_with_everything(self):
		segment, user = make.make_segment(), make.make_user(roles=["Sales User", "Sales Manager"])
		with self.as_user(user.name):
			made = api.create_party(
				"Customer",
				frappe.as_json(
					values(segments=[segment], bank_account=ACCOUNT, bic=BIC, bank_name="Банк Новый")
				),
			)
		self.assertTrue(made["created"])
		customer = frappe.get_doc("Customer", made["party"])
		self.assertEqual(
			(customer.customer_type, customer.tax_id, customer.rule24_kpp, customer.rule24_ogrn),
			("Company", INN, KPP, OGRN),
		)
		self.assertEqual((customer.rule24_kind, customer.rule24_phase), ("Legal Entity", "Active"))
		self.assertEqual(customer.account_manager, user.name)
		self.assertEqual([row.segment for row in customer.segments], [segment])
		self.assertEqual(
			(customer.customer_primary_contact, customer.customer_primary_address),
			(made["contact"], made["address"]),
		)
		person = frappe.get_doc("Contact", made["contact"])
		self.assertEqual(
			(person.first_name, person.middle_name, person.last_name, person.designation),
			("Анна", "Ивановна", "Петрова", "Директор"),
		)
		self.assertEqual((person.mobile_no, person.email_id), ("+79123456799", "anna@new-client.example"))
		account = frappe.get_doc("Bank Account", made["bank_account"])
		self.assertEqual((account.bank_account_no, account.bank), (ACCOUNT, "Банк Новый"))
		self.assertEqual(frappe.db.count("Contact", {"company_name": customer.customer_name}), 1)

	def test_a_client_from_abroad_has_the_number_of_its_country(self):
		number = {"inn": "DE136695976", "kpp": "", "ogrn": "HRB 1234", "country": "Germany", "city": "Berlin"}
		for party_type, field in (
			("Customer", "tax_id"),
			("Lead", "rule24_tax_id"),
			("Prospect", "rule24_tax_id"),
		):
			given = values(**number, contact_email=f"{party_type}@abroad.example".lower(), contact_phone="")
			self.assertEqual(api.look_up(given)["problems"], {})
			made = api.create_party(party_type, given, in_spite_of=True)
			doc = frappe.get_doc(party_type, made["party"])
			self.assertEqual(doc.get(field), "DE136695976", party_type)
			self.assertEqual(frappe.db.get_value("Address", made["address"], "country"), "Germany")
			doc.set(field, "DE136695978")  # corrected later: the rule is that of the address
			with self.assertRaisesWith(IdentityError, "(DE): its check digits are wrong"):
				doc.save()
		wrong = values(**{**number, "inn": "DE136695978"})
		self.assertIn("its check digits are wrong", api.look_up(wrong)["problems"]["inn"])
		with self.assertRaisesWith(IdentityError, "no country"):
			api.create_party("Customer", values(country="Атлантида"))

	def test_a_bank_abroad(self):
		number = {"inn": "DE136695976", "kpp": "", "ogrn": "", "country": "Germany"}
		bank = {"bank_account": "DE89370400440532013000", "bic": "DEUTDEFF", "bank_name": "Bank Abroad"}
		given = values(**number, **bank)
		self.assertEqual(api.look_up(given)["problems"], {})
		made = api.create_party("Customer", given)
		account = frappe.get_doc("Bank Account", made["bank_account"])
		self.assertEqual(account.bank_account_no, bank["bank_account"])
		self.assertEqual(frappe.db.get_value("Bank", account.bank, "rule24_bic"), "DEUTDEFF")
		self.assertIn("bic", api.look_up({**given, "bic": "3704004"})["problems"])

	def test_a_territory_that_nobody_chose_tells_no_country(self):
		territory = {"doctype": "Territory", "territory_name": "Германия"}
		frappe.get_doc({**territory, "parent_territory": "All Territories"}).insert()
		frappe.db.set_single_value("Selling Settings", "territory", "Германия")
		right, abroad = values(), values(inn="DE136695976", kpp="", ogrn="")
		self.assertEqual(api.look_up(right)["problems"], {})
		self.assertIn("inn", api.look_up(abroad)["problems"])
		for party_type in ("Customer", "Lead", "Prospect"):
			with self.assertRaises(IdentityError):
				api.create_party(party_type, abroad, in_spite_of=True)
		self.assertEqual(
			frappe.db.get_value("Customer", api.create_party("Customer", right)["party"], "tax_id"), INN
		)

	def test_an_account_is_in_some_bank(self):
		given = values(bank_account=ACCOUNT, bic="", bank_name="")
		self.assertIn("Give the BIC", api.look_up(given)["problems"]["bank_account"])
		with self.assertRaisesWith(IdentityError, "name of the bank"):
			api.create_party("Customer", given)
		made = api.create_party("Customer", {**given, "bank_name": "Банк без БИК"})
		self.assertEqual(frappe.db.get_value("Bank Account", made["bank_account"], "bank"), "Банк без БИК")

	def test_the_accounts_of_clients_whose_long_names_begin_alike(self):
		"""Branches of one company: one account, and a name of which a part has place in that of the account."""
		long, bank = "Филиал " + "Очень Длинного Общества " * 5, "Банк " + "Длинный " * 16
		account = {"bank_account": ACCOUNT, "bic": BIC, "bank_name": bank, "inn": "", "kpp": "", "ogrn": ""}
		account["correspondent_account"] = "30101810400000000225"
		person = {"contact_name": "", "contact_phone": "", "contact_email": ""}
		made = [
			api.create_party("Customer", values(name=f"{long}{town}", **account, **person), in_spite_of=True)
			for town in ("Тверь", "Орёл")
		]
		rows = [
			frappe.db.get_value("Bank Account", each["bank_account"], ["party", "bank_account_no", "bank"])
			for each in made
		]
		bank = frappe.db.get_value("Bank", {"rule24_bic": BIC})
		self.assertEqual(rows, [(each["party"], ACCOUNT, bank) for each in made])

	def test_a_bank_whose_name_has_no_place_is_said_before(self):
		given = values(bank_account=ACCOUNT, bic=BIC, bank_name="Банк " * 30)
		self.assertIn("more than the 140", api.look_up(given)["problems"]["bank_name"])
		with self.assertRaisesWith(IdentityError, "Bank", "more than the 140"):
			api.create_party("Customer", given)

	def test_a_new_bank_keeps_its_correspondent_account(self):
		given = values(bank_account=ACCOUNT, bic=BIC, correspondent_account="30101810400000000225")
		frappe.db.delete("Bank", {"rule24_bic": BIC})
		made = api.create_party("Customer", given)
		bank = frappe.db.get_value("Bank Account", made["bank_account"], "bank")
		self.assertEqual(
			frappe.db.get_value("Bank", bank, "rule24_correspondent_account"), "30101810400000000225"
		)

	def test_a_long_address_is_whole(self):
		street = "ул. Очень Длинная, " * 9 + "д. 5"
		made = api.create_party("Customer", values(address_line=street))
		address = frappe.get_doc("Address", made["address"])
		self.assertEqual(f"{address.address_line1} {address.address_line2}", street)

	def test_what_has_no_place_is_said_before(self):
		street, name = "ул. Длинная, " * 22, "Роза " * 30
		given = values(name=name, address_line=street)
		told = api.look_up(given)["problems"]
		self.assertEqual(told["name"], "It has 149 characters, 9 more than the 140 that fit.")
		self.assertEqual(told["address_line"], "It has 285 characters, 5 more than the 280 that fit.")
		for wrong, label in (({"name": name}, "Client Name"), ({"address_line": street}, "Street, House")):
			with self.assertRaisesWith(IdentityError, label, "more than"):
				api.create_party("Lead", values(**wrong))
		api.create_party("Customer", values(address_line=street[:280], name=name[:140]))

	def test_a_lead_and_a_prospect(self):
		for party_type in ("Lead", "Prospect"):
			given = values(inn="", kpp="", ogrn="", bank_account=ACCOUNT, bic=BIC)
			given.update(contact_phone="", phone=f"+7912345679{len(party_type)}", contact_email="")
			made = api.create_party(party_type, given)
			doc = frappe.get_doc(party_type, made["party"])
			self.assertEqual(doc.company_name, given["name"])
			self.assertEqual((doc.rule24_bank_account, doc.rule24_phase), (ACCOUNT, "Potential"))
			links = frappe.get_all(
				"Dynamic Link",
				{"link_name": doc.name, "parenttype": ("in", ("Contact", "Address"))},
				pluck="parent",
			)
			self.assertEqual(sorted(links), sorted([made["contact"], made["address"]]))
			if party_type == "Lead":
				self.assertEqual(
					(doc.first_name, doc.last_name, doc.job_title), ("Анна", "Петрова", "Директор")
				)

	def test_a_person(self):
		made = api.create_party(
			"Lead",
			{"name": "Башмачников Акакий Акакиевич", "kind": "Individual", "phone": "8 912 345 67 98"},
		)
		lead = frappe.get_doc("Lead", made["party"])
		self.assertEqual((lead.lead_name, lead.company_name), ("Акакий Акакиевич Башмачников", None))
		self.assertEqual(lead.mobile_no, "+79123456798")
		made = api.create_party(
			"Customer", {"name": "Иванов Иван Иванович", "kind": "Sole Proprietor", "inn": "771234567859"}
		)
		self.assertEqual(frappe.db.get_value("Customer", made["party"], "customer_type"), "Individual")
		self.assertIsNone(made["contact"])

	def test_a_known_person_is_not_made_twice(self):
		contact = make.make_contact(email="anna@new-client.example")
		made = api.create_party("Prospect", values(contact_phone=""), in_spite_of=True)
		self.assertEqual(made["contact"], contact.name)

	def test_the_register_is_remembered(self):
		found = dadata._party(vendor.party(status="LIQUIDATING"))
		service._remember([found])
		self.addCleanup(service.cache().delete_value, service._place(INN, KPP))
		made = api.create_party("Prospect", values())
		self.assertEqual(
			frappe.db.get_value("Prospect", made["party"], ["rule24_registry_status", "rule24_okved"]),
			("Liquidating", "62.01"),
		)

	def test_not_twice(self):
		first = api.create_party("Prospect", values())
		again = api.create_party("Lead", values(contact_phone="", contact_email=""))
		self.assertFalse(again["created"])
		self.assertEqual(again["matches"][0]["party"], first["party"])
		self.assertTrue(api.create_party("Lead", values(), in_spite_of=True)["created"])
		with self.settings(duplicate_inn="Refuse"), self.assertRaises(DuplicateError):
			api.create_party("Lead", values(), in_spite_of="1")

	def test_all_or_nothing(self):
		name = values()["name"]
		for wrong in (
			{"segments": ["No Such Segment"]},
			{"country": "Nowhere"},
			{"inn": "7707083894"},
			{"bank_account": ACCOUNT, "bic": "044525974"},
			{"contact_email": "anna"},
			{"manager": "nobody@example.com"},
			{"kind": "Alien"},
			{"name": ""},
			{"no_such": "x"},
			{"inn": 5},
			{"segments": "x"},
		):
			with self.assertRaises((IdentityError, frappe.LinkValidationError), msg=wrong):
				api.create_party("Customer", {**values(name=name), **wrong})
			self.assertFalse(frappe.db.exists("Customer", {"customer_name": name}), wrong)
			self.assertFalse(frappe.db.exists("Contact", {"company_name": name}), wrong)
			frappe.clear_messages()

	def test_look_up(self):
		made = api.create_party("Prospect", values())
		with self.as_user(make.make_user(roles=["Sales User", "Sales Manager"]).name):
			[match] = api.look_up({"inn": INN})["matches"]
			self.assertEqual(
				api.look_up({"contact_phone": "89123456799"})["matches"][0]["party"], made["party"]
			)
			self.assertEqual(api.look_up({}), {"problems": {}, "matches": []})
			self.assertEqual(
				list(api.look_up({"inn": "1", "contact_phone": "2"})["problems"]), ["inn", "contact_phone"]
			)
		self.assertEqual(match["party"], made["party"])

	def test_denied(self):
		known = make.make_customer()
		with self.as_user(make.make_user(roles=["Employee"]).name):
			self.assertRaises(frappe.PermissionError, api.person_to_add, "Customer", known.name, values())
			self.assertRaises(frappe.PermissionError, api.add_person, "Customer", known.name, values())
			self.assertRaises(frappe.PermissionError, api.create_party, "Customer", values())
			self.assertRaises(frappe.PermissionError, api.look_up, {"inn": INN})
		with self.as_user(make.make_user().name):  # a manager makes leads and customers, not prospects
			self.assertEqual(api.new_party_options()["party_types"], ["Customer", "Lead"])
			self.assertRaises(frappe.PermissionError, api.create_party, "Prospect", values())

	def test_malformed(self):
		self.assertRaises(PartyNotFoundError, api.create_party, "User", values())
		self.assertRaises(frappe.ValidationError, api.create_party, "Lead", "[")


class TestKnownClient(CRMTestCase):
	"""The client turns out to be known: the person that was typed is not lost."""

	def setUp(self):
		super().setUp()
		self.manager = make.make_user().name
		self.client = make.make_customer(customer_name="ООО «Известный»", account_manager=self.manager)
		self.given = values(contact_name="Сидоров Пётр", contact_email="p.sidorov@known.example")

	def people(self):
		return frappe.get_all(
			"Dynamic Link", {"link_name": self.client.name, "parenttype": "Contact"}, pluck="parent"
		)

	def test_a_new_person(self):
		with self.as_user(self.manager):
			told = api.person_to_add("Customer", self.client.name, self.given)
			self.assertEqual((told["name"], told["contact"]), ("Пётр Сидоров", None))
			self.assertEqual(self.people(), [], "asking writes nothing")
			made = api.add_person("Customer", self.client.name, frappe.as_json(self.given))
		self.assertEqual(self.people(), [made["contact"]])
		person = frappe.get_doc("Contact", made["contact"])
		self.assertEqual((person.designation, person.company_name), ("Директор", "ООО «Известный»"))
		self.assertEqual((person.mobile_no, person.email_id), ("+79123456799", "p.sidorov@known.example"))

	def test_the_same_person_gets_the_new_number(self):
		known = make.make_contact(
			"Customer", self.client.name, phone="+79123456700", first_name="Пётр", last_name="Сидоров"
		)
		with self.as_user(self.manager):
			told = api.person_to_add("Customer", self.client.name, self.given)
			self.assertEqual(told["contact"], known.name)
			self.assertEqual(told["missing"], ["+79123456799", "p.sidorov@known.example"])
			self.assertEqual(api.add_person("Customer", self.client.name, self.given)["contact"], known.name)
			self.assertEqual(api.person_to_add("Customer", self.client.name, self.given), {})
		known.reload()
		self.assertEqual([row.phone for row in known.phone_nos], ["+79123456700", "+79123456799"])
		self.assertEqual(known.mobile_no, "+79123456700", "the main number stays")
		self.assertEqual(known.email_id, "p.sidorov@known.example")
		self.assertEqual(self.people(), [known.name])

	def test_a_person_of_another_client(self):
		other = make.make_contact(
			"Customer",
			make.make_customer(account_manager=self.manager).name,
			email="p.sidorov@known.example",
		)
		with self.as_user(self.manager):
			self.assertEqual(api.add_person("Customer", self.client.name, self.given)["contact"], other.name)
		self.assertEqual(self.people(), [other.name])

	def test_nothing_typed(self):
		for given in ({}, {"name": "ООО «Известный»", "phone": "8 912 345 67 99"}):
			self.assertEqual(api.person_to_add("Customer", self.client.name, given), {})
			self.assertIsNone(api.add_person("Customer", self.client.name, given)["contact"])
		self.assertEqual(self.people(), [])

	def test_foreign(self):
		stranger = make.make_account_manager().name
		with self.settings(access="By Responsible"), self.as_user(stranger):
			for ask in (api.person_to_add, api.add_person):
				self.assertRaises(frappe.PermissionError, ask, "Customer", self.client.name, self.given)


class TestResponsible(CRMTestCase):
	"""Who gets a new client: whoever was chosen, else as the rules say, else its maker; the window says it beforehand."""

	def setUp(self):
		super().setUp()
		frappe.db.set_value("Distribution Rule", {"enabled": 1}, "enabled", 0)
		self.maker, self.other = (make.make_account_manager().name for _n in range(2))
		self.segment = make.make_segment()

	def rule(self, **more):
		return make.make_distribution_rule(
			[("market_segment", "Is Set", "")],
			for_customer=1,
			for_lead=1,
			give_to="One Manager",
			manager=self.other,
			**more,
		).name

	def expected(self, **given):
		return api.look_up({"name": "ООО «Кому»", **given}, "Customer")["responsible"]

	def owner_of(self, made):
		field = "lead_owner" if made["party_type"] == "Lead" else "account_manager"
		return frappe.db.get_value(made["party_type"], made["party"], field)

	def test_without_rules_its_maker(self):
		with self.as_user(self.maker):
			self.assertEqual(
				self.expected(),
				{"user": self.maker, "name": frappe.utils.get_fullname(self.maker), "rule": None},
			)
			made = api.create_party("Customer", values())
		self.assertEqual((self.owner_of(made), made["seen"]), (self.maker, True))

	def test_a_rule_decides(self):
		rule = self.rule()
		with self.as_user(self.maker):
			self.assertEqual(self.expected()["user"], self.maker, "the rule does not fit")
			told = self.expected(segments=[self.segment])
			self.assertEqual((told["user"], told["rule"]), (self.other, rule))
			for party_type in ("Customer", "Lead"):
				made = api.create_party(party_type, values(segments=[self.segment]), in_spite_of=True)
				self.assertEqual((self.owner_of(made), made["responsible"]), (self.other, told))
				log = frappe.db.get_value("Distribution Log", {"party": made["party"]}, ["manager", "rule"])
				self.assertEqual(log, (self.other, rule))

	def test_whoever_is_chosen_keeps_it(self):
		self.rule()
		with self.as_user(self.maker):
			given = values(segments=[self.segment], manager=self.maker)
			self.assertEqual(self.expected(segments=[self.segment], manager=self.maker)["user"], self.maker)
			made = api.create_party("Customer", given)
		self.assertEqual(self.owner_of(made), self.maker)
		self.assertFalse(frappe.db.exists("Distribution Log", {"party": made["party"]}))

	def test_complete_though_the_maker_does_not_see_it(self):
		self.rule()
		with self.settings(access="By Responsible"), self.as_user(self.maker):
			made = api.create_party(
				"Customer", values(segments=[self.segment], bank_account=ACCOUNT, bic=BIC, bank_name="Банк")
			)
			self.assertFalse(made["seen"])
			self.assertFalse(frappe.has_permission("Customer", "read", doc=made["party"]))
		for doctype, name in (
			("Contact", made["contact"]),
			("Address", made["address"]),
			("Bank Account", made["bank_account"]),
		):
			self.assertTrue(name and frappe.db.exists(doctype, name), doctype)

	def test_looking_takes_no_turn(self):
		rule = make.make_distribution_rule(managers=[self.maker, self.other], for_customer=1)
		with self.as_user(self.maker):
			self.assertEqual(self.expected(), self.expected())
		self.assertFalse(frappe.db.get_value("Distribution Rule", rule.name, "turns"))

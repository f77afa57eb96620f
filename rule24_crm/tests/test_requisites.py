"""Requisites: rules of the numbers, and what is missing for a document."""

import frappe

from rule24_crm.deals import requisites
from rule24_crm.exceptions import RequisitesError
from rule24_crm.parties import banks
from rule24_crm.parties.identity import numbers
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.tests.factories import COMPANY

INN, KPP, OGRN = "7707083893", "773601001", "1027700132195"
PERSON_INN, OGRNIP = "771234567859", "304500000000140"
BIC, ACCOUNT, CLIENT_ACCOUNT = "044525225", "40702810200000000001", "40702810500000000002"


def give_company_requisites(company=COMPANY, **values):
	"""Our side complete: requisites and a bank account."""
	frappe.db.set_value(
		"Company",
		company,
		{"tax_id": INN, "rule24_kpp": KPP, "rule24_ogrn": OGRN, "rule24_director": "Anna Petrova", **values},
	)
	frappe.clear_document_cache("Company", company)
	if not frappe.db.exists("Bank", {"rule24_bic": BIC}):
		frappe.get_doc(
			{
				"doctype": "Bank",
				"bank_name": f"Test Bank {frappe.generate_hash(length=4)}",
				"rule24_bic": BIC,
				"rule24_correspondent_account": "30101810400000000225",
			}
		).insert()
	filters = {"is_company_account": 1, "company": company}
	frappe.db.set_value("Bank Account", filters, "disabled", 1)
	ledger = frappe.get_doc(
		{
			"doctype": "Account",
			"account_name": f"Bank {frappe.generate_hash(length=6)}",
			"parent_account": frappe.db.get_value(
				"Account", {"company": company, "account_type": "Bank", "is_group": 1}
			),
			"company": company,
			"account_type": "Bank",
		}
	).insert()
	frappe.get_doc(
		{
			"doctype": "Bank Account",
			"account_name": f"Ours {frappe.generate_hash(length=4)}",
			"bank": frappe.db.get_value("Bank", {"rule24_bic": BIC}),
			"bank_account_no": ACCOUNT,
			"account": ledger.name,
			"is_default": 1,
			**filters,
		}
	).insert()


def client_requisites():
	"""Field values of a Lead or Prospect with everything right."""
	return {
		"rule24_tax_id": INN,
		"rule24_kpp": KPP,
		"rule24_ogrn": OGRN,
		"rule24_bank_account": CLIENT_ACCOUNT,
		"rule24_bic": BIC,
	}


class TestNumbers(CRMTestCase):
	def test_inn(self):
		for right in (INN, PERSON_INN):
			self.assertTrue(numbers.is_inn(right))
			self.assertFalse(numbers.is_inn(right[:-1] + str((int(right[-1]) + 1) % 10)))
		self.assertFalse(numbers.is_inn(INN, 12))
		self.assertFalse(numbers.is_inn(""))

	def test_kpp(self):
		self.assertTrue(numbers.is_kpp(KPP))
		self.assertTrue(numbers.is_kpp("7736AB001"))
		for wrong in ("77360100", "7736010012", "77360100A", ""):
			self.assertFalse(numbers.is_kpp(wrong))

	def test_ogrn(self):
		self.assertTrue(numbers.is_ogrn(OGRN))
		self.assertTrue(numbers.is_ogrn(OGRNIP), "remainder by 13 of two digits")
		for wrong in ("1027700132196", "304500000000141", "10277001321", "abc"):
			self.assertFalse(numbers.is_ogrn(wrong))

	def test_account_fits_its_bank(self):
		self.assertTrue(numbers.is_account(ACCOUNT, BIC))
		self.assertFalse(numbers.is_account(ACCOUNT[:-1] + "9", BIC))
		self.assertFalse(numbers.is_account(ACCOUNT, "044525974"))
		self.assertFalse(numbers.is_account("123", BIC))
		# at a cash centre the key is counted with "0" and digits 5 and 6 of the BIC
		self.assertTrue(numbers.is_account("40102810545370000003", "004525988"))

	def test_typed_with_blanks(self):
		self.assertEqual(numbers.clean(" 4070 2810-2000\u00a00000 0001 "), ACCOUNT)


class TestProblems(CRMTestCase):
	def side(self, **values):
		return requisites.Requisites(
			"Customer",
			"X",
			"X",
			**{"tax_id": INN, "kpp": KPP, "ogrn": OGRN, "bank_account": ACCOUNT, "bic": BIC, **values},
		)

	def problems(self, bank=True, **values):
		return set(requisites.problems(self.side(**values), COMPANY, bank=bank))

	def test_complete(self):
		self.assertEqual(self.problems(), set())

	def test_organisation(self):
		self.assertEqual(
			self.problems(tax_id="", kpp="", ogrn="", bank_account="", bic=""),
			{"tax_id", "kpp", "bank_account", "bic"},
		)
		self.assertEqual(self.problems(tax_id="7707083894", kpp="1", ogrn="1"), {"tax_id", "kpp", "ogrn"})
		self.assertEqual(self.problems(ogrn=OGRNIP), {"ogrn"})
		self.assertEqual(self.problems(bank=False, bank_account="", bic=""), set())

	def test_sole_proprietor_has_no_kpp(self):
		self.assertEqual(self.problems(tax_id=PERSON_INN, kpp="", ogrn=OGRNIP), set())
		self.assertEqual(self.problems(tax_id=PERSON_INN, ogrn=OGRNIP), {"kpp"})

	def test_individual_is_asked_for_nothing(self):
		nothing = dict(tax_id="", kpp="", ogrn="", bank_account="", bic="", kind="Individual")
		self.assertEqual(self.problems(**nothing), set())
		self.assertEqual(self.problems(**{**nothing, "tax_id": PERSON_INN}), set())
		self.assertEqual(self.problems(**{**nothing, "tax_id": INN}), {"tax_id"})

	def test_company_abroad(self):
		frappe.db.set_value("Company", COMPANY, "country", "Germany")
		frappe.clear_document_cache("Company", COMPANY)
		self.assertEqual(self.problems(tax_id="", kpp="", bank_account=""), set())
		self.assertEqual(self.problems(tax_id="DE123"), {"tax_id"})
		self.assertEqual(self.problems(tax_id="DE136695976"), set())


class TestCheck(CRMTestCase):
	def test_everything_is_named_with_its_place(self):
		give_company_requisites(tax_id="")
		lead = make.make_lead()
		lead.db_set("rule24_kpp", "1")  # from before it was checked
		with self.assertRaisesWith(
			RequisitesError,
			COMPANY,
			lead.company_name,
			"INN",
			"KPP",
			"BIC",
			"Bank Account No",
			"Issue Documents",
		):
			requisites.check(lead, COMPANY, ["Invoice", "Contract"])

	def test_invoice_needs_no_account_of_the_client(self):
		give_company_requisites()
		lead = make.make_lead(rule24_tax_id=INN, rule24_kpp=KPP)
		requisites.check(lead, COMPANY, ["Invoice"])
		with self.assertRaisesWith(RequisitesError, "BIC"):
			requisites.check(lead, COMPANY, ["Contract"])

	def test_contract_needs_our_director(self):
		give_company_requisites(rule24_director="")
		lead = make.make_lead(**client_requisites())
		requisites.check(lead, COMPANY, ["Invoice"])
		with self.assertRaisesWith(RequisitesError, "Director"):
			requisites.check(lead, COMPANY, ["Contract"])

	def test_switched_off(self):
		with self.settings(check_requisites=0):
			requisites.check(make.make_lead(), COMPANY, ["Contract"])

	def test_markup_in_values_is_escaped(self):
		side = requisites.Requisites("Customer", "X", "<b>X</b>", tax_id="<script>", kpp=KPP)
		self.assertNotIn("<script>", requisites.problems(side, COMPANY, bank=False)["tax_id"])

	def test_save(self):
		lead = make.make_lead()
		requisites.save("Lead", lead.name, {"tax_id": f" {INN} ", "kpp": "", "bic": BIC})
		lead.reload()
		self.assertEqual((lead.rule24_tax_id, lead.rule24_bic), (INN, BIC))
		with self.assertRaisesWith(RequisitesError, "owner"):
			requisites.save("Lead", lead.name, {"owner": "x"})

	def test_bank_account_of_a_customer_once(self):
		customer = make.make_customer()
		account = "40702810800000000002"
		for _again in range(2):
			requisites.save("Customer", customer.name, {"bank_account": account, "bic": "044525974"})
		rows = frappe.get_all("Bank Account", {"party": customer.name}, ["bank_account_no", "bank"])
		self.assertEqual(len(rows), 1)
		self.assertEqual(frappe.db.get_value("Bank", rows[0].bank, "rule24_bic"), "044525974")
		self.assertEqual(requisites.of_party("Customer", customer.name).bic, "044525974")

	def test_an_account_of_a_customer_without_its_bank(self):
		customer = make.make_customer()
		with self.assertRaisesWith(RequisitesError, "Give the BIC"):
			requisites.save("Customer", customer.name, {"bank_account": "40702810800000000002"})
		self.assertFalse(frappe.db.exists("Bank Account", {"party": customer.name}))
		self.assertIsNone(banks.make_account(customer.name, "40702810800000000002", None))

	def test_what_is_not_given_of_an_account_stays(self):
		customer = make.make_customer()
		wrong, right = "40702810100000000003", "40702810800000000002"
		requisites.save("Customer", customer.name, {"bank_account": wrong, "bic": "044525974"})
		requisites.save("Customer", customer.name, {"bank_account": right})
		side = requisites.of_party("Customer", customer.name)
		self.assertEqual((side.bank_account, side.bic), (right, "044525974"))
		requisites.save("Customer", customer.name, {"bic": "044525701"})
		side = requisites.of_party("Customer", customer.name)
		self.assertEqual((side.bank_account, side.bic), (right, "044525701"))

	def test_a_bank_that_is_known_by_its_name_gets_its_bic(self):
		customer = make.make_customer()
		account = "40702810800000000002"
		name = banks.make_account(customer.name, account, None, "Банк по имени")
		requisites.save(
			"Customer", customer.name, {"bank_account": account}
		)  # nothing is lost, and none is asked for
		requisites.save("Customer", customer.name, {"bic": "044525974"})
		side = requisites.of_party("Customer", customer.name)
		self.assertEqual((side.bank_account, side.bic), (account, "044525974"))
		self.assertIn("Банк по имени", frappe.db.get_value("Bank Account", name, "bank"))

	def test_an_account_whose_name_has_no_place_has_a_short_one(self):
		bank = frappe.get_doc({"doctype": "Bank", "bank_name": "Банк " + "Длинный " * 16}).insert()
		client = {"party_type": "Customer", "party": make.make_customer().name, "bank": bank.name}
		typed = {"doctype": "Bank Account", "account_name": "Р/с " + "основной " * 14, **client}
		accounts = [
			frappe.get_doc({**typed, "account_name": f"{typed['account_name']}{at}"}).insert()
			for at in range(2)
		]
		self.assertEqual([len(each.name) for each in accounts], [140, 140])
		self.assertNotEqual(accounts[0].name, accounts[1].name)
		short = frappe.get_doc({**typed, "account_name": "Short"}).insert()
		self.assertEqual(short.name, f"Short - {bank.name}", "what fits is named as ERPNext names it")

	def test_another_branch_of_a_bank_with_a_long_name(self):
		name = "Банк " + "Длинный " * 16
		first, second = (
			frappe.get_doc("Bank", banks.bank_of(bic, name.strip())) for bic in ("044525974", "044525701")
		)
		self.assertEqual((first.name, first.rule24_bic), (name.strip(), "044525974"))
		self.assertTrue(second.name.endswith(" 044525701") and len(second.name) <= 140, second.name)
		self.assertEqual(banks.bank_of("044525701", name.strip()), second.name)

	def test_a_bank_that_is_called_by_a_bic_it_lost_is_taken(self):
		bank = banks.bank_of("044525974")
		frappe.db.set_value("Bank", bank, "rule24_bic", None)
		self.assertEqual(banks.bank_of("044525974"), bank)

	def test_whoever_may_not_write_the_client_adds_no_account(self):
		customer = make.make_customer()
		with self.as_user(make.make_user(["Accounts User"]).name), self.assertRaises(frappe.PermissionError):
			requisites.save("Customer", customer.name, {"bank_account": "40702810800000000002", "bic": BIC})
		self.assertFalse(frappe.db.exists("Bank Account", {"party": customer.name}))

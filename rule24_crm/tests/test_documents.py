"""Invoice and contract of a deal: all or nothing, never twice, rights and requisites first."""

import frappe
from frappe.utils import add_days, getdate, nowdate

from rule24_crm.deals import contacts, documents, letter
from rule24_crm.deals.documents import issue_documents
from rule24_crm.exceptions import DocumentsError, DocumentsNotPermittedError, RequisitesError
from rule24_crm.parties import chain
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.tests.factories import COMPANY
from rule24_crm.tests.test_requisites import (
	BIC,
	CLIENT_ACCOUNT,
	INN,
	KPP,
	client_requisites,
	give_company_requisites,
)


class DocumentsCase(CRMTestCase):
	def setUp(self):
		super().setUp()
		give_company_requisites()
		frappe.db.set_value("Sales Taxes and Charges Template", {"company": COMPANY}, "is_default", 0)

	def deal(self, party=None, **values):
		"""A deal worth 600 with a Lead whose requisites are complete."""
		party = party or make.make_lead(
			email_id=f"{frappe.generate_hash(length=8)}@example.com", **client_requisites()
		)
		item = make.make_item()
		values.setdefault("language", "ru")
		values.setdefault("items", [{"item_code": item.name, "qty": 2, "rate": 300}])
		return make.make_opportunity(party, **values)

	def counts(self):
		return {
			each: frappe.db.count(each)
			for each in ("Customer", "Sales Invoice", "Contract", "Bank Account", "Contact")
		}


class TestIssue(DocumentsCase):
	def test_customer_invoice_and_contract(self):
		deal = self.deal()
		result = issue_documents(deal.name)
		self.assertEqual(
			[each for each, _name in result["created"]], ["Customer", "Sales Invoice", "Contract"]
		)
		invoice = frappe.get_doc("Sales Invoice", result["invoice"])
		self.assertEqual(
			(invoice.docstatus, invoice.customer, invoice.grand_total), (0, result["customer"], 600)
		)
		self.assertEqual(getdate(invoice.due_date), getdate(add_days(nowdate(), 5)))
		self.assertEqual(invoice.rule24_opportunity, deal.name)
		contract = frappe.get_doc("Contract", result["contract"])
		self.assertEqual(
			(contract.docstatus, contract.party_name, contract.rule24_opportunity),
			(0, result["customer"], deal.name),
		)
		self.assertEqual((contract.document_type, contract.document_name), ("Sales Invoice", invoice.name))
		self.assertTrue(getdate(contract.start_date) < getdate(contract.end_date))

	def test_a_document_of_a_deal_is_given_to_no_other_client(self):
		result = issue_documents(self.deal().name)
		other = make.make_customer().name
		for doctype, field in (("Sales Invoice", "customer"), ("Contract", "party_name")):
			with self.subTest(doctype=doctype):
				doc = frappe.get_doc(doctype, result[{"Contract": "contract"}.get(doctype, "invoice")])
				# of whom the document tells, ERPNext 16 asks first
				doc.update({field: other, "contact_person": None, "customer_address": None})
				with self.assertRaisesWith(DocumentsError, doc.rule24_opportunity, other):
					doc.save()
				doc = frappe.get_doc(doctype, doc.name)
				doc.save()  # and goes on as it is

	def test_contract_text(self):
		deal = self.deal()
		result = issue_documents(deal.name)
		text = frappe.db.get_value("Contract", result["contract"], "contract_terms")
		customer = frappe.db.get_value("Customer", result["customer"], "customer_name")
		for words in (
			result["contract"],
			result["invoice"],
			customer,
			"Шестьсот рублей 00 копеек",
			"Anna Petrova",
			deal.items[0].item_name,
		):
			self.assertIn(words, text)
		for rest in ("{{", "{%", "Undefined", "None"):
			self.assertNotIn(rest, text)

	def test_the_table_of_a_contract_survives_its_editor(self):
		text = frappe.db.get_value(
			"Contract", issue_documents(self.deal().name)["contract"], "contract_terms"
		)
		self.assertIn("<table", text)
		self.assertIn("<td>шт</td>", text)
		for unknown_to_the_editor in ("<th>", "<thead>"):
			self.assertNotIn(unknown_to_the_editor, text)

	def test_contract_in_english(self):
		deal = self.deal(language="en")
		text = frappe.db.get_value("Contract", issue_documents(deal.name)["contract"], "contract_terms")
		self.assertIn("Six hundred rubles 00 kopecks", text)
		self.assertNotIn("Исполнитель", text)

	def test_markup_in_names_is_escaped(self):
		item = make.make_item(item_name="Seat <b>bold</b>")
		deal = self.deal(items=[{"item_code": item.name, "qty": 1, "rate": 1}])
		text = frappe.db.get_value("Contract", issue_documents(deal.name)["contract"], "contract_terms")
		self.assertNotIn("<b>bold</b>", text)

	def test_customer_carries_what_is_known_of_the_lead(self):
		lead = make.make_lead(email_id=f"{frappe.generate_hash(length=8)}@example.com", **client_requisites())
		address = frappe.get_doc(
			{
				"doctype": "Address",
				"address_title": lead.name,
				"address_line1": "Lenina 1",
				"city": "Omsk",
				"country": "Russian Federation",
				"links": [{"link_doctype": "Lead", "link_name": lead.name}],
			}
		).insert()
		work = make.make_work(lead)
		people = contacts.of("Lead", lead.name)
		before = frappe.db.count("Contact")
		result = issue_documents(self.deal(lead).name)
		customer = frappe.get_doc("Customer", result["customer"])
		self.assertEqual((customer.customer_name, customer.lead_name), (lead.company_name, lead.name))
		self.assertEqual((customer.tax_id, customer.rule24_kpp, customer.rule24_phase), (INN, KPP, "Active"))
		self.assertEqual(contacts.of("Customer", customer.name), people)
		self.assertEqual(frappe.db.count("Contact"), before)
		self.assertTrue(
			frappe.db.exists("Dynamic Link", {"parent": address.name, "link_name": customer.name})
		)
		account = frappe.get_doc("Bank Account", {"party": customer.name})
		self.assertEqual(account.bank_account_no, CLIENT_ACCOUNT)
		self.assertEqual(frappe.db.get_value("Bank", account.bank, "rule24_bic"), BIC)
		work.reload(), lead.reload()
		self.assertEqual((work.party_type, work.party), ("Customer", customer.name))
		self.assertEqual(lead.status, "Converted")
		self.assertEqual(chain.successor("Lead", lead.name), ("Customer", customer.name))

	def test_deal_of_a_prospect(self):
		prospect = make.make_prospect(**client_requisites())
		person = make.make_contact(
			"Prospect", prospect.name, email=f"{frappe.generate_hash(length=8)}@example.com"
		)
		result = issue_documents(self.deal(prospect).name)
		customer = frappe.get_doc("Customer", result["customer"])
		self.assertEqual((customer.customer_name, customer.tax_id), (prospect.company_name, INN))
		self.assertEqual(contacts.of("Customer", customer.name), [person.name])
		self.assertEqual(chain.successor("Prospect", prospect.name), ("Customer", customer.name))

	def test_customer_that_is_there_is_used(self):
		lead = make.make_lead(**client_requisites())
		customer = make.make_customer(
			lead_name=lead.name, tax_id=INN, rule24_kpp=KPP, rule24_phase="Potential"
		)
		result = issue_documents(self.deal(lead).name, ["Invoice"])
		self.assertEqual(result["customer"], customer.name)
		self.assertEqual(frappe.db.get_value("Customer", customer.name, "rule24_phase"), "Active")

	def test_twice_returns_the_same(self):
		deal = self.deal()
		first = issue_documents(deal.name)
		before = self.counts()
		second = issue_documents(deal.name)
		self.assertEqual(self.counts(), before)
		self.assertEqual(second["created"], [])
		for key in ("customer", "invoice", "contract", "invoice_doctype"):
			self.assertEqual(second[key], first[key])

	def test_the_other_one_later(self):
		deal = self.deal()
		contract = issue_documents(deal.name, ["Contract"])
		self.assertIsNone(contract["invoice"])
		both = issue_documents(deal.name)
		self.assertEqual(both["contract"], contract["contract"])
		self.assertEqual([each for each, _name in both["created"]], ["Sales Invoice"])
		self.assertEqual(frappe.db.get_value("Contract", both["contract"], "document_name"), both["invoice"])

	def test_cancelled_ones_do_not_count(self):
		deal = self.deal()
		first = issue_documents(deal.name)
		for doctype, name in (("Contract", first["contract"]), ("Sales Invoice", first["invoice"])):
			frappe.get_doc(doctype, name).submit()
		self.assertEqual(issue_documents(deal.name)["created"], [])
		for doctype, name in (("Contract", first["contract"]), ("Sales Invoice", first["invoice"])):
			frappe.get_doc(doctype, name).cancel()
		second = issue_documents(deal.name)
		self.assertNotEqual((first["invoice"], first["contract"]), (second["invoice"], second["contract"]))
		self.assertEqual(second["customer"], first["customer"])

	def test_sales_order_and_quotation_by_setting(self):
		for doctype in ("Sales Order", "Quotation"):
			with self.settings(invoice_doctype=doctype):
				result = issue_documents(self.deal().name)
			self.assertEqual(result["invoice_doctype"], doctype)
			doc = frappe.get_doc(doctype, result["invoice"])
			self.assertEqual((doc.docstatus, doc.grand_total), (0, 600))
			self.assertEqual(frappe.db.get_value("Contract", result["contract"], "document_type"), doctype)

	def test_another_setting_makes_no_second_invoice(self):
		deal = self.deal()
		with self.settings(invoice_doctype="Sales Order"):
			first = issue_documents(deal.name, ["Invoice"])
		self.assertEqual(issue_documents(deal.name, ["Invoice"])["invoice"], first["invoice"])

	def test_default_taxes_and_days(self):
		account = frappe.db.get_value("Account", {"company": COMPANY, "account_type": "Tax", "is_group": 0})
		frappe.get_doc(
			{
				"doctype": "Sales Taxes and Charges Template",
				"title": f"VAT {frappe.generate_hash(length=4)}",
				"company": COMPANY,
				"is_default": 1,
				"taxes": [
					{
						"charge_type": "On Net Total",
						"account_head": account,
						"rate": 20,
						"description": "VAT",
						"included_in_print_rate": 1,
					}
				],
			}
		).insert()
		with self.settings(payment_days=12):
			result = issue_documents(self.deal().name)
		invoice = frappe.get_doc("Sales Invoice", result["invoice"])
		self.assertEqual((invoice.grand_total, invoice.total_taxes_and_charges), (600, 100))
		self.assertEqual(getdate(invoice.due_date), getdate(add_days(nowdate(), 12)))
		self.assertIn("100,00", frappe.db.get_value("Contract", result["contract"], "contract_terms"))

	def test_price_of_the_deal_beats_the_price_list(self):
		item = make.make_item()
		frappe.get_doc(
			{
				"doctype": "Item Price",
				"item_code": item.name,
				"price_list": "Standard Selling",
				"price_list_rate": 999,
				"uom": "Nos",
			}
		).insert()
		deal = self.deal(items=[{"item_code": item.name, "qty": 1, "rate": 250}])
		invoice = frappe.get_doc("Sales Invoice", issue_documents(deal.name)["invoice"])
		self.assertEqual((invoice.items[0].rate, invoice.grand_total), (250, 250))

	def test_what_is_free_in_the_deal_is_free_in_the_invoice(self):
		item, gift = make.make_item(), make.make_item()
		frappe.get_doc(
			{
				"doctype": "Item Price",
				"item_code": gift.name,
				"price_list": "Standard Selling",
				"price_list_rate": 999,
				"uom": "Nos",
			}
		).insert()
		items = [
			{"item_code": item.name, "qty": 1, "rate": 250},
			{"item_code": gift.name, "qty": 1, "rate": 0},
		]
		for kind in ("Sales Invoice", "Sales Order", "Quotation"):
			with self.subTest(kind=kind), self.settings(invoice_doctype=kind):
				bill = frappe.get_doc(kind, issue_documents(self.deal(items=items).name)["invoice"])
				self.assertEqual([row.rate for row in bill.items], [250, 0])
				self.assertEqual(bill.total, 250)


class TestRefusals(DocumentsCase):
	def assertNothingWritten(self, exception, *words, deal=None, documents=documents.KINDS, user=None):
		before = self.counts()
		with self.assertRaisesWith(exception, *words):
			if user:
				with self.as_user(user):
					issue_documents(deal.name, documents)
			else:
				issue_documents(deal.name, documents)
		self.assertEqual(self.counts(), before)

	def test_no_items(self):
		self.assertNothingWritten(DocumentsError, "has no items", deal=self.deal(items=[]))

	def test_wrong_rows(self):
		item = make.make_item()
		deal = self.deal(
			items=[{"item_code": item.name, "qty": 0, "rate": 1}, {"item_name": "Words", "qty": 1, "rate": 1}]
		)
		self.assertNothingWritten(DocumentsError, "row 1", "row 2", deal=deal)

	def test_lost_deal(self):
		deal = self.deal()
		deal.status = "Lost"
		deal.save()
		self.assertNothingWritten(DocumentsError, "Lost", deal=deal)

	def test_missing_requisites(self):
		deal = self.deal(make.make_lead())
		self.assertNothingWritten(RequisitesError, "INN", "KPP", "BIC", deal=deal)
		with self.settings(check_requisites=0):
			self.assertTrue(issue_documents(deal.name)["contract"])

	def test_requisites_given_at_once(self):
		lead = make.make_lead()
		deal = self.deal(lead)
		values = {"tax_id": INN, "kpp": KPP, "bank_account": CLIENT_ACCOUNT, "bic": BIC}
		result = issue_documents(deal.name, requisites_of_client=values)
		self.assertEqual(
			frappe.db.get_value("Customer", result["customer"], ["tax_id", "rule24_kpp"]), (INN, KPP)
		)

	def test_wrong_requisites_are_not_kept(self):
		lead = make.make_lead()
		deal = self.deal(lead)
		with self.assertRaises(RequisitesError):
			issue_documents(deal.name, requisites_of_client={"tax_id": "7707083894", "kpp": KPP})
		self.assertFalse(frappe.db.get_value("Lead", lead.name, "rule24_tax_id"))

	def test_unknown_kind(self):
		for wrong in (["Act"], [], None, "Bill"):
			self.assertNothingWritten(
				DocumentsError, "Choose what to issue", deal=self.deal(), documents=wrong
			)

	def test_unknown_deal(self):
		with self.assertRaises(frappe.DoesNotExistError):
			issue_documents("No Such Deal")

	def test_no_template(self):
		with self.settings(contract_template=None):
			self.assertNothingWritten(DocumentsError, "Contract Template", deal=self.deal())

	def test_template_with_a_mistake_takes_everything_back(self):
		broken = frappe.get_doc(
			{
				"doctype": "Contract Template",
				"title": f"Broken {frappe.generate_hash(length=4)}",
				"contract_terms": "<p>{{ customer.a.b.c }}</p>",
			}
		).insert()
		lead = make.make_lead(**client_requisites())
		deal = self.deal(lead)
		with self.settings(contract_template=broken.name):
			self.assertNothingWritten(DocumentsError, broken.name, deal=deal)
		self.assertFalse(frappe.db.get_value("Lead", lead.name, "rule24_successor"))

	def test_template_does_not_reach_into_python(self):
		sly = frappe.get_doc(
			{
				"doctype": "Contract Template",
				"title": f"Sly {frappe.generate_hash(length=4)}",
				"contract_terms": "<p>{{ deal['__class__'].__mro__ }}{{ ''.__class__ }}</p>",
			}
		).insert(ignore_permissions=True)
		with self.settings(contract_template=sly.name):
			self.assertNothingWritten(DocumentsError, sly.name, deal=self.deal())

	def test_disabled_customer(self):
		self.assertNothingWritten(DocumentsError, "disabled", deal=self.deal(make.make_customer(disabled=1)))

	def test_manager_without_rights_is_told_all_of_them(self):
		user = make.make_user(["Sales User"]).name
		self.assertNothingWritten(
			DocumentsNotPermittedError,
			"Sales Invoice",
			"Contract",
			"nothing has been written",
			deal=self.deal(),
			user=user,
		)

	def test_user_without_the_deal(self):
		user = make.make_user(["Accounts User"]).name
		self.assertNothingWritten(DocumentsNotPermittedError, "change the deal", deal=self.deal(), user=user)

	def test_manager_with_rights(self):
		from frappe.permissions import add_permission, update_permission_property

		for doctype in ("Sales Invoice", "Contract"):
			add_permission(doctype, "Sales User")
			for right in ("create", "write"):
				update_permission_property(doctype, "Sales User", 0, right, 1)
		user = make.make_user(["Sales User"]).name
		deal = self.deal(opportunity_owner=user)
		with self.as_user(user):
			result = issue_documents(deal.name)
		self.assertEqual(frappe.db.get_value("Sales Invoice", result["invoice"], "owner"), user)
		self.assertEqual(frappe.db.get_value("Customer", result["customer"], "account_manager"), user)

	def test_only_the_missing_one_needs_a_right(self):
		deal = self.deal()
		issue_documents(deal.name, ["Invoice"])
		user = make.make_user(["Sales Manager", "Sales User"]).name
		with self.as_user(user):
			self.assertTrue(issue_documents(deal.name)["contract"])


class TestDashboardAndList(DocumentsCase):
	def test_shown_on_the_deal(self):
		data = frappe.get_meta("Opportunity").get_dashboard_data()
		shown = {each for group in data["transactions"] for each in group["items"]}
		self.assertTrue(
			{"Sales Invoice", "Sales Order", "Contract", "Work", "Deal Stage Change", "Quotation"} <= shown
		)
		deal = self.deal()
		issue_documents(deal.name)
		field = {**dict.fromkeys(shown, data["fieldname"]), **data["non_standard_fieldnames"]}
		counts = {
			each: frappe.db.count(each, {field[each]: deal.name})
			for each in ("Sales Invoice", "Contract", "Quotation", "Deal Stage Change", "Work")
		}
		self.assertEqual(
			counts, {"Sales Invoice": 1, "Contract": 1, "Quotation": 0, "Deal Stage Change": 1, "Work": 0}
		)

	def test_list_shows_what_may_be_read(self):
		deal = self.deal()
		issue_documents(deal.name)
		self.assertEqual(
			{row["doctype"] for row in documents.of_deal(deal.name)}, {"Sales Invoice", "Contract"}
		)
		with self.as_user(make.make_user(["Sales Manager"]).name):
			self.assertEqual({row["doctype"] for row in documents.of_deal(deal.name)}, {"Contract"})


class TestLetter(DocumentsCase):
	def test_without_address(self):
		deal = self.deal(make.make_customer(tax_id=INN, rule24_kpp=KPP))
		with self.assertRaisesWith(DocumentsError, "no contact with an e-mail"):
			issue_documents(deal.name, ["Invoice"], send=True)

	def test_without_template(self):
		with (
			self.settings(documents_letter=None),
			self.assertRaisesWith(DocumentsError, "Letter With Documents"),
		):
			issue_documents(self.deal().name, send=True)

	def test_queued_only_after_commit(self):
		deal = self.deal()
		before = frappe.db.count("Email Queue")
		result = issue_documents(deal.name, send=True)
		self.assertEqual(result["letter"], frappe.db.get_value("Lead", deal.party_name, "email_id"))
		self.assertEqual(frappe.db.count("Email Queue"), before)

	def test_text_names_person_and_deal(self):
		deal = self.deal(title="Seats of March")
		subject, text = letter.compose(deal, [("Sales Invoice", "X")], "Administrator")
		self.assertIn("Seats of March", subject)
		self.assertIn("Здравствуйте", text)
		self.assertNotIn("Hello", text)

	def test_pdfs_are_attached_and_kept_on_the_deal(self):
		make.make_email_account()
		frappe.local.outgoing_email_account = {}  # an earlier test may have looked for one in vain
		deal = self.deal()
		result = issue_documents(deal.name)
		wanted = [["Sales Invoice", result["invoice"]], ["Contract", result["contract"]]]
		name = letter.send(deal.name, wanted, "client@example.com", "Administrator")
		communication = frappe.get_doc("Communication", name)
		self.assertEqual(
			(communication.reference_doctype, communication.reference_name, communication.sent_or_received),
			("Opportunity", deal.name, "Sent"),
		)
		files = frappe.get_all("File", {"attached_to_name": name}, pluck="name")
		self.assertEqual(len(files), 2)
		for each in files:
			file = frappe.get_doc("File", each)
			self.assertTrue(file.is_private)
			self.assertTrue(file.get_content()[:4] in (b"%PDF", "%PDF"))
		queued = frappe.get_all(
			"Email Queue", {"communication": name}, ["name", "attachments", "reference_name"]
		)
		self.assertEqual([row.reference_name for row in queued], [deal.name])
		self.assertEqual({row["fid"] for row in frappe.parse_json(queued[0].attachments)}, set(files))

	def test_failure_is_written_on_the_deal(self):
		deal = self.deal()
		issue_documents(deal.name)
		self.assertIsNone(
			letter.send(
				deal.name, [["Sales Invoice", "No Such Invoice"]], "client@example.com", "Administrator"
			)
		)
		comment = frappe.get_all(
			"Comment", {"reference_name": deal.name, "comment_type": "Comment"}, pluck="content"
		)
		self.assertTrue(any("client@example.com" in each for each in comment))


class TestTemplateChosenAnew(DocumentsCase):
	def choose(self, contract):
		from frappe.handler import get_attr

		method = frappe.get_hooks("override_whitelisted_methods")[
			"erpnext.crm.doctype.contract_template.contract_template.get_contract_template"
		][-1]
		return get_attr(method)(contract.contract_template, frappe.as_json(contract.as_dict()))

	def test_contract_of_a_deal(self):
		deal = self.deal()
		contract = frappe.get_doc("Contract", issue_documents(deal.name)["contract"])
		self.assertEqual(self.choose(contract)["contract_terms"].split(), contract.contract_terms.split())

	def test_denied(self):
		contract = frappe.get_doc("Contract", issue_documents(self.deal().name)["contract"])
		with self.as_user(make.make_user(["Accounts User"]).name), self.assertRaises(frappe.PermissionError):
			self.choose(contract)

	def test_contract_without_a_deal_goes_the_stock_way(self):
		template = frappe.get_doc(
			{
				"doctype": "Contract Template",
				"title": f"Plain {frappe.generate_hash(length=4)}",
				"contract_terms": "<p>Between us and {{ party_name }}</p>",
			}
		).insert()
		customer = make.make_customer()
		contract = frappe.get_doc(
			{
				"doctype": "Contract",
				"party_type": "Customer",
				"party_name": customer.name,
				"contract_template": template.name,
			}
		)
		self.assertIn(customer.name, self.choose(contract)["contract_terms"])

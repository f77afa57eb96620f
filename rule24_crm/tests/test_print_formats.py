"""Printed forms: what stands on them, for every document they belong to, in both languages."""

import io
import unittest.mock

import frappe
from frappe.translate import print_language
from frappe.utils import nowdate
from pypdf import PdfReader

from rule24_crm.compat import HAS_PDF_GENERATOR_HOOK
from rule24_crm.deals import belonging
from rule24_crm.parties import banks
from rule24_crm.printing import context, parties, pdf
from rule24_crm.printing.formatting import long_date, money
from rule24_crm.tests import factories
from rule24_crm.tests import printing_scene as scene
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.tests.test_print_pdf import text_of, texts_of
from rule24_crm.tests.test_print_qr import decode, parse

FORMATS = {
	"Rule24 Payment Invoice": "Sales Invoice",
	"Rule24 Payment Invoice for Order": "Sales Order",
	"Rule24 Payment Invoice for Quotation": "Quotation",
	"Rule24 Commercial Offer": "Quotation",
	"Rule24 Commercial Offer for Deal": "Opportunity",
	"Rule24 Contract": "Contract",
	"Rule24 Act": "Sales Invoice",
}
INVOICE = "Rule24 Payment Invoice"


class PrintTestCase(CRMTestCase):
	"""The scene is set once for a class: saving a Company empties Frappe's caches, which takes seconds to fill again."""

	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		frappe.set_user("Administrator")
		scene.company()
		scene.client()

	@classmethod
	def tearDownClass(cls):
		super().tearDownClass()
		frappe.db.rollback()
		frappe.clear_cache()

	def setUp(self):
		super().setUp()
		self.addCleanup(setattr, frappe.local, "form_dict", frappe.local.form_dict)
		frappe.local.form_dict = frappe._dict()

	def _roll_back(self):
		frappe.set_user("Administrator")
		frappe.db.rollback(save_point="rule24_test")

	def html(self, doc, print_format: str = INVOICE, lang: str = "ru") -> str:
		frappe.local.form_dict = frappe._dict()
		with print_language(lang):
			return frappe.get_print(doc.doctype, doc.name, print_format, no_letterhead=1)

	def lines(self, doc, print_format: str = INVOICE, lang: str = "ru") -> list[str]:
		"""What the form says on paper, cell by cell, without the styles around."""
		import lxml.html

		tree = lxml.html.document_fromstring(self.html(doc, print_format, lang))
		form = tree.find_class("r24")[0]
		for element in form.xpath(".//style"):
			element.drop_tree()
		return [" ".join(text.split()) for text in form.itertext() if text.strip()]

	def value(self, lines: list[str], label: str) -> str:
		"""The cell after the label."""
		return lines[lines.index(label) + 1]

	def qr(self, html: str) -> dict[str, str] | None:
		import lxml.html

		images = lxml.html.document_fromstring(html).xpath("//td[contains(@class, 'r24-qr')]/img/@src")
		return parse(decode(images[0]))[1] if images else None

	def quotation(self, **values):
		return self._insert(
			"Quotation",
			quotation_to="Customer",
			party_name=scene.client().name,
			transaction_date=nowdate(),
			currency="RUB",
			conversion_rate=1,
			items=scene.rows(),
			**values,
		)

	def order(self, **values):
		rows = [dict(row, delivery_date=nowdate()) for row in scene.rows()]
		return self._insert(
			"Sales Order",
			customer=scene.client().name,
			transaction_date=nowdate(),
			delivery_date=nowdate(),
			currency="RUB",
			conversion_rate=1,
			items=rows,
			**values,
		)

	def opportunity(self, **values):
		return self._insert(
			"Opportunity",
			**{
				"opportunity_from": "Lead",
				"party_name": factories.make_lead(company_name="ООО «Астра»").name,
				"currency": "RUB",
				"items": [{"item_code": scene.rows()[0]["item_code"], "qty": 2, "rate": 100, "uom": "Nos"}],
				**values,
			},
		)

	def contract(self, **values):
		return self._insert(
			"Contract",
			party_type="Customer",
			party_name=scene.client().name,
			start_date="2026-11-23",
			contract_terms="<h3>1. Предмет договора</h3><p>Исполнитель проводит семинар.</p>",
			**values,
		)

	def _insert(self, doctype: str, **values):
		if frappe.get_meta(doctype).has_field("company"):
			values.setdefault("company", scene.COMPANY)
		return frappe.get_doc({"doctype": doctype, **values}).insert(ignore_permissions=True)


class TestInstalled(PrintTestCase):
	def test_every_format_is_there(self):
		found = frappe.get_all(
			"Print Format", {"module": "Rule24 CRM"}, ["name", "doc_type", "standard", "disabled"]
		)
		self.assertEqual({row.name: row.doc_type for row in found}, FORMATS)
		self.assertEqual({(row.standard, row.disabled) for row in found}, {("Yes", 0)})

	def test_none_is_made_the_default(self):
		self.assertFalse(
			frappe.get_all(
				"Property Setter", {"property": "default_print_format", "value": ("in", list(FORMATS))}
			)
		)

	def test_frappe_prints_them_by_chromium(self):
		if not HAS_PDF_GENERATOR_HOOK:
			self.skipTest("this Frappe leaves apps no choice of PDF generators")
		field = frappe.get_meta("Print Format").get_field("pdf_generator")
		self.assertIn("chrome", field.options.split("\n"))
		self.assertEqual(
			set(frappe.get_all("Print Format", {"module": "Rule24 CRM"}, pluck="pdf_generator")), {"chrome"}
		)
		copy = frappe.copy_doc(frappe.get_doc("Print Format", INVOICE))
		copy.update({"name": "A Copy", "standard": "No", "module": None, "html": "<p></p>"})
		copy.insert(set_name="A Copy")

	def test_every_doctype_prints_in_both_languages(self):
		documents = {
			"Sales Invoice": scene.invoice(),
			"Sales Order": self.order(),
			"Quotation": self.quotation(),
			"Opportunity": self.opportunity(),
			"Contract": self.contract(),
		}
		titles = {
			"payment_invoice": ("Счёт на оплату №", "Payment Invoice No."),
			"offer": ("Коммерческое предложение №", "Commercial Offer No."),
			"contract": ("Договор №", "Contract No."),
			"act": ("Акт №", "Act No."),
		}
		for print_format, doctype in FORMATS.items():
			doc = documents[doctype]
			kind = next(key for key in titles if key in frappe.scrub(print_format))
			for lang, title in zip(("ru", "en"), titles[kind], strict=True):
				with self.subTest(print_format=print_format, lang=lang):
					lines = self.lines(doc, print_format, lang)
					self.assertTrue(any(line.startswith(f"{title} {doc.name}") for line in lines), lines)

	def test_english_has_no_russian_words_of_ours(self):
		company = {"company_name": "Acme", "rule24_director": "", "rule24_chief_accountant": ""}
		doc = scene.invoice(
			factories.make_customer(customer_name="Buyer Ltd"),
			[dict(scene.rows()[0], item_name="Seminar", description="Seminar")],
		)
		frappe.db.set_value("Company", scene.COMPANY, company)
		frappe.db.set_value(
			"Address", {"address_title": scene.COMPANY}, {"city": "Moscow", "address_line1": "Street 24"}
		)
		frappe.db.set_value("Bank", {"rule24_bic": "044524924"}, "bank_name", "Study Bank")
		for print_format in (INVOICE, "Rule24 Act"):
			text = " ".join(self.lines(doc, print_format, "en"))
			self.assertNotRegex(text, "[А-Яа-яЁё]")


class TestInvoice(PrintTestCase):
	def test_vat_in_the_price(self):
		lines = self.lines(scene.invoice(items=scene.rows(rate=12200), taxes=[scene.vat(22)]))
		self.assertEqual(self.value(lines, "Итого:"), "12 200,00")
		self.assertEqual(self.value(lines, "В том числе НДС (22 %):"), "2 200,00")
		self.assertEqual(self.value(lines, "Всего к оплате:"), "12 200,00")
		self.assertIn("Всего 1 наименование, на сумму 12 200,00 руб.", lines)
		self.assertIn("Двенадцать тысяч двести рублей 00 копеек", lines)

	def test_vat_on_top(self):
		lines = self.lines(scene.invoice(taxes=[scene.vat(20, included=False)]))
		self.assertEqual(self.value(lines, "Итого:"), "12 000,00")
		self.assertEqual(self.value(lines, "НДС (20 %):"), "2 400,00")
		self.assertEqual(self.value(lines, "Всего к оплате:"), "14 400,00")

	def test_without_vat(self):
		lines = self.lines(scene.invoice())
		self.assertEqual(self.value(lines, "Без налога (НДС):"), "–")

	def test_discount_and_rounding(self):
		if not frappe.get_meta("Sales Invoice").has_field("discount_amount"):
			self.skipTest("the preview's stand-in has no discounts")
		lines = self.lines(
			scene.invoice(items=scene.rows(rate=1000.4), discount_amount=100, apply_discount_on="Net Total")
		)
		self.assertEqual(self.value(lines, "Скидка:"), "-100,00")
		self.assertEqual(self.value(lines, "Округление:"), "-0,40")
		self.assertEqual(self.value(lines, "Всего к оплате:"), "900,00")

	def test_delivery_is_no_vat(self):
		row = {
			"charge_type": "Actual",
			"account_head": scene.freight_account(),
			"description": "Доставка",
			"tax_amount": 500,
		}
		lines = self.lines(scene.invoice(taxes=[row]))
		self.assertEqual(self.value(lines, "Доставка:"), "500,00")
		self.assertIn("Без налога (НДС):", lines)
		self.assertEqual(self.value(lines, "Всего к оплате:"), "12 500,00")

	def test_header(self):
		doc = scene.invoice()
		lines = self.lines(doc)
		self.assertEqual(self.value(lines, "БИК"), "044524924")
		for text in (
			"АО «Учебный банк»",
			"Банк получателя",
			"30101810500000000924",
			"40702810300240000024",
			"ИНН 7709240012",
			"КПП 770901001",
			"Получатель",
		):
			self.assertIn(text, lines)
		self.assertEqual(
			self.value(lines, "Покупатель:"),
			f"{scene.CLIENT}, ИНН 7724240017, КПП 772401001, 170100, Тверь, ул. Полевая, д. 5, офис 12",
		)
		self.assertIn(f"Счёт на оплату № {doc.name} от {long_date_ru(doc.posting_date)}", lines)
		self.assertIn("(Правилов Р. К.)", lines)
		self.assertIn("(Счётова В. И.)", lines)

	def test_rows(self):
		doc = scene.invoice(items=scene.rows(3))
		lines = self.lines(doc)
		at = lines.index("Консультация № 2 по описанию и улучшению процессов")
		self.assertEqual(lines[at - 1 : at + 5], ["2", lines[at], "3", "шт", "1 700,00", "5 100,00"])

	def test_typed_text_is_no_html(self):
		doc = scene.invoice()
		doc.db_set("customer_name", "Acme <script>alert(1)</script> & <b>Co</b>")
		doc.items[0].db_set("item_name", "<script>alert(1)</script>")
		html = self.html(doc)
		self.assertIn("Acme &lt;script&gt;", html)
		self.assertNotIn("<script>alert(1)", html)
		self.assertNotIn("<b>Co</b>", html)

	def test_code_pays_this_invoice(self):
		doc = scene.invoice(items=scene.rows(rate=12200), taxes=[scene.vat(22)])
		fields = self.qr(self.html(doc, lang="en"))
		day = frappe.utils.getdate(doc.posting_date).strftime("%d.%m.%Y")
		self.assertEqual(
			fields,
			{
				"Name": "Rule24 Demo",
				"PersonalAcc": "40702810300240000024",
				"BankName": "АО «Учебный банк»",
				"BIC": "044524924",
				"CorrespAcc": "30101810500000000924",
				"PayeeINN": "7709240012",
				"KPP": "770901001",
				"Sum": "1220000",
				"Purpose": f"Оплата по счёту № {doc.name} от {day}, в т. ч. НДС 22% – 2200-00 руб.",
			},
		)

	def test_code_without_vat_says_so(self):
		self.assertIn("НДС не облагается", self.qr(self.html(scene.invoice()))["Purpose"])

	def test_missing_requisite_prints_without_code_and_says_which(self):
		frappe.db.set_value("Bank", {"rule24_bic": "044524924"}, "rule24_bic", "")
		html = self.html(scene.invoice())
		self.assertIsNone(self.qr(html))
		self.assertIn("Для платёжного QR-кода не хватает: БИК", html)
		content = self.pdf_text(html)
		self.assertNotIn("QR", content)
		self.assertIn("Всего к оплате", content)

	def test_no_bank_account_at_all(self):
		frappe.db.delete("Bank Account", {"company": scene.COMPANY})
		html = self.html(scene.invoice())
		self.assertIsNone(self.qr(html))
		self.assertIn("Всего к оплате", html)

	def test_other_currency_has_no_code(self):
		doc = scene.invoice()
		doc.db_set("currency", "USD")
		html = self.html(doc)
		self.assertIsNone(self.qr(html))
		self.assertIn("Двенадцать тысяч долларов США 00 центов", html)

	def test_partly_paid_invoice_asks_for_the_rest(self):
		doc = scene.invoice()
		doc.db_set({"docstatus": 1, "outstanding_amount": 5000})
		html = self.html(doc)
		lines = self.lines(doc)
		self.assertEqual(self.value(lines, "Оплачено:"), "7 000,00")
		self.assertEqual(self.value(lines, "Осталось оплатить:"), "5 000,00")
		self.assertEqual(self.qr(html)["Sum"], "500000")

	def test_paid_invoice_has_no_code(self):
		doc = scene.invoice()
		doc.db_set({"docstatus": 1, "outstanding_amount": 0})
		self.assertIsNone(self.qr(self.html(doc)))

	def test_sole_proprietor_signs_alone(self):
		frappe.db.set_value("Company", scene.COMPANY, {"tax_id": "500100732259", "rule24_kpp": ""})
		lines = self.lines(scene.invoice())
		self.assertIn("Предприниматель", lines)
		self.assertNotIn("Бухгалтер", lines)

	def pdf_text(self, html: str) -> str:
		return text_of(pdf.render(html))


class TestImages(PrintTestCase):
	def test_stamp_and_signatures(self):
		self.assertEqual(self.images(scene.invoice()), 3)

	def test_without_images_clean_lines(self):
		scene.company(images=False)
		doc = scene.invoice()
		self.assertEqual(self.images(doc), 0)
		self.assertIn("М. П.", self.lines(doc))

	def test_missing_file_does_not_break(self):
		frappe.db.set_value("Company", scene.COMPANY, "rule24_stamp", "/private/files/nowhere.png")
		self.assertEqual(self.images(scene.invoice()), 2)

	def test_manager_prints_with_the_stamp_but_cannot_open_it(self):
		doc = scene.invoice()
		manager = factories.make_user(roles=["Accounts User"])
		with self.as_user(manager.name):
			self.assertEqual(self.images(doc), 3)

	def test_stranger_prints_nothing(self):
		doc = scene.invoice()
		with (
			self.as_user(factories.make_user(roles=["Employee"]).name),
			self.assertRaises(frappe.PermissionError),
		):
			pdf.document("Sales Invoice", doc.name, INVOICE)

	def test_drafts_of_act_and_contract_are_not_stamped(self):
		doc = scene.invoice()
		self.assertEqual(self.images(doc, "Rule24 Act"), 0)
		doc.db_set("docstatus", 1)
		self.assertEqual(self.images(doc, "Rule24 Act"), 2)
		contract = self.contract()
		self.assertEqual(self.images(contract, "Rule24 Contract"), 0)
		contract.db_set("docstatus", 1)
		self.assertEqual(self.images(contract, "Rule24 Contract"), 2)

	def images(self, doc, print_format: str = INVOICE) -> int:
		return self.html(doc, print_format).count('src="data:image/png')


class TestOtherForms(PrintTestCase):
	def test_order_and_quotation_ask_for_payment(self):
		for doc, print_format in (
			(self.order(), "Rule24 Payment Invoice for Order"),
			(self.quotation(), "Rule24 Payment Invoice for Quotation"),
		):
			with self.subTest(doctype=doc.doctype):
				self.assertEqual(self.qr(self.html(doc, print_format))["Sum"], "1200000")

	def test_offer_to_a_lead_shows_no_requisites(self):
		deal = self.opportunity()
		frappe.db.set_value("Lead", deal.party_name, "rule24_tax_id", "7724240017")
		lines = self.lines(deal, "Rule24 Commercial Offer for Deal")
		self.assertEqual(self.value(lines, "Кому:"), "ООО «Астра»")
		self.assertEqual(self.value(lines, "Стоимость предложения:"), "200,00")
		self.assertNotIn("Без налога (НДС):", lines)

	def test_offer_of_a_deal_without_items(self):
		deal = self.opportunity(items=[], opportunity_amount=5000)
		self.assertEqual(
			self.value(self.lines(deal, "Rule24 Commercial Offer for Deal"), "Стоимость предложения:"),
			"5 000,00",
		)

	def test_offer_keeps_its_terms(self):
		doc = self.quotation(
			terms="<p>Оплата <b>вперёд</b></p>", valid_till=frappe.utils.add_days(nowdate(), 7)
		)
		self.assertIn("<b>вперёд</b>", self.html(doc, "Rule24 Commercial Offer"))
		lines = self.lines(doc, "Rule24 Commercial Offer")
		self.assertEqual(self.value(lines, "Действует до:"), long_date_ru(doc.valid_till))

	def test_contract(self):
		doc = self.contract(signee="Ромашкин И. И.")
		lines = self.lines(doc, "Rule24 Contract")
		for text in (
			f"Договор № {doc.name}",
			"Москва",
			"23 ноября 2026 г.",
			"1. Предмет договора",
			"Исполнитель проводит семинар.",
			"Rule24 Demo",
			"ИНН 7709240012, КПП 770901001",
			"ОГРН 1247700240028",
			"БИК 044524924",
			scene.CLIENT,
			"ИНН 7724240017, КПП 772401001",
			"(Ромашкин И. И.)",
			"(Правилов Р. К.)",
		):
			self.assertIn(text, lines)

	def test_contract_says_nothing_twice(self):
		client = scene.client(customer_name="ООО «Байкал»")
		address = parties.linked_address("Customer", client.name)
		line = "Приморский край, ул. Магистральная, д. 52, 5, 5"
		place = {"state": "Приморский край", "city": "Приморский край", "pincode": ""}
		frappe.db.set_value("Address", address, {**place, "address_line1": line})
		banks.make_account(client.name, "40702810688329150740", "044525881")
		contract = self.contract()
		contract.db_set("party_name", client.name)
		lines = self.lines(contract, "Rule24 Contract")
		self.assertIn(f"Адрес: {line}", lines)
		self.assertIn("БИК 044525881", lines)
		self.assertNotIn("BIC 044525881", lines)

	def test_act_names_the_contract_of_the_deal(self):
		deal = self.opportunity(opportunity_from="Customer", party_name=scene.client().name)
		contract, doc = self.contract(), scene.invoice()
		for issued in (contract, doc):
			belonging.issued_for(issued, deal.name).save(ignore_permissions=True)
		lines = self.lines(doc, "Rule24 Act")
		self.assertEqual(self.value(lines, "Основание:"), f"Договор № {contract.name} от 23 ноября 2026 г.")
		self.assertTrue(any(line.startswith("Вышеперечисленные работы") for line in lines))


class TestPaper(PrintTestCase):
	def setUp(self):
		super().setUp()
		if not pdf.chromium_path():
			self.skipTest("no Chromium on this machine")
		self.addCleanup(pdf._browser.close)

	def test_long_list_breaks_over_pages(self):
		doc = scene.invoice(items=scene.rows(60), taxes=[scene.vat(20, included=False)])
		pages = texts_of(pdf.render(self.html(doc)))
		self.assertEqual(len(pages), 3)
		for number, text in enumerate(pages, 1):
			self.assertIn("Товары (работы, услуги)", text, "the head of the table is on every page")
			self.assertIn(f"стр. {number} из 3", text)
		for together in ("Всего к оплате", "Руководитель", "Бухгалтер", "наименований, на сумму"):
			self.assertIn(together, pages[-1])
		# each row whole, once, on one page
		joined = " ".join(pages)
		for number in range(1, 61):
			self.assertEqual(joined.count(f"Консультация № {number} по"), 1)

	def test_code_on_paper_can_be_scanned(self):
		import pypdfium2
		import zxingcpp

		doc = scene.invoice(taxes=[scene.vat(22)])
		sheet = pypdfium2.PdfDocument(pdf.document("Sales Invoice", doc.name, INVOICE, lang="ru"))[0]
		# 200 dots an inch: an office printer and a telephone do better
		found = zxingcpp.read_barcodes(sheet.render(scale=200 / 72).to_pil())
		self.assertEqual([parse(code.text)[1]["Sum"] for code in found], ["1200000"])

	def test_frappe_download_and_attachment_come_from_chromium(self):
		doc = scene.invoice()
		frappe.local.form_dict = frappe._dict()
		path = "frappe.utils.print_format.download_pdf"
		method = (frappe.get_hooks("override_whitelisted_methods").get(path) or [path])[-1]
		frappe.call(method, doctype="Sales Invoice", name=doc.name, format=INVOICE)
		content = frappe.local.response.filecontent
		self.assertIn("Skia", PdfReader(io.BytesIO(content)).metadata.producer)
		self.assertEqual(frappe.local.response.type, "pdf")
		self.assertEqual(frappe.local.response.filename, f"{doc.name}.pdf")

	def test_attachment(self):
		doc = scene.invoice()
		attached = pdf.attachment("Sales Invoice", doc.name, INVOICE, lang="ru")
		self.assertEqual(attached["fname"], f"{doc.name}.pdf")
		self.assertIn("Счёт на оплату", text_of(attached["fcontent"]))
		self.assertEqual(frappe.local.lang, "en")

	def test_download_is_denied_without_a_right(self):
		doc = scene.invoice()
		with (
			self.as_user(factories.make_user(roles=["Employee"]).name),
			self.assertRaises(frappe.PermissionError),
		):
			pdf.download_pdf(doctype="Sales Invoice", name=doc.name, format=INVOICE)

	def test_download_of_other_formats_is_stock(self):
		doc = scene.invoice()
		with unittest.mock.patch("frappe.utils.print_format.download_pdf", autospec=True) as stock:
			pdf.download_pdf(
				doctype="Sales Invoice", name=doc.name, format="Standard", cmd="x", letterhead="L"
			)
		stock.assert_called_once_with(
			doctype="Sales Invoice", name=doc.name, format="Standard", letterhead="L"
		)


class TestHiddenClient(PrintTestCase):
	"""Frappe prints a document as a form has it, so a user may write any client into it."""

	def test_a_made_up_document_tells_nothing_of_a_hidden_client(self):
		manager = factories.make_account_manager().user
		hidden = factories.make_customer(account_manager=factories.make_user().name, tax_id="7707083893")
		own = factories.make_customer(account_manager=manager)
		stored = scene.invoice(hidden)
		mine = scene.invoice(own)
		mine.customer = hidden.name
		made_up = frappe.get_doc({**stored.as_dict(), "name": "new-sales-invoice-1"})
		contract = frappe.get_doc(
			{"doctype": "Contract", "party_type": "Customer", "party_name": hidden.name}
		)
		with self.settings(access="By Responsible"), self.as_user(manager):
			for doc, forms in (
				(mine, (context.rule24_invoice, context.rule24_act)),
				(made_up, (context.rule24_invoice, context.rule24_act)),
				(contract, (context.rule24_contract,)),
			):
				for form in forms:
					with self.subTest(form=form.__name__), self.assertRaises(frappe.PermissionError):
						form(doc)
			# one that is there has been checked by whoever let it be read
			self.assertEqual(context.rule24_invoice(stored).buyer.inn, "7707083893")


class TestFormatting(PrintTestCase):
	def test_numbers_and_dates_follow_the_print(self):
		with print_language("ru"):
			self.assertEqual(
				(money(1234567.5), long_date("2026-11-03")), ("1\u00a0234\u00a0567,50", "3 ноября 2026 г.")
			)
		with print_language("en"):
			self.assertEqual((money(1234567.5), long_date("2026-11-03")), ("1,234,567.50", "3 November 2026"))


def long_date_ru(value) -> str:
	with print_language("ru"):
		return long_date(value)

"""The payment QR code: GOST R 56042-2014, read back by a decoder that knows nothing of us."""

from rule24_crm.exceptions import RequisitesError
from rule24_crm.printing import pdf
from rule24_crm.printing.qr import payment_string, svg_data_uri
from rule24_crm.tests.base import CRMTestCase

PAYEE = {
	"name": "ООО «Три кита»",
	"account": "40702810300240000024",
	"bank_name": "АО «Учебный банк»",
	"bic": "044524924",
	"correspondent_account": "30101810500000000924",
	"inn": "7709240012",
	"kpp": "770901001",
}


def parse(text: str) -> tuple[str, dict[str, str]]:
	"""(header with its separator, fields), by the standard: the eighth character separates."""
	return text[:8], dict(field.split("=", 1) for field in text[8:].split(text[7]))


class TestPaymentString(CRMTestCase):
	def test_whole_text(self):
		self.assertEqual(
			payment_string(**PAYEE, amount=12000.5, purpose="Оплата по счёту № 1 от 23.11.2026"),
			"ST00012|Name=ООО «Три кита»|PersonalAcc=40702810300240000024|BankName=АО «Учебный банк»|BIC=044524924"
			"|CorrespAcc=30101810500000000924|PayeeINN=7709240012|KPP=770901001|Sum=1200050"
			"|Purpose=Оплата по счёту № 1 от 23.11.2026",
		)

	def test_sum_in_kopecks(self):
		for amount, kopecks in (
			(0.01, "1"),
			(1, "100"),
			(12000, "1200000"),
			(1.005, "101"),
			("99999999.99", "9999999999"),
		):
			with self.subTest(amount=amount):
				self.assertEqual(parse(payment_string(**PAYEE, amount=amount))[1]["Sum"], kopecks)

	def test_no_amount_leaves_it_to_the_payer(self):
		self.assertNotIn("Sum", parse(payment_string(**PAYEE))[1])

	def test_sum_must_be_positive(self):
		for amount in (0, -1, "0.001"):
			with self.subTest(amount=amount), self.assertRaisesWith(RequisitesError, "above zero"):
				payment_string(**PAYEE, amount=amount)

	def test_every_missing_requisite_is_named(self):
		with self.assertRaisesWith(RequisitesError, "Account No.", "Payee's Bank", "BIC", "INN"):
			payment_string(name="ООО «Три кита»", account="", bank_name=None, bic="", inn="")

	def test_malformed_requisites_are_named(self):
		for field, value, words in (
			("account", "4070281030024000002", ("Account No.", "20 digits")),
			("bic", "04452492A", ("BIC", "9 digits")),
			("correspondent_account", "301", ("Correspondent Account",)),
			("inn", "77092400123", ("INN", "10 or 12 digits")),
			("kpp", "7709", ("KPP",)),
			("name", "Я" * 161, ("Payee", "160")),
		):
			with self.subTest(field=field), self.assertRaisesWith(RequisitesError, *words):
				payment_string(**{**PAYEE, field: value})

	def test_person_without_kpp(self):
		fields = parse(payment_string(**{**PAYEE, "inn": "500100732259", "kpp": ""}))[1]
		self.assertNotIn("KPP", fields)
		self.assertEqual(fields["PayeeINN"], "500100732259")

	def test_bank_without_correspondent_account(self):
		self.assertEqual(
			parse(payment_string(**{**PAYEE, "correspondent_account": ""}))[1]["CorrespAcc"], "0"
		)

	def test_grouped_digits(self):
		fields = parse(
			payment_string(**{**PAYEE, "account": "407 02 810 3 0024 0000024", "inn": " 7709240012 "})
		)[1]
		self.assertEqual(fields["PersonalAcc"], "40702810300240000024")

	def test_long_texts_are_cut(self):
		fields = parse(payment_string(**{**PAYEE, "bank_name": "Б" * 60}, purpose="П" * 300))[1]
		self.assertEqual((len(fields["BankName"]), len(fields["Purpose"])), (45, 210))

	def test_value_with_the_separator_changes_the_separator(self):
		header, fields = parse(payment_string(**{**PAYEE, "name": "ООО «Три|кита»"}, purpose="a~b"))
		self.assertEqual(header, "ST00012^")
		self.assertEqual((fields["Name"], fields["Purpose"]), ("ООО «Три|кита»", "a~b"))

	def test_line_breaks_do_not_get_in(self):
		self.assertEqual(
			parse(payment_string(**PAYEE, purpose="Оплата\n\tпо счёту"))[1]["Purpose"], "Оплата по счёту"
		)


class TestImage(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.addCleanup(pdf._browser.close)

	def test_decoder_reads_it_back(self):
		text = payment_string(
			**PAYEE,
			amount=12000,
			purpose="Оплата по счёту № ACC-SINV-2026-00001 от 23.11.2026, в т. ч. НДС 22%",
		)
		self.assertEqual(decode(svg_data_uri(text)), text)

	def test_longest_code_is_readable(self):
		text = payment_string(
			**{**PAYEE, "name": "Щ" * 160, "bank_name": "Ы" * 45},
			amount="9999999999999999",
			purpose="Ж" * 210,
		)
		self.assertEqual(decode(svg_data_uri(text)), text)


def decode(uri: str) -> str:
	"""What a scanner sees on the drawing of the SVG."""
	import zxingcpp

	found = zxingcpp.read_barcodes(_draw(uri))
	assert len(found) == 1, f"{len(found)} codes found"
	return found[0].text


def _draw(uri: str):
	"""The SVG as a picture, printed as invoices are and drawn by pdfium, which has nothing to do with the code that made it."""
	import pypdfium2

	page = f'<html><body><div class="print-format"><img src="{uri}" style="width: 100mm"></div></body></html>'
	return pypdfium2.PdfDocument(pdf.render(page))[0].render(scale=4).to_pil()

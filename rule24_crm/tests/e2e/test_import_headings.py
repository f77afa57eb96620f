"""A workbook with merged headings, from attaching it to the clients: what was recognised is seen, corrected and created."""

from pathlib import Path

import frappe
import openpyxl
import pytest
from playwright.sync_api import expect

from rule24_crm.setup.demo import people
from rule24_crm.tests.e2e.desk import Desk, now
from rule24_crm.tests.e2e.test_client_base import ADMINISTRATOR, counts, new

pytestmark = pytest.mark.long

ROWS = (
	("Клиенты на 1 июля",),
	("Наименование", "ИНН", "Контакт", "", "", "Юридический адрес", "", "", "", "Банк", "", "Страна"),
	("", "", "ФИО", "Телефон", "E-mail", "Индекс", "Город", "Улица", "Дом", "Название", "Счёт", ""),
	("ООО «Маяк»", "7707083893", "Иванов Пётр", "8 495 100-00-01", "m@example.ru", "170000", "Тверь", "Мира", "5", "Банк Мирный", "40702810753374068124", "РФ"),
	("ТОО «Нур»", "", "", "8 727 258-33-33", "", "", "Алматы", "Абая", "12А", "", "", "РК"),
	("Blue Ocean", "", "", "", "b@example.com", "", "Valletta", "", "", "", "", "Malta"),
	("ООО «Без банка»", "", "", "", "", "", "", "", "", "", "40702810753374068124", ""),
)  # fmt: skip


@pytest.fixture
def base(site_as_it_was, tmp_path) -> Path:
	"""As an accounting program writes it: headings over two rows, the cells merged, under a title."""
	people.make()
	frappe.db.commit()
	frappe.clear_cache()
	book = openpyxl.Workbook()
	for row in ROWS:
		book.active.append([cell or None for cell in row])
	for cells in ("A1:L1", "A2:A3", "B2:B3", "C2:E2", "F2:I2", "J2:K2", "L2:L3"):
		book.active.merge_cells(cells)
	path = tmp_path / "merged.xlsx"
	book.save(path)
	return path


def test_headings_in_two_rows(base, browser, site_url):
	with Desk(browser, site_url, ADMINISTRATOR, people.PASSWORD) as desk:
		new(desk, "Party Import")
		desk.here.locator("[data-fieldname=file] .btn-attach").click()
		desk.dialog.locator("input[type=file]").first.set_input_files(str(base))
		desk.press("Upload", desk.dialog)
		expect(desk.here.locator(".rule24-import-tile[data-state=Warning]")).to_be_visible()
		desk.settle()
		assert counts(desk) == {"": "4", "Ready": "2", "Warning": "2"}
		say_how_many_rows(desk)
		settle_doubts(desk)
		desk.press("Create All")
		desk.dialog.locator(".btn-primary:visible").first.click()
		expect(desk.here.locator(".rule24-import-tile[data-state=Created]")).to_contain_text("4")
		assert not desk.errors, desk.errors
	customer = frappe.get_doc("Customer", now("Customer", {"customer_name": "ООО «Маяк»"})[0])
	assert (customer.email_id, customer.mobile_no or "") == ("m@example.ru", "")
	address = frappe.get_doc("Address", customer.customer_primary_address)
	assert (address.address_line1, address.city, address.pincode) == ("Мира, д. 5", "Тверь", "170000")
	assert now("Bank Account", {"party": customer.name}, "bank") == ["Банк Мирный"]
	assert now("Customer", {"customer_name": "Blue Ocean"}, "rule24_kind") == ["Legal Entity"]


def say_how_many_rows(desk: Desk) -> None:
	"""One row of headings, and the second one is a client; two again, and it is not."""
	desk.settle()
	desk.here.locator("[data-fieldname=layout_section] .section-head").click()
	field = desk.here.locator("[data-fieldname=heading_rows] input")
	expect(field).to_have_value("2")

	def enter(rows: str) -> None:
		field.fill(rows)
		desk.page.wait_for_timeout(300)  # its text is marked a moment after it has the cursor
		field.evaluate(
			"field => field.blur()"
		)  # Tab goes on to the table of columns, and early Frappe 15 opens its first row
		desk.settle()

	for rows, clients in (("1", "5"), ("2", "4")):
		enter(rows)
		desk.save()
		expect(desk.here.locator(".rule24-import-tile[data-state='']")).to_contain_text(clients)
		if not field.is_visible():
			desk.here.locator("[data-fieldname=layout_section] .section-head").click()
	desk.picture("import-heading-rows")
	enter("9")
	desk.here.locator(".page-head .primary-action:visible").click()
	expect(desk.dialog).to_contain_text("Headings take 1 to 3 rows")
	desk.dismiss()
	enter("2")


def settle_doubts(desk: Desk) -> None:
	"""A choice for all doubtful names is seen in the rows at once."""
	desk.page.evaluate("frappe.container.page.frm.set_value('doubtful_names', 'Legal Entity')")
	desk.save()
	expect(desk.here.locator(".rule24-import-tile[data-state=Warning]")).to_contain_text("1")
	desk.settle()
	desk.here.locator(".rule24-import-table").scroll_into_view_if_needed()
	desk.picture("import-heading-rows-checked")

"""A client base comes in from a file, and goes from one manager to two: attached, looked at, corrected, created, handed over."""

from pathlib import Path

import frappe
import pytest
from frappe.utils import add_days, nowdate
from playwright.sync_api import expect

from rule24_crm.setup.demo import people
from rule24_crm.tests.e2e.desk import Desk, now

pytestmark = pytest.mark.long

ADMINISTRATOR = "crm.admin@example.com"
IVAN, OLGA, DENIS = people.MANAGERS
NAMES = ("Маяк", "Родник", "Орбита", "Компас", "Вектор", "Кедр", "Буран", "Прибой")


@pytest.fixture
def base(site_as_it_was, tmp_path) -> Path:
	"""A file as it comes out of an accounting program, with the mistakes of one."""
	people.make()
	frappe.db.commit()
	frappe.clear_cache()
	rows = ["Контрагент;Форма;ИНН;Тел.;Контактное лицо;Кто ведёт;Примечание"]
	for number, name in enumerate(NAMES):
		rows.append(f"ООО «{name}»;ЮЛ;;8 (495) 100-00-{number:02d};Иванов Пётр;Иван Звонарёв;важный")
	rows[2] = rows[2].replace(";;8", ";7707083894;8")
	rows[4] = rows[4].replace("ООО «Компас»", "")
	rows.append(rows[1])
	path = tmp_path / "base.csv"
	path.write_bytes("\n".join(rows).encode("cp1251"))
	return path


def test_a_client_base_comes_in_and_is_handed_over(base, browser, site_url):
	with Desk(browser, site_url, ADMINISTRATOR, people.PASSWORD) as desk:
		attach(desk, base)
		say_who_is_responsible(desk)
		correct(desk)
		create(desk)
		hand_over(desk)
		assert not desk.errors, desk.errors


def new(desk: Desk, doctype: str) -> None:
	desk.page.evaluate("doctype => { frappe.new_doc(doctype) }", doctype)
	desk.page.wait_for_function(
		"""doctype => {
			const { frm } = frappe.container.page;
			return frm && frm.doctype === doctype && frm.is_new();
		}""",
		arg=doctype,
	)
	desk.settle()


def counts(desk: Desk) -> dict[str, str]:
	"""The tiles on top: state -> number of rows."""
	return {
		tile.get_attribute("data-state"): tile.locator(".rule24-import-count").inner_text()
		for tile in desk.here.locator(".rule24-import-tile").all()
	}


def attach(desk: Desk, base: Path) -> None:
	"""Attaching the file is all: it is saved, recognised, read and checked."""
	new(desk, "Party Import")
	desk.here.locator("[data-fieldname=file] .btn-attach").click()
	desk.dialog.locator("input[type=file]").first.set_input_files(str(base))
	desk.press("Upload", desk.dialog)
	expect(desk.here.locator(".rule24-import-tile[data-state=Error]")).to_be_visible()
	desk.settle()
	assert counts(desk) == {"": "9", "Ready": "6", "Warning": "1", "Error": "1", "Duplicate": "1"}
	expect(desk.here.locator(".rule24-import-step").last).to_have_text(
		"Columns that are not imported: Кто ведёт, Примечание"
	)


def say_who_is_responsible(desk: Desk) -> None:
	"""A heading that nobody knows: its meaning is chosen in the table, and the rows are read again."""
	desk.here.locator(".rule24-import-step").last.click()
	row = desk.here.locator(".frappe-control[data-fieldname=columns] .grid-row[data-idx='6']")
	row.locator(".grid-static-col[data-fieldname=meaning]").click()
	row.locator("select:visible").select_option("Responsible")
	desk.save()
	expect(desk.here.locator(".rule24-import-table th").filter(has_text="Responsible")).to_be_visible()


def correct(desk: Desk) -> None:
	"""A row with an error is corrected where it stands, without a mouse."""
	desk.here.locator(".rule24-import-tile[data-state=Error]").click()
	rows = desk.here.locator(".rule24-import-table tbody tr")
	expect(rows).to_have_count(1)
	rows.first.locator("[data-field=client_name]").focus()
	desk.page.keyboard.press("Enter")
	desk.page.keyboard.type("ООО «Компас»")
	desk.page.keyboard.press("Tab")
	expect(desk.here.locator(".rule24-import-tile[data-state=Error]")).to_have_count(0)
	desk.here.locator(".rule24-import-tile[data-state='']").click()
	expect(rows).to_have_count(9)
	desk.picture("import-rows")
	desk.here.get_by_text("Open as List", exact=True).click()
	desk.settle()
	expect(desk.here.locator(".list-row .indicator-pill.purple").first).to_have_text("Duplicate")
	desk.page.go_back()
	desk.settle()


def create(desk: Desk) -> None:
	desk.here.locator(".rule24-import-tile[data-state=Ready]").click()
	desk.press("Create All")
	desk.dialog.locator(".btn-primary:visible").first.click()
	expect(desk.here.locator(".rule24-import-tile[data-state=Created]")).to_contain_text("8")
	assert len(now("Customer", {"account_manager": IVAN, "customer_name": ("like", "ООО «%")})) == len(NAMES)
	# no row is ready any more: all are shown
	expect(desk.here.locator(".rule24-import-table tbody tr")).to_have_count(9)


def hand_over(desk: Desk) -> None:
	"""Until a day to two others: what moves is seen before, told by name after, and taken back."""
	new(desk, "Client Handover")
	desk.fill("from_user", IVAN)
	desk.page.evaluate("day => frappe.container.page.frm.set_value('until', day)", add_days(nowdate(), 14))
	desk.fill_row("receivers", 1, "user", OLGA)
	desk.fill_row("receivers", 2, "user", DENIS)
	desk.save()
	expect(desk.here.locator(".rule24-handover tfoot")).to_contain_text(str(len(NAMES)))
	desk.here.locator(".rule24-handover").scroll_into_view_if_needed()
	desk.picture("handover")
	desk.press("Hand Over Now")
	desk.dialog.locator(".btn-primary:visible").first.click()
	expect(desk.here.locator(".page-head .indicator-pill").filter(has_text="Handed Over")).to_be_visible()
	desk.settle()
	moved = [len(now("Customer", {"account_manager": user})) for user in (IVAN, OLGA, DENIS)]
	assert moved == [0, len(NAMES) / 2, len(NAMES) / 2]
	desk.press("Moved Records")
	rows = desk.here.locator(".list-row")
	expect(rows.filter(has_text="ООО «Маяк»")).to_contain_text(frappe.utils.get_fullname(OLGA))
	desk.page.go_back()
	desk.settle()
	desk.press("Undo Handover")
	desk.dialog.locator(".btn-primary:visible").first.click()
	expect(desk.dialog.get_by_text("records are back")).to_be_visible()
	assert len(now("Customer", {"account_manager": IVAN})) == len(NAMES)

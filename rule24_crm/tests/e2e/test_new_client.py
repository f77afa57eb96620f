"""New Client, clicked through: from the register to a complete client; the second one is noticed; two become one."""

import json
import os
import time
from pathlib import Path

import frappe
import pytest
from frappe.utils.password import remove_encrypted_password, set_encrypted_password
from playwright.sync_api import expect

from rule24_crm.compat import cache
from rule24_crm.tests import factories as make
from rule24_crm.tests import registry_server as vendor
from rule24_crm.tests.e2e.desk import Desk, now

pytestmark = pytest.mark.long

SETTINGS = "Rule24 CRM Settings"
INN = "7707083893"


@pytest.fixture
def register(site_as_it_was):
	"""The site asks a register on loopback."""
	config = Path(frappe.get_site_path("site_config.json"))
	before = config.read_text()
	with vendor.RegistryServer() as server:
		server.answers = {
			"suggest/party": [vendor.party(), vendor.person()],
			"findById/bank": [vendor.bank()],
		}
		config.write_text(json.dumps({**json.loads(before), "rule24_dadata_url": server.url}))
		frappe.db.set_single_value(SETTINGS, "registry_provider", "DaData")
		set_encrypted_password(SETTINGS, SETTINGS, vendor.KEY, "registry_key")
		frappe.db.commit()
		frappe.clear_cache()
		yield server
		config.write_text(before)
		frappe.db.set_single_value(SETTINGS, "registry_provider", "")
		remove_encrypted_password(SETTINGS, SETTINGS, "registry_key")
		cache().delete_keys("rule24_registry")
		frappe.db.commit()
		frappe.clear_cache()


def test_from_the_register_to_a_client(register, browser, site_url):
	password = os.environ["RULE24_ADMIN_PASSWORD"]
	make.make_segment()
	frappe.db.commit()
	with Desk(browser, site_url, "Administrator", password) as desk:
		until_it_is_asked(desk)
		client = create(desk)
		warned(desk, client)
		notice(desk, client)
		relate(desk, client)
		merge(desk, client)
		assert not desk.errors, desk.errors
		assert not [line for line in desk.console if "TypeError" in line], desk.console


def until_it_is_asked(desk: Desk) -> None:
	"""A web process of Frappe 16 goes on for a minute with the configuration it has read: the register is not in it yet."""
	ask = """async () => (await fetch("/api/method/rule24_crm.api.parties.registry_suggest", {
		method: "POST",
		headers: { "Content-Type": "application/json", "X-Frappe-CSRF-Token": frappe.csrf_token },
		body: JSON.stringify({ text: "ромашка" }),
	})).ok"""
	deadline = time.monotonic() + 80
	while not desk.page.evaluate(ask):
		assert time.monotonic() < deadline, "the server does not ask the register"
		desk.page.wait_for_timeout(1000)


def window(desk: Desk):
	shown = desk.page.locator(".rule24-new-party.show")
	expect(shown).to_be_visible()
	desk.settle()
	return shown


def create(desk: Desk) -> str:
	"""A customer by its name, from what the register finds."""
	desk.open("new-client")
	shown = window(desk)
	desk.fill("query", "ромашка", shown)
	shown.locator(".rule24-found button").first.click()
	desk.settle()
	tell_what_is_too_long(desk, shown)
	leave_the_message_only(desk, shown)
	desk.fill("contact_phone", "8 912 345 67 8", shown)
	expect(shown.locator(".frappe-control[data-fieldname=contact_phone]")).to_contain_text("no such number")
	desk.fill("contact_phone", "8 912 345 67 89", shown)
	pass_by_segments(desk, shown)
	desk.picture("new-client")
	shown.locator(".btn-primary:visible").first.click()
	expect(shown).to_be_hidden()
	desk.settle()
	[name] = now("Customer", {"tax_id": INN})
	desk.until_form("Customer", name)
	assert now("Contact", {"mobile_no": "+79123456789"}, "last_name") == ["Петрова"]
	return name


def tell_what_is_too_long(desk: Desk, shown) -> None:
	"""Nothing is cut in the window, as it would be in a box of Frappe's: a name of 141 characters and an address of 281 are told."""
	shown.get_by_text("Address and Phone of the Company").click()
	for field, longest in (("name", 140), ("address_line", 280)):
		box = shown.locator(f".frappe-control[data-fieldname={field}]")
		before = box.locator("input").input_value()
		desk.fill(field, "щ" * (longest + 1), shown)
		expect(box).to_contain_text(str(longest))
		desk.fill(field, before, shown)
		expect(box).not_to_contain_text(str(longest))


def leave_the_message_only(desk: Desk, shown) -> None:
	"""Escape leaves the message that says why nothing was created; the window with all that was typed stays."""
	desk.fill("contact_email", "anna@", shown)
	shown.locator(".btn-primary:visible").last.click()
	message = desk.page.locator(".modal.show .msgprint")
	expect(message).to_contain_text("anna@")
	desk.page.wait_for_timeout(500)  # Bootstrap takes no key while a window is coming
	desk.page.keyboard.press("Escape")
	expect(message).to_be_hidden()
	desk.page.wait_for_timeout(500)
	expect(shown).to_be_visible()
	assert shown.locator(".frappe-control[data-fieldname=contact_email] input").input_value() == "anna@"
	desk.fill("contact_email", "", shown)


def warned(desk: Desk, client: str) -> None:
	"""A document for a client that is no more says so in its form."""
	frappe.db.set_value("Customer", client, "rule24_registry_status", "Liquidated")
	values = {"party_type": "Customer", "party_name": client, "contract_terms": "x"}
	contract = frappe.get_doc({"doctype": "Contract", **values}).insert()
	frappe.db.commit()
	desk.open_form("Contract", contract.name)
	expect(desk.page.locator(".rule24-notice:visible .form-message.red")).to_contain_text("liquidated")
	frappe.db.set_value("Customer", client, "rule24_registry_status", "Active")
	frappe.db.commit()


def pass_by_segments(desk: Desk, shown) -> None:
	"""Tab goes through the field: nothing is chosen, though its list opens with the first segment highlighted."""
	field = shown.locator(".frappe-control[data-fieldname=segments]")
	field.locator("input").focus()
	expect(field.locator("li:visible").first).to_be_visible()
	desk.page.keyboard.press("Tab")
	desk.settle()
	expect(field.locator(".tb-selected-value")).to_have_count(0)


def relate(desk: Desk, client: str) -> None:
	"""A person who is in the base becomes the client's director: found in the window, seen on the card."""
	desk.open_form("Customer", client)
	desk.tab("Card")
	desk.press("+ Relation")
	window = desk.dialog
	window.locator("select[data-fieldname=role]").select_option(label="Director")
	window.locator("select[data-fieldname=other_type]").select_option("Contact")
	desk.fill("other", "Пенкина", window)
	desk.press("Add", window)
	expect(desk.here.locator(".relation")).to_contain_text("Анна Пенкина")
	assert len(now("Partner Relation", {"kind": "Director", "to_party": client})) == 1


def merge(desk: Desk, client: str) -> None:
	"""From the form of the one that goes to the one that stays; what it does is seen before."""
	other = make.make_customer(website="https://example.org").name
	frappe.db.commit()
	desk.open_form("Customer", other)
	desk.page.evaluate("name => rule24.parties.choose_and_merge('Customer', name)", other)
	desk.fill("other", client, desk.dialog)
	desk.press("Next", desk.dialog)
	expect(desk.dialog).to_contain_text("https://example.org")
	desk.press("Merge", desk.dialog)
	desk.until_form("Customer", client)
	desk.page.wait_for_timeout(1500)  # Frappe loads a form once more a second after it hears of a change
	desk.settle()
	assert not now("Customer", {"name": other})
	expect(desk.here.locator("[data-fieldname=website] input").first).to_have_value("https://example.org")


def notice(desk: Desk, client: str) -> None:
	"""The same client once more: seen while it is typed, in the window and in the form of a lead."""
	desk.page.keyboard.press("Shift+Alt+N")
	shown = window(desk)
	desk.fill("name", "Romashka", shown)
	expect(shown.locator(".rule24-matches")).to_contain_text("the same name")
	responsible = shown.locator(".frappe-control[data-fieldname=manager]")
	expect(responsible).to_contain_text("Empty: the client is yours")
	desk.fill("contact_name", "Пенкина Анна", shown)
	desk.fill("contact_phone", "8 912 345 67 80", shown)
	desk.picture("new-client-known")
	shown.locator("[data-do=use]").first.click()
	desk.settle()
	expect(desk.dialog).to_contain_text("Анна Пенкина, +79123456780")
	desk.dialog.locator(".btn-primary:visible").first.click()
	desk.settle()
	[person] = now("Contact", {"mobile_no": "+79123456780"})
	assert now("Dynamic Link", {"parent": person}, "link_name") == [client]
	desk.until_form("Customer", client)
	desk.page.evaluate(
		"() => { frappe.new_doc('Lead', { company_name: 'Ромашка', mobile_no: '89123456789' }) }"
	)
	expect(desk.page.locator(".rule24-notice:visible .rule24-matches")).to_contain_text("the same phone")
	desk.picture("duplicate-warning")

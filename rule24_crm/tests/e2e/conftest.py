"""The browser, and a site that is left as it was found."""

import frappe
import pytest
from playwright.sync_api import sync_playwright

from rule24_crm.parties.duplicates import store


@pytest.fixture(scope="session")
def browser(chromium_path):
	with sync_playwright() as playwright:
		browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
		yield browser
		browser.close()


@pytest.fixture(scope="module")
def site_as_it_was():
	"""What a module's tests and their users leave behind goes away: other tests of this run share the site."""
	frappe.set_user("Administrator")
	frappe.db.commit()
	records, defaults = _records(), _defaults()
	yield
	frappe.db.rollback()
	_forget(records)
	_set_back(defaults)
	store.rebuild()
	frappe.db.commit()
	frappe.clear_cache()


def _defaults() -> list[dict]:
	return frappe.get_all("DefaultValue", fields=["*"], order_by=None)


def _set_back(defaults: list[dict]) -> None:
	"""A default that is set takes the place of a row of another name: deleting what is new would leave none."""
	frappe.db.delete("DefaultValue")
	if defaults:
		frappe.db.bulk_insert("DefaultValue", list(defaults[0]), [tuple(row.values()) for row in defaults])


def _records() -> dict[str, set[str]]:
	"""Names of all records of the site, table by table."""
	names = {}
	for table in frappe.db.get_tables(cached=False):
		if table.startswith("tab") and {"name", "creation"} <= set(frappe.db.get_table_columns(table[3:])):
			names[table] = {row[0] for row in frappe.qb.from_(frappe.qb.Table(table)).select("name").run()}
	return names


def _forget(before: dict[str, set[str]]) -> None:
	"""Delete every record that was not there before: other tests of this run share the site."""
	for table, names in _records().items():
		record = frappe.qb.Table(table)
		if new := list(names - before.get(table, set())):
			frappe.qb.from_(record).delete().where(record.name.isin(new)).run()

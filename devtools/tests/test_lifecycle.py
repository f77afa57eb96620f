"""Install, migrate, uninstall: afterwards the site is as it was, and nothing of ours is left.

On a site of its own, so that the suite's own is not touched; with the demo in it, so that there is something to remove.
"""

import json
import os
from collections.abc import Iterator

import pytest

from devtools import site
from devtools.instance import Instance, opened
from devtools.runtime import Runtime, choose

pytestmark = pytest.mark.long
#: written anew by Frappe with every (un)installation, under new names or with the time of it
FRAPPES_OWN = {
	"tabInstalled Application",
	"tabDefaultValue",
	"tabPatch Log",
	"tabVersion",
	"tabSingles",
	"tabSeries",
}
#: each migration of Frappe 16 writes the rows of all apps anew: of these only those that name us count
REWRITTEN = {"tabNavbar Item"}


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
	before = os.environ.get("FRAPPE_BENCH")
	if bench := os.environ.get("RULE24_BENCH"):
		os.environ["FRAPPE_BENCH"] = bench
	try:
		yield choose()
	finally:
		os.environ.pop("FRAPPE_BENCH", None)
		if before:
			os.environ["FRAPPE_BENCH"] = before


@pytest.fixture(scope="module")
def instance(runtime: Runtime) -> Iterator[Instance]:
	with opened(runtime, "lifecycle", many=True) as instance:
		site.restore(instance, site.base_snapshot(runtime))
		instance.lay_out()
		instance.start_servers()
		yield instance


def tables(instance: Instance, name: str) -> dict:
	file = instance.root / "run" / f"{name}.json"
	instance.inside("tables", str(file), log=f"tables-{name}", what="Reading the database")
	return json.loads(file.read_text())


def uninstall(instance: Instance) -> None:
	instance.frappe(
		"uninstall-app", "rule24_crm", "--yes", "--no-backup", log="uninstall", what="Uninstalling Rule24 CRM"
	)


def differences(before: dict, after: dict) -> list[str]:
	found = [f"table {table} is left" for table in sorted(after.keys() - before.keys())]
	found += [f"table {table} is gone" for table in sorted(before.keys() - after.keys())]
	for table in sorted(before.keys() & after.keys()):
		parts = ("columns", "indexes") if table in FRAPPES_OWN else ("columns", "indexes", "rows")
		for part in parts:
			was, now = (_counted(table, part, each[table][part]) for each in (before, after))
			left, gone = sorted(now - was), sorted(was - now)
			if part == "rows":
				left, gone = _without_renamed(left, gone)
			if part == "indexes":  # Frappe adds the index of its sorting to any table it touches
				left = [
					index
					for index in left
					if index not in ("('creation', 1, 'creation')", "('modified', 1, 'modified')")
				]
			found += [f"{table}: {part} left: {item[:300]}" for item in left]
			found += [f"{table}: {part} gone: {item[:300]}" for item in gone]
	return found


def _counted(table: str, part: str, items: list[str]) -> set[str]:
	"""What is compared of a table."""
	if part == "rows" and table in REWRITTEN:
		return {item for item in items if "rule24" in item.lower()}
	return set(items)


def _without_renamed(left: list[str], gone: list[str]) -> tuple[list[str], list[str]]:
	"""Rows of child tables that were written again have new random names and are otherwise the same."""

	def nameless(row: str) -> str:
		return json.dumps(
			{key: value for key, value in json.loads(row).items() if key != "name"}, sort_keys=True
		)

	same = {nameless(row) for row in left} & {nameless(row) for row in gone}
	return [row for row in left if nameless(row) not in same], [
		row for row in gone if nameless(row) not in same
	]


def test_an_item_of_ours_in_the_menu_would_be_found():
	stock = {"name": "a", "idx": 1, "item_label": "About", "action": "frappe.ui.toolbar.show_about()"}
	ours = {"name": "b", "idx": 2, "item_label": "Handover", "action": "rule24_crm.handover()"}

	def menu(*rows: dict) -> dict:
		return {"tabNavbar Item": {"columns": [], "indexes": [], "rows": [json.dumps(each) for each in rows]}}

	assert differences(menu(stock), menu({**stock, "name": "c", "idx": 2})) == []
	assert "Handover" in "".join(differences(menu(stock), menu(stock, ours)))


@pytest.mark.timeout(600)
def test_nothing_is_left_behind(instance: Instance):
	before = tables(instance, "before")
	site.install_app(instance)
	instance.frappe("migrate", log="migrate", what="Migrating")
	installed = tables(instance, "installed")
	assert "tabWork" in installed
	assert any("rule24_phase" in column for column in installed["tabCustomer"]["columns"])
	uninstall(instance)
	assert differences(before, tables(instance, "after")) == []
	# and it can come again
	site.install_app(instance)
	assert tables(instance, "again").keys() == installed.keys()


@pytest.mark.timeout(600)
def test_a_site_in_use_is_left_clean(instance: Instance):
	"""With works, campaign, deals and documents: the business stays, whatever names us goes."""
	if "tabWork" not in tables(instance, "now"):
		site.install_app(instance)
	instance.inside("demo", log="demo", what="Making the demo")
	uninstall(instance)
	after = tables(instance, "used")
	assert "tabWork" not in after
	assert after["tabSales Invoice"]["rows"], "the accountant's drafts stay"
	named = [
		f"{table}: {row[:300]}"
		for table, content in after.items()
		for row in [*content["columns"], *content["indexes"], *content["rows"]]
		if ("rule24_" in row.lower() or '"Rule24 CRM"' in row)
		and "Installed Application" not in row  # Frappe's own book of what was installed when
	]
	assert named == []


@pytest.mark.timeout(600)
def test_an_older_site_is_brought_up_to_date(instance: Instance):
	"""Fields and indexes an older version did not have come with migrate; what users changed stays."""
	if "tabWork" not in tables(instance, "older"):
		site.install_app(instance)
	instance.inside("older", log="older", what="Making the site older")
	instance.frappe("migrate", log="upgrade", what="Migrating")
	report = instance.inside("older", "check", log="check", what="Checking the upgrade")
	assert "UPGRADED" in report

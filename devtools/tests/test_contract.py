"""The contract check finds what it is there to find. No bench is needed: a changed copy of the stand-in plays ERPNext."""

import json
import shutil
from pathlib import Path

import pytest

from devtools.contract import __main__ as contract
from devtools.contract import records
from devtools.contract.doctypes import TABLES, doctype_files
from devtools.contract.report import Report

LEAD = "crm/doctype/lead/lead"


class Bench:
	"""A folder laid out like a bench, whose ERPNext can be changed."""

	def __init__(self, root: Path):
		self.root = root
		self.erpnext = root / "apps/erpnext/erpnext"
		self.frappe = root / "apps/frappe/frappe"
		shutil.copytree(contract.STANDIN, self.erpnext, ignore=shutil.ignore_patterns("__pycache__"))
		self.frappe.mkdir(parents=True)
		(self.frappe / "hooks.py").write_text('app_name = "frappe"\n')
		for name in self._linked_doctypes():
			self._frappe_doctype(name)

	def _linked_doctypes(self) -> set[str]:
		files = doctype_files(self.erpnext)
		fields = [field for path in files.values() for field in json.loads(path.read_text())["fields"]]
		return {field["options"] for field in fields if field["fieldtype"] in ("Link", *TABLES)} - set(files)

	def _frappe_doctype(self, name: str) -> None:
		scrubbed = name.lower().replace(" ", "_").replace("-", "_")
		folder = self.frappe / "core/doctype" / scrubbed
		folder.mkdir(parents=True)
		content = {"doctype": "DocType", "name": name, "fields": []}
		(folder / f"{scrubbed}.json").write_text(json.dumps(content))

	def change_field(self, path: str, fieldname: str, **values) -> None:
		doctype = self._read(path)
		field = next(field for field in doctype["fields"] if field["fieldname"] == fieldname)
		field.update(values)
		self._write(path, doctype)

	def remove_field(self, path: str, fieldname: str) -> None:
		doctype = self._read(path)
		doctype["fields"] = [field for field in doctype["fields"] if field["fieldname"] != fieldname]
		doctype["field_order"].remove(fieldname)
		self._write(path, doctype)

	def change_doctype(self, path: str, **values) -> None:
		self._write(path, {**self._read(path), **values})

	def replace(self, path: str, old: str, new: str) -> None:
		file = self.erpnext / path
		text = file.read_text()
		assert old in text, f"{path} no longer has {old!r}"
		file.write_text(text.replace(old, new))

	def _read(self, path: str) -> dict:
		return json.loads((self.erpnext / f"{path}.json").read_text())

	def _write(self, path: str, content: dict) -> None:
		(self.erpnext / f"{path}.json").write_text(json.dumps(content))

	def differences(self, alternatives=()) -> list[str]:
		return contract.static(contract.STANDIN, self.erpnext, self.frappe, list(alternatives)).differences


@pytest.fixture
def bench(tmp_path) -> Bench:
	return Bench(tmp_path)


def the_one(bench: Bench) -> str:
	differences = bench.differences()
	assert len(differences) == 1, differences
	return differences[0]


def test_an_equal_erpnext_has_no_differences(bench):
	assert bench.differences() == []


def test_a_changed_option_is_found(bench):
	bench.change_field(LEAD, "status", options="Lead\nOpen\nNew in this version")
	assert the_one(bench).startswith("Lead.status options: stand-in has 'Lead\\nOpen\\nReplied")


def test_a_field_that_erpnext_lost_is_found(bench):
	bench.remove_field(LEAD, "market_segment")
	assert the_one(bench) == "Lead.market_segment: ERPNext has no such field"


@pytest.mark.parametrize(
	("values", "word"),
	[
		({"fieldtype": "Small Text"}, "fieldtype"),
		({"label": "Company Name"}, "label"),
		({"reqd": 1}, "reqd"),
		({"default": "x"}, "default"),
		({"unique": 1}, "unique"),
		({"read_only": 1}, "read_only"),
		({"fetch_from": "customer.customer_name"}, "fetch_from"),
		({"depends_on": "eval:doc.customer"}, "depends_on"),
		({"permlevel": 1}, "permlevel"),
	],
)
def test_a_changed_fact_of_a_field_is_found(bench, values, word):
	bench.change_field(LEAD, "company_name", **values)
	assert the_one(bench).startswith(f"Lead.company_name {word}: ")


def test_words_of_help_and_zeros_are_no_difference(bench):
	bench.change_field(LEAD, "company_name", description="Help", reqd=0, hidden="0", width="50%")
	assert bench.differences() == []


def test_a_larger_erpnext_is_no_difference(bench):
	doctype = bench._read(LEAD)
	doctype["fields"].append({"fieldname": "planet", "fieldtype": "Data"})
	doctype["field_order"].insert(3, "planet")
	doctype["permissions"].append({"role": "Astronaut", "read": 1})
	bench._write(LEAD, doctype)
	bench.replace(
		f"{LEAD}.py",
		"def get_lead_with_phone_number",
		"def land(on):\n\tpass\n\n\ndef get_lead_with_phone_number",
	)
	assert bench.differences() == []


def test_fields_in_another_order_are_found(bench):
	doctype = bench._read(LEAD)
	doctype["field_order"].reverse()
	bench._write(LEAD, doctype)
	assert the_one(bench).startswith("Lead field_order: the order differs from ")


@pytest.mark.parametrize(
	("key", "value"),
	[("autoname", "hash"), ("is_submittable", 1), ("module", "Selling"), ("title_field", "lead_name")],
)
def test_a_changed_fact_of_a_doctype_is_found(bench, key, value):
	bench.change_doctype(LEAD, **{key: value})
	assert the_one(bench).startswith(f"Lead {key}: ")


def test_a_doctype_that_erpnext_lost_is_found(bench):
	shutil.rmtree(bench.erpnext / "crm/doctype/market_segment")
	found = bench.differences()
	assert "Market Segment: ERPNext has no such DocType" in found


def test_a_changed_permission_is_found(bench):
	rows = bench._read(LEAD)["permissions"]
	user = next(row for row in rows if row["role"] == "Sales User")
	user["delete"] = 1
	bench.change_doctype(LEAD, permissions=rows)
	assert the_one(bench).startswith("Lead permissions of Sales User: ")


def test_a_link_to_a_doctype_that_the_preview_lacks_is_found(bench):
	shutil.rmtree(bench.frappe / "core/doctype/salutation")
	assert set(bench.differences()) == {
		f"{name}.salutation: its DocType Salutation does not exist on the preview"
		for name in ("Customer", "Employee", "Lead")
	}


@pytest.mark.parametrize(
	("old", "new", "place"),
	[
		(
			"def make_customer(source_name, target_doc=None):",
			"def make_customer(source_name, target_doc=None, campaign=None):",
			"erpnext.crm.doctype.lead.lead.make_customer parameters",
		),
		(
			"def make_customer(source_name, target_doc=None):",
			"def make_customer(source_name, target_doc=0):",
			"erpnext.crm.doctype.lead.lead.make_customer parameters",
		),
		(
			"@frappe.whitelist()\ndef make_opportunity",
			"def make_opportunity",
			"erpnext.crm.doctype.lead.lead.make_opportunity whitelisting",
		),
		(
			"def create_prospect(self, company_name):",
			"def create_prospect(self, company_name, owner):",
			"erpnext.crm.doctype.lead.lead.Lead.create_prospect parameters",
		),
		(
			"def has_customer(self):",
			"def has_a_customer(self):",
			"erpnext.crm.doctype.lead.lead.Lead.has_customer: ERPNext has no such method",
		),
		(
			"class Lead(SellingController, CRMNote):",
			"class Lead(CRMNote):",
			"erpnext.crm.doctype.lead.lead.Lead bases",
		),
	],
)
def test_a_changed_function_is_found(bench, old, new, place):
	bench.replace(f"{LEAD}.py", old, new)
	assert the_one(bench).startswith(place)


def test_a_function_that_moved_is_accepted_from_the_places_the_app_knows(bench):
	bench.replace(f"{LEAD}.py", "def make_customer(", "def _make_customer_here(")
	(bench.erpnext / "crm/doctype/lead/mapper.py").write_text(
		"import frappe\n\n\n@frappe.whitelist()\ndef make_customer(source_name, target_doc=None):\n\tpass\n"
	)
	assert the_one(bench) == "erpnext.crm.doctype.lead.lead.make_customer: ERPNext has nothing of this name"
	known = contract.alternatives(contract.COMPAT)
	assert bench.differences(known) == []
	bench.replace("crm/doctype/lead/mapper.py", "target_doc=None", "target_doc")
	assert bench.differences(known)[0].startswith("erpnext.crm.doctype.lead.lead.make_customer parameters")


def test_a_name_that_erpnext_only_imports_counts(bench):
	source = "accounts/doctype/account/account.py"
	bench.replace(
		"accounts/utils.py", "from erpnext.accounts.doctype.account.account import get_account_currency", ""
	)
	bench.replace("accounts/utils.py", "def get_fiscal_years(", "def get_fiscal_years_of(")
	assert "erpnext.accounts.utils.get_fiscal_years: ERPNext has nothing of this name" in bench.differences()
	text = (bench.erpnext / "accounts/utils.py").read_text()
	(bench.erpnext / source).write_text(
		(bench.erpnext / source).read_text()
		+ text[text.index("def get_fiscal_years_of(") :].replace("_of(", "(", 1)
	)
	bench.replace(
		"accounts/utils.py",
		"class FiscalYearError",
		"from erpnext.accounts.doctype.account.account import get_fiscal_years\n\n\nclass FiscalYearError",
	)
	assert (
		"erpnext.accounts.utils.get_fiscal_years: ERPNext has nothing of this name" not in bench.differences()
	)


def test_a_changed_ladder_of_statuses_is_found(bench):
	bench.replace(
		"controllers/status_updater.py", '["Opportunity", "has_opportunity"]', '["Opportunity", "has_deal"]'
	)
	assert the_one(bench).startswith("erpnext.controllers.status_updater.status_map['Lead']: ")


def test_a_changed_hook_is_found(bench):
	bench.replace("hooks.py", "erpnext.crm.utils.link_events_with_prospect", "erpnext.crm.utils.link_events")
	assert the_one(bench).startswith("hooks.doc_events.Event.after_insert: ")


def test_a_changed_connection_is_found(bench):
	bench.replace("selling/doctype/customer/customer_dashboard.py", '_("Pre Sales")', '_("Before")')
	assert the_one(bench).startswith("customer_dashboard group Pre Sales: ERPNext does not show ")
	bench.replace("selling/doctype/customer/customer_dashboard.py", '_("Before")', '_("Pre Sales")')
	bench.replace("crm/doctype/lead/lead_dashboard.py", '"Quotation": "party_name"', '"Quotation": "lead"')
	assert the_one(bench).startswith("lead_dashboard non_standard_fieldnames.Quotation: ")


def test_a_changed_custom_field_is_found(bench):
	bench.replace("accounts/custom/address.json", '"Tax Category"', '"Category of Tax"')
	assert len(bench.differences()) == 2  # its label and its options


def test_the_exit_code_and_the_line_of_counts(bench, capsys):
	assert contract.main(["--bench", str(bench.root)]) == 0
	assert capsys.readouterr().out.rstrip().endswith("; 0 differences")
	bench.remove_field(LEAD, "market_segment")
	assert contract.main(["--bench", str(bench.root)]) == 1
	lines = capsys.readouterr().out.splitlines()
	assert lines[0] == "Lead.market_segment: ERPNext has no such field"
	assert lines[-1].endswith("; 1 differences")
	assert contract.main(["--bench", str(bench.root / "nothing")]) == 2


def test_records_are_compared_value_by_value(tmp_path):
	ours, theirs = tmp_path / "ours.json", tmp_path / "theirs.json"
	story = {"deal": {"status": "Open", "total": 10.0, "note": None, "items": [{"qty": 3}]}, "left out": 1}
	ours.write_text(json.dumps(story))
	real = {
		"deal": {"status": "Replied", "total": 10, "note": "", "items": [{"qty": 4, "uom": "Nos"}], "more": 1}
	}
	theirs.write_text(json.dumps(real))
	report = Report()
	records.compare(ours, theirs, report)
	assert report.differences == [
		"deal.status: stand-in has 'Open', ERPNext has 'Replied'",
		"deal.items[1].qty: stand-in has 3, ERPNext has 4",
		"left out: ERPNext has no such record",
	]


def test_a_bench_for_a_newer_python_is_read_with_its_own(bench, capfd):
	bench.replace(f"{LEAD}.py", "class Lead(", "this is no Python of today\n\n\nclass Lead(")
	assert contract.main(["--bench", str(bench.root)]) == 2
	assert "is written for a newer Python" in capfd.readouterr().out
	python = bench.root / "env/bin/python"
	python.parent.mkdir(parents=True)
	python.write_text('#!/bin/sh\necho "its own Python: $*"\nexit 1\n')
	python.chmod(0o755)
	assert contract.main(["--bench", str(bench.root)]) == 1
	assert f"its own Python: -m devtools.contract --bench {bench.root}" in capfd.readouterr().out

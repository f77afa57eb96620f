"""The client base of the demo: 5,000 companies and people, imported from a file as an administrator would."""

import gzip
from pathlib import Path

import frappe

from rule24_crm.parties.importing import jobs

FILE = Path(__file__).with_name("client_base.csv.gz")
NAME = "client_base_5000.csv"


def make() -> None:
	"""Import the base unless it has been imported. Rows with errors and duplicates stay in the register, to be looked at."""
	doc = _import()
	if doc.rows_created:
		return
	jobs.recognise(doc)
	jobs.fill(doc, commit=frappe.db.commit)
	jobs.queue(doc)
	jobs.run(doc, commit=frappe.db.commit)


def _import():
	existing = frappe.db.exists("Party Import", {"title": NAME})
	if existing:
		return frappe.get_doc("Party Import", existing)
	doc = frappe.get_doc(
		{
			"doctype": "Party Import",
			"create_as": "Customer",
			"responsible": "As in the File",
			"create_segments": 1,
		}
	).insert()
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": NAME,
			"is_private": 1,
			"attached_to_doctype": doc.doctype,
			"attached_to_name": doc.name,
			"attached_to_field": "file",
			"content": gzip.decompress(FILE.read_bytes()),
		}
	).insert()
	doc.file = file.file_url
	return doc.save()

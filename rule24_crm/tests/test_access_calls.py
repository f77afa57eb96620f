"""What a user may do to a client's records by calls of Frappe's, and what a client sees on the portal."""

import csv
import io
import json
import shutil

import frappe
from frappe.utils import set_request
from frappe.utils.xlsxutils import read_xlsx_file_from_attached_file
from frappe.website.serve import get_response
from pypdf import PdfReader

from rule24_crm.overrides import stock_reads
from rule24_crm.tests import access_ways as ways
from rule24_crm.tests import factories as make
from rule24_crm.tests.access_scene import WORD, papers
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.tests.test_access_matrix import BY_SEGMENT, DOCTYPES, AccessCase
from rule24_crm.tests.test_access_ways import _file

ASK = {"access": "By Segment"}
#: pages of the portal, by DocType
PAGES = {"Quotation": "quotations", "Sales Order": "orders", "Sales Invoice": "invoices"}
TRIED = ("own", "segment", "foreign")


class CallsCase(AccessCase):
	def name(self, doctype: str, relation: str = "foreign") -> str:
		return self.scene.records[doctype][relation]

	def as_manager(self):
		return self.as_user(self.scene.manager)

	def refused(self, method: str, **arguments) -> None:
		with self.settings(**ASK), self.as_manager(), self.subTest(method=method, **arguments):
			with self.assertRaises((frappe.PermissionError, frappe.DoesNotExistError)):
				ways.call(method, **arguments)
			frappe.clear_messages()

	def allowed(self, method: str, **arguments):
		with self.settings(**ASK), self.as_manager(), self.subTest(method=method, **arguments):
			return ways.call(method, **arguments)


class TestCalls(CallsCase):
	def setUp(self):
		super().setUp()
		self.addCleanup(lambda: getattr(frappe.local, "rule24_teams", {}).clear())

	# every mode of the export of a list

	def let_export(self):
		for doctype in ("Customer", "Lead", "Quotation", "Sales Order"):
			if frappe.db.exists("DocType", doctype):
				frappe.permissions.add_permission(doctype, "Sales User", 0)
				frappe.permissions.update_permission_property(doctype, "Sales User", 0, "export", 1)

	def exported(self, doctype: str, kind: str, **arguments) -> set[str]:
		"""First column of the file."""
		self.allowed(
			"frappe.desk.reportview.export_query",
			doctype=doctype,
			fields=f'["`tab{doctype}`.`name`"]',
			file_format_type=kind,
			title=doctype,
			order_by="modified desc",
			**arguments,
		)
		content = frappe.local.response.get("filecontent") or frappe.local.response.get("result")
		if kind == "Excel":
			rows = read_xlsx_file_from_attached_file(fcontent=content)
		else:
			text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
			rows = csv.reader(io.StringIO(text))
		return {str(cell) for row in rows for cell in row}

	def test_export(self):
		self.let_export()
		for doctype in ("Customer", "Lead", "Work", *papers()):
			records = self.scene.records[doctype]
			filters = json.dumps([[doctype, "name", "in", list(records.values())]])
			for kind in ("CSV", "Excel"):
				for more in (
					{"filters": filters},
					{"filters": "[]"},
					{"filters": "[]", "selected_items": json.dumps(list(records.values()))},
				):
					cells = self.exported(doctype, kind, **more)
					seen = {relation for relation, name in records.items() if name in cells}
					self.assertEqual(seen, BY_SEGMENT, (doctype, kind, more))

	def test_data_export_and_template_with_records(self):
		self.let_export()
		records = self.scene.records["Lead"]
		self.allowed(
			"frappe.core.doctype.data_export.exporter.export_data",
			doctype="Lead",
			with_data=1,
			file_type="CSV",
			select_columns=json.dumps({"Lead": ["name", "first_name"]}),
		)
		text = str(frappe.local.response.get("result"))
		self.assertIn(records["own"], text)
		self.assertNotIn(records["foreign"], text)
		self.allowed(
			"frappe.core.doctype.data_import.data_import.download_template",
			doctype="Lead",
			export_fields=json.dumps({"Lead": ["name", "first_name"]}),
			export_records="all",
			file_type="CSV",
		)
		text = str(frappe.local.response.get("result"))
		self.assertIn(records["own"], text)
		self.assertNotIn(records["foreign"], text)

	# prints: prints as PDF: one, and several in one file

	def test_print_of_one(self):
		for doctype in ("Lead", "Work", *papers()):
			self.refused("frappe.utils.print_format.download_pdf", doctype=doctype, name=self.name(doctype))

	def test_what_is_printed(self):
		if not shutil.which("wkhtmltopdf"):
			self.skipTest("no wkhtmltopdf on this machine")
		names = [self.name("Contract", relation) for relation in ("own", "foreign")]
		own, foreign = (self.name("Customer", relation) for relation in ("own", "foreign"))
		self.allowed("frappe.utils.print_format.download_pdf", doctype="Contract", name=names[0])
		self.assertIn(own, self.text())
		for several in (
			{"doctype": "Contract", "name": json.dumps(names)},
			{"doctype": {"Contract": names}, "name": "x"},
		):
			self.allowed("frappe.utils.print_format.download_multi_pdf", **several)
			self.assertIn(own, self.text())
			self.assertNotIn(foreign, self.text())

	def text(self) -> str:
		pages = PdfReader(io.BytesIO(frappe.local.response.filecontent)).pages
		return " ".join(" ".join(page.extract_text() for page in pages).split())

	# letters

	def letter(self, doctype: str, name: str, **more):
		return {
			"method": "frappe.core.doctype.communication.email.make",
			"doctype": doctype,
			"name": name,
			"subject": WORD,
			"content": WORD,
			"recipients": "somebody@example.com",
			**more,
		}

	def test_letter_about_a_document(self):
		for doctype in ("Customer", "Lead", "Opportunity", "Work", *papers()):
			self.refused(**self.letter(doctype, self.name(doctype)))
			self.assertTrue(self.allowed(**self.letter(doctype, self.name(doctype, "own")))["name"])

	def test_letter_with_a_file(self):
		own, foreign = self.files()
		lead = self.name("Lead", "own")
		self.refused(**self.letter("Lead", lead, attachments=json.dumps([foreign.name])))
		letter = self.allowed(**self.letter("Lead", lead, attachments=json.dumps([own.name])))["name"]
		self.assertEqual(frappe.db.get_value("File", {"attached_to_name": letter}, "file_url"), own.file_url)

	def files(self) -> list:
		"""A private file of an own lead and one of a foreign lead."""
		return [_file("Lead", self.name("Lead", each), f"{WORD} {each}") for each in ("own", "foreign")]

	# files: a private file has a name that may be guessed

	def row(self, url: str) -> str:
		return json.dumps(
			{
				"doctype": "File",
				"file_url": url,
				"is_private": 1,
				"attached_to_doctype": "Lead",
				"attached_to_name": self.name("Lead", "own"),
			}
		)

	def test_nobody_opens_one_by_pointing_at_it(self):
		own, foreign = self.files()
		self.refused("frappe.client.insert", doc=self.row(foreign.file_url))
		mine = self.allowed("frappe.client.insert", doc=self.row(own.file_url))["name"]
		self.refused(
			"frappe.client.set_value", doctype="File", name=mine, fieldname="file_url", value=foreign.file_url
		)
		with self.settings(**ASK), self.as_manager():
			self.assertFalse(_downloadable(foreign.file_url))
			self.assertTrue(_downloadable(own.file_url))

	def test_the_same_content_may_be_uploaded(self):
		_file("Lead", self.name("Lead"))  # all of these have the same content
		with self.settings(**ASK), self.as_manager():
			self.assertTrue(_file("Lead", self.name("Lead", "own")).is_downloadable())

	# sharing: nobody lets himself in, nor anybody else, where he is not

	def rights(self, doctype: str, name: str) -> set[str]:
		with self.settings(**ASK):
			return {
				right
				for right in ("read", "write")
				if frappe.has_permission(doctype, right, doc=name, user=self.scene.manager)
			}

	def todo(self, doctype: str, name: str, **more) -> str:
		values = {"doctype": "ToDo", "description": WORD, "allocated_to": self.scene.manager}
		return json.dumps({**values, "reference_type": doctype, "reference_name": name, **more})

	def assign(self, doctype: str, name: str) -> dict:
		return {
			"method": "frappe.desk.form.assign_to.add",
			"assign_to": json.dumps([self.scene.manager]),
			"doctype": doctype,
			"name": name,
		}

	def test_sharing_and_assigning(self):
		for doctype in ("Customer", "Lead", "Opportunity", "Work", *papers()):
			name, user = self.name(doctype), self.scene.manager
			who = {"doctype": doctype, "name": name}
			self.refused("frappe.share.add", user=user, write=1, **who)
			self.refused("frappe.share.set_permission", user=user, permission_to="read", value=1, **who)
			self.refused("frappe.share.get_users", **who)
			self.refused(**self.assign(doctype, name))
			several = {**self.assign(doctype, json.dumps([name])), "bulk_assign": True}
			self.refused(**{**several, "method": "frappe.desk.form.assign_to.add_multiple"})
			share = {
				"doctype": "DocShare",
				"user": user,
				"share_doctype": doctype,
				"share_name": name,
				"read": 1,
			}
			self.refused("frappe.client.insert", doc=json.dumps(share))
			self.assertEqual(self.rights(doctype, name), set(), doctype)

	def test_a_name_may_begin_like_a_list(self):
		self.refused("frappe.share.get_users", doctype="Customer", name="[VIP] Ромашка")

	def test_an_argument_that_this_erpnext_does_not_know(self):
		"""Functions get arguments from version to version; the older ones work without."""
		path = "frappe.share.get_users"
		ask_first = stock_reads._checked(path, (("{party_type}", "party"), ("{doctype}", "name")))
		who = {"doctype": "Lead", "name": self.name("Lead", "own")}
		with self.settings(**ASK):
			with self.as_manager():
				self.assertIsInstance(ask_first(**who), list)
				with self.assertRaises(frappe.PermissionError):
					ask_first(doctype="Lead", name=self.name("Lead"))
			with self.as_user(self.scene.head):
				self.assertIsInstance(ask_first(**who), list)

	def test_sharing_and_assigning_own(self):
		for doctype in ("Customer", "Lead", "Opportunity", *papers()):
			who = {"doctype": doctype, "name": self.name(doctype, "own")}
			self.allowed("frappe.share.add", user=self.scene.other, write=1, **who)
			users = [row["user"] for row in self.allowed("frappe.share.get_users", **who)]
			self.assertIn(self.scene.other, users, doctype)
			self.assertTrue(self.allowed(**self.assign(doctype, self.name(doctype, "own"))))

	def test_a_todo_of_ones_own_opens_nothing(self):
		for doctype in ("Lead", "Opportunity", "Work"):
			self.allowed("frappe.client.insert", doc=self.todo(doctype, self.name(doctype)))
			self.assertEqual(self.rights(doctype, self.name(doctype)), set(), doctype)
			todo = self.allowed("frappe.client.insert", doc=self.todo(doctype, self.name(doctype, "own")))
			with self.settings(**ASK), self.as_manager():
				doc = frappe.get_doc("ToDo", todo["name"])
				doc.reference_name = self.name(doctype)
				doc.save()
			self.assertEqual(self.rights(doctype, self.name(doctype)), set(), doctype)

	def test_a_reader_does_not_become_a_writer(self):
		lead = self.name("Lead")
		frappe.share.add_docshare("Lead", lead, self.scene.manager, read=1)
		self.allowed(**self.assign("Lead", lead))
		self.assertEqual(self.rights("Lead", lead), {"read"})
		self.rule([self.scene.manager])
		self.allowed("frappe.client.insert", doc=self.todo("Lead", lead, assignment_rule=WORD))
		self.assertEqual(self.rights("Lead", lead), {"read"})
		frappe.db.delete("ToDo", {"reference_name": lead})
		self.allowed(**self.assign("Lead", lead), assignment_rule=WORD)
		self.assertEqual(self.rights("Lead", lead), {"read"})

	def rule(self, users: list[str]):
		frappe.get_doc(
			{
				"doctype": "Assignment Rule",
				"name": WORD,
				"document_type": "Lead",
				"rule": "Round Robin",
				"description": WORD,
				"assign_condition": f"job_title == '{WORD}'",
				"users": [{"user": user} for user in users],
				"assignment_days": [{"day": day} for day in _days()],
			}
		).insert()

	def test_an_assignment_rule_lets_in_whoever_it_chooses(self):
		self.rule([self.scene.manager])
		# no letters: the site has no mailbox
		frappe.db.set_value("Notification Settings", self.scene.manager, "enable_email_notifications", 0)
		lead = frappe.get_doc("Lead", self.name("Lead"))
		with self.as_user(self.scene.accountant):  # who has no rights on leads, as a form of the website
			lead.job_title = WORD
			lead.save(ignore_permissions=True)
		self.assertEqual(self.rights("Lead", lead.name), {"read", "write"})

	# deleting and writing

	def test_delete(self):
		for doctype in ("Opportunity", *papers()):
			own, foreign = self.name(doctype, "own"), self.name(doctype)
			self.refused("frappe.client.delete", doctype=doctype, name=foreign)
			self.allowed("frappe.client.delete", doctype=doctype, name=own)
			self.assertFalse(frappe.db.exists(doctype, own))
			self.assertTrue(frappe.db.exists(doctype, foreign))

	def test_submitted_and_cancelled(self):
		own, foreign = self.name("Contract", "own"), self.name("Contract")
		as_json = frappe.get_doc("Contract", foreign).as_json()
		self.refused("frappe.client.submit", doc=as_json)
		self.refused("frappe.desk.form.save.savedocs", doc=as_json, action="Submit")
		self.allowed("frappe.client.submit", doc=frappe.get_doc("Contract", own).as_json())
		frappe.get_doc("Contract", foreign).submit()
		self.refused("frappe.client.cancel", doctype="Contract", name=foreign)
		self.refused("frappe.desk.form.save.cancel", doctype="Contract", name=foreign)
		self.allowed("frappe.client.cancel", doctype="Contract", name=own)
		state = {name: frappe.db.get_value("Contract", name, "docstatus") for name in (own, foreign)}
		self.assertEqual(state, {own: 2, foreign: 1})

	def test_written(self):
		for doctype, field in (
			("Customer", "customer_details"),
			("Lead", "job_title"),
			("Opportunity", "title"),
			("Work", "description"),
			("Contract", "contract_terms"),
		):
			foreign = {"doctype": doctype, "name": self.name(doctype)}
			self.refused("frappe.client.set_value", fieldname=field, value=WORD, **foreign)
			self.refused("frappe.client.save", doc=frappe.get_doc(doctype, self.name(doctype)).as_json())


class TestManyAtOnce(CRMTestCase):
	"""Frappe commits and rolls back between the records, so these are committed and tidied up."""

	def setUp(self):
		super().setUp()
		self.manager = make.make_user().name
		self.lead = make.make_lead()
		self.own = make.make_opportunity(self.lead, opportunity_owner=self.manager).name
		self.foreign = make.make_opportunity(self.lead, opportunity_owner="Administrator").name
		before = frappe.db.get_single_value("Rule24 CRM Settings", "access")
		frappe.db.set_single_value("Rule24 CRM Settings", "access", "By Responsible")
		frappe.clear_document_cache("Rule24 CRM Settings", "Rule24 CRM Settings")
		frappe.db.commit()
		self.addCleanup(self.tidy, before)

	def tidy(self, access: str):
		frappe.set_user("Administrator")
		frappe.db.rollback()
		frappe.db.set_single_value("Rule24 CRM Settings", "access", access)
		frappe.clear_document_cache("Rule24 CRM Settings", "Rule24 CRM Settings")
		for name in (self.own, self.foreign):
			if frappe.db.exists("Opportunity", name):
				frappe.delete_doc("Opportunity", name, force=True)
		frappe.delete_doc("Lead", self.lead.name, force=True)
		# past Frappe's rules about the last System Manager
		frappe.db.delete("User", {"name": self.manager})
		frappe.db.delete("Has Role", {"parent": self.manager})
		frappe.db.commit()

	def test_deleted(self):
		with self.as_user(self.manager):
			names = json.dumps([self.own, self.foreign])
			ways.call("frappe.desk.reportview.delete_items", doctype="Opportunity", items=names)
		self.assertFalse(frappe.db.exists("Opportunity", self.own))
		self.assertTrue(frappe.db.exists("Opportunity", self.foreign))

	def test_written(self):
		with self.as_user(self.manager):
			failed = ways.call(
				"frappe.desk.doctype.bulk_update.bulk_update.submit_cancel_or_update_docs",
				doctype="Opportunity",
				docnames=json.dumps([self.own, self.foreign]),
				action="update",
				data=json.dumps({"title": WORD}),
			)
		self.assertEqual(failed, [self.foreign])
		titles = [frappe.db.get_value("Opportunity", name, "title") for name in (self.own, self.foreign)]
		self.assertEqual([title == WORD for title in titles], [True, False])


class TestPortal(CallsCase):
	"""A client's user on the website sees the client's own papers, a guest none."""

	def setUp(self):
		super().setUp()
		if "Quotation" not in papers() or not frappe.get_hooks("website_route_rules", app_name="erpnext"):
			self.skipTest("the preview's ERPNext has no portal")
		self.client = make.make_user(["Customer"], user_type="Website User").name
		customer = frappe.get_doc("Customer", self.name("Customer", "own"))
		customer.append("portal_users", {"user": self.client})
		customer.save()
		for doctype in papers():
			for relation in TRIED:  # the website shows what has been submitted
				frappe.db.set_value(doctype, self.name(doctype, relation), "docstatus", 1)

	def listed(self, user: str, doctype: str) -> set[str]:
		frappe.local.form_dict = frappe._dict()
		with self.settings(**ASK), self.as_user(user):
			try:
				rows = ways.call("frappe.www.list.get_list_data", doctype=doctype, limit=500)
			except ways.DENIED:
				frappe.clear_messages()
				rows = []
		names = {row.get("name") for row in (rows if isinstance(rows, list) else [])}
		return {relation for relation in TRIED if self.name(doctype, relation) in names}

	def test_lists(self):
		for doctype in PAGES:
			self.assertEqual(self.listed(self.client, doctype), {"own"}, doctype)
			self.assertEqual(self.listed("Guest", doctype), set(), doctype)
			self.assertEqual(self.listed(self.scene.manager, doctype), {"own", "segment"}, doctype)
		for doctype in ("Customer", "Lead", "Opportunity", "Work", "Contract"):
			for user in (self.client, "Guest"):
				self.assertEqual(self.listed(user, doctype), set(), doctype)

	def status(self, user: str, doctype: str, relation: str) -> int:
		frappe.local.form_dict = frappe._dict()
		with self.settings(**ASK), self.as_user(user):
			set_request(method="GET", path=f"{PAGES[doctype]}/{self.name(doctype, relation)}")
			return get_response().status_code

	def test_pages(self):
		for doctype in PAGES:
			self.assertEqual(self.status(self.client, doctype, "own"), 200, doctype)
			self.assertEqual(self.status(self.client, doctype, "foreign"), 403, doctype)
			self.assertEqual(self.status("Guest", doctype, "own"), 403, doctype)
			self.assertEqual(self.status(self.scene.manager, doctype, "foreign"), 403, doctype)

	def test_prints(self):
		for doctype in papers():
			for user, relation in ((self.client, "foreign"), ("Guest", "own"), ("Guest", "foreign")):
				with self.settings(**ASK), self.as_user(user), self.assertRaises(frappe.PermissionError):
					ways.call(
						"frappe.utils.print_format.download_pdf",
						doctype=doctype,
						name=self.name(doctype, relation),
					)

	def test_calls_of_the_desk(self):
		for user in (self.client, "Guest"):
			with self.settings(**ASK), self.as_user(user):
				for doctype in DOCTYPES:
					names = [self.name(doctype, relation) for relation in TRIED[1:]]
					for way in (ways.document, ways.client_list, ways.value, ways.right("read")):
						self.assertEqual(way(doctype, names), set(), f"{user} {doctype} {way.__name__}")


def _downloadable(url: str) -> bool:
	"""As Frappe decides who gets a private file: by any of its rows."""
	rows = frappe.get_all("File", {"file_url": url}, pluck="name", order_by=None)
	return any(frappe.get_doc("File", name).is_downloadable() for name in rows)


def _days() -> tuple[str, ...]:
	return ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

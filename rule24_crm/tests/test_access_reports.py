"""What goes out of the system by itself, or is kept of it: mailed and prepared reports, history, comments, letters."""

import csv
import io
import json

import frappe

from rule24_crm.parties.kinds import PARTY_TYPES
from rule24_crm.tests import access_ways as ways
from rule24_crm.tests.access_scene import WORD
from rule24_crm.tests.test_access_matrix import AccessCase

ASK = {"access": "By Segment"}
MAILED = "Auto Email Report"
PREPARED = "Prepared Report"
#: of stock only they let a manager at mailed and at prepared reports; Comment and Communication have such roles as well
ROLES = ("Report Manager", "Prepared Report User", "Website Manager", "Inbox User")


class ReportCase(AccessCase):
	def setUp(self):
		super().setUp()
		for user in (self.scene.manager, self.scene.head):
			frappe.get_doc("User", user).add_roles(*ROLES)
			self.addCleanup(frappe.clear_cache, user=user)

	def name(self, doctype: str, relation: str = "foreign") -> str:
		return self.scene.records[doctype][relation]

	def as_manager(self):
		return self.as_user(self.scene.manager)

	def report(self, kind: str, **values):
		return frappe.get_doc(
			{
				"doctype": "Report",
				"report_name": f"{WORD} {kind}",
				"ref_doctype": "Lead",
				"report_type": kind,
				"is_standard": "No",
				**values,
			}
		).insert()

	def builder(self, *fields: str):
		return self.report("Report Builder", json=json.dumps({"fields": [[each, "Lead"] for each in fields]}))

	def mailed(self, report: str, user: str, **values):
		kind = frappe.db.get_value("Report", report, "report_type")
		return frappe.get_doc(
			{
				"doctype": MAILED,
				"report": report,
				"report_type": kind,
				"user": user,
				"email_to": "someone@example.com",
				"frequency": "Daily",
				"format": "CSV",
				"no_of_rows": 1000,
				**values,
			}
		).insert()


class TestMailed(ReportCase):
	def content(self, mailed) -> str:
		"""As the scheduler has it made: with nobody signed in."""
		return str(frappe.get_doc(MAILED, mailed.name).get_report_content())

	def test_a_list_shows_what_its_user_sees(self):
		mailed = self.mailed(self.builder("name").name, self.scene.manager)
		with self.settings(**ASK):
			content = self.content(mailed)
		self.assertIn(self.name("Lead", "own"), content)
		self.assertNotIn(self.name("Lead"), content)

	def test_a_list_tells_no_requisites_of_potential_clients(self):
		lead = self.name("Lead", "own")
		mailed = self.mailed(self.builder("name", "rule24_tax_id").name, self.scene.manager)
		frappe.db.set_value("Lead", lead, "rule24_tax_id", "7707083893")
		self.assertNotIn("7707083893", self.content(mailed))
		frappe.db.set_value("Lead", lead, "rule24_phase", "Active")
		self.assertIn("7707083893", self.content(mailed))
		head = self.mailed(mailed.report, self.scene.head)
		frappe.db.set_value("Lead", lead, "rule24_phase", "Potential")
		self.assertIn("7707083893", self.content(head))

	def test_our_own_report_shows_what_its_user_sees(self):
		for kind in PARTY_TYPES:
			frappe.db.delete("Work", {"party_type": kind, "party": self.name(kind)})
			frappe.db.set_value(kind, self.name(kind), "rule24_next_work_on", None)
		for user, seen in ((self.scene.manager, False), (self.scene.head, True)):
			mailed = self.mailed("Clients Without Next Work", user)
			with self.settings(**ASK):
				content = self.content(mailed)
			self.assertEqual(self.name("Customer") in content, seen, user)

	def test_a_report_that_knows_no_access_is_not_mailed(self):
		report = self.report("Query Report", query="select name from tabLead")
		mailed = self.mailed(report.name, self.scene.manager)
		with self.settings(**ASK):
			with self.assertRaises(frappe.PermissionError):
				self.content(mailed)
			letters = frappe.db.count("Email Queue")
			frappe.local.request = None
			frappe.get_doc(
				MAILED, mailed.name
			).send()  # of those of a month the first error would stop the others
			self.assertEqual(frappe.db.count("Email Queue"), letters)
			self.assertTrue(frappe.db.exists("Error Log", {"reference_name": mailed.name}))
			self.assertIn(
				self.name("Lead"), self.content(self.mailed(report.name, self.scene.head))
			)  # who sees all clients has it mailed as before

	def test_whoever_is_signed_in_stays(self):
		mailed = self.mailed(self.builder("name").name, self.scene.manager)
		with self.settings(**ASK), self.as_user(self.scene.system):
			frappe.local.form_dict = frappe._dict(cmd="x")
			frappe.local.session.sid, frappe.local.session.data = "a sid", frappe._dict(csrf_token="a token")
			self.content(mailed)
			session = frappe.local.session
			self.assertEqual(
				(session.user, session.sid, session.data.csrf_token, frappe.local.form_dict.cmd),
				(self.scene.system, "a sid", "a token", "x"),
			)

	def test_nobody_has_one_mailed_as_somebody_else(self):
		report = self.builder("name").name
		heads = self.mailed(report, self.scene.head)
		subordinates = self.mailed(report, self.scene.subordinate)
		module = "frappe.email.doctype.auto_email_report.auto_email_report"
		with self.settings(**ASK), self.as_manager():
			own = self.mailed(report, self.scene.manager)
			listed = frappe.get_list(MAILED, pluck="name", order_by="name", limit=0)
			self.assertEqual({own.name, subordinates.name} - set(listed), set())
			self.assertNotIn(heads.name, listed)
			for user in (self.scene.head, "Administrator"):
				with self.assertRaises(frappe.PermissionError):
					self.mailed(report, user)
				own.reload()
				own.user = user
				with self.assertRaises(frappe.PermissionError):
					own.save()
			for method in ("download", "send_now"):
				with self.assertRaises(frappe.PermissionError):
					ways.call(f"{module}.{method}", name=heads.name)
			ways.call(f"{module}.download", name=own.name)
			rows = list(csv.reader(io.StringIO(str(frappe.local.response.filecontent))))
			self.assertTrue(any(self.name("Lead", "own") in row for row in rows))
			frappe.clear_messages()


class TestPrepared(ReportCase):
	def prepared(self, report: str, user: str):
		with self.as_user(user):
			doc = frappe.get_doc({"doctype": PREPARED, "report_name": report, "filters": "{}"})
			return frappe.get_doc(PREPARED, doc.insert(ignore_permissions=True).name)

	def test_a_report_that_knows_no_access_is_not_prepared(self):
		report = self.report("Query Report", query="select name from tabLead").name
		make = "frappe.core.doctype.prepared_report.prepared_report.make_prepared_report"
		with self.settings(**ASK), self.as_manager():
			with self.assertRaises(frappe.PermissionError):
				ways.call(make, report_name=report, filters="{}")
			frappe.clear_messages()
			self.assertTrue(ways.call(make, report_name="Clients Without Next Work", filters="{}")["name"])

	def test_what_others_have_prepared_is_theirs(self):
		report = "Clients Without Next Work"
		own, subordinates = (
			self.prepared(report, who) for who in (self.scene.manager, self.scene.subordinate)
		)
		heads = self.prepared(report, self.scene.head)
		with self.settings(**ASK), self.as_manager():
			listed = frappe.get_list(PREPARED, pluck="name", order_by="name", limit=0)
			self.assertEqual({own.name, subordinates.name} - set(listed), set())
			self.assertNotIn(heads.name, listed)
			self.assertTrue(own.has_permission("read"))
			self.assertFalse(heads.has_permission("read"))
		with self.settings(**ASK), self.as_user(self.scene.head):
			self.assertTrue(heads.has_permission("read"))


class TestHistory(ReportCase):
	#: DocType -> fields with kind and name of the record; values of one
	ABOUT = (
		("Version", "ref_doctype", "docname", {"data": "{}"}),
		("Comment", "reference_doctype", "reference_name", {"comment_type": "Comment", "content": WORD}),
		(
			"Communication",
			"reference_doctype",
			"reference_name",
			{
				"communication_type": "Communication",
				"communication_medium": "Phone",
				"subject": WORD,
				"content": WORD,
			},
		),
		("Activity Log", "reference_doctype", "reference_name", {"subject": WORD}),
		("View Log", "reference_doctype", "reference_name", {"viewed_by": "Administrator"}),
		("Access Log", "export_from", "reference_document", {"user": "Administrator"}),
	)

	def rows(self, doctype: str, kind: str, name: str, values: dict) -> dict[str, str]:
		found = {}
		for relation in ("own", "foreign"):
			doc = frappe.get_doc(
				{"doctype": doctype, kind: "Lead", name: self.name("Lead", relation), **values}
			)
			doc.set_new_name() if doctype != "Version" else None
			doc.db_insert()
			found[relation] = doc.name
		return found

	def test_stock_lets_no_manager_at_them(self):
		with self.settings(**ASK), self.as_user(self.scene.subordinate):
			for doctype in ("Version", "Comment", "View Log", "Access Log", MAILED, PREPARED):
				self.assertFalse(frappe.has_permission(doctype, "read"), doctype)
				frappe.clear_messages()

	def test_with_a_role_they_are_seen_with_their_record(self):
		for doctype, *about in self.ABOUT:
			if not frappe.permissions.get_role_permissions(doctype, user=self.scene.manager).get("read"):
				frappe.permissions.add_permission(doctype, "Sales User", 0)
			rows = self.rows(doctype, *about)
			with self.settings(**ASK), self.as_manager(), self.subTest(doctype):
				listed = {
					str(name) for name in frappe.get_list(doctype, pluck="name", order_by="name", limit=0)
				}
				if (
					doctype != "Activity Log"
				):  # early builds of 15 have a rule of their own for it, and hide more
					self.assertIn(str(rows["own"]), listed)
					self.assertTrue(ways.call("frappe.client.get", doctype=doctype, name=rows["own"]))
				self.assertNotIn(str(rows["foreign"]), listed)
				with self.assertRaises(frappe.PermissionError):
					ways.call("frappe.client.get", doctype=doctype, name=rows["foreign"])
				frappe.clear_messages()

	def test_nobody_is_mailed_the_changes_of_what_he_does_not_see(self):
		"""The client has gone to somebody else, whoever had it still follows it."""
		for user in (self.scene.manager, self.scene.head):
			frappe.db.set_value(
				"User", user, {"document_follow_notify": 1, "document_follow_frequency": "Daily"}
			)
			for relation in ("own", "foreign"):
				follow = frappe.get_doc({"doctype": "Document Follow", "user": user})
				follow.update({"ref_doctype": "Lead", "ref_docname": self.name("Lead", relation)})
				follow.set_new_name()
				follow.db_insert()

		def followed(user):
			return set(frappe.get_all("Document Follow", {"user": user}, pluck="ref_docname"))

		both = {self.name("Lead", "own"), self.name("Lead")}
		with self.settings(**ASK):
			self.start_job("frappe.desk.notifications.clear_notifications")
			self.assertEqual(followed(self.scene.manager), both)
			self.start_job("frappe.desk.form.document_follow.send_daily_updates")
		self.assertEqual(followed(self.scene.manager), {self.name("Lead", "own")})
		self.assertEqual(followed(self.scene.head), both)

	def start_job(self, scheduled: str) -> None:
		"""What Frappe runs before a scheduled job, with the arguments it gives."""
		method = "frappe.core.doctype.scheduled_job_type.scheduled_job_type.run_scheduled_job"
		for hook in frappe.get_hooks("before_job"):
			frappe.call(hook, method=method, kwargs={"job_type": scheduled}, transaction_type="job")

	def test_notices_are_those_one_has_got(self):
		for user in (self.scene.manager, self.scene.other):
			notice = frappe.get_doc(
				{"doctype": "Notification Log", "for_user": user, "subject": f"{WORD} {user}"}
			)
			notice.update({"document_type": "Lead", "document_name": self.name("Lead")})
			notice.set_new_name()
			notice.db_insert()  # past the letter that would be sent
		with self.settings(**ASK), self.as_manager():
			found = frappe.get_list(
				"Notification Log", {"subject": ("like", f"{WORD}%")}, pluck="for_user", order_by="name"
			)
		self.assertEqual(set(found), {self.scene.manager})

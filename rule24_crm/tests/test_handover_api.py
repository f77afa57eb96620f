"""Who may hand over, who may look, and calls that make no sense."""

import frappe
from frappe.desk.form.load import getdoc

from rule24_crm.api import handover as api
from rule24_crm.exceptions import HandoverError
from rule24_crm.tests import factories as make
from rule24_crm.tests.handover_scene import HandoverTestCase, make_old

ROLES = {
	"head": ("Sales Manager", "Sales User"),
	"other_head": ("Sales Manager", "Sales User"),
	"administrator": ("CRM Administrator", "Sales User"),
	"manager": ("Sales User",),
	"accountant": ("Accounts User",),
}
USERS: dict[str, str] = {}


class TestPermissions(HandoverTestCase):
	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		if not USERS:
			USERS.update({name: make.make_user(roles).name for name, roles in ROLES.items()})
			make_old(USERS.values())
			frappe.db.commit()

	def setUp(self):
		super().setUp()
		for name in ("head", "other_head"):
			make.make_account_manager(USERS[name])
		ivan = frappe.get_doc("Account Manager", self.ivan)
		ivan.reports_to = USERS["head"]
		ivan.save()
		self.lead = make.make_lead(lead_owner=self.ivan)
		self.draft = make.make_handover(self.ivan, [self.olga])

	def test_a_head_for_the_team_and_an_administrator_for_everybody(self):
		for name in ("head", "administrator"):
			with self.as_user(USERS[name]):
				draft = frappe.get_doc(
					{"doctype": "Client Handover", "from_user": self.ivan, "receivers": [{"user": self.olga}]}
				).insert()
				shown = api.preview(draft.name)
				self.assertEqual(api.execute(draft.name, shown["token"])["total"], shown["total"])
				self.assertEqual(self.value(self.lead, "lead_owner"), self.olga)
				self.assertEqual(api.undo(draft.name)["left"], 0)
				self.assertEqual(self.value(self.lead, "lead_owner"), self.ivan)

	def test_a_foreign_manager_is_refused_in_words(self):
		with self.as_user(USERS["other_head"]), self.assertRaisesWith(frappe.PermissionError, "own team"):
			make.make_handover(self.ivan, [self.olga])

	def test_denied(self):
		for name in ("other_head", "manager", "accountant"):
			with self.as_user(USERS[name]):
				for call in (api.preview, api.execute, api.undo):
					with (
						self.subTest(name=name, call=call.__name__),
						self.assertRaises(frappe.PermissionError),
					):
						call(self.draft.name)
				with self.assertRaises(frappe.PermissionError):
					frappe.get_doc(
						{
							"doctype": "Client Handover",
							"from_user": self.ivan,
							"receivers": [{"user": self.olga}],
						}
					).insert()
		self.assertEqual(self.value(self.lead, "lead_owner"), self.ivan)

	def test_the_giver_and_the_receiver_look_but_do_not_touch(self):
		for user in (self.ivan, self.olga):
			with self.as_user(user):
				self.assertTrue(frappe.has_permission("Client Handover", "read", doc=self.draft.name))
				self.assertFalse(frappe.has_permission("Client Handover", "write", doc=self.draft.name))
				for call in (api.preview, api.execute, api.undo):
					with self.assertRaises(frappe.PermissionError):
						call(self.draft.name)

	def listed(self, doctype: str, user: str) -> bool:
		field = "name" if doctype == "Client Handover" else "handover"
		with self.as_user(user):
			return bool(frappe.get_list(doctype, filters={field: self.draft.name}))

	def test_lists_show_what_is_ones_own(self):
		api.execute(self.draft.name)
		seen = {
			user: self.listed("Client Handover", user)
			for user in (
				USERS["head"],
				USERS["administrator"],
				self.ivan,
				self.olga,
				USERS["other_head"],
				self.denis,
			)
		}
		self.assertEqual(list(seen.values()), [True, True, True, True, False, False])
		self.assertTrue(self.listed("Client Handover Item", USERS["head"]))
		self.assertFalse(self.listed("Client Handover Item", USERS["other_head"]))

	def test_rows_are_seen_with_their_handover(self):
		"""Which clients go to whom is told by the tables as little as by the form."""
		client = {"party_type": "Lead", "party": self.lead.name}
		draft = make.make_handover(self.ivan, [self.olga], scope="Chosen Clients", clients=[client])
		for table, field in (("Client Handover Client", "party"), ("Client Handover Receiver", "user")):
			for user, expected in (
				(USERS["head"], 1),
				(self.ivan, 1),
				(USERS["other_head"], 0),
				(self.denis, 0),
			):
				with self.as_user(user):
					rows = frappe.get_list(
						table,
						filters={"parent": draft.name},
						parent_doctype="Client Handover",
						pluck=field,
						order_by="idx",
					)
				self.assertEqual(len(rows), expected, f"{table} {user}")

	def test_a_head_takes_no_draft_over_to_another_team(self):
		with self.as_user(USERS["head"]):
			doc = frappe.get_doc("Client Handover", self.draft.name)
			doc.from_user = self.denis
			with self.assertRaises(frappe.PermissionError):
				doc.save()

	def test_cover(self):
		with self.as_user(USERS["manager"]):
			self.assertEqual(api.cover(self.ivan), {"covered_by": [], "covers_for": []})
		with self.as_user(USERS["accountant"]), self.assertRaises(frappe.PermissionError):
			api.cover(self.ivan)

	def test_nonsense(self):
		for call in (api.preview, api.execute, api.undo):
			with self.assertRaises(frappe.DoesNotExistError):
				call("HANDOVER-NONE")
		with self.assertRaisesWith(HandoverError, "changed since the preview"):
			api.execute(self.draft.name, "not a token")
		with self.assertRaisesWith(HandoverError, "not been carried out"):
			api.undo(self.draft.name)

	def test_the_form_opens(self):
		frappe.response.docs = []  # of what other tests in this process have opened
		getdoc("Client Handover", self.draft.name)
		self.assertEqual(frappe.response.docs[0].name, self.draft.name)

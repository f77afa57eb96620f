"""Participants see and edit a lead, and come along to the deal and the customer."""

import frappe

from rule24_crm.deals.conversion import convert_lead, create_lead
from rule24_crm.parties import participants
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase


class TestParticipants(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.helper = make.make_user(["Sales User"]).name
		self.stranger = make.make_user([]).name  # no role: sees nothing but what is shared
		self.lead = make.make_lead(rule24_participants=[{"user": self.stranger}])

	def rights(self, doc, user):
		return {
			right: frappe.has_permission(doc.doctype, right, doc=doc.name, user=user)
			for right in ("read", "write")
		}

	def test_they_read_and_write(self):
		self.assertEqual(self.rights(self.lead, self.stranger), {"read": True, "write": True})
		self.assertEqual(self.rights(make.make_lead(), self.stranger), {"read": False, "write": False})

	def test_taken_off_the_list_they_lose_access(self):
		self.lead.reload()
		self.lead.set("rule24_participants", [{"user": self.helper}])
		self.lead.save()
		self.assertFalse(frappe.db.exists("DocShare", {"share_name": self.lead.name, "user": self.stranger}))
		self.assertTrue(
			frappe.db.exists("DocShare", {"share_name": self.lead.name, "user": self.helper, "write": 1})
		)

	def test_a_share_made_by_hand_stays(self):
		frappe.share.add_docshare("Lead", self.lead.name, self.helper, read=1)
		self.lead.reload()
		self.lead.job_title = "Director"
		self.lead.save()
		self.assertTrue(frappe.db.exists("DocShare", {"share_name": self.lead.name, "user": self.helper}))

	def taken_off(self, *lists) -> dict:
		"""What the helper may do after the lead has had these lists of participants, and none in the end."""
		for users in (*lists, ()):
			self.lead.reload()
			self.lead.set("rule24_participants", [{"user": user} for user in users])
			self.lead.save()
		rights = ("read", "write", "share")
		shares = {"share_doctype": "Lead", "share_name": self.lead.name, "user": self.stranger}
		found = frappe.db.get_value("DocShare", shares, rights)
		return dict(zip(rights, found or (), strict=False))

	def test_what_was_shared_before_stays_as_it_was(self):
		self.lead.set("rule24_participants", [])
		self.lead.save()
		frappe.share.add_docshare("Lead", self.lead.name, self.stranger, read=1, share=1)
		self.assertEqual(self.taken_off([self.stranger]), {"read": 1, "write": 0, "share": 1})
		frappe.share.add_docshare("Lead", self.lead.name, self.stranger, read=1, write=1)
		lists = [self.stranger], [self.helper, self.stranger]  # rows of the second are new
		self.assertEqual(self.taken_off(*lists), {"read": 1, "write": 1, "share": 0})
		frappe.share.remove("Lead", self.lead.name, self.stranger)
		self.assertEqual(self.taken_off([self.stranger]), {})

	def test_what_is_assigned_stays_open(self):
		todo = {
			"doctype": "ToDo",
			"allocated_to": self.stranger,
			"reference_type": "Lead",
			"reference_name": self.lead.name,
			"description": "Call",
		}
		todo = frappe.get_doc(todo).insert()
		self.assertTrue(self.taken_off()["write"])
		todo.status = "Closed"
		todo.save()
		# as Frappe has it, what an assignment gave stays until it is taken away by hand
		self.assertTrue(self.taken_off([self.stranger])["write"])

	def test_they_come_along_to_the_deal(self):
		deal = frappe.get_doc("Opportunity", convert_lead(self.lead.name)["opportunity"])
		self.assertEqual(participants.of(deal), [self.stranger])
		self.assertTrue(self.rights(deal, self.stranger)["write"])

	def test_they_come_along_from_prospect_to_lead(self):
		prospect = make.make_prospect(rule24_participants=[{"user": self.helper}])
		_kind, lead = create_lead("Prospect", prospect.name)
		self.assertEqual(participants.of(frappe.get_doc("Lead", lead)), [self.helper])

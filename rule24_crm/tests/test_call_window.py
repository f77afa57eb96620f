"""Hours in which a client may be called: nobody's unless somebody gave them."""

import frappe

from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase


class TestCallWindow(CRMTestCase):
	def hours(self, doc):
		return frappe.db.get_value(doc.doctype, doc.name, ["rule24_call_from", "rule24_call_to"])

	def test_a_new_client_has_no_hours(self):
		for maker in (make.make_customer, make.make_lead, make.make_prospect):
			self.assertEqual(self.hours(maker()), (None, None))

	def test_what_the_form_proposes_is_no_window(self):
		lead = make.make_lead(rule24_call_from="17:23:11", rule24_call_to="17:23:48")
		self.assertEqual(self.hours(lead), (None, None))

	def test_given_hours_stay(self):
		lead = make.make_lead(rule24_call_from="10:00:00", rule24_call_to="12:30:00")
		self.assertEqual([str(hour) for hour in self.hours(lead)], ["10:00:00", "12:30:00"])
		lead.rule24_call_to = "10:00:00"
		lead.save()
		self.assertEqual(str(self.hours(lead)[1]), "10:00:00")  # an edit is somebody's word

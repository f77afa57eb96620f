"""What people call records, asked once for all of them."""

from unittest.mock import patch

import frappe

from rule24_crm import titles as module
from rule24_crm.parties import kinds, ownership
from rule24_crm.parties.distribution import Decision
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.titles import title_field, titles
from rule24_crm.work.bulk import create_works


class TestTitles(CRMTestCase):
	def test_each_kind_of_record(self):
		work, user = make.make_work(), make.make_user()
		self.assertEqual(titles("Work", [work.name]), {work.name: work.subject})
		self.assertEqual(titles("User", {user.name}), {user.name: user.full_name})
		self.assertEqual(titles("Role", ["Sales User"]), {"Sales User": "Sales User"})
		for client in (make.make_customer(), make.make_lead(), make.make_prospect()):
			expected = {client.name: client.get(kinds.TITLE_FIELD[client.doctype])}
			self.assertEqual(titles(client.doctype, [client.name]), expected)
			self.assertEqual(kinds.titles(client.doctype, [client.name]), expected)

	def test_gone_and_without_a_title(self):
		lead = make.make_lead()
		lead.db_set("title", None)
		self.assertEqual(titles("Lead", [lead.name, "Gone"]), {lead.name: lead.name})
		self.assertEqual(titles("Lead", []), {})
		self.assertEqual(title_field("Role"), "name")

	def test_a_query_for_a_chunk(self):
		leads = [make.make_lead() for _number in range(5)]
		with patch.object(module, "CHUNK", 2), self.asked_of_the_database() as asked:
			found = titles("Lead", (lead.name for lead in leads))
		self.assertEqual(found, {lead.name: lead.title for lead in leads})
		self.assertEqual(len([text for text, _rows in asked if "tabLead" in text]), 3)


class TestNamesInTheLogOfDistribution(CRMTestCase):
	def test_a_single_record_is_at_hand(self):
		manager = make.make_account_manager()
		prospect = make.make_prospect()
		frappe.get_cached_doc("User", manager.name)
		prospect.flags.rule24_decision = Decision(manager.name, None, "because")
		with self.asked_of_the_database() as asked:
			ownership.note(prospect)
		self.assertEqual([text for text, _rows in asked if text.lstrip().lower().startswith("select")], [])
		self.assertLogged(prospect.name, prospect.company_name, manager)

	def test_works_of_a_batch(self):
		manager, leaver = make.make_account_manager(), make.make_account_manager()
		frappe.db.set_value("Account Manager", leaver.name, "active", 0)
		with self.settings(fallback_manager=manager.name):
			(name,) = create_works(
				[{"action": "Call", "subject": "To be called", "assigned_to": leaver.name}]
			)
		self.assertLogged(name, "To be called", manager)

	def assertLogged(self, record: str, title: str, manager) -> None:
		row = frappe.get_last_doc("Distribution Log", {"party": record})
		self.assertEqual((row.title, row.manager_name), (title, frappe.utils.get_fullname(manager.name)))

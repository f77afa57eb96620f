"""Two people at once at one campaign. These tests commit, because two connections have to see the same rows."""

import frappe
from frappe.utils import add_days, nowdate

from rule24_crm.api import campaign as api
from rule24_crm.api import plan
from rule24_crm.exceptions import CampaignError, PlanError
from rule24_crm.tests import factories
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.tests.concurrency import at_once
from rule24_crm.work.campaigns import importing, letters, members


class TestTwoAtOnce(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.campaign = factories.make_campaign(managers=[{"user": "Administrator"}]).name
		self.prospects = [factories.make_prospect().name for _n in range(6)]
		self.contacts = [
			factories.make_contact(
				"Prospect", name, email=f"{frappe.generate_hash(length=10)}@example.ru"
			).name
			for name in self.prospects
		]
		self.more = []
		frappe.db.commit()
		self.addCleanup(self.tidy)

	def tidy(self):
		frappe.db.rollback()
		queues = frappe.get_all("Email Queue", {"reference_name": self.campaign}, pluck="name")
		frappe.db.delete("Email Queue Recipient", {"parent": ("in", queues or [""])})
		frappe.db.delete("Email Queue", {"name": ("in", queues or [""])})
		letters_made = frappe.get_all(
			"Communication", {"reference_name": ("in", self.prospects)}, pluck="name"
		)
		frappe.db.delete("Communication Link", {"parent": ("in", letters_made or [""])})
		frappe.db.delete("Communication", {"name": ("in", letters_made or [""])})
		frappe.db.delete("Work", {"campaign": self.campaign})
		frappe.db.delete("Work Campaign Member", {"campaign": self.campaign})
		for doctype, names in (
			("Work Campaign", [self.campaign]),
			("Contact", self.contacts),
			("Prospect", self.prospects),
			*self.more,
		):
			for name in names:
				frappe.delete_doc(doctype, name, force=True, ignore_permissions=True)
		frappe.db.commit()

	def test_one_list_imported_twice_at_once_makes_nobody_twice(self):
		mark = frappe.generate_hash(length=8)
		content = f"Название,Тип\nООО {mark} Один,ЮЛ\nООО {mark} Два,ЮЛ\n".encode()
		outcomes = at_once(*[lambda: importing.import_file(self.campaign, content)] * 2)
		made = frappe.get_all("Prospect", {"company_name": ("like", f"%{mark}%")}, pluck="name")
		self.more.append(("Prospect", made))
		refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
		self.assertEqual([type(error) for error in refused], [CampaignError], outcomes)
		self.assertEqual(len(made), 2)
		# the lock went with the transaction that held it
		self.assertEqual(importing.import_file(self.campaign, content).counts["already"], 2)

	def at_once(self, job, times: int = 2) -> list:
		"""Run the job so many times at once. None of them may fail."""

		def under_test():
			frappe.flags.in_test = True  # or letters would really leave
			return job()

		outcomes = at_once(*[under_test] * times)
		for outcome in outcomes:
			if isinstance(outcome, Exception):
				raise outcome
		return outcomes

	def test_works_are_made_once(self):
		members.add(self.campaign, "Prospect", self.prospects)
		frappe.db.commit()
		made = self.at_once(lambda: api.create_works(campaign=self.campaign)["created"])
		self.assertEqual(sorted(made), [0, 6])
		self.assertEqual(frappe.db.count("Work", {"campaign": self.campaign, "party": ("is", "set")}), 6)
		self.assertEqual(frappe.db.count("Work", {"campaign": self.campaign, "party": ("is", "not set")}), 1)

	def test_a_client_gets_one_place(self):
		added = self.at_once(
			lambda: api.add_members(campaign=self.campaign, party_type="Prospect", names=self.prospects)[
				"added"
			]
		)
		self.assertEqual(members.counts(self.campaign)["members"], 6)
		self.assertEqual(sum(added), 6)

	def test_an_address_gets_one_letter(self):
		members.add(self.campaign, "Prospect", self.prospects)
		template = frappe.get_doc(
			{
				"doctype": "Email Template",
				"name": frappe.generate_hash(),
				"subject": "Hello",
				"response": "Hello",
			}
		).insert()
		frappe.db.set_value("Work Campaign", self.campaign, "email_template", template.name)
		self.more.append(("Email Template", [template.name]))
		if not frappe.db.exists("Email Account", {"default_outgoing": 1, "enable_outgoing": 1}):
			account = frappe.get_doc(
				{
					"doctype": "Email Account",
					"email_account_name": frappe.generate_hash(length=8),
					"email_id": f"{frappe.generate_hash(length=8)}@example.ru",
					"smtp_server": "localhost",
				}
			)
			account.flags.ignore_validate = True
			account.insert()
			account.db_set({"enable_outgoing": 1, "default_outgoing": 1})
			self.more.append(("Email Account", [account.name]))
		frappe.db.commit()
		frappe.clear_cache()
		sent = self.at_once(lambda: letters.send(self.campaign)["sent"])
		self.assertEqual(sorted(sent), [0, 6])
		self.assertEqual(frappe.db.count("Email Queue", {"reference_name": self.campaign}), 6)
		self.assertEqual(frappe.db.count("Communication", {"reference_name": ("in", self.prospects)}), 6)

	def test_a_plan_is_written_once(self):
		members.add(self.campaign, "Prospect", self.prospects)
		api.create_works(campaign=self.campaign)
		frappe.db.commit()
		start = add_days(nowdate(), 14)
		token = plan.preview(campaign=self.campaign, start=start)["token"]

		def commit():
			try:
				return plan.commit(campaign=self.campaign, start=start, token=token)["moved"]
			except PlanError as error:
				return str(error)

		outcomes = sorted(self.at_once(commit), key=str)
		self.assertEqual(outcomes[0], 6)
		self.assertIn("changed since the preview", outcomes[1])

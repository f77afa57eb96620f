"""Handing over in bulk leaves what saving each record would leave: column by column, history and tables that follow."""

from unittest import mock

import frappe
from frappe.utils import now

from rule24_crm.compat import new_names
from rule24_crm.parties.handover import service, writers
from rule24_crm.parties.handover import writing as handover_writing
from rule24_crm.parties.handover.access import as_json
from rule24_crm.parties.handover.moves import Move
from rule24_crm.tests import factories as make
from rule24_crm.tests.handover_scene import HandoverTestCase

#: differ between any two records, or between any two moments
OWN = {"name", "creation", "modified", "parent", "lead", "opportunity", "title", "naming_series"}


class TestEqualsSaving(HandoverTestCase):
	def compare(self, doctype: str, fast: str, slow: str, ignoring=()):
		one, two = (frappe.get_all(doctype, {"name": name}, ["*"])[0] for name in (fast, slow))
		for field in one:
			if field not in OWN and field not in ignoring:
				self.assertEqual(one[field], two[field], f"{doctype}.{field}")
		self.assertEqual(one.modified > one.creation, two.modified > two.creation, f"{doctype}.modified")
		histories = []
		for name in (fast, slow):
			rows = frappe.get_all(
				"Version",
				{"ref_doctype": doctype, "docname": name},
				["data", "owner", "modified_by", "docstatus", "idx"],
				order_by="creation",
			)
			for row in rows:
				row.data = frappe.parse_json(row.data)
				# ERPNext turns nothing into an empty text with every save of a Customer, and says so each time
				row.data["changed"] = [each for each in row.data["changed"] if each[1] or each[2]]
			text = frappe.as_json(rows)
			histories.append(text.replace(f'"{name}"', '"the record"'))
		self.assertEqual(*histories)

	def both(self, fast, slow, field: str, ignoring=()):
		"""Move one of two equal records in bulk and save the other one."""
		for doc in (fast, slow):  # the first save of a new record tidies up
			frappe.get_doc(doc.doctype, doc.name).save()
		writers.write([Move(fast.doctype, fast.name, field, self.ivan, self.olga)])
		doc = frappe.get_doc(slow.doctype, slow.name)
		doc.set(field, self.olga)
		doc.save(ignore_version=False)  # Frappe keeps no history under test unless told to
		self.compare(fast.doctype, fast.name, slow.name, ignoring)

	def pair(self, factory, *arguments, **values):
		with self.as_user("Administrator"):
			return [factory(*arguments, **values) for _n in range(2)]

	def test_customer(self):
		self.both(
			*self.pair(make.make_customer, account_manager=self.ivan), "account_manager", {"customer_name"}
		)

	def test_lead_and_its_place_in_a_prospect(self):
		leads = self.pair(make.make_lead, lead_owner=self.ivan)
		prospects = [make.make_prospect(leads=[{"lead": lead.name}]) for lead in leads]
		self.both(*leads, "lead_owner", {"first_name", "lead_name", "company_name"})
		rows = [frappe.get_doc("Prospect", each.name).leads[0].lead_owner for each in prospects]
		self.assertEqual(rows, [self.olga] * 2)

	def test_prospect(self):
		self.both(
			*self.pair(make.make_prospect, prospect_owner=self.ivan), "prospect_owner", {"company_name"}
		)

	def test_deal_and_its_place_in_a_prospect(self):
		prospects = [make.make_prospect() for _n in range(2)]
		deals = [make.make_opportunity(each, opportunity_owner=self.ivan) for each in prospects]
		self.both(*deals, "opportunity_owner", {"party_name", "customer_name", "rule24_stage_since"})
		rows = [frappe.get_doc("Prospect", each.name).opportunities[0].deal_owner for each in prospects]
		self.assertEqual(rows, [self.olga] * 2)

	def test_work_and_its_place_in_a_campaign(self):
		campaign = make.make_campaign()
		leads = [make.make_lead() for _n in range(2)]
		for lead in leads:
			frappe.get_doc(
				{
					"doctype": "Work Campaign Member",
					"campaign": campaign.name,
					"party_type": "Lead",
					"party": lead.name,
				}
			).insert()
		works = [
			make.make_work(lead, assigned_to=self.ivan, campaign=campaign.name, subject="The same",
				starts_at="2031-05-05 10:00:00")
			for lead in leads
		]  # fmt: skip
		frappe.db.set_value("Work", {"name": ("in", [work.name for work in works])}, "reminded_on", now())
		self.both(*works, "assigned_to", {"party", "party_name"})
		members = frappe.get_all("Work Campaign Member", {"campaign": campaign.name}, pluck="assigned_to")
		self.assertEqual(members, [self.olga] * 2)
		days = [frappe.db.get_value("Lead", lead.name, "rule24_next_work_on") for lead in leads]
		self.assertEqual(days[0], days[1])

	def test_todo_and_the_record_it_is_on(self):
		leads = [make.make_lead() for _n in range(2)]
		todos = []
		for lead in leads:
			for user in (self.denis, self.ivan):
				values = {
					"doctype": "ToDo",
					"description": "Call",
					"reference_type": "Lead",
					"reference_name": lead.name,
				}
				todo = frappe.get_doc({**values, "allocated_to": user}).insert()
			todos.append(todo)
		self.both(*todos, "allocated_to", {"reference_name"})
		assigned = [frappe.db.get_value("Lead", lead.name, "_assign") for lead in leads]
		self.assertEqual(assigned[0], assigned[1])
		self.assertEqual(set(frappe.parse_json(assigned[0])), {self.denis, self.olga})

	def test_share(self):
		leads = [make.make_lead() for _n in range(2)]
		shares = [frappe.share.add_docshare("Lead", lead.name, self.ivan, write=1) for lead in leads]
		self.both(*shares, "user", {"share_name"})

	def test_event(self):
		values = {"doctype": "Event", "subject": "Meeting", "starts_on": "2031-05-05 10:00:00"}
		events = [frappe.get_doc(values).insert() for _n in range(2)]
		frappe.db.set_value("Event", {"name": ("in", [each.name for each in events])}, "owner", self.ivan)
		fast, slow = events
		writers.write([Move("Event", fast.name, "owner", self.ivan, self.olga)])
		frappe.get_doc("Event", slow.name).db_set("owner", self.olga)  # no form lets anybody change it
		self.compare("Event", fast.name, slow.name, {"_seen"})

	def test_participant(self):
		for there in ((self.ivan,), (self.denis, self.ivan)):
			leads = [
				make.make_lead(rule24_participants=[{"user": user} for user in there]) for _n in range(2)
			]
			fast, slow = leads
			row = fast.rule24_participants[-1].name
			share = frappe.db.get_value("DocShare", {"share_name": fast.name, "user": self.ivan})
			writers.write(
				[
					Move("Lead", fast.name, "rule24_participants", self.ivan, self.olga, row),
					Move("DocShare", share, "user", self.ivan, self.olga),
				]
			)
			doc = frappe.get_doc("Lead", slow.name)
			doc.rule24_participants[-1].user = self.olga
			doc.save(ignore_version=False)
			names = [
				{row.user: row.name for row in frappe.get_doc("Lead", lead.name).rule24_participants}
				for lead in leads
			]
			self.assertEqual(set(names[0]), set(names[1]))
			self.compare_participants(fast.name, slow.name, row, slow.rule24_participants[-1].name)
			shares = [
				{
					(each.user, each.read, each.write, each.share)
					for each in frappe.get_all(
						"DocShare", {"share_name": lead.name}, ["user", "read", "write", "share"]
					)
				}
				for lead in leads
			]
			self.assertEqual(shares[0], shares[1])

	def compare_participants(self, fast: str, slow: str, fast_row: str, slow_row: str):
		texts = []
		for name, row in ((fast, fast_row), (slow, slow_row)):
			data = frappe.get_all("Version", {"ref_doctype": "Lead", "docname": name}, pluck="data")
			texts.append(frappe.as_json([frappe.parse_json(each) for each in data]).replace(row, "the row"))
		self.assertEqual(*texts)
		one, two = (
			frappe.get_all("Party Participant", {"name": row}, ["*"])[0] for row in (fast_row, slow_row)
		)
		for field in one:
			if field not in OWN:
				self.assertEqual(one[field], two[field], field)

	def test_cached_documents_are_read_anew(self):
		for few in (0, 200):
			with self.subTest(few=few), mock.patch.object(handover_writing, "FEW", few):
				lead = make.make_lead(lead_owner=self.ivan)
				frappe.get_cached_doc("Lead", lead.name)
				writers.write([Move("Lead", lead.name, "lead_owner", self.ivan, self.olga)])
				self.assertEqual(frappe.get_cached_doc("Lead", lead.name).lead_owner, self.olga)

	def test_place_in_a_campaign(self):
		campaign, leads = make.make_campaign(), [make.make_lead() for _n in range(2)]
		places = [
			frappe.get_doc(
				{
					"doctype": "Work Campaign Member",
					"campaign": campaign.name,
					"party_type": "Lead",
					"party": lead.name,
					"assigned_to": self.ivan,
				}
			).insert()
			for lead in leads
		]
		self.both(*places, "assigned_to", {"party", "party_name", "contact"})

	def test_rows_that_are_made_and_deleted(self):
		"""A share and a User Permission, against what Frappe inserts and deletes."""
		lead = make.make_lead()
		territory = frappe.get_all("Territory", pluck="name", limit=1, order_by="name asc")[0]
		share = {"share_doctype": "Lead", "share_name": lead.name, "read": 1, "write": 1}
		permission = {"allow": "Territory", "for_value": territory}
		for doctype, values in (("DocShare", share), ("User Permission", permission)):
			slow = frappe.get_doc({"doctype": doctype, "user": self.denis, **values})
			slow.insert(ignore_permissions=True)
			frappe.permissions.get_user_permissions(self.olga)  # cached
			made = Move(
				doctype,
				str(new_names(doctype, 1)[0]),
				"*",
				"",
				as_json(doctype, {**slow.as_dict(), "user": self.olga}),
			)
			writers.write([made])
			fast = frappe.get_doc(doctype, made.name)
			self.assertEqual(fast.user, self.olga)
			self.compare(doctype, fast.name, slow.name, {"user", "modified"})
			self.assertEqual(writers.standing([made]), {made})
			if doctype == "User Permission":
				self.assertIn("Territory", frappe.permissions.get_user_permissions(self.olga))
			writers.write([made.back()])
			self.assertFalse(frappe.db.exists(doctype, made.name))
			if doctype == "User Permission":
				self.assertNotIn("Territory", frappe.permissions.get_user_permissions(self.olga))

	def test_taking_back_is_saving_once_more(self):
		leads = self.pair(make.make_lead, lead_owner=self.ivan)
		for doc in leads:
			frappe.get_doc(doc.doctype, doc.name).save()
		fast, slow = leads
		handover = make.make_handover(
			self.ivan,
			[self.olga],
			scope="Chosen Clients",
			clients=[{"party_type": "Lead", "party": fast.name}],
		)
		service.execute(handover.name)
		service.undo(handover.name)
		for user in (self.olga, self.ivan):
			doc = frappe.get_doc("Lead", slow.name)
			doc.lead_owner = user
			doc.save(ignore_version=False)
		self.compare("Lead", fast.name, slow.name, {"first_name", "lead_name", "company_name"})

"""The bulk path writes exactly what `insert()` writes."""

import frappe
from frappe.utils import add_days, getdate, nowdate

from rule24_crm import exceptions
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.work.bulk import create_works

#: differ between any two inserts
OWN = {"name", "creation", "modified"}


class TestDifferential(CRMTestCase):
	def rows(self):
		lead, prospect, customer = make.make_lead(), make.make_prospect(), make.make_customer()
		script = frappe.get_doc({"doctype": "Call Script", "script_name": "Bulk", "text": "Hello"}).insert()
		scripted = make.make_action([{"result": "Done"}], default_script=script.name, default_duration=45)
		user = make.make_user()
		parent = make.make_work()
		return [
			{"action": "Call", "party_type": "Lead", "party": lead.name},
			{
				"action": "Call",
				"party_type": "Lead",
				"party": lead.name,
				"planned_on": add_days(nowdate(), 4),
				"subject": "50 % off",
			},
			{
				"action": scripted.name,
				"party_type": "Prospect",
				"party": prospect.name,
				"starts_at": "2031-03-04 10:00:00",
			},
			{
				"action": "Meeting",
				"party_type": "Customer",
				"party": customer.name,
				"starts_at": "2031-03-04 00:00:00",
				"ends_at": "2031-03-06 00:00:00",
				"assigned_to": user.name,
				"priority": "High",
				"parent_work": parent.name,
			},
			{
				"action": "Task",
				"subject": "No client; 'quotes' and \\ \"too\"",
				"status": "In Progress",
				"description": "<b>x</b>",
			},
			{
				"action": "Call",
				"subject": "<b>a</b><script>x()</script> & <img src=x onerror=x()>",
				"description": "<p>see www.example.com</p><img src=x onerror='x()'><script>x()</script>",
			},
		]

	def columns(self, name):
		row = frappe.db.get_value("Work", name, "*", as_dict=True)
		return {key: value for key, value in row.items() if key not in OWN}

	def test_equal_column_by_column(self):
		rows = self.rows()
		for single in ([row] for row in rows):
			slow = frappe.get_doc({"doctype": "Work", **single[0]}).insert()
			fast = create_works(single)[0]
			self.assertEqual(self.columns(fast), self.columns(slow.name))
		slow_names = [frappe.get_doc({"doctype": "Work", **row}).insert().name for row in rows]
		for fast, slow in zip(create_works(rows), slow_names, strict=True):
			self.assertEqual(self.columns(fast), self.columns(slow))

	def test_the_clients_next_day_is_the_same(self):
		rows = self.rows()[:4]
		parties = {(row["party_type"], row["party"]) for row in rows}
		create_works(rows)
		fast = {pair: frappe.db.get_value(*pair, "rule24_next_work_on") for pair in parties}
		frappe.db.delete("Work", {"party": ("in", [party for _kind, party in parties])})
		for row in rows:
			frappe.get_doc({"doctype": "Work", **row}).insert()
		self.assertEqual(fast, {pair: frappe.db.get_value(*pair, "rule24_next_work_on") for pair in parties})
		self.assertTrue(all(fast.values()))

	def test_a_nearer_day_wins_and_a_later_one_changes_nothing(self):
		lead = make.make_lead()
		make.make_work(lead, planned_on=add_days(nowdate(), 3))
		create_works(
			[
				{
					"action": "Call",
					"party_type": "Lead",
					"party": lead.name,
					"planned_on": add_days(nowdate(), 8),
				}
			]
		)
		self.assertEqual(
			frappe.db.get_value("Lead", lead.name, "rule24_next_work_on"), getdate(add_days(nowdate(), 3))
		)
		create_works(
			[
				{
					"action": "Call",
					"party_type": "Lead",
					"party": lead.name,
					"planned_on": add_days(nowdate(), 1),
				}
			]
		)
		self.assertEqual(
			frappe.db.get_value("Lead", lead.name, "rule24_next_work_on"), getdate(add_days(nowdate(), 1))
		)

	def test_names_are_in_order_and_the_series_goes_on(self):
		names = create_works([{"action": "Call"}] * 5)
		numbers = [int(name[5:]) for name in names]
		self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 5)))
		self.assertEqual(int(make.make_work().name[5:]), numbers[-1] + 1)

	def test_global_search_finds_them(self):
		from frappe.utils.global_search import search, sync_global_search

		word = f"zebra{frappe.generate_hash(length=8)}"
		create_works([{"action": "Call", "subject": word}])
		sync_global_search()
		self.assertTrue(search(word, doctype="Work"))


class TestRefusals(CRMTestCase):
	def test_each_names_its_row_and_writes_nothing(self):
		lead = make.make_lead()
		good = {"action": "Call", "party_type": "Lead", "party": lead.name}
		bad = (
			({"action": "Nope"}, "Nope"),
			({"action": "Call", "party_type": "Lead", "party": "nobody"}, "nobody"),
			({"action": "Call", "party_type": "Supplier", "party": "x"}, "x"),
			({"action": "Call", "status": "Closed"}, "open"),
			({"action": "Call", "closed_by": "Administrator"}, "closed_by"),
			(
				{"action": "Call", "starts_at": "2031-03-04 10:00:00", "ends_at": "2031-03-04 09:00:00"},
				"before it starts",
			),
			({"action": "Call", "ends_at": "2031-03-04 09:00:00"}, "without a start"),
			({"action": "Call", "assigned_to": "ghost@example.com"}, "ghost@example.com"),
			({"action": "Call", "parent_work": "WORK-x"}, "WORK-x"),
			({"action": "Call", "priority": "Urgent"}, "Urgent"),
			({"action": "Call", "subject": "x" * 141}, "140"),
			({"action": "Call", "subject": ["x"]}, "texts"),
			({"action": "Call", "planned_on": "soon"}, "soon"),
			({"action": "Call", "planned_on": ["2031-03-04"]}, "date"),
			({"action": "Call", "starts_at": "2031-13-44 10:00:00"}, "2031-13-44"),
		)
		before = frappe.db.count("Work")
		for row, word in bad:
			with self.assertRaisesWith(exceptions.WorkError, "Row 2", word):
				create_works([good, row])
		self.assertEqual(frappe.db.count("Work"), before)

	def test_nothing_to_do(self):
		self.assertEqual(create_works([]), [])

"""Every endpoint of works: allowed, denied, malformed."""

import frappe
from frappe.utils import nowdate

from rule24_crm import exceptions
from rule24_crm.api import work as api
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase


class EndpointCase(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.manager = make.make_user(["Sales User"]).name
		self.head = make.make_user(["Sales Manager", "Sales User"]).name
		self.stranger = make.make_user(["Blogger"] if frappe.db.exists("Role", "Blogger") else []).name
		self.lead = make.make_lead(lead_owner=self.manager)
		self.work = make.make_work(self.lead, assigned_to=self.manager)


class TestAllowed(EndpointCase):
	def test_close(self):
		with self.as_user(self.manager):
			outcome = api.close(self.work.name, "No Answer", note="Busy")
		self.assertEqual(outcome["status"], "Closed")
		self.assertTrue(outcome["next_work"])
		self.assertEqual(frappe.db.get_value("Work", outcome["work"], "closed_by"), self.manager)

	def test_close_with_a_next_work_as_text(self):
		with self.as_user(self.manager):
			outcome = api.close(
				self.work.name,
				"No Answer",
				next_work=frappe.as_json({"action": "Visit", "planned_on": nowdate()}),
			)
		self.assertEqual(frappe.db.get_value("Work", outcome["next_work"], "action"), "Visit")

	def test_cancel(self):
		with self.as_user(self.manager):
			outcome = api.cancel(self.work.name, stop_reason=make.make_stop_reason().name)
		self.assertEqual(outcome, {"work": self.work.name, "status": "Cancelled"})

	def test_options_propose_and_basis(self):
		with self.as_user(self.manager):
			options = api.closing_options(self.work.name)
			proposal = api.propose_next(self.work.name, "Call Back Later")
			copy = api.create_from(self.work.name)
		self.assertEqual(
			{row["result"] for row in options["results"]},
			{r.result for r in frappe.get_doc("Work Action", "Call").results},
		)
		self.assertTrue(options["must_plan"])
		self.assertEqual(proposal["action"], "Call")
		self.assertEqual(copy["based_on"], self.work.name)

	def test_lists(self):
		with self.as_user(self.manager):
			self.assertEqual(len(api.of_party("Lead", self.lead.name)["planned"]), 1)
			self.assertEqual(len(api.of_record("Lead", self.lead.name)["planned"]), 1)
			self.assertEqual(api.rollup(self.work.name)["total"], 0)
			self.assertIsInstance(api.count_without_next()["value"], int)

	def test_today(self):
		with self.as_user(self.manager):
			self.assertEqual([row["name"] for row in api.today()], [self.work.name])
		with self.as_user(self.head):
			self.assertEqual([row["name"] for row in api.today(self.manager)], [self.work.name])
			self.assertEqual(api.today(), [])

	def test_without_next_is_ones_own_unless_head(self):
		other = make.make_lead(lead_owner=self.head)
		with self.as_user(self.manager):
			self.assertNotIn(
				other.name, [row["party"] for row in api.clients_without_next(mine=False, limit=100000)]
			)
		with self.as_user(self.head):
			self.assertIn(
				other.name, [row["party"] for row in api.clients_without_next(mine=False, limit=100000)]
			)

	def test_bulk_from_a_selection_and_a_filter(self):
		leads = [make.make_lead(lead_owner=self.manager, job_title="Bulk") for _n in range(3)]
		with self.as_user(self.manager):
			chosen = api.create_bulk("Lead", {"action": "Call"}, names=[lead.name for lead in leads[:2]])
			filtered = api.create_bulk(
				"Lead", frappe.as_json({"action": "Letter"}), filters={"job_title": "Bulk"}
			)
		self.assertEqual((chosen["created"], filtered["created"]), (2, 3))
		self.assertEqual(frappe.db.count("Work", {"party": leads[0].name, "assigned_to": self.manager}), 2)

	def test_bulk_from_contacts_and_deals(self):
		customer = make.make_customer()
		contact = make.make_contact("Customer", customer.name)
		loose = make.make_contact()
		deal = make.make_opportunity(customer, contact_person=contact.name)
		made = api.create_bulk("Contact", {"action": "Call"}, names=[contact.name, loose.name])
		self.assertEqual((made["created"], [row["name"] for row in made["skipped"]]), (1, [loose.name]))
		api.create_bulk("Opportunity", {"action": "Call"}, names=[deal.name])
		work = frappe.get_last_doc("Work", {"opportunity": deal.name})
		self.assertEqual((work.party, work.contact), (customer.name, contact.name))


class TestDenied(EndpointCase):
	def test_every_endpoint(self):
		calls = (
			lambda: api.close(self.work.name, "No Answer"),
			lambda: api.cancel(self.work.name),
			lambda: api.propose_next(self.work.name, "No Answer"),
			lambda: api.closing_options(self.work.name),
			lambda: api.create_from(self.work.name),
			lambda: api.create_bulk("Lead", {"action": "Call"}, names=[self.lead.name]),
			lambda: api.of_party("Lead", self.lead.name),
			lambda: api.of_record("Lead", self.lead.name),
			lambda: api.rollup(self.work.name),
			lambda: api.clients_without_next(),
			lambda: api.count_without_next(),
			lambda: api.today(),
			lambda: api.today(self.manager),
		)
		for user in (self.stranger, "Guest"):
			for number, call in enumerate(calls):
				with self.as_user(user), self.subTest(user=user, call=number):
					with self.assertRaises(frappe.PermissionError):
						call()
		self.assertEqual(frappe.db.get_value("Work", self.work.name, "status"), "Planned")

	def test_the_day_of_somebody_else(self):
		with self.as_user(self.manager), self.assertRaises(frappe.PermissionError):
			api.today(self.head)

	def test_a_selection_one_may_not_see(self):
		accountant = make.make_user(["Accounts User", "Sales User"]).name
		hidden = make.make_lead()
		permission = frappe.get_doc(
			{"doctype": "User Permission", "user": accountant, "allow": "Lead", "for_value": self.lead.name}
		)
		permission.insert()
		with self.as_user(accountant):
			with self.assertRaisesWith(exceptions.WorkError, "not yours"):
				api.create_bulk("Lead", {"action": "Call"}, names=[hidden.name])

	def test_writes_need_post(self):
		for endpoint in (api.close, api.cancel, api.create_from, api.create_bulk):
			self.assertEqual(frappe.allowed_http_methods_for_whitelisted_func[endpoint], ["POST"])


class TestMalformed(EndpointCase):
	def test_close(self):
		with self.assertRaises(frappe.DoesNotExistError):
			api.close("WORK-none", "No Answer")
		with self.assertRaises(exceptions.ResultNotAllowedError):
			api.close(self.work.name, "")
		with self.assertRaises(frappe.ValidationError):
			api.close(self.work.name, "No Answer", next_work={"action": "Nope", "planned_on": nowdate()})
		with self.assertRaises(frappe.ValidationError):
			api.close(self.work.name, "No Answer", stop_reason="Nope")

	def test_bulk(self):
		for doctype, values, chosen in (
			("User", {"action": "Call"}, {"names": ["Administrator"]}),
			("Lead", {}, {"names": [self.lead.name]}),
			("Lead", {"action": "Call", "status": "Closed"}, {"names": [self.lead.name]}),
			("Lead", {"action": "Call"}, {}),
			("Lead", {"action": "Call"}, {"names": "not a list"}),
			("Lead", {"action": "Call"}, {"names": ["no such lead"]}),
			("Lead", {"action": "Nope"}, {"names": [self.lead.name]}),
		):
			with (
				self.subTest(doctype=doctype, values=values, chosen=chosen),
				self.assertRaises(frappe.ValidationError),
			):
				api.create_bulk(doctype, values, **{"names": None, **chosen})

	def test_lists(self):
		with self.assertRaises(exceptions.WorkError):
			api.of_record("User", "Administrator")
		with self.assertRaises(exceptions.PartyNotFoundError):
			api.of_party("User", "Administrator")

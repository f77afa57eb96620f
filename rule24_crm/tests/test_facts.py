"""Facts about clients: computed once, under all records of a client, as far as the user may see."""

import frappe
from frappe.utils import add_days, getdate, now_datetime, nowdate

from rule24_crm.api import facts as api
from rule24_crm.deals.conversion import create_lead
from rule24_crm.exceptions import PartyNotFoundError
from rule24_crm.parties import chain, facts
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase


def post_invoice(customer, total: float, **values):
	"""A posted invoice as a row: facts read columns, and a ledger is not their matter."""
	invoice = frappe.new_doc("Sales Invoice")
	invoice.update(
		{
			"customer": customer.name,
			"company": make.COMPANY,
			"posting_date": nowdate(),
			"currency": "RUB",
			"party_account_currency": "RUB",
			"conversion_rate": 1,
			"base_grand_total": total,
			"outstanding_amount": 0,
			"docstatus": 1,
			**values,
		}
	)
	invoice.name = f"TEST-{frappe.generate_hash(length=10)}"
	invoice.db_insert()
	return invoice


def send_letter(doctype: str, name: str, on, **values):
	letter = frappe.get_doc(
		{
			"doctype": "Communication",
			"communication_type": "Communication",
			"communication_medium": "Email",
			"subject": "Hello",
			"content": "Hello",
			"sent_or_received": "Sent",
			"sender": "manager@example.com",
			"recipients": "client@example.com",
			"reference_doctype": doctype,
			"reference_name": name,
			"communication_date": on,
			**values,
		}
	)
	return letter.insert(ignore_permissions=True)


class FactsCase(CRMTestCase):
	def of(self, doc) -> dict:
		return facts.of_client(doc.doctype, doc.name)


class TestLineages(FactsCase):
	def test_many_at_once_equal_one_by_one(self):
		prospects = [make.make_prospect() for _number in range(3)]
		leads = [create_lead("Prospect", prospect.name)[1] for prospect in prospects[:2]]
		customer = make.make_customer(lead_name=leads[0])
		idle = make.make_lead()
		chain.continue_as("Lead", idle.name, "Customer", customer.name)
		whole = {
			("Prospect", prospects[0].name),
			("Lead", leads[0]),
			("Lead", idle.name),
			("Customer", customer.name),
		}
		both = {("Prospect", prospects[1].name), ("Lead", leads[1])}
		alone = {("Prospect", prospects[2].name)}
		many = chain.lineages("Prospect", [prospect.name for prospect in prospects])
		self.assertEqual([set(many[prospect.name]) for prospect in prospects], [whole, both, alone])
		for kind, name in whole | both | alone:
			one = chain.lineage(kind, name)
			self.assertEqual(one[0], (kind, name))
			self.assertEqual(len(one), len(set(one)))
			self.assertIn(set(one), (whole, both, alone))

	def test_a_circle_ends(self):
		one, two = make.make_lead(), make.make_lead()
		chain.continue_as("Lead", one.name, "Lead", two.name)
		chain.continue_as("Lead", two.name, "Lead", one.name)
		self.assertEqual(set(chain.lineage("Lead", one.name)), {("Lead", one.name), ("Lead", two.name)})


class TestFacts(FactsCase):
	def test_a_new_client(self):
		customer = make.make_customer()
		found = self.of(customer)
		self.assertEqual(found["since"], getdate(customer.creation))
		self.assertEqual((found["last_touch"], found["next_work"]), (None, None))
		self.assertEqual(found["satisfaction"], "")
		self.assertEqual((found["deals"]["won"], found["deals"]["open"]), (0, 0))
		self.assertEqual(
			(found["sales"]["total"], found["sales"]["average"], found["sales"]["debt"]), (0, 0, 0)
		)
		self.assertEqual(found["sales"]["currency"], "RUB")

	def test_sales(self):
		customer = make.make_customer()
		last_year = f"{getdate(nowdate()).year - 1}-12-31"
		post_invoice(customer, 1000, outstanding_amount=400)
		post_invoice(customer, 500, posting_date=last_year)
		post_invoice(customer, -100, is_return=1)
		post_invoice(customer, 9999, docstatus=0)
		post_invoice(customer, 9999, docstatus=2)
		post_invoice(make.make_customer(), 9999)
		sales = self.of(customer)["sales"]
		self.assertEqual((sales["count"], sales["total"], sales["this_year"]), (2, 1400, 900))
		self.assertEqual((sales["average"], sales["debt"], sales["last_on"]), (700, 400, getdate(nowdate())))
		self.assertFalse(sales["partial"])
		self.assertEqual(self.of(customer)["since"], getdate(last_year))

	def test_debt_in_another_currency(self):
		customer = make.make_customer()
		post_invoice(
			customer,
			9000,
			currency="USD",
			party_account_currency="USD",
			conversion_rate=90,
			outstanding_amount=50,
		)
		post_invoice(customer, 900, currency="USD", conversion_rate=90, outstanding_amount=900)
		self.assertEqual(self.of(customer)["sales"]["debt"], 50 * 90 + 900)

	def test_companies_with_other_books_are_left_out_and_said(self):
		customer = make.make_customer()
		post_invoice(customer, 1000)
		post_invoice(customer, 77, company="Rule24 Abroad")
		company = frappe.new_doc("Company")
		company.update(
			{
				"company_name": "Rule24 Abroad",
				"abbr": "RA",
				"default_currency": "USD",
				"country": "Russian Federation",
			}
		)
		company.name = "Rule24 Abroad"
		company.db_insert()
		sales = self.of(customer)["sales"]
		self.assertEqual((sales["total"], sales["partial"]), (1000, True))

	def test_deals(self):
		customer = make.make_customer()
		won = make.make_opportunity(customer, opportunity_amount=300)
		won.db_set("status", "Converted")
		closed = make.make_opportunity(customer, opportunity_amount=200, rule24_sales_process="Seminar")
		closed.db_set({"status": "Closed", "sales_stage": "Closed Won"})
		dropped = make.make_opportunity(customer, opportunity_amount=50, rule24_sales_process="Seminar")
		dropped.db_set("status", "Closed")
		lost = make.make_opportunity(customer, opportunity_amount=70)
		lost.db_set("status", "Lost")
		make.make_opportunity(customer, opportunity_amount=40)
		deals = self.of(customer)["deals"]
		self.assertEqual(
			(deals["won"], deals["won_amount"], deals["open"], deals["open_amount"]), (2, 500, 1, 40)
		)

	def test_a_won_deal_is_what_the_stages_say(self):
		from rule24_crm.deals import stages
		from rule24_crm.deals.process import WON

		customer = make.make_customer()
		for status, stage in (
			("Converted", "Interest"), ("Closed", "Closed Won"), ("Closed", "Closed Lost"), ("Lost", "Closed Lost"),
			("Open", "Interest"), ("Quotation", "Proposal"),
		):  # fmt: skip
			deal = make.make_opportunity(customer, rule24_sales_process="Seminar")
			deal.db_set({"status": status, "sales_stage": stage})
		deals = [
			frappe.get_doc("Opportunity", name)
			for name in frappe.get_all("Opportunity", {"party_name": customer.name}, pluck="name")
		]
		self.assertEqual(
			self.of(customer)["deals"]["won"], sum(stages.outcome(deal) == WON for deal in deals)
		)

	def test_under_all_records(self):
		prospect = make.make_prospect()
		make.make_opportunity(prospect, opportunity_amount=10)
		_kind, lead = create_lead("Prospect", prospect.name)
		make.make_opportunity(frappe.get_doc("Lead", lead), opportunity_amount=20)
		customer = make.make_customer(lead_name=lead)
		post_invoice(customer, 100)
		for doc in (prospect, frappe.get_doc("Lead", lead), customer):
			found = self.of(doc)
			self.assertEqual((found["deals"]["open"], found["deals"]["open_amount"]), (2, 30))
			self.assertEqual(found["sales"]["total"], 100)

	def test_the_last_touch(self):
		customer = make.make_customer()
		moment = now_datetime().replace(microsecond=0)
		work = make.make_work(customer)
		work.db_set({"status": "Closed", "closed_on": add_days(moment, -5)})
		self.assertEqual(self.of(customer)["last_touch"], {"on": add_days(moment, -5), "kind": "Work"})
		send_letter("Customer", customer.name, add_days(moment, -3))
		send_letter("Customer", customer.name, moment, communication_type="Automated Message")
		self.assertEqual(self.of(customer)["last_touch"], {"on": add_days(moment, -3), "kind": "Letter"})
		deal = make.make_opportunity(customer)
		send_letter(
			"Opportunity", deal.name, add_days(moment, -2),
			timeline_links=[{"link_doctype": "Customer", "link_name": customer.name}],
		)  # fmt: skip
		self.assertEqual(self.of(customer)["last_touch"]["on"], add_days(moment, -2))
		call = frappe.get_doc(
			{
				"doctype": "Call Log",
				"id": frappe.generate_hash(length=10),
				"from": "1",
				"to": "2",
				"medium": "x",
				"start_time": add_days(moment, -1),
				"links": [{"link_doctype": "Customer", "link_name": customer.name}],
			}
		).insert(ignore_permissions=True)
		call.db_set("start_time", add_days(moment, -1))
		self.assertEqual(self.of(customer)["last_touch"], {"on": add_days(moment, -1), "kind": "Call"})

	def test_the_next_work(self):
		customer = make.make_customer()
		make.make_work(customer, planned_on=add_days(nowdate(), 2))
		soon = make.make_work(customer, planned_on=add_days(nowdate(), 1), subject="Ring up")
		found = self.of(customer)["next_work"]
		self.assertEqual((found["name"], found["subject"], found["action"]), (soon.name, "Ring up", "Call"))

	def test_many_at_once_equal_one_by_one(self):
		clients = [make.make_customer() for _number in range(4)]
		for number, client in enumerate(clients):
			for _time in range(number):
				post_invoice(client, 100 * number, outstanding_amount=number)
				make.make_opportunity(client, opportunity_amount=5)
				make.make_work(client, planned_on=add_days(nowdate(), number))
		many = facts.for_clients("Customer", [client.name for client in clients])
		for client in clients:
			self.assertEqual(many[client.name], self.of(client))

	def test_queries_do_not_grow_with_the_clients(self):
		clients = [make.make_customer().name for _number in range(12)]

		def count(names) -> int:
			seen, run = [], frappe.db.sql
			frappe.db.sql = lambda *args, **kwargs: (seen.append(args), run(*args, **kwargs))[1]
			try:
				facts.for_clients("Customer", names)
			finally:
				frappe.db.sql = run
			return len(seen)

		count(clients)
		self.assertEqual(count(clients), count(clients[:1]))

	def test_nobody(self):
		self.assertEqual(facts.for_clients("Customer", []), {})


class TestRights(FactsCase):
	def test_sales_are_for_those_who_may_read_invoices(self):
		customer = make.make_customer()
		post_invoice(customer, 100, posting_date="2020-01-01")
		with self.as_user(make.make_user(["Sales User"]).name):
			found = api.of_client("Customer", customer.name)
			self.assertNotIn("sales", found)
			self.assertIn("deals", found)
			self.assertEqual(found["since"], getdate(customer.creation))
		with self.as_user(make.make_user(["Sales User", "Accounts User"]).name):
			self.assertEqual(api.of_client("Customer", customer.name)["sales"]["total"], 100)

	def test_user_permissions_count(self):
		customer, user = make.make_customer(), make.make_user(["Sales User", "Accounts User"]).name
		post_invoice(customer, 100)
		frappe.get_doc(
			{
				"doctype": "User Permission",
				"user": user,
				"allow": "Company",
				"for_value": make.COMPANY,
				"apply_to_all_doctypes": 1,
			}
		).insert()
		post_invoice(customer, 50, company="Another")
		with self.as_user(user):
			self.assertEqual(facts.of_client("Customer", customer.name)["sales"]["total"], 100)

	def test_strangers_and_nonsense(self):
		customer = make.make_customer()
		for call in (api.of_client, api.card):
			with self.as_user(make.make_user([]).name), self.assertRaises(frappe.PermissionError):
				call("Customer", customer.name)
			with self.assertRaises(PartyNotFoundError):
				call("User", "Administrator")
			with self.assertRaises(frappe.DoesNotExistError):
				call("Lead", "no such lead")


class TestCard(FactsCase):
	def test_what_it_gathers_under_all_records(self):
		prospect = make.make_prospect()
		_kind, lead = create_lead("Prospect", prospect.name)
		customer = make.make_customer(lead_name=lead)
		person = make.make_contact("Lead", lead, phone="+74950000001", rule24_birthday="1980-02-29")
		other = make.make_contact("Customer", customer.name)
		old = make.make_opportunity(frappe.get_doc("Lead", lead))
		old.db_set("status", "Lost")
		new = make.make_opportunity(customer)
		early = send_letter("Prospect", prospect.name, "2026-01-01 10:00:00")
		late = send_letter("Customer", customer.name, "2026-02-01 10:00:00")
		for doc in (prospect, customer):
			card = api.card(doc.doctype, doc.name)
			self.assertTrue({person.name, other.name} <= {row["name"] for row in card["people"]})
			self.assertEqual([row.name for row in card["deals"]], [new.name, old.name])
			self.assertEqual([row["name"] for row in card["letters"]], [late.name, early.name])

	def test_a_person_known_under_two_records_stands_once(self):
		lead = make.make_lead()
		customer = make.make_customer(lead_name=lead.name)
		phone = "+74950000002"

		def person(link, name, **values):
			first, _blank, last = name.partition(" ")
			return make.make_contact(link.doctype, link.name, first_name=first, last_name=last, **values).name

		person(lead, "Пётр", phone=phone)
		fuller = person(customer, "Пётр Иванов", phone=phone)
		person(lead, "анна белова", email="Anna@Example.com")
		person(customer, "Анна Белова", email="anna@example.com", phone=phone)
		colleague = person(lead, "Олег", phone=phone)
		namesake = person(customer, "Пётр", phone="+74950000003")
		people = api.card("Customer", customer.name)["people"]
		self.assertTrue({fuller, colleague, namesake} <= {row["name"] for row in people})
		names = [row["full_name"] for row in people]
		self.assertEqual(names.count("Пётр"), 1)
		self.assertEqual(len([name for name in names if name.casefold() == "анна белова"]), 1)

	def test_the_family_stands_with_the_person(self):
		customer = make.make_customer()
		make.make_contact("Customer", customer.name)
		daughter = {"relative_name": "Маша", "relation": "Daughter", "birthday": "2015-11-26"}
		person = make.make_contact(
			"Customer", customer.name, rule24_family=[daughter, {"relative_name": "Олег"}]
		)
		families = {row["name"]: row["family"] for row in api.card("Customer", customer.name)["people"]}
		self.assertEqual([each["relative_name"] for each in families.pop(person.name)], ["Маша", "Олег"])
		self.assertEqual(list(families.values()), [[]])

	def test_parts_that_may_not_be_read_are_not_there(self):
		customer = make.make_customer()
		make.make_opportunity(customer)
		with self.as_user(make.make_user(["Accounts User"]).name):
			self.assertNotIn("deals", api.card("Customer", customer.name))

	def test_a_limit(self):
		customer = make.make_customer()
		for day in range(1, 6):
			send_letter("Customer", customer.name, f"2026-01-0{day} 10:00:00")
		self.assertEqual(len(api.card("Customer", customer.name, limit=3)["letters"]), 3)


class TestKnowledge(FactsCase):
	def test_satisfaction_is_a_fact_of_all_records_of_the_client(self):
		prospect = make.make_prospect(rule24_satisfaction="Satisfied")
		_kind, name = create_lead("Prospect", prospect.name)
		self.assertEqual(self.of(frappe.get_doc("Lead", name))["satisfaction"], "Satisfied")
		lead = frappe.get_doc("Lead", name)
		lead.rule24_satisfaction = "Has Complaints"
		lead.save()
		self.assertEqual(self.of(prospect)["satisfaction"], "Has Complaints")  # said last

	def test_it_follows_the_client_and_has_a_history(self):
		known = {
			"rule24_potential": 100000,
			"rule24_reaction": "Buys Readily",
			"rule24_preferences": "по пятницам",
		}
		prospect = make.make_prospect(**known)
		_kind, name = create_lead("Prospect", prospect.name)
		lead = frappe.get_doc("Lead", name)
		self.assertEqual({key: lead.get(key) for key in known}, known)
		lead.rule24_reaction = "Refuses"
		lead.save(ignore_version=False)  # tests keep no history of their own accord
		history = frappe.get_all("Version", {"ref_doctype": "Lead", "docname": name}, pluck="data")
		self.assertTrue(any("rule24_reaction" in data for data in history))

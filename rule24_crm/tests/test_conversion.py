"""Lead to deal: contacts, notes, works and letters come along; nothing is made twice."""

from unittest.mock import patch

import frappe

from rule24_crm.deals import contacts, conversion, stages
from rule24_crm.exceptions import ConversionError, ConversionNotPermittedError
from rule24_crm.parties import chain
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.work import closing
from rule24_crm.work.campaigns import members


def unique_email():
	return f"{frappe.generate_hash(length=8)}@example.com"


class TestInterested(CRMTestCase):
	def test_tables_are_not_read_when_the_status_says_more_already(self):
		lead = make.make_lead(status="Interested")
		with self.asked_of_the_database() as queries:
			conversion.create_lead("Lead", lead.name)
		self.assertEqual(len(queries), 1, queries)

	def test_a_lead_that_is_gone(self):
		with self.assertRaisesWith(frappe.DoesNotExistError, "No Such Lead"):
			conversion.create_lead("Lead", "No Such Lead")

	def test_whoever_is_told_of_the_change_finds_the_rows_of_the_tables(self):
		lead = make.make_lead()
		segments = [make.make_segment() for _number in range(2)]
		for segment in segments:
			lead.append("segments", {"segment": segment})
		lead.save()
		told = []
		kind = type(frappe.get_doc("Lead", lead.name))

		def run_method(doc, method, *arguments, **named):
			told.extend([doc] if method == "on_change" else [])

		with patch.object(kind, "run_method", run_method):
			conversion.create_lead("Lead", lead.name)
		stored = frappe.get_doc("Lead", lead.name)
		self.assertEqual(stored.status, "Interested")
		self.assertEqual([row.segment for row in stored.segments], segments)
		for table in stored.meta.get_table_fields():
			rows, read = (
				[row.as_dict(no_default_fields=False) for row in doc.get(table.fieldname)]
				for doc in (told[0], stored)
			)
			self.assertEqual(rows, read, table.fieldname)


class TestConvertLead(CRMTestCase):
	def test_makes_a_deal_and_closes_the_lead(self):
		lead = make.make_lead(email_id=unique_email())
		result = conversion.convert_lead(lead.name)
		self.assertTrue(result["created"])
		deal = frappe.get_doc("Opportunity", result["opportunity"])
		self.assertEqual((deal.opportunity_from, deal.party_name), ("Lead", lead.name))
		self.assertEqual(
			(deal.company, deal.currency, deal.sales_stage), ("Rule24 Demo", "RUB", "Cold Contact")
		)
		lead.reload()
		self.assertEqual(
			(lead.status, lead.qualification_status, lead.qualified_by),
			("Opportunity", "Qualified", "Administrator"),
		)
		self.assertTrue(lead.qualified_on)

	def test_for_somebody_whose_desk_speaks_another_language_than_the_site(self):
		self.addCleanup(setattr, frappe.local, "lang", frappe.local.lang)
		frappe.local.lang = "ru"
		result = conversion.convert_lead(make.make_lead().name)
		self.assertEqual(
			frappe.db.get_value("Opportunity", result["opportunity"], "opportunity_type"), "Sales"
		)

	def test_twice_returns_the_same_deal(self):
		lead = make.make_lead()
		first = conversion.convert_lead(lead.name)
		again = conversion.convert_lead(lead.name)
		self.assertEqual((again["opportunity"], again["created"]), (first["opportunity"], False))
		self.assertEqual(frappe.db.count("Opportunity", {"party_name": lead.name}), 1)

	def test_a_lost_deal_makes_room_for_a_new_one(self):
		lead = make.make_lead()
		first = conversion.convert_lead(lead.name)["opportunity"]
		stages.mark_lost(first)
		self.assertNotEqual(conversion.convert_lead(lead.name)["opportunity"], first)

	def test_values(self):
		item = make.make_item()
		lead = make.make_lead()
		name = conversion.convert_lead(
			lead.name,
			values={
				"items": [{"item_code": item.name, "qty": 2, "rate": 300}],
				"expected_closing": "2030-05-01",
				"title": "Seats",
			},
		)["opportunity"]
		deal = frappe.get_doc("Opportunity", name)
		self.assertEqual((deal.total, deal.opportunity_amount, deal.title), (600, 600, "Seats"))

	def test_malformed_values(self):
		lead = make.make_lead()
		for values in (
			{"party_name": "Other"},
			{"no_such_field": 1},
			{"status": "Converted"},
			{"items": "x"},
		):
			with self.assertRaisesWith(
				ConversionError, next(iter(values)) if "items" not in values else "Items"
			):
				conversion.convert_lead(lead.name, values=values)
		self.assertEqual(frappe.db.count("Opportunity", {"party_name": lead.name}), 0)

	def test_never_a_second_contact(self):
		lead = make.make_lead(email_id=unique_email())
		people = contacts.of("Lead", lead.name)
		self.assertEqual(len(people), 1)
		before = frappe.db.count("Contact")
		name = conversion.convert_lead(lead.name)["opportunity"]
		self.assertEqual(frappe.db.count("Contact"), before)
		self.assertEqual(contacts.of("Opportunity", name), people)
		self.assertEqual(frappe.db.get_value("Opportunity", name, "contact_person"), people[0])
		conversion.convert_lead(lead.name)
		self.assertEqual(
			frappe.db.count(
				"Dynamic Link", {"parent": people[0], "link_doctype": "Opportunity", "link_name": name}
			),
			1,
		)

	def test_contact_outlives_its_deal(self):
		lead = make.make_lead(email_id=unique_email())
		name = conversion.convert_lead(lead.name)["opportunity"]
		person = contacts.of("Opportunity", name)[0]
		frappe.delete_doc("Opportunity", name)
		contact = frappe.get_doc("Contact", person)
		contact.designation = "Director"
		contact.save()
		self.assertEqual([row.link_doctype for row in contact.links], ["Lead"])

	def test_contact_is_recognised_by_email_or_phone(self):
		frappe.db.set_single_value("CRM Settings", "auto_creation_of_contact", 0)
		email = unique_email()
		known = make.make_contact(email=email)
		by_phone = make.make_contact(phone="8 (495) 111-22-33")
		before = frappe.db.count("Contact")
		for values, expected in (
			({"email_id": email.upper()}, known),
			({"mobile_no": "+74951112233"}, by_phone),
		):
			lead = make.make_lead(**values)
			name = conversion.convert_lead(lead.name)["opportunity"]
			self.assertEqual(contacts.of("Opportunity", name), [expected.name])
			self.assertEqual(contacts.of("Lead", lead.name), [expected.name])
		self.assertEqual(frappe.db.count("Contact"), before)

	def test_notes_and_works_come_along(self):
		lead = make.make_lead(notes=[{"note": "Likes seminars"}])
		open_work = make.make_work(lead)
		done = make.make_work(lead, status="Cancelled")
		name = conversion.convert_lead(lead.name)["opportunity"]
		deal = frappe.get_doc("Opportunity", name)
		self.assertEqual([row.note for row in deal.notes], ["Likes seminars"])
		open_work.reload(), done.reload()
		self.assertEqual((open_work.opportunity, open_work.party), (name, lead.name))
		self.assertFalse(done.opportunity)

	def test_comments_and_letters_as_crm_settings_say(self):
		for carried in (0, 1):
			frappe.db.set_single_value("CRM Settings", "carry_forward_communication_and_comments", carried)
			lead = make.make_lead()
			lead.add_comment("Comment", "Ask for Anna")
			letter = frappe.get_doc(
				{
					"doctype": "Communication",
					"subject": "Hello",
					"reference_doctype": "Lead",
					"reference_name": lead.name,
				}
			).insert()
			name = conversion.convert_lead(lead.name)["opportunity"]
			comment = {"reference_doctype": "Opportunity", "reference_name": name, "comment_type": "Comment"}
			self.assertEqual(frappe.db.count("Comment", comment), carried)
			link = {"parent": letter.name, "link_doctype": "Opportunity", "link_name": name}
			self.assertEqual(frappe.db.count("Communication Link", link), carried)

	def test_closed_disabled_and_foreign(self):
		with self.assertRaisesWith(ConversionError, "Do Not Contact"):
			conversion.convert_lead(make.make_lead(status="Do Not Contact").name)
		with self.assertRaisesWith(ConversionError, "disabled"):
			conversion.convert_lead(make.make_lead(disabled=1).name)
		lead = make.make_lead()
		customer = make.make_customer(lead_name=lead.name)
		with self.assertRaisesWith(ConversionError, customer.name):
			conversion.convert_lead(lead.name)

	def test_unknown_lead(self):
		with self.assertRaises(frappe.DoesNotExistError):
			conversion.convert_lead("No Such Lead")

	def test_without_right_on_the_lead(self):
		lead = make.make_lead()
		with self.as_user(make.make_user(["Accounts User"]).name), self.assertRaises(frappe.PermissionError):
			conversion.convert_lead(lead.name)

	def test_without_right_to_create_deals(self):
		role = frappe.get_doc(
			{"doctype": "Role", "role_name": f"Lead Only {frappe.generate_hash(length=5)}"}
		).insert()
		from frappe.permissions import add_permission, update_permission_property

		add_permission("Lead", role.name)
		update_permission_property("Lead", role.name, 0, "write", 1)
		lead = make.make_lead()
		with self.as_user(make.make_user([role.name]).name):
			with self.assertRaisesWith(ConversionNotPermittedError, "create a deal"):
				conversion.convert_lead(lead.name)

	def test_manager_converts(self):
		user = make.make_user(["Sales User"]).name
		lead = make.make_lead(lead_owner=user, email_id=unique_email())
		with self.as_user(user):
			name = conversion.convert_lead(lead.name)["opportunity"]
		self.assertEqual(frappe.db.get_value("Opportunity", name, "opportunity_owner"), user)

	def test_a_person_is_looked_for_by_all_numbers_at_once(self):
		first = make.make_contact(phone="8 (916) 000-11-22").name
		second = make.make_contact(phone="+7 495 000-11-33").name
		for numbers, expected in (
			(["+79160001122", "84950001133"], first),
			(["4950001133", "+79160001122"], second),
			([None, "12", "+79160001199", "84950001133"], second),
			(["+79160001199"], None),
		):
			with self.asked_of_the_database() as asked:
				self.assertEqual(contacts.find(None, numbers), expected)
			self.assertEqual(sum("tabContact Phone" in query for query, _rows in asked), 1)
		self.assertIsNone(contacts.find(None, [None, "12"]))

	def test_campaign_fills_the_deal(self):
		item = make.make_item()
		process = frappe.db.get_value("Sales Process", {"kind": "Free"})
		campaign = make.make_campaign(
			items=[{"item_code": item.name, "qty": 3, "rate": 100}], sales_process=process
		)
		lead = make.make_lead()
		name = conversion.convert_party("Lead", lead.name, campaign=campaign.name)
		deal = frappe.get_doc("Opportunity", name)
		self.assertEqual(
			[(row.item_code, row.qty, row.rate, row.uom) for row in deal.items], [(item.name, 3, 100, "Nos")]
		)
		self.assertEqual((deal.rule24_work_campaign, deal.rule24_sales_process), (campaign.name, process))
		self.assertEqual(deal.opportunity_amount, 300)


class TestAttach(CRMTestCase):
	def known_client(self):
		"""A customer with an open deal, and a new lead of the same person."""
		email = unique_email()
		customer = make.make_customer()
		person = make.make_contact("Customer", customer.name, email=email)
		deal = make.make_opportunity(customer)
		lead = make.make_lead(email_id=email, notes=[{"note": "Wants more seats"}])
		return customer, person, deal, lead

	def test_open_deals_lists_those_of_the_same_client(self):
		_customer, _person, deal, lead = self.known_client()
		make.make_opportunity()
		self.assertEqual([row.name for row in conversion.open_deals(lead.name)], [deal.name])
		stages.mark_lost(deal.name)
		self.assertEqual(conversion.open_deals(lead.name), [])

	def test_attach(self):
		customer, person, deal, lead = self.known_client()
		work = make.make_work(lead)
		result = conversion.convert_lead(lead.name, opportunity=deal.name)
		self.assertEqual(result, {"opportunity": deal.name, "lead": lead.name, "created": False})
		lead.reload(), work.reload(), deal.reload()
		self.assertEqual(lead.status, "Opportunity")
		self.assertEqual(chain.successor("Lead", lead.name), ("Customer", customer.name))
		self.assertEqual(
			(work.party_type, work.party, work.opportunity), ("Customer", customer.name, deal.name)
		)
		self.assertEqual([row.note for row in deal.notes], ["Wants more seats"])
		self.assertEqual(contacts.of("Customer", customer.name), [person.name])

	def test_interest_of_a_lead_that_goes_on_as_a_customer_is_the_customers(self):
		customer, _person, deal, lead = self.known_client()
		conversion.convert_lead(lead.name, opportunity=deal.name)
		self.assertEqual(conversion.create_lead("Lead", lead.name), ("Customer", customer.name))
		lead.reload()
		self.assertEqual(lead.status, "Opportunity")

	def test_attach_twice_copies_once(self):
		_customer, _person, deal, lead = self.known_client()
		conversion.convert_lead(lead.name, opportunity=deal.name)
		conversion.convert_lead(lead.name, opportunity=deal.name)
		self.assertEqual(conversion.convert_lead(lead.name)["opportunity"], deal.name)
		deal.reload()
		self.assertEqual(len(deal.notes), 1)

	def test_another_clients_deal(self):
		lead, deal = make.make_lead(), make.make_opportunity()
		with self.assertRaisesWith(ConversionError, "belongs to another client", deal.customer_name):
			conversion.convert_lead(lead.name, opportunity=deal.name)
		lead.reload()
		self.assertEqual(lead.status, "Lead")

	def test_deal_that_is_not_open(self):
		_customer, _person, deal, lead = self.known_client()
		stages.mark_lost(deal.name)
		with self.assertRaisesWith(ConversionError, "not open", "Lost"):
			conversion.convert_lead(lead.name, opportunity=deal.name)

	def test_unknown_deal(self):
		with self.assertRaisesWith(ConversionError, "no deal", "Nowhere"):
			conversion.convert_lead(make.make_lead().name, opportunity="Nowhere")


class TestOtherParties(CRMTestCase):
	def prospect(self, **values):
		owner = make.make_user().name
		prospect = make.make_prospect(
			prospect_owner=owner,
			rule24_tax_id="7707083893",
			rule24_kpp="773601001",
			rule24_timezone="Asia/Omsk",
			**values,
		)
		person = make.make_contact("Prospect", prospect.name, email=unique_email(), phone="+79161234567")
		return prospect, person

	def test_prospect_becomes_a_lead_once(self):
		prospect, person = self.prospect()
		work = make.make_work(prospect)
		before = frappe.db.count("Contact")
		kind, name = conversion.create_lead("Prospect", prospect.name, contact=person.name)
		self.assertEqual(conversion.create_lead("Prospect", prospect.name), (kind, name))
		lead = frappe.get_doc("Lead", name)
		self.assertEqual(
			(kind, lead.company_name, lead.status), ("Lead", prospect.company_name, "Interested")
		)
		self.assertEqual((lead.lead_owner, lead.email_id), (prospect.prospect_owner, person.email_id))
		self.assertEqual(
			(lead.rule24_tax_id, lead.rule24_kpp, lead.rule24_timezone),
			("7707083893", "773601001", "Asia/Omsk"),
		)
		self.assertEqual(chain.successor("Prospect", prospect.name), ("Lead", name))
		work.reload()
		self.assertEqual((work.party_type, work.party), ("Lead", name))
		self.assertEqual(frappe.db.count("Contact"), before)
		self.assertEqual(contacts.of("Lead", name), [person.name])

	def test_prospect_of_a_person_who_is_a_lead_already(self):
		prospect, person = self.prospect()
		make.make_lead(email_id=person.email_id)
		_kind, name = conversion.create_lead("Prospect", prospect.name)
		self.assertFalse(frappe.db.get_value("Lead", name, "email_id"))
		self.assertIn(person.name, contacts.of("Lead", name))

	def test_prospect_without_a_person(self):
		prospect = make.make_prospect()
		_kind, name = conversion.create_lead("Prospect", prospect.name)
		self.assertEqual(frappe.db.get_value("Lead", name, "company_name"), prospect.company_name)

	def test_lead_is_marked_interested(self):
		lead = make.make_lead()
		self.assertEqual(conversion.create_lead("Lead", lead.name), ("Lead", lead.name))
		self.assertEqual(frappe.db.get_value("Lead", lead.name, "status"), "Interested")

	def test_customer_stays(self):
		customer = make.make_customer()
		self.assertEqual(conversion.create_lead("Customer", customer.name), ("Customer", customer.name))

	def test_lead_from_prospect_by_a_manager(self):
		prospect, _person = self.prospect()
		with self.as_user(prospect.prospect_owner):
			_kind, name = conversion.create_lead("Prospect", prospect.name)
			deal = conversion.convert_party("Lead", name)
		self.assertEqual(frappe.db.get_value("Opportunity", deal, "customer_name"), prospect.company_name)

	def test_deal_with_a_prospect(self):
		prospect, person = self.prospect()
		work = make.make_work(prospect)
		name = conversion.convert_party("Prospect", prospect.name)
		deal = frappe.get_doc("Opportunity", name)
		self.assertEqual((deal.opportunity_from, deal.party_name), ("Prospect", prospect.name))
		self.assertEqual(
			(deal.contact_person, deal.opportunity_owner), (person.name, prospect.prospect_owner)
		)
		self.assertEqual(conversion.convert_party("Prospect", prospect.name), name)
		work.reload()
		self.assertEqual(work.opportunity, name)

	def test_deal_with_the_successor(self):
		prospect, _person = self.prospect()
		_kind, lead = conversion.create_lead("Prospect", prospect.name)
		name = conversion.convert_party("Prospect", prospect.name)
		self.assertEqual(frappe.db.get_value("Opportunity", name, "party_name"), lead)

	def test_customer_has_a_deal_for_each_campaign(self):
		customer = make.make_customer()
		first, second = make.make_campaign(), make.make_campaign()
		deals = [
			conversion.convert_party("Customer", customer.name, campaign=c.name)
			for c in (first, second, first)
		]
		self.assertEqual(deals[0], deals[2])
		self.assertNotEqual(deals[0], deals[1])

	def test_a_deal_is_not_given_to_works_of_another_campaign(self):
		customer = make.make_customer()
		first, second = make.make_campaign(), make.make_campaign()
		works = {name: make.make_work(customer, campaign=name) for name in (first.name, second.name, None)}
		for campaign in (first, second):
			members.add(campaign.name, "Customer", [customer.name])
		deal = conversion.convert_party("Customer", customer.name, campaign=first.name)
		self.assertEqual(
			{name: frappe.db.get_value("Work", work.name, "opportunity") for name, work in works.items()},
			{first.name: deal, second.name: None, None: deal},
		)
		marks = dict(
			frappe.get_all(
				members.MEMBER, {"party": customer.name}, ["campaign", "opportunity"], as_list=True
			)
		)
		self.assertEqual(marks, {first.name: deal, second.name: None})
		# the second campaign's call that ends well opens the second campaign's deal
		closing.close(works[second.name].name, "Interested")
		other = frappe.db.get_value("Opportunity", {"rule24_work_campaign": second.name})
		self.assertTrue(other and other != deal)

	def test_disabled_customer(self):
		with self.assertRaisesWith(ConversionError, "disabled"):
			conversion.convert_party("Customer", make.make_customer(disabled=1).name)

	def test_unknown_campaign(self):
		with self.assertRaisesWith(ConversionError, "Nowhere"):
			conversion.convert_party("Customer", make.make_customer().name, campaign="Nowhere")

	def test_owner_of_an_ownerless_client(self):
		user = make.make_user().name
		name = conversion.convert_party("Customer", make.make_customer(account_manager=None).name, owner=user)
		self.assertEqual(frappe.db.get_value("Opportunity", name, "opportunity_owner"), user)

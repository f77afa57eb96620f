"""Nothing is with somebody who has left: what is taken up again, copied, merged, converted, given out, made from elsewhere."""

import frappe
from frappe.utils import add_days, nowdate

from rule24_crm.api import parties as api
from rule24_crm.compat import mapper
from rule24_crm.deals import conversion
from rule24_crm.exceptions import IdentityError
from rule24_crm.parties import joining, live, managers, merging, ownerless, ownership
from rule24_crm.parties.kinds import PARTY_TYPES
from rule24_crm.parties.ownership import FIELDS
from rule24_crm.tests import factories as make
from rule24_crm.tests.test_ownership import OwnershipCase
from rule24_crm.tests.test_party_create import values as new_client
from rule24_crm.tests.test_party_import import make_import, rows_of
from rule24_crm.work import closing
from rule24_crm.work.campaigns import members, works


class GoneCase(OwnershipCase):
	"""The leaver has left, and the fallback manager gets what rules and clients give to nobody."""

	def setUp(self):
		super().setUp()
		frappe.db.set_single_value("Rule24 CRM Settings", "fallback_manager", self.manager)
		frappe.clear_document_cache("Rule24 CRM Settings", "Rule24 CRM Settings")

	def gone(self, *docs):
		"""The leaver had these, and is here no more: as a handover without closed deals leaves it."""
		for doc in docs:
			frappe.db.set_value(
				doc.doctype, doc.name, FIELDS[doc.doctype], self.leaver, update_modified=False
			)
		frappe.db.set_value("User", self.leaver, "enabled", 0)
		return [frappe.get_doc(doc.doctype, doc.name) for doc in docs]

	def assert_taken_over(self, doc, by: str | None = None) -> None:
		self.assertEqual(self.owner(doc), by or self.manager, doc.doctype)
		self.assertTrue(managers.is_active(self.owner(doc)))


class TestTakenUpAgain(GoneCase):
	def test_documents_say_the_same_as_lists(self):
		docs = [
			make.make_lead(),
			make.make_lead(disabled=1),
			make.make_lead(status="Do Not Contact"),
			make.make_lead(rule24_phase="Lost"),
			make.make_prospect(),
			make.make_prospect(rule24_phase="Lost"),
			make.make_customer(),
			make.make_customer(disabled=1),
			make.make_customer(rule24_phase="Lost"),
		]
		successor = make.make_prospect()
		frappe.db.set_value(
			"Prospect", successor.name, {"rule24_successor_type": "Lead", "rule24_successor": docs[0].name}
		)
		for doc in (*docs, successor):
			doc = frappe.get_doc(doc.doctype, doc.name)
			self.assertEqual(live.is_live_document(doc), live.is_live(doc.doctype, doc.name), doc.as_dict())

	def test_clients(self):
		for doc, asleep, awake in (
			(make.make_lead(), {"status": "Do Not Contact"}, {"status": "Open"}),
			(make.make_lead(), {"disabled": 1}, {"disabled": 0}),
			(make.make_prospect(), {"rule24_phase": "Lost"}, {"rule24_phase": "Potential"}),
			(make.make_customer(), {"disabled": 1}, {"disabled": 0}),
			(make.make_customer(), {"rule24_phase": "Lost"}, {"rule24_phase": "Active"}),
		):
			frappe.db.set_value(doc.doctype, doc.name, asleep)
			(doc,) = self.gone(doc)
			doc.save()
			self.assertEqual(self.owner(doc), self.leaver)
			doc.update(awake)
			frappe.clear_messages()
			doc.save()
			self.assert_taken_over(doc)
			self.assertMessage("not active any more")
			self.assertTrue(
				frappe.db.exists("Distribution Log", {"party": doc.name, "manager": self.manager})
			)

	def test_a_lead_that_erpnext_sets_free(self):
		lead = make.make_lead(status="Do Not Contact")
		(lead,) = self.gone(lead)
		lead.db_set("status", "Open")
		self.assert_taken_over(lead)
		version = frappe.get_last_doc("Version", {"ref_doctype": "Lead", "docname": lead.name})
		self.assertIn("lead_owner", version.data)

	def test_a_lost_deal(self):
		customer = make.make_customer(account_manager=self.manager)
		for awake in (
			lambda deal: deal.update({"status": "Open"}).save(),
			lambda deal: deal.db_set("status", "Open"),
		):
			deal = make.make_opportunity(customer)
			frappe.db.set_value("Opportunity", deal.name, "status", "Lost")
			(deal,) = self.gone(deal)
			awake(deal)
			self.assertEqual(frappe.db.get_value("Opportunity", deal.name, "status"), "Open")
			self.assert_taken_over(deal)

	def test_a_cancelled_work(self):
		work = make.make_work(make.make_customer(account_manager=self.manager), status="Cancelled")
		(work,) = self.gone(work)
		work.status = "Planned"
		work.save()
		self.assert_taken_over(work)

	def test_who_is_chosen_with_it_is_kept(self):
		(lead,) = self.gone(make.make_lead(rule24_phase="Lost"))
		other = make.make_account_manager().name
		lead.update({"rule24_phase": "Potential", "lead_owner": other})
		lead.save()
		self.assert_taken_over(lead, other)

	def test_records_of_nobody_from_elsewhere_stay_listed(self):
		docs = self.of_every_kind()
		docs = self.gone(*docs)
		for doc in docs:
			doc.save()
			listed = [row["party"] for row in ownerless.rows(doc.doctype)]
			self.assertIn(doc.name, listed)
		frappe.db.set_value("User", self.leaver, {"enabled": 1, "user_type": "Website User"})
		self.assertIn(docs[0].name, [row["party"] for row in ownerless.rows("Lead")])


class TestOthers(GoneCase):
	def test_copies(self):
		for doc in self.gone(*self.of_every_kind()):
			if doc.doctype == "Opportunity":
				frappe.db.set_value("Customer", doc.party_name, "account_manager", self.manager)
			copy = frappe.copy_doc(doc)
			for field in ("customer_name", "company_name"):
				if copy.meta.has_field(field) and doc.doctype != "Lead":
					copy.set(field, frappe.generate_hash(length=8))
			copy.insert()
			self.assert_taken_over(copy)

	def test_of_two_clients_the_active_manager_stays(self):
		for kind in PARTY_TYPES:
			factory = {
				"Customer": make.make_customer,
				"Lead": make.make_lead,
				"Prospect": make.make_prospect,
			}[kind]
			(stays,) = self.gone(factory())
			other = factory(**{FIELDS[kind]: self.manager})
			shown = merging.preview(kind, other.name, stays.name)
			self.assertIn(frappe.utils.get_fullname(self.manager), str(shown["fills"]))
			self.assertNotIn(frappe.utils.get_fullname(self.leaver), str(shown["keeps"]))
			merging.merge(kind, other.name, stays.name)
			self.assert_taken_over(stays)

	def test_a_lead_that_turns_out_to_be_a_customer(self):
		(customer,) = self.gone(make.make_customer())
		lead = make.make_lead(lead_owner=self.manager)
		joining.join("Lead", lead.name, customer.name)
		self.assert_taken_over(customer)

	def test_conversion(self):
		for lead in self.gone(make.make_lead(), make.make_lead()):
			deal = conversion.convert_lead(lead.name)["opportunity"]
			self.assert_taken_over(frappe.get_doc("Opportunity", deal))
		for kind, way in (
			("Lead", "lead_to_opportunity"),
			("Lead", "lead_to_customer"),
			("Prospect", "prospect_to_opportunity"),
			("Prospect", "prospect_to_customer"),
		):
			(party,) = self.gone(make.make_lead() if kind == "Lead" else make.make_prospect())
			made = mapper(way)(party.name)
			if made.doctype == "Customer":
				made.customer_group = frappe.db.get_value("Customer Group", {"is_group": 0})
				made.territory = frappe.db.get_value("Territory", {"is_group": 0})
			made.insert()
			self.assert_taken_over(made)

	def test_works_that_follow(self):
		(work,) = self.gone(make.make_work(make.make_customer(account_manager=self.manager), action="Call"))
		following = closing.close(work.name, "Call Back Later")["next_work"]
		self.assert_taken_over(frappe.get_doc("Work", following))
		(work,) = self.gone(make.make_work(make.make_customer(account_manager=self.manager), action="Call"))
		day = add_days(nowdate(), 3)
		given = {"action": "Meeting", "planned_on": day, "assigned_to": self.leaver}
		following = closing.close(work.name, "No Answer", next_work=given)["next_work"]
		self.assert_taken_over(frappe.get_doc("Work", following))

	def test_a_campaign_that_names_somebody_who_has_left(self):
		(prospect,) = self.gone(make.make_prospect())
		campaign = make.make_campaign(managers=[{"user": self.leaver}, {"user": self.manager}])
		members.add(campaign.name, "Prospect", [prospect.name])
		works.create_works(campaign.name)
		work = frappe.get_last_doc("Work", {"campaign": campaign.name, "party": prospect.name})
		self.assert_taken_over(work)

	def test_rules_that_name_somebody_who_has_left(self):
		for change in (
			lambda: frappe.db.set_value("User", self.leaver, "enabled", 0),
			lambda: frappe.db.set_value("User", self.leaver, {"enabled": 1, "user_type": "Website User"}),
		):
			change()
			make.make_distribution_rule(
				managers=[self.leaver], for_customer=1, for_prospect=1, for_opportunity=1
			)
			make.make_distribution_rule(
				give_to="One Manager", manager=self.leaver, for_customer=1, for_prospect=1, for_opportunity=1
			)
			for doc in self.of_every_kind()[:4]:
				self.assert_taken_over(doc)

	def test_the_window_for_a_new_client(self):
		self.gone()
		with self.assertRaisesWith(IdentityError, "gets no new clients"):
			api.create_party("Lead", frappe.as_json(new_client(manager=self.leaver)))
		frappe.db.set_value("User", self.leaver, {"enabled": 1, "user_type": "Website User"})
		with self.assertRaisesWith(IdentityError, "gets no new clients"):
			api.create_party("Lead", frappe.as_json(new_client(manager=self.leaver)))

	def test_an_import(self):
		self.gone()
		name = frappe.utils.get_fullname(self.leaver)
		doc = make_import(f"Наименование;Тип;Ответственный\nООО Ушедший;ЮЛ;{name}")
		self.assertIn("is no manager", rows_of(doc)[0].reason)

	def test_who_fills_in_a_form_of_the_website_is_no_manager(self):
		visitor = make.make_user(["Customer"]).name
		# early builds of Frappe 15 make the first user a System Manager
		frappe.db.set_value("User", visitor, "user_type", "Website User")
		with self.as_user(visitor):
			lead = make.make_lead()
			deal = make.make_opportunity(make.make_customer())
		for doc in (lead, deal):
			self.assert_taken_over(doc)

	def test_a_letter_or_a_call_of_the_api(self):
		self.gone()
		with self.as_user("Guest"):
			lead = frappe.get_doc(
				{
					"doctype": "Lead",
					"email_id": f"{frappe.generate_hash(length=8)}@example.com",
					"lead_owner": "Guest",
				}
			)
			lead.insert(ignore_permissions=True)
		self.assert_taken_over(lead)
		lead = frappe.get_doc({"doctype": "Lead", "first_name": "API", "lead_owner": self.leaver}).insert()
		self.assert_taken_over(lead)
		self.assertTrue(ownership.needs_somebody(lead))

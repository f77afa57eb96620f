"""Two records of one client become one: nothing that belonged to either is lost."""

from inspect import signature

import frappe
from frappe.desk.doctype.tag.tag import DocTags
from frappe.desk.like import toggle_like
from frappe.model.document import Document

from rule24_crm.api import parties as api
from rule24_crm.deals import customer as deal_customer
from rule24_crm.exceptions import MergeError, MergeNotPermittedError, PartyNotFoundError
from rule24_crm.parties import chain, joining, merging
from rule24_crm.parties.duplicates import Candidate, find
from rule24_crm.parties.giving_up import giving_up
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.work.campaigns import members

INN = "7707083893"
MASTER = ["Sales User", "Sales Manager", "Sales Master Manager"]


def address_of(client):
	return frappe.get_doc(
		{
			"doctype": "Address",
			"address_title": client.name,
			"address_type": "Office",
			"address_line1": "Street 1",
			"city": "Moscow",
			"country": "Russian Federation",
			"links": [{"link_doctype": client.doctype, "link_name": client.name}],
		}
	).insert()


class TestMerge(CRMTestCase):
	def test_everything_follows(self):
		old = make.make_customer(tax_id=INN, website="https://example.com")
		new = make.make_customer(website="https://example.org")
		segment, participant = make.make_segment(), make.make_user().name
		old.append("segments", {"segment": segment})
		old.append("rule24_participants", {"user": participant})
		old.save()
		contact = make.make_contact("Customer", old.name, phone="+79123456710")
		both = make.make_contact("Customer", old.name)
		both.append("links", {"link_doctype": "Customer", "link_name": new.name})
		both.save()
		address = address_of(old)
		work, deal = make.make_work(old), make.make_opportunity(old)
		letter = frappe.get_doc(
			{
				"doctype": "Communication",
				"communication_medium": "Email",
				"subject": "Hello",
				"content": "Hello",
				"reference_doctype": "Customer",
				"reference_name": old.name,
			}
		).insert()
		campaign = make.make_campaign()
		members.add(campaign.name, "Customer", [old.name, new.name])
		account = frappe.get_doc(
			{
				"doctype": "Bank Account",
				"account_name": "Merge",
				"bank": frappe.get_doc({"doctype": "Bank", "bank_name": "Merge Bank"}).insert().name,
				"bank_account_no": "40702810200000000001",
				"party_type": "Customer",
				"party": old.name,
			}
		).insert()

		moves = {
			each["doctype"]: each["count"]
			for each in merging.preview("Customer", old.name, new.name)["moves"]
		}
		for doctype in ("Contact", "Address", "Work", "Opportunity", "Communication", "Bank Account"):
			self.assertGreaterEqual(moves.get(doctype, 0), 1, doctype)
		self.assertEqual(moves["Contact"], 2)

		self.assertEqual(merging.merge("Customer", old.name, new.name)["party"], new.name)

		self.assertFalse(frappe.db.exists("Customer", old.name))
		new.reload()
		self.assertEqual((new.tax_id, new.website), (INN, "https://example.org"))
		self.assertEqual([row.segment for row in new.segments], [segment])
		self.assertEqual([row.user for row in new.rule24_participants], [participant])
		self.assertTrue(
			frappe.db.exists(
				"DocShare", {"share_doctype": "Customer", "share_name": new.name, "user": participant}
			)
		)
		for doc in (contact, both, address):
			doc.reload()
			self.assertEqual([link.link_name for link in doc.links], [new.name], doc.doctype)
		work.reload()
		self.assertEqual((work.party, work.party_name), (new.name, new.customer_name))
		self.assertEqual(frappe.db.get_value("Opportunity", deal.name, "party_name"), new.name)
		self.assertEqual(frappe.db.get_value("Communication", letter.name, "reference_name"), new.name)
		self.assertEqual(frappe.db.get_value("Bank Account", account.name, "party"), new.name)
		self.assertEqual(
			frappe.get_all("Work Campaign Member", {"campaign": campaign.name}, pluck="party"), [new.name]
		)
		[match] = find(Candidate(phones=["+79123456710"]))
		self.assertEqual(match.party, new.name)

	def test_assignments_tags_and_shares_of_both(self):
		old, new = make.make_customer(), make.make_customer()
		first, second, third = (make.make_user().name for _n in range(3))
		for doc, user in ((old, first), (new, second)):
			todo = {"doctype": "ToDo", "description": "Call", "allocated_to": user}
			frappe.get_doc({**todo, "reference_type": "Customer", "reference_name": doc.name}).insert()
		for doc, tags in ((old, ("Red", "Blue")), (new, ("Blue",))):
			for tag in tags:
				DocTags("Customer").add(doc.name, tag)
		frappe.share.add_docshare("Customer", old.name, third, read=1, write=1)
		frappe.share.add_docshare("Customer", new.name, third, read=1)
		merging.merge("Customer", old.name, new.name)
		assigned, tags = frappe.db.get_value("Customer", new.name, ["_assign", "_user_tags"])
		self.assertEqual(set(frappe.parse_json(assigned)), {first, second})
		self.assertEqual(set(tags.strip(",").split(",")), {"Red", "Blue"})
		links = frappe.get_all(
			"Tag Link", {"document_type": "Customer", "document_name": new.name}, pluck="tag"
		)
		self.assertEqual(sorted(links), ["Blue", "Red"])
		shares = {"share_doctype": "Customer", "share_name": new.name, "user": third}
		self.assertEqual(frappe.get_all("DocShare", shares, pluck="write"), [1])

	def test_whose_assignments_are_all_done(self):
		"""Frappe leaves an empty text where assignees were; so does a merge without assignees."""
		stays = make.make_customer()
		for _time in range(2):
			old = make.make_customer()
			todo = {"doctype": "ToDo", "description": "Call", "allocated_to": make.make_user().name}
			todo = frappe.get_doc({**todo, "reference_type": "Customer", "reference_name": old.name}).insert()
			todo.update({"status": "Closed"}).save()
			frappe.db.set_value("Customer", old.name, "_assign", "")  # as some of Frappe's versions leave it
			merging.merge("Customer", old.name, stays.name)
			self.assertFalse(frappe.db.exists("Customer", old.name))
		self.assertFalse(frappe.parse_json(frappe.db.get_value("Customer", stays.name, "_assign") or None))

	def test_comments_and_likes_of_both_are_shown(self):
		"""Lists count comments and show likes by columns of the record, which nobody re-points."""
		old, new = make.make_customer(), make.make_customer()
		first, second, both = (make.make_user(["Sales User", "Sales Manager"]).name for _n in range(3))
		said = {}
		for doc, words in ((old, "One"), (new, "Two"), (old, "Three")):
			said[words] = frappe.get_doc("Customer", doc.name).add_comment("Comment", words).name
		for doc, users in ((old, (first, both)), (new, (both, second))):
			for user in users:
				with self.as_user(user):
					toggle_like("Customer", doc.name, "Yes")
		merging.merge("Customer", old.name, new.name)
		comments, likes = frappe.db.get_value("Customer", new.name, ["_comments", "_liked_by"])
		comments = frappe.parse_json(comments)
		self.assertEqual([each["name"] for each in comments], list(said.values()))
		self.assertEqual({each["comment"] for each in comments}, set(said))
		self.assertEqual(sorted(frappe.parse_json(likes)), sorted([first, second, both]))
		with self.as_user(first):  # what is shown can be taken back
			toggle_like("Customer", new.name, "No")
		self.assertNotIn(first, frappe.db.get_value("Customer", new.name, "_liked_by"))

	def test_columns_that_hold_nothing_stay_empty(self):
		old, new = make.make_customer(), make.make_customer()
		merging.merge("Customer", old.name, new.name)
		columns = [
			each
			for each in ("_comments", "_liked_by", "_assign", "_user_tags")
			if frappe.db.has_column("Customer", each)
		]
		self.assertFalse(any(frappe.db.get_value("Customer", new.name, columns) or ()))

	def test_leads_and_prospects(self):
		for make_party in (make.make_lead, make.make_prospect):
			old, new = make_party(), make_party()
			work = make.make_work(old)
			if old.doctype == "Lead":
				old.append("notes", {"note": "kept"})
				old.save()
			merging.merge(old.doctype, old.name, new.name)
			self.assertEqual(frappe.db.get_value("Work", work.name, "party"), new.name)
			self.assertFalse(frappe.db.exists(old.doctype, old.name))
			if new.doctype == "Lead":
				self.assertEqual([row.note for row in frappe.get_doc("Lead", new.name).notes], ["kept"])

	def test_the_lead_of_a_merged_customer_stays_closed(self):
		lead = make.make_lead()
		old, new = make.make_customer(lead_name=lead.name), make.make_customer()
		merging.merge("Customer", old.name, new.name)
		self.assertEqual(frappe.db.get_value("Lead", lead.name, "status"), "Converted")
		self.assertEqual(frappe.db.get_value("Lead", lead.name, "rule24_successor"), new.name)

	def test_preview_writes_nothing_and_names_what_is_dropped(self):
		old = make.make_customer(website="https://example.com", tax_id=INN)
		new = make.make_customer(website="https://example.org")
		shown = merging.preview("Customer", old.name, new.name)
		self.assertIn("https://example.com", [each["dropped"] for each in shown["keeps"]])
		self.assertIn(INN, [each["value"] for each in shown["fills"]])
		self.assertTrue(frappe.db.exists("Customer", old.name))
		self.assertFalse(frappe.db.get_value("Customer", new.name, "tax_id"))

	def test_two_clients_stay_two(self):
		old, new = make.make_customer(tax_id=INN), make.make_customer(tax_id="7702070139")
		with self.assertRaisesWith(MergeError, INN, "7702070139"):
			merging.merge("Customer", old.name, new.name)
		with self.assertRaisesWith(MergeError, "itself"):
			merging.merge("Customer", old.name, old.name)


class TestJoin(CRMTestCase):
	"""A Lead or Prospect that is a Customer already goes on as that one."""

	def test_everything_follows(self):
		segment, participant = make.make_segment(), make.make_user().name
		lead, customer = make.make_lead(rule24_tax_id=INN), make.make_customer(tax_id=INN)
		lead.append("segments", {"segment": segment})
		lead.append("rule24_participants", {"user": participant})
		lead.save()
		person = make.make_contact("Lead", lead.name, phone="+79123456711")
		address = address_of(lead)
		work, deal = make.make_work(lead), make.make_opportunity(lead)
		campaign = make.make_campaign()
		members.add(campaign.name, "Lead", [lead.name])

		with self.as_user(make.make_user(roles=MASTER).name):
			self.assertEqual(api.join("Lead", lead.name, customer.name)["works"], 1)

		lead.reload()
		customer.reload()
		self.assertEqual((lead.status, lead.rule24_successor), ("Converted", customer.name))
		self.assertEqual(customer.lead_name, lead.name)
		self.assertEqual([row.segment for row in customer.segments], [segment])
		self.assertEqual([row.user for row in customer.rule24_participants], [participant])
		work.reload()
		self.assertEqual((work.party_type, work.party), ("Customer", customer.name))
		for doc in (person, address):
			doc.reload()
			linked = {(link.link_doctype, link.link_name) for link in doc.links}
			self.assertEqual(linked, {("Lead", lead.name), ("Customer", customer.name)})
		self.assertEqual(
			frappe.get_all("Work Campaign Member", {"campaign": campaign.name}, pluck="party"),
			[customer.name],
		)
		# documents of its deal are the customer's, and the card of either shows both
		self.assertEqual(deal_customer.of(frappe.get_doc("Opportunity", deal.name)), customer.name)
		self.assertEqual(
			set(chain.lineage("Customer", customer.name)), {("Customer", customer.name), ("Lead", lead.name)}
		)
		self.assertEqual(joining.join("Lead", lead.name, customer.name)["works"], 0)

	def test_a_prospect_and_a_customer_that_came_from_another_lead(self):
		first, prospect, second = make.make_lead(), make.make_prospect(), make.make_lead()
		customer = make.make_customer(lead_name=first.name)
		for kind, party in (("Prospect", prospect.name), ("Lead", second.name)):
			joining.join(kind, party, customer.name)
			self.assertEqual(chain.successor(kind, party), ("Customer", customer.name))
		self.assertEqual(frappe.db.get_value("Customer", customer.name, "lead_name"), first.name)
		self.assertEqual(frappe.db.get_value("Lead", second.name, "status"), "Converted")

	def test_two_clients_stay_two(self):
		lead, customer = make.make_lead(rule24_tax_id=INN), make.make_customer(tax_id="7702070139")
		with self.assertRaisesWith(MergeError, INN, "7702070139"):
			joining.join("Lead", lead.name, customer.name)
		with self.assertRaisesWith(MergeError, "lead or a prospect"):
			joining.join("Customer", customer.name, customer.name)
		other = make.make_customer(lead_name=lead.name)
		with self.assertRaisesWith(MergeError, other.name):
			joining.join("Lead", lead.name, make.make_customer().name)

	def test_rights(self):
		lead, customer = make.make_lead(), make.make_customer()
		with self.as_user(make.make_user(roles=["Employee"]).name):
			self.assertRaises(frappe.PermissionError, api.join, "Lead", lead.name, customer.name)
		with self.as_user(
			make.make_user(roles=["Accounts User"]).name
		):  # may read the customer, not the lead
			self.assertRaises(frappe.PermissionError, api.join, "Lead", lead.name, customer.name)
		self.assertRaises(PartyNotFoundError, api.join, "User", "Administrator", customer.name)
		self.assertFalse(frappe.db.get_value("Lead", lead.name, "rule24_successor"))


class TestMergeEndpoints(CRMTestCase):
	def test_allowed(self):
		old, new = make.make_customer(), make.make_customer()
		with self.as_user(make.make_user(roles=MASTER).name):
			self.assertEqual(api.merge_preview("Customer", old.name, new.name)["target"]["name"], new.name)
			api.merge("Customer", old.name, new.name)
		self.assertFalse(frappe.db.exists("Customer", old.name))

	def test_denied(self):
		old, new = make.make_customer(), make.make_customer()
		with self.as_user(make.make_user().name):  # may change, not delete
			self.assertRaises(MergeNotPermittedError, api.merge_preview, "Customer", old.name, new.name)
			self.assertRaises(MergeNotPermittedError, api.merge, "Customer", old.name, new.name)
		with self.as_user(make.make_user(roles=["Employee"]).name):
			self.assertRaises(frappe.PermissionError, api.merge, "Customer", old.name, new.name)
		self.assertTrue(frappe.db.exists("Customer", old.name))

	def test_whoever_buys_is_no_potential_client_again(self):
		for old_phase, new_phase, phase in (
			("Active", "Potential", "Active"),
			("Potential", "Active", "Active"),
			("Potential", "Lost", "Potential"),
			("Lost", "Potential", "Potential"),
		):
			old, new = (make.make_customer(rule24_phase=each) for each in (old_phase, new_phase))
			api.merge("Customer", old.name, new.name)
			self.assertEqual(frappe.db.get_value("Customer", new.name, "rule24_phase"), phase, old_phase)

	def test_a_phase_that_is_none_of_ours_stays_with_its_record(self):
		"""An administrator has added one, or it is of another time. None counts as a potential client's."""
		for old_phase, new_phase, phase in (
			("Sleeping", "Potential", "Potential"),
			("Active", "Sleeping", "Sleeping"),
			("Sleeping", "", ""),
			("", "Lost", "Potential"),
			("", "Active", "Active"),
			("Active", "", "Active"),
			(None, None, None),
		):
			old, new = make.make_customer(), make.make_customer()
			old.db_set("rule24_phase", old_phase)
			new.db_set("rule24_phase", new_phase)
			shown = api.merge_preview("Customer", old.name, new.name)
			api.merge("Customer", old.name, new.name)
			case = (old_phase, new_phase)
			self.assertEqual(frappe.db.get_value("Customer", new.name, "rule24_phase"), phase, case)
			told = [each["value"] for each in shown["fills"] if each["label"] == "Phase"]
			self.assertEqual(told, [] if phase == new_phase else [phase], case)

	def test_only_whoever_merges_may_delete_what_is_given_up(self):
		first, second = (frappe.get_doc("Customer", make.make_customer().name) for _n in range(2))
		head, other = make.make_user(roles=["Sales User", "Sales Manager"]).name, make.make_user().name

		def may(**asked):
			return [doc.has_permission("delete", **asked) for doc in (first, second)]

		with self.as_user(head):
			with giving_up(first):
				self.assertEqual(may(), [True, False])
				if (
					"user" in signature(Document.has_permission).parameters
				):  # early Frappe 15 asks for oneself only
					self.assertEqual((may(user=head), may(user=other)), ([True, False], [False, False]))
				with giving_up(second):
					self.assertEqual(may(), [False, True])
				self.assertEqual(may(), [True, False])
			self.assertEqual(may(), [False, False])

	def test_a_head_needs_no_right_to_delete_customers(self):
		"""ERPNext gives it to the Sales Master Manager only; whom would a manager ask then?"""
		for roles in (["Sales User", "Sales Manager"], ["Sales User", "CRM Administrator"]):
			old, new = make.make_customer(), make.make_customer()
			work = make.make_work(old)
			with self.as_user(make.make_user(roles=roles).name):
				self.assertFalse(frappe.has_permission("Customer", "delete", old))
				api.merge("Customer", old.name, new.name)
			self.assertEqual(frappe.db.get_value("Work", work.name, "party"), new.name)
			self.assertFalse(frappe.db.exists("Customer", old.name))

	def test_a_head_who_may_not_change_them_merges_nothing(self):
		old, new = make.make_customer(), make.make_customer()
		with self.as_user(make.make_user(roles=["Sales Manager"]).name):
			self.assertFalse(frappe.has_permission("Customer", "write", old))
			self.assertRaises(MergeNotPermittedError, api.merge, "Customer", old.name, new.name)

	def test_requisites_are_not_told_to_an_account_manager(self):
		kpp = "773601001"
		old = make.make_lead(rule24_tax_id=INN, rule24_kpp=kpp)
		new, other = make.make_lead(), make.make_lead(rule24_tax_id="7702070139")
		frappe.permissions.add_permission("Lead", "Sales User", 0)
		frappe.permissions.update_permission_property("Lead", "Sales User", 0, "delete", 1)
		self.addCleanup(frappe.clear_cache, doctype="Lead")
		with self.as_user(make.make_user().name):
			shown = frappe.as_json(api.merge_preview("Lead", old.name, new.name))
			self.assertNotIn(INN, shown)
			self.assertNotIn(kpp, shown)
			self.assertIn("not shown", shown)
			with self.assertRaisesWith(MergeError, "Different INN") as refused:
				api.merge("Lead", old.name, other.name)
			self.assertNotIn(INN, str(refused.error))
		with self.as_user(make.make_user(roles=MASTER).name):
			self.assertIn(INN, frappe.as_json(api.merge_preview("Lead", old.name, new.name)))

	def test_malformed(self):
		customer = make.make_customer()
		self.assertRaises(PartyNotFoundError, api.merge, "User", "Administrator", "Guest")
		self.assertRaises(frappe.DoesNotExistError, api.merge, "Customer", customer.name, "No Such")

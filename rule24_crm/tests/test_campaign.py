"""The list of a campaign, its works, letters and ladder, and who may do what."""

from collections import Counter

import frappe
from frappe.utils import add_days, getdate, nowdate

from rule24_crm.api import campaign as api
from rule24_crm.exceptions import CampaignError, ImportFileError
from rule24_crm.tests import factories
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.work import closing, links
from rule24_crm.work.campaigns import importing, jobs, ladder, letters, members, works

HEAD, MANAGER = ("Sales Manager",), ("Sales User",)


class CampaignTestCase(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.managers = [factories.make_user(roles=MANAGER).name for _n in range(3)]
		self.campaign = factories.make_campaign(
			goal="Organise the seminar", managers=[{"user": user} for user in self.managers]
		)

	def add(self, *docs) -> list[str]:
		for doc in docs:
			members.add(self.campaign.name, doc.doctype, [doc.name])
		return [self.member(doc).name for doc in docs]

	def member(self, party):
		return frappe.get_doc(
			"Work Campaign Member",
			{"campaign": self.campaign.name, "party_type": party.doctype, "party": party.name},
		)

	def prospects(self, count: int, **values) -> list:
		made = [factories.make_prospect(**values) for _n in range(count)]
		self.add(*made)
		return made

	def works(self, **filters):
		return frappe.get_all(
			"Work",
			{"campaign": self.campaign.name, "party": ("is", "set"), **filters},
			["name", "party", "assigned_to", "action", "parent_work", "planned_on", "subject", "status"],
			order_by="name asc",
		)


class TestMembers(CampaignTestCase):
	def test_a_member_brings_name_contact_email_and_phone(self):
		prospect = factories.make_prospect()
		factories.make_contact("Prospect", prospect.name, phone="+74950000001")
		main = factories.make_contact(
			"Prospect", prospect.name, email="main@example.ru", is_primary_contact=1
		)
		self.add(prospect)
		member = self.member(prospect)
		self.assertEqual(
			(member.party_name, member.contact, member.email, member.phone),
			(prospect.company_name, main.name, "main@example.ru", "+74950000001"),
		)

	def test_clients_without_a_contact_bring_their_own_email_and_phone(self):
		lead = factories.make_lead(email_id="lead@example.ru", mobile_no="+79160000001")
		frappe.db.delete("Dynamic Link", {"link_doctype": "Lead", "link_name": lead.name})
		self.add(lead)
		member = self.member(lead)
		self.assertEqual(
			(member.contact, member.email, member.phone), (None, "lead@example.ru", "+79160000001")
		)

	def test_nobody_is_added_twice_whatever_the_way(self):
		prospect = factories.make_prospect()
		self.assertEqual(members.add(self.campaign.name, "Prospect", [prospect.name, prospect.name]), 1)
		self.assertEqual(members.add(self.campaign.name, "Prospect", [prospect.name]), 0)
		double = {
			"doctype": "Work Campaign Member",
			"campaign": self.campaign.name,
			"party_type": "Prospect",
			"party": prospect.name,
		}
		with self.assertRaisesWith(CampaignError, "already"):
			frappe.get_doc(double).insert()
		# behind all checks there is the unique index
		with self.assertRaises(Exception) as caught:
			frappe.db.sql(
				"insert into `tabWork Campaign Member` (name, campaign, party_type, party) values ('x1', %s, 'Prospect', %s)",
				(self.campaign.name, prospect.name),
			)
		self.assertTrue(
			frappe.db.is_unique_key_violation(caught.exception)
			or frappe.db.is_duplicate_entry(caught.exception)
		)

	def test_bulk_rows_are_those_that_insert_would_write(self):
		one, two = factories.make_prospect(), factories.make_prospect()
		for doc in (one, two):
			factories.make_contact("Prospect", doc.name, email=f"{doc.name[-6:]}@example.ru".lower())
		frappe.get_doc(
			{
				"doctype": "Work Campaign Member",
				"campaign": self.campaign.name,
				"party_type": "Prospect",
				"party": one.name,
			}
		).insert()
		self.add(two)
		differ = {"name", "creation", "modified", "party", "party_name", "contact", "email"}
		rows = [self.member(doc).as_dict() for doc in (one, two)]
		for fieldname in rows[0]:
			if fieldname not in differ:
				self.assertEqual(rows[0][fieldname] or None, rows[1][fieldname] or None, fieldname)
			else:
				self.assertTrue(rows[0][fieldname] and rows[1][fieldname], fieldname)

	def test_a_name_that_does_not_exist_adds_nobody(self):
		prospect = factories.make_prospect()
		with self.assertRaisesWith(CampaignError, "No Such"):
			members.add_selected(self.campaign.name, "Prospect", names=[prospect.name, "No Such"])
		self.assertEqual(members.counts(self.campaign.name)["members"], 0)

	def test_members_by_filter(self):
		industry = (
			frappe.get_doc({"doctype": "Industry Type", "industry": frappe.generate_hash(length=8)})
			.insert()
			.name
		)
		for _n in range(3):
			factories.make_prospect(industry=industry)
		factories.make_prospect()
		result = members.add_selected(
			self.campaign.name, "Prospect", filters=[["Prospect", "industry", "=", industry]]
		)
		self.assertEqual(result, {"selected": 3, "added": 3, "already": 0})
		result = members.add_selected(self.campaign.name, "Prospect", filters={"industry": industry})
		self.assertEqual(result, {"selected": 3, "added": 0, "already": 3})

	def test_a_member_with_an_open_work_cannot_be_taken_off(self):
		one, two = self.prospects(2)
		factories.make_work(one, campaign=self.campaign.name)
		with self.assertRaisesWith(CampaignError, one.company_name):
			members.remove(self.campaign.name, [self.member(one).name, self.member(two).name])
		self.assertEqual(members.remove(self.campaign.name, [self.member(two).name]), 1)

	def test_a_member_follows_the_client_and_two_places_become_one(self):
		prospect, lead = factories.make_prospect(), factories.make_lead()
		self.add(prospect, lead)
		frappe.db.set_value("Work Campaign Member", self.member(prospect).name, "letter_state", "Sent")
		links.move("Prospect", prospect.name, "Lead", lead.name)
		self.assertEqual(members.counts(self.campaign.name)["members"], 1)
		self.assertEqual((self.member(lead).letter_state, self.member(lead).lead), ("Sent", lead.name))
		customer = factories.make_customer()
		links.move("Lead", lead.name, "Customer", customer.name)
		member = self.member(customer)
		self.assertEqual((member.party_name, member.lead), (customer.customer_name, lead.name))

	def test_a_renamed_client_has_its_new_name_on_the_list(self):
		customer = factories.make_customer()
		self.add(customer)
		customer.customer_name = "Новое имя"
		customer.save()
		self.assertEqual(self.member(customer).party_name, "Новое имя")

	def test_members_go_with_the_campaign_and_a_worked_campaign_stays(self):
		self.prospects(2)
		frappe.delete_doc("Work Campaign", self.campaign.name)
		self.assertEqual(frappe.db.count("Work Campaign Member", {"campaign": self.campaign.name}), 0)

	def test_a_campaign_with_works_cannot_be_deleted(self):
		(prospect,) = self.prospects(1)
		factories.make_work(prospect, campaign=self.campaign.name)
		with self.assertRaises(frappe.ValidationError):
			frappe.delete_doc("Work Campaign", self.campaign.name)

	def test_what_a_campaign_refuses(self):
		item = factories.make_item()
		for values, word in (
			({"starts_on": nowdate(), "ends_on": add_days(nowdate(), -1)}, "before"),
			({"managers": [{"user": self.managers[0]}, {"user": self.managers[0]}]}, "twice"),
			({"managers": [{"user": self.managers[0], "capacity_per_day": -1}]}, "less than zero"),
			({"items": [{"item_code": item.name, "qty": 0}]}, "above zero"),
		):
			with self.subTest(word=word), self.assertRaises(frappe.ValidationError) as caught:
				factories.make_campaign(**values)
			self.assertIn(word, str(caught.exception).lower().replace("cannot be negative", "less than zero"))


class TestWorks(CampaignTestCase):
	def test_everybody_gets_the_first_action_and_managers_get_equal_shares(self):
		self.prospects(10)
		result = works.create_works(self.campaign.name)
		self.assertEqual(result, {"created": 10, "open": 0, "finished": 0})
		made = self.works()
		self.assertEqual({work.action for work in made}, {"Call"})
		shares = Counter(work.assigned_to for work in made)
		self.assertEqual(sorted(shares), sorted(self.managers))
		self.assertLessEqual(max(shares.values()) - min(shares.values()), 1)
		rows = frappe.get_all(
			"Work Campaign Member", {"campaign": self.campaign.name}, ["party", "work", "assigned_to"]
		)
		self.assertEqual(
			{(row.party, row.work, row.assigned_to) for row in rows},
			{(work.party, work.name, work.assigned_to) for work in made},
		)
		self.assertEqual(frappe.db.get_value("Work Campaign", self.campaign.name, "status"), "Running")

	def test_they_are_children_of_the_head_s_work(self):
		self.prospects(2)
		works.create_works(self.campaign.name)
		parent = frappe.db.get_value("Work Campaign", self.campaign.name, "parent_work")
		self.assertEqual({work.parent_work for work in self.works()}, {parent})
		head = frappe.get_doc("Work", parent)
		self.assertEqual(
			(head.subject, head.party, head.assigned_to), ("Organise the seminar", None, "Administrator")
		)

	def test_running_again_makes_nothing_twice(self):
		one, two = self.prospects(2)
		works.create_works(self.campaign.name)
		self.assertEqual(works.create_works(self.campaign.name), {"created": 0, "open": 2, "finished": 0})
		work = next(row.name for row in self.works() if row.party == one.name)
		stop = factories.make_stop_reason()
		closing.close(work, "Not Interested", note="no", stop_reason=stop.name)
		self.assertEqual(works.create_works(self.campaign.name), {"created": 0, "open": 1, "finished": 1})
		self.prospects(1)
		self.assertEqual(works.create_works(self.campaign.name), {"created": 1, "open": 1, "finished": 1})
		frappe.db.set_value(
			"Work", next(row.name for row in self.works() if row.party == two.name), "status", "Cancelled"
		)
		self.assertEqual(works.create_works(self.campaign.name)["created"], 1)

	def test_a_client_stays_with_its_manager_and_nobody_s_gets_one(self):
		mine = factories.make_prospect(prospect_owner=self.managers[1])
		strangers = factories.make_prospect(prospect_owner="Administrator")
		nobodys = factories.make_prospect(prospect_owner=None)
		self.add(mine, strangers, nobodys)
		works.create_works(self.campaign.name)
		by_party = {work.party: work.assigned_to for work in self.works()}
		for name in frappe.get_all("Work", {"party": nobodys.name}, pluck="name"):
			self.assertEqual(frappe.db.get_value("Work", name, "party_manager"), by_party[nobodys.name])
		self.assertEqual(by_party[mine.name], self.managers[1])
		self.assertIn(by_party[strangers.name], self.managers)
		owners = {
			doc.name: frappe.db.get_value("Prospect", doc.name, "prospect_owner")
			for doc in (mine, strangers, nobodys)
		}
		self.assertEqual(owners[strangers.name], "Administrator")
		self.assertEqual(owners[nobodys.name], by_party[nobodys.name])

	def test_shares_follow_capacity(self):
		chosen = Counter(works.deal_out([None] * 30, {"a": 10, "b": 20}, Counter()))
		self.assertEqual(chosen, {"a": 10, "b": 20})
		chosen = Counter(works.deal_out(["a"] * 6 + [None] * 6, {"a": 10, "b": 10}, Counter()))
		self.assertEqual(chosen, {"a": 6, "b": 6})
		chosen = Counter(works.deal_out([None] * 4, {"a": 10, "b": 10}, Counter({"a": 4})))
		self.assertEqual(chosen, {"b": 4})

	def test_what_is_missing_is_said(self):
		self.prospects(1)
		empty = factories.make_campaign(managers=[{"user": self.managers[0]}])
		with self.assertRaisesWith(CampaignError, "nobody"):
			works.create_works(empty.name)
		nobody = factories.make_campaign()
		with self.assertRaisesWith(CampaignError, "managers"):
			works.create_works(nobody.name)
		self.campaign.db_set("first_action", None)
		with self.assertRaisesWith(CampaignError, "First Action"):
			works.create_works(self.campaign.name)
		frappe.db.set_value("User", {"name": ("in", self.managers)}, "enabled", 0)
		self.campaign.db_set({"first_action": "Call", "status": "Finished"})
		with self.assertRaisesWith(CampaignError, "finished"):
			works.create_works(self.campaign.name)

	def test_works_begin_on_a_working_day_not_before_the_campaign(self):
		saturday = add_days(nowdate(), (5 - getdate().weekday()) % 7 + 7)
		self.campaign.db_set("starts_on", saturday)
		self.prospects(1)
		works.create_works(self.campaign.name)
		self.assertEqual(self.works()[0].planned_on, getdate(add_days(saturday, 2)))

	def test_a_member_is_kept_in_step_as_works_go_on(self):
		(prospect,) = self.prospects(1)
		works.create_works(self.campaign.name)
		first = self.works()[0]
		result = closing.close(first.name, "Call Back Later")
		member = self.member(prospect)
		self.assertEqual(
			(member.last_action, member.last_sign, member.work), ("Call", "", result["next_work"])
		)
		stop = factories.make_stop_reason()
		closing.close(result["next_work"], "Not Interested", note="no", stop_reason=stop.name)
		member = self.member(prospect)
		self.assertEqual((member.last_action, member.last_sign, member.work), ("Call", "Minus", None))
		self.assertEqual(member.assigned_to, first.assigned_to)

	def test_handing_a_work_over_or_cancelling_it_shows_on_the_list(self):
		(prospect,) = self.prospects(1)
		works.create_works(self.campaign.name)
		work = frappe.get_doc("Work", self.works()[0].name)
		other = next(user for user in self.managers if user != work.assigned_to)
		work.assigned_to = other
		work.save()
		self.assertEqual(self.member(prospect).assigned_to, other)
		work.update({"status": "Cancelled", "stop_reason": factories.make_stop_reason().name})
		work.save()
		self.assertIsNone(self.member(prospect).work)
		later = factories.make_work(prospect, campaign=self.campaign.name, assigned_to=other)
		self.assertEqual(self.member(prospect).work, later.name)
		with self.settings(next_action_gate="Off"):
			frappe.delete_doc("Work", later.name)
		self.assertIsNone(self.member(prospect).work)


class TestLadder(CampaignTestCase):
	def test_steps_count_works_and_conversion_counts_clients(self):
		clients = self.prospects(4)
		works.create_works(self.campaign.name)
		by_party = {work.party: work.name for work in self.works()}
		stop = factories.make_stop_reason().name
		# one is called twice: two works, one client
		again = closing.close(by_party[clients[0].name], "Call Back Later")["next_work"]
		closing.close(again, "Not Interested", note="no", stop_reason=stop)
		closing.close(by_party[clients[1].name], "Not Interested", note="no", stop_reason=stop)
		plus = frappe.get_doc("Work", by_party[clients[2].name])
		frappe.db.set_value("Work", plus.name, {"status": "Closed", "sign": "Plus", "result": "Interested"})
		factories.make_work(clients[2], campaign=self.campaign.name, action="Issue Documents")
		cancelled = factories.make_work(clients[2], campaign=self.campaign.name, action="Meeting")
		cancelled.status = "Cancelled"
		cancelled.save()

		result = ladder.ladder(self.campaign.name)
		self.assertEqual([step["action"] for step in result["steps"]], ["Call", "Issue Documents"])
		call, documents = result["steps"]
		self.assertEqual(
			{key: call[key] for key in ("planned", "plus", "minus", "neutral", "total", "parties")},
			{"planned": 1, "plus": 1, "minus": 2, "neutral": 1, "total": 5, "parties": 4},
		)
		self.assertEqual((call["conversion"], call["from_first"]), (33.3, 25.0))
		self.assertEqual(
			(documents["planned"], documents["conversion"], documents["from_first"]), (1, None, None)
		)
		for key, filters in (
			("planned", {"status": ("in", ("Planned", "In Progress"))}),
			("plus", {"status": "Closed", "sign": "Plus"}),
			("minus", {"status": "Closed", "sign": "Minus"}),
			("total", {"status": ("!=", "Cancelled")}),
		):
			self.assertEqual(len(self.works(action="Call", **filters)), call[key], key)
		self.assertEqual((result["members"]["members"], result["reached"]), (4, 4))

	def test_an_empty_campaign_has_an_empty_ladder(self):
		result = ladder.ladder(self.campaign.name)
		self.assertEqual((result["steps"], result["members"]["members"]), ([], 0))


class TestLetters(CampaignTestCase):
	def setUp(self):
		super().setUp()
		self.template = frappe.get_doc(
			{
				"doctype": "Email Template",
				"name": f"Invitation {frappe.generate_hash(length=6)}",
				"subject": "Seminar for {{ party_name }}",
				"response": "<p>Dear {{ greeting_name }} of {{ party_name }}! {{ event_on }}</p>",
			}
		).insert()
		self.campaign.db_set({"email_template": self.template.name, "event_at": "2027-03-15 10:00:00"})
		frappe.db.set_value("Email Account", {"default_outgoing": 1}, "default_outgoing", 0)
		account = frappe.get_doc(
			{
				"doctype": "Email Account",
				"email_account_name": f"Out {frappe.generate_hash(length=6)}",
				"email_id": f"{frappe.generate_hash(length=6)}@example.ru",
				"smtp_server": "localhost",
			}
		)
		account.flags.ignore_validate = True
		account.insert(ignore_permissions=True)
		account.db_set({"enable_outgoing": 1, "default_outgoing": 1})
		frappe.clear_cache()

	def with_email(self, email: str | None, **values):
		prospect = factories.make_prospect(**values)
		if email:
			factories.make_contact(
				"Prospect", prospect.name, email=email, first_name="Иван", last_name="Иванов"
			)
		self.add(prospect)
		return prospect

	def test_a_letter_goes_to_the_address_of_today(self):
		changed, by_hand, lately, gone = (
			self.with_email(email)
			for email in ("old@example.ru", "first@example.ru", None, "gone@example.ru")
		)

		def contact_of(prospect):
			return frappe.get_doc(
				"Contact", members.contacts_of("Prospect", [prospect.name])[prospect.name][0]
			)

		for prospect, address in ((changed, "new@example.ru"), (by_hand, "other@example.ru"), (gone, None)):
			contact = contact_of(prospect)
			contact.email_ids = []
			if address:
				contact.append("email_ids", {"email_id": address, "is_primary": 1})
			contact.save()
		factories.make_contact("Prospect", lately.name, email="lately@example.ru")
		member = self.member(by_hand)
		member.email = "chosen@example.ru"
		member.save()
		self.assertEqual(
			letters.preview(self.campaign.name, self.member(changed).name)["to"], "new@example.ru"
		)
		outcome = letters.send(self.campaign.name)
		self.assertEqual((outcome["sent"], outcome["no_email"]), (3, 1))
		self.assertEqual(self.queued(), ["chosen@example.ru", "lately@example.ru", "new@example.ru"])
		self.assertEqual(self.member(changed).email, "new@example.ru")

	def queued(self) -> list[str]:
		return sorted(
			frappe.get_all(
				"Email Queue Recipient",
				{
					"parent": (
						"in",
						frappe.get_all("Email Queue", {"reference_name": self.campaign.name}, pluck="name")
						or [""],
					)
				},
				pluck="recipient",
			)
		)

	def test_once_to_an_address_with_reasons_for_the_rest(self):
		self.with_email("one@example.ru")
		self.with_email("ONE@example.ru")
		self.with_email("two@example.ru")
		self.with_email(None)
		result = letters.send(self.campaign.name)
		self.assertEqual(
			{
				key: result[key]
				for key in ("sent", "already", "no_email", "same_address", "unsubscribed", "failed")
			},
			{"sent": 2, "already": 0, "no_email": 1, "same_address": 1, "unsubscribed": 0, "failed": 0},
		)
		self.assertEqual({row["reason"] for row in result["reasons"]}, {"No E-mail", "Same Address"})
		self.assertEqual(self.queued(), ["one@example.ru", "two@example.ru"])

		again = letters.send(self.campaign.name)
		self.assertEqual((again["sent"], again["already"], again["same_address"]), (0, 2, 1))
		self.with_email("two@example.ru")
		self.assertEqual(letters.send(self.campaign.name)["sent"], 0)
		self.assertEqual(len(self.queued()), 2)

	def test_the_letter_is_filled_in_and_names_are_text(self):
		prospect = self.with_email("one@example.ru", company_name="Рога & Копыта")
		letters.send(self.campaign.name)
		communication = frappe.get_doc(
			"Communication", {"reference_doctype": "Prospect", "reference_name": prospect.name}
		)
		self.assertEqual(communication.subject, "Seminar for Рога & Копыта")
		self.assertIn("Dear Иван of Рога &amp; Копыта!", communication.content)
		self.assertIn("2027", communication.content)
		self.assertEqual(communication.sent_or_received, "Sent")
		self.assertIn(
			("Work Campaign", self.campaign.name),
			[(row.link_doctype, row.link_name) for row in communication.timeline_links],
		)
		queue = frappe.get_doc("Email Queue", {"reference_name": self.campaign.name})
		self.assertEqual(
			(queue.reference_doctype, queue.communication), ("Work Campaign", communication.name)
		)
		self.assertIn("unsubscribe_url", queue.message)
		self.assertTrue(self.member(prospect).letter_sent_on)

	def test_unsubscribing_ends_this_campaign_only_and_a_global_one_all(self):
		for name, values in (
			("here@example.ru", {"reference_doctype": "Work Campaign", "reference_name": self.campaign.name}),
			("nowhere@example.ru", {"global_unsubscribe": 1}),
			(
				"elsewhere@example.ru",
				{"reference_doctype": "Work Campaign", "reference_name": factories.make_campaign().name},
			),
		):
			self.with_email(name)
			frappe.get_doc({"doctype": "Email Unsubscribe", "email": name, **values}).insert(
				ignore_permissions=True
			)
		result = letters.send(self.campaign.name)
		self.assertEqual((result["sent"], result["unsubscribed"]), (1, 2))
		self.assertEqual(self.queued(), ["elsewhere@example.ru"])

	def test_frappe_s_own_unsubscribe_link_stops_the_campaign(self):
		from frappe.email.queue import unsubscribe

		self.with_email("one@example.ru")
		letters.send(self.campaign.name)
		commit, frappe.db.commit = frappe.db.commit, lambda: None
		try:
			unsubscribe("Work Campaign", self.campaign.name, "one@example.ru")
		finally:
			frappe.db.commit = commit
		frappe.db.set_value("Work Campaign Member", {"campaign": self.campaign.name}, "letter_state", "")
		self.assertEqual(letters.send(self.campaign.name)["unsubscribed"], 1)

	def test_a_run_that_was_cut_off_goes_on(self):
		chunk, letters.CHUNK = letters.CHUNK, 2
		self.addCleanup(setattr, letters, "CHUNK", chunk)
		for number in range(5):
			self.with_email(f"n{number}@example.ru")
		done = []

		def cut():
			done.append(1)
			if len(done) == 2:
				raise KeyboardInterrupt

		with self.assertRaises(KeyboardInterrupt):
			letters.send(self.campaign.name, commit=cut)
		self.assertEqual(len(self.queued()), 4)
		self.assertEqual(letters.send(self.campaign.name)["sent"], 1)
		self.assertEqual(self.queued(), [f"n{number}@example.ru" for number in range(5)])

	def test_one_letter_that_fails_does_not_stop_the_others(self):
		bad = self.with_email("bad@example.ru", company_name="Плохая")
		self.with_email("good@example.ru")
		self.template.db_set("subject", "{% if party_name == 'Плохая' %}{{ 1 / 0 }}{% endif %}Hello")
		frappe.clear_cache()
		result = letters.send(self.campaign.name)
		self.assertEqual((result["sent"], result["failed"]), (1, 1))
		self.assertEqual(self.member(bad).letter_state, "Failed")
		self.assertEqual(self.queued(), ["good@example.ru"])
		self.assertFalse(frappe.db.exists("Communication", {"reference_name": bad.name}))

	def test_a_letter_shows_on_the_open_letter_work_and_leaves_it_open(self):
		prospect = self.with_email("one@example.ru")
		self.campaign.db_set("first_action", "Letter")
		works.create_works(self.campaign.name)
		letters.send(self.campaign.name)
		work = self.works()[0]
		self.assertEqual(work.status, "Planned")
		communication = frappe.get_doc(
			"Communication", {"reference_doctype": "Prospect", "reference_name": prospect.name}
		)
		self.assertIn(
			("Work", work.name), [(row.link_doctype, row.link_name) for row in communication.timeline_links]
		)

	def test_what_is_missing_is_said_before_anything_is_sent(self):
		self.with_email("one@example.ru")
		self.template.db_set("response", "{{ party_name | nosuchfilter }}")
		frappe.clear_cache()
		with self.assertRaisesWith(CampaignError, self.template.name):
			letters.send(self.campaign.name)
		self.template.db_set("response", " ")
		frappe.clear_cache()
		with self.assertRaisesWith(CampaignError, "empty"):
			letters.send(self.campaign.name)
		frappe.db.set_value("Email Account", {"default_outgoing": 1}, "default_outgoing", 0)
		self.template.db_set("response", "Hello")
		frappe.clear_cache()
		with self.assertRaisesWith(CampaignError, "Email Account"):
			letters.send(self.campaign.name)
		self.campaign.db_set("email_template", None)
		with self.assertRaisesWith(CampaignError, "Email Template"):
			letters.send(self.campaign.name)
		self.assertEqual(self.queued(), [])

	def test_a_preview_sends_nothing(self):
		self.with_email("one@example.ru", company_name="Первая")
		shown = letters.preview(self.campaign.name)
		self.assertEqual((shown["to"], shown["subject"]), ("one@example.ru", "Seminar for Первая"))
		self.assertEqual(self.queued(), [])


class TestJobs(CampaignTestCase):
	"""What goes to the queue, and what its jobs do there. The jobs' commits are counted instead of made."""

	def setUp(self):
		super().setUp()
		self.commits, self.queued, self.told = [], [], []
		for target, name, value in (
			(frappe.db, "commit", lambda: self.commits.append(1)),
			(frappe, "enqueue", lambda job, **values: self.queued.append((job, values))),
			(
				frappe,
				"publish_realtime",
				lambda event, message=None, **values: self.told.append((event, message)),
			),
		):
			self.addCleanup(setattr, target, name, getattr(target, name))
			setattr(target, name, value)

	def upload(self, rows: int) -> str:
		text = "Название,Тип\n" + "".join(f"ООО {frappe.generate_hash(length=8)},ЮЛ\n" for _n in range(rows))
		file = {
			"doctype": "File",
			"file_name": f"{frappe.generate_hash()}.csv",
			"is_private": 1,
			"content": text,
		}
		return frappe.get_doc(file).insert().file_url

	def result(self) -> dict:
		return next(message for event, message in self.told if event == "rule24_campaign_done")

	def run_queued(self):
		((job, values),) = self.queued
		own = ("queue", "timeout", "job_name", "enqueue_after_commit")
		job(**{key: value for key, value in values.items() if key not in own})

	def test_a_large_file_is_read_by_a_job_in_chunks(self):
		self.patch(jobs, "AT_ONCE_BYTES", 10)
		self.patch(importing, "COMMIT_EVERY", 2)
		answer = api.import_members(campaign=self.campaign.name, file_url=self.upload(5))
		self.assertEqual((answer, members.counts(self.campaign.name)["members"]), ({"queued": True}, 0))
		self.run_queued()
		self.assertEqual(members.counts(self.campaign.name)["members"], 5)
		self.assertGreaterEqual(len(self.commits), 3)
		self.assertEqual((self.result()["what"], self.result()["result"]["created"]), ("import", 5))

	def test_a_file_that_makes_no_sense_never_gets_to_the_queue(self):
		self.patch(jobs, "AT_ONCE_BYTES", 1)
		file = {"doctype": "File", "file_name": "x.csv", "is_private": 1, "content": "Цвет\nсиний"}
		with self.assertRaisesWith(ImportFileError, "Цвет"):
			api.import_members(campaign=self.campaign.name, file_url=frappe.get_doc(file).insert().file_url)
		self.assertEqual(self.queued, [])

	def test_a_job_that_fails_says_so(self):
		jobs._import_job(self.campaign.name, "/private/files/gone.csv", "Administrator")
		self.assertIn("gone.csv", self.result()["result"]["error"])

	def test_many_letters_are_sent_by_a_job(self):
		checked = []
		self.patch(letters, "check", checked.append)
		self.patch(jobs, "AT_ONCE_LETTERS", 1)
		self.prospects(2)
		self.assertEqual(api.send_letters(campaign=self.campaign.name), {"queued": True})
		self.assertEqual(checked, [self.campaign.name])
		((job, values),) = self.queued
		self.assertEqual((job, values["campaign"]), (jobs._letters_job, self.campaign.name))
		# who has had it does not count: the one that is left is written to at once
		first = frappe.db.get_value(members.MEMBER, {"campaign": self.campaign.name})
		frappe.db.set_value(members.MEMBER, first, "letter_state", letters.SENT)
		with self.assertRaisesWith(CampaignError, "Email Template"):
			api.send_letters(campaign=self.campaign.name)
		self.assertEqual(len(self.queued), 1)

	def test_letters_that_cannot_be_sent_never_get_to_the_queue(self):
		self.patch(jobs, "AT_ONCE_LETTERS", 0)
		self.prospects(1)
		with self.assertRaisesWith(CampaignError, "Email Template"):
			api.send_letters(campaign=self.campaign.name)
		self.assertEqual(self.queued, [])

	def patch(self, module, name: str, value):
		self.addCleanup(setattr, module, name, getattr(module, name))
		setattr(module, name, value)


class TestDeals(CampaignTestCase):
	def test_a_client_who_wants_to_buy_has_a_deal_of_the_campaign_and_keeps_his_place(self):
		item = factories.make_item()
		advertising = frappe.get_doc(
			{"doctype": "Campaign", "campaign_name": frappe.generate_hash(length=8)}
		).insert()
		self.campaign.erpnext_campaign = advertising.name
		self.campaign.append("items", {"item_code": item.name, "qty": 2, "rate": 5000})
		self.campaign.save()
		self.prospects(1)
		works.create_works(self.campaign.name)
		closing.close(self.works()[0].name, "Interested")
		row = frappe.get_all("Work Campaign Member", {"campaign": self.campaign.name}, ["*"])
		self.assertEqual(len(row), 1)
		member = row[0]
		deal = frappe.get_doc("Opportunity", member.opportunity)
		self.assertEqual(
			(deal.rule24_work_campaign, deal.items[0].item_code, deal.items[0].qty),
			(self.campaign.name, item.name, 2),
		)
		self.assertEqual((deal.opportunity_from, deal.party_name), (member.party_type, member.party))
		self.assertEqual((member.last_action, member.last_sign), ("Call", "Plus"))
		self.assertIn(advertising.campaign_name, (deal.get("campaign"), deal.get("utm_campaign")))
		self.assertEqual(
			frappe.db.get_value("Work", member.work, ["action", "opportunity"]),
			("Issue Documents", deal.name),
		)
		self.assertEqual(ladder.ladder(self.campaign.name)["deals"], {"open": 1, "won": 0, "lost": 0})


class TestPermissions(CampaignTestCase):
	"""Every endpoint: for a head, denied to a manager, and given nonsense."""

	CALLS = (
		("add_members", {"party_type": "Prospect", "names": []}),
		("remove_members", {"names": []}),
		("import_members", {"file_url": "/private/files/none.csv"}),
		("send_letters", {}),
		("preview_letter", {}),
		("create_works", {}),
	)

	def let_in(self, calls) -> list[str]:
		"""Endpoints that did not refuse the present user for want of permission, and what they did instead."""
		found = []
		for name, values in calls:
			try:
				answer = getattr(api, name)(campaign=self.campaign.name, **values)
			except frappe.PermissionError:
				continue
			except Exception as error:
				answer = error
			found.append(f"{name}: {answer!r}")
		return found

	def test_a_manager_may_look_and_not_touch(self):
		self.prospects(1)
		with self.as_user(self.managers[0]):
			self.assertEqual(api.ladder(campaign=self.campaign.name)["members"]["members"], 1)
			self.assertEqual(
				len(frappe.get_list("Work Campaign Member", {"campaign": self.campaign.name})), 1
			)
			self.assertEqual(self.let_in(self.CALLS), [])
			with self.assertRaises(frappe.PermissionError):
				frappe.get_doc({"doctype": "Work Campaign", "campaign_name": "Mine"}).insert()

	def test_a_stranger_may_nothing(self):
		stranger = factories.make_user(roles=("Purchase User",)).name
		with self.as_user(stranger):
			self.assertEqual(self.let_in((*self.CALLS, ("ladder", {}))), [])

	def test_head_and_administrator_may(self):
		prospect = factories.make_prospect()
		for role in ("Sales Manager", "CRM Administrator"):
			user = factories.make_user(roles=(role, "Sales User")).name
			with self.as_user(user), self.subTest(role=role):
				campaign = frappe.get_doc(
					{
						"doctype": "Work Campaign",
						"campaign_name": f"{role} campaign",
						"first_action": "Call",
						"managers": [{"user": self.managers[0]}],
					}
				).insert()
				api.add_members(campaign=campaign.name, party_type="Prospect", names=[prospect.name])
				self.assertEqual(api.create_works(campaign=campaign.name)["created"], 1)
				self.assertEqual(api.ladder(campaign=campaign.name)["steps"][0]["planned"], 1)

	def test_nonsense_is_refused_with_words(self):
		for call, values, word in (
			(api.add_members, {"party_type": "Supplier", "names": ["x"]}, "Supplier"),
			(api.add_members, {"party_type": "Prospect"}, "filter"),
			(api.add_members, {"party_type": "Prospect", "names": "A B"}, "JSON"),
			(api.add_members, {"party_type": "Prospect", "names": "{}"}, "JSON"),
			(api.remove_members, {"names": "1"}, "JSON"),
			(api.import_members, {"file_url": "/private/files/none.csv"}, "Upload"),
			(api.send_letters, {}, "Letter"),
		):
			with self.subTest(call=call.__name__), self.assertRaises(frappe.ValidationError) as caught:
				call(campaign=self.campaign.name, **values)
			self.assertIn(word, str(caught.exception))
		with self.assertRaises(frappe.DoesNotExistError):
			api.create_works(campaign="No Such Campaign")

	def test_another_s_private_file_cannot_be_imported(self):
		file = frappe.get_doc(
			{"doctype": "File", "file_name": "secret.csv", "is_private": 1, "content": "Название\nА"}
		).insert()
		with self.as_user(factories.make_user(roles=HEAD).name), self.assertRaises(frappe.PermissionError):
			api.import_members(campaign=self.campaign.name, file_url=file.file_url)

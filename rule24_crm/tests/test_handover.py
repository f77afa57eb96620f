"""Handing over: what moves and to whom, whole, by segment, by list; shares and segments; rules that refuse."""

import frappe
from frappe.utils import add_days, nowdate

from rule24_crm.exceptions import HandoverError
from rule24_crm.parties import chain
from rule24_crm.parties.handover import service
from rule24_crm.tests import factories as make
from rule24_crm.tests.handover_scene import HandoverTestCase


class TestWhatMoves(HandoverTestCase):
	def test_clients_deals_and_works(self):
		customer = make.make_customer(account_manager=self.ivan)
		lead = make.make_lead(lead_owner=self.ivan)
		prospect = make.make_prospect(prospect_owner=self.ivan)
		deal = make.make_opportunity(customer, opportunity_owner=self.ivan)
		work = make.make_work(lead, assigned_to=self.ivan)
		other = make.make_lead(lead_owner=self.denis)
		shown = self.hand_over()
		for doc, field in (
			(customer, "account_manager"),
			(lead, "lead_owner"),
			(prospect, "prospect_owner"),
			(deal, "opportunity_owner"),
			(work, "assigned_to"),
		):
			self.assertEqual(self.value(doc, field), self.olga, doc.doctype)
		self.assertEqual(self.value(other, "lead_owner"), self.denis)
		self.assertEqual(shown["clients"], 3)
		self.assertEqual(
			{row["kind"]: row["count"] for row in shown["kinds"]},
			{"Customer": 1, "Lead": 1, "Prospect": 1, "Opportunity": 1, "Work": 1, "Account Manager": 1},
		)
		self.handover.reload()
		self.assertEqual((self.handover.status, self.handover.works_moved), ("Handed Over", 1))

	def test_closed_works_stay_and_closed_deals_by_choice(self):
		customer = make.make_customer(account_manager=self.ivan)
		closed = make.make_work(customer, assigned_to=self.ivan)
		frappe.db.set_value("Work", closed.name, "status", "Closed")
		lost = make.make_opportunity(customer, opportunity_owner=self.ivan)
		frappe.db.set_value("Opportunity", lost.name, "status", "Lost")
		self.hand_over()
		self.assertEqual(self.value(closed, "assigned_to"), self.ivan)
		self.assertEqual(self.value(lost, "opportunity_owner"), self.ivan)
		self.hand_over(closed_deals=1)
		self.assertEqual(self.value(closed, "assigned_to"), self.ivan)
		self.assertEqual(self.value(lost, "opportunity_owner"), self.olga)

	def test_a_reminder_reaches_the_receiver(self):
		work = make.make_work(
			make.make_lead(), assigned_to=self.ivan, starts_at=f"{add_days(nowdate(), 1)} 10:00:00"
		)
		remind_at = self.value(work, "remind_at")
		self.hand_over()
		self.assertEqual(self.value(work, "remind_at"), remind_at)
		self.assertIsNone(self.value(work, "reminded_on"))
		self.assertEqual(self.value(work, "assigned_to"), self.olga)

	def test_todos_and_assignments(self):
		lead = make.make_lead(lead_owner=self.ivan)
		frappe.get_doc(
			{
				"doctype": "ToDo",
				"description": "Call",
				"allocated_to": self.ivan,
				"reference_type": "Lead",
				"reference_name": lead.name,
			}
		).insert()
		loose = frappe.get_doc(
			{"doctype": "ToDo", "description": "Tidy up", "allocated_to": self.ivan}
		).insert()
		done = frappe.get_doc(
			{"doctype": "ToDo", "description": "Done", "allocated_to": self.ivan, "status": "Closed"}
		).insert()
		shown = self.hand_over()
		self.assertNotIn("Tidy up", frappe.as_json(shown))
		self.assertEqual(frappe.parse_json(self.value(lead, "_assign")), [self.olga])
		self.assertEqual(self.value(loose, "allocated_to"), self.ivan)
		self.assertEqual(self.value(done, "allocated_to"), self.ivan)

	def test_events_to_come(self):
		lead = make.make_lead(lead_owner=self.ivan)
		values = {"doctype": "Event", "subject": "Meeting", "event_type": "Private"}
		coming = frappe.get_doc({**values, "starts_on": f"{add_days(nowdate(), 3)} 10:00:00"})
		coming.append("event_participants", {"reference_doctype": "Lead", "reference_docname": lead.name})
		theirs = {**values, "event_type": "Public", "starts_on": f"{add_days(nowdate(), 3)} 12:00:00"}
		theirs = frappe.get_doc(theirs)
		theirs.append("event_participants", {"reference_doctype": "User", "reference_docname": self.ivan})
		past = frappe.get_doc({**values, "starts_on": f"{add_days(nowdate(), -3)} 10:00:00"})
		dentist = frappe.get_doc({**values, "subject": "Dentist", "starts_on": coming.starts_on})
		family = frappe.get_doc({**values, "subject": "Family", "starts_on": coming.starts_on})
		family.append("event_participants", {"reference_doctype": "User", "reference_docname": self.ivan})
		for event in (coming, theirs, past, dentist, family):
			event.insert()
		own = ("in", (coming.name, past.name, dentist.name))
		frappe.db.set_value("Event", {"name": own}, "owner", self.ivan)
		shown = frappe.as_json(self.hand_over())
		for private in ("Dentist", "Family"):
			self.assertNotIn(private, shown)
		self.assertEqual(self.value(dentist, "owner"), self.ivan)
		self.assertEqual(
			frappe.get_doc("Event", family.name).event_participants[0].reference_docname, self.ivan
		)
		self.assertEqual(self.value(coming, "owner"), self.olga)
		self.assertEqual(self.value(past, "owner"), self.ivan)
		self.assertEqual(self.value(theirs, "owner"), "Administrator")
		row = frappe.get_doc("Event", theirs.name).event_participants[0]
		self.assertEqual((row.reference_docname, row.email), (self.olga, self.olga))

	def test_participants_and_shares(self):
		theirs = make.make_lead(lead_owner=self.denis, rule24_participants=[{"user": self.ivan}])
		olgas = make.make_lead(lead_owner=self.olga, rule24_participants=[{"user": self.ivan}])
		both = make.make_lead(rule24_participants=[{"user": self.ivan}, {"user": self.olga}])
		by_hand = make.make_customer()
		frappe.share.add_docshare("Customer", by_hand.name, self.ivan, read=1, write=1, share=1)
		frappe.share.add_docshare("Customer", by_hand.name, self.olga, read=1)
		self.hand_over()
		self.assertEqual(
			[row.user for row in frappe.get_doc("Lead", theirs.name).rule24_participants], [self.olga]
		)
		self.assertEqual(frappe.get_doc("Lead", olgas.name).rule24_participants, [])
		self.assertEqual(
			[row.user for row in frappe.get_doc("Lead", both.name).rule24_participants], [self.olga]
		)
		self.assertFalse(
			frappe.db.exists("DocShare", {"user": self.ivan, "share_doctype": ("in", ("Lead", "Customer"))})
		)
		self.assertEqual(frappe.db.count("DocShare", {"share_name": both.name, "user": self.olga}), 1)
		self.assertTrue(
			frappe.db.exists("DocShare", {"share_name": theirs.name, "user": self.olga, "write": 1})
		)
		shares = frappe.get_all("DocShare", {"share_name": by_hand.name}, ["user", "read", "write", "share"])
		self.assertEqual(shares, [{"user": self.olga, "read": 1, "write": 1, "share": 1}])

	def test_a_share_of_something_private_stays(self):
		note = frappe.get_doc({"doctype": "Note", "title": frappe.generate_hash(length=8)}).insert()
		frappe.share.add_docshare("Note", note.name, self.ivan, read=1)
		self.hand_over(scope="Everything")
		self.assertTrue(frappe.db.exists("DocShare", {"share_name": note.name, "user": self.ivan}))

	def test_user_permissions_go_to_those_who_are_narrowed(self):
		territories = frappe.get_all("Territory", pluck="name", limit=2, order_by="name asc")
		for user, territory in ((self.ivan, territories[0]), (self.olga, territories[1])):
			frappe.get_doc(
				{"doctype": "User Permission", "user": user, "allow": "Territory", "for_value": territory}
			).insert()
		self.hand_over([self.olga, self.denis])
		self.assertEqual(
			set(frappe.get_all("User Permission", {"user": self.olga}, pluck="for_value")), set(territories)
		)
		self.assertEqual(frappe.db.count("User Permission", {"user": self.denis}), 0)
		self.assertEqual(frappe.db.count("User Permission", {"user": self.ivan}), 1)  # he can still log in

	def test_user_permissions_of_a_disabled_user_stay(self):
		territories = frappe.get_all("Territory", pluck="name", limit=2, order_by="name asc")
		for user, territory in ((self.ivan, territories[0]), (self.olga, territories[1])):
			frappe.get_doc(
				{"doctype": "User Permission", "user": user, "allow": "Territory", "for_value": territory}
			).insert()
		frappe.db.set_value("User", self.ivan, "enabled", 0)
		self.hand_over()
		# without them he would see more than before, were he enabled again
		self.assertEqual(
			frappe.get_all("User Permission", {"user": self.ivan}, pluck="for_value"), [territories[0]]
		)
		self.assertEqual(
			set(frappe.get_all("User Permission", {"user": self.olga}, pluck="for_value")), set(territories)
		)
		frappe.db.set_value("User", self.ivan, "enabled", 1)
		self.undo()
		self.assertEqual(
			frappe.get_all("User Permission", {"user": self.olga}, pluck="for_value"), [territories[1]]
		)

	def test_a_disabled_user_can_still_hand_over(self):
		lead = make.make_lead(lead_owner=self.ivan)
		frappe.db.set_value("User", self.ivan, "enabled", 0)
		self.hand_over()
		self.assertEqual(self.value(lead, "lead_owner"), self.olga)
		self.assertEqual(frappe.db.get_value("Account Manager", self.ivan, "active"), 0)

	def test_a_manager_outside_the_register(self):
		self.ivan = make.make_user().name
		lead = make.make_lead(lead_owner=self.ivan)
		self.hand_over()
		self.assertEqual(self.value(lead, "lead_owner"), self.olga)


class TestLists(HandoverTestCase):
	def test_campaigns_divide_the_works_a_day(self):
		campaign = make.make_campaign(
			managers=[{"user": self.ivan, "capacity_per_day": 10}, {"user": self.olga, "capacity_per_day": 5}]
		)
		finished = make.make_campaign(managers=[{"user": self.ivan}], status="Finished")
		receivers = [{"user": self.olga, "share": 60}, {"user": self.denis, "share": 40}]
		self.hand_over(receivers)
		rows = {
			row.user: row.capacity_per_day for row in frappe.get_doc("Work Campaign", campaign.name).managers
		}
		self.assertEqual(rows, {self.olga: 11, self.denis: 4})
		self.assertEqual(frappe.get_doc("Work Campaign", finished.name).managers[0].user, self.ivan)
		self.undo()
		rows = {
			row.user: row.capacity_per_day for row in frappe.get_doc("Work Campaign", campaign.name).managers
		}
		self.assertEqual(rows, {self.ivan: 10, self.olga: 5})

	def test_assignment_rules(self):
		rule = frappe.get_doc(
			{
				"doctype": "Assignment Rule",
				"name": frappe.generate_hash(length=8),
				"document_type": "Lead",
				"rule": "Round Robin",
				"description": "New",
				"assign_condition": "status == 'Nothing'",
				"users": [{"user": self.denis}, {"user": self.ivan}],
				"assignment_days": [{"day": "Monday"}],
			}
		).insert()
		self.hand_over([self.olga, self.denis])
		users = [row.user for row in frappe.get_doc("Assignment Rule", rule.name).users]
		self.assertEqual(users, [self.denis, self.olga])
		self.undo()
		users = [row.user for row in frappe.get_doc("Assignment Rule", rule.name).users]
		self.assertEqual(set(users), {self.denis, self.ivan})

	def test_distribution_rules(self):
		listed = make.make_distribution_rule(managers=[self.ivan, self.denis])
		one = make.make_distribution_rule(give_to="One Manager", manager=self.ivan)
		self.hand_over([self.olga, self.denis])
		names = [row.manager for row in frappe.get_doc("Distribution Rule", listed.name).managers]
		self.assertEqual(set(names), {self.olga, self.denis})
		self.assertEqual(self.value(one, "manager"), self.olga)
		self.undo()
		names = [row.manager for row in frappe.get_doc("Distribution Rule", listed.name).managers]
		self.assertEqual(set(names), {self.ivan, self.denis})
		self.assertEqual(self.value(one, "manager"), self.ivan)

	def test_the_register(self):
		segment, theirs = make.make_segment(), make.make_segment()
		top = make.make_account_manager().name
		self.ivan = make.make_account_manager(segments=[segment, theirs], reports_to=top).name
		low = make.make_account_manager(reports_to=self.ivan).name
		self.olga = make.make_account_manager(segments=[theirs], reports_to=self.ivan).name
		self.hand_over(subordinates=1, hand_segments=1)
		register = {name: frappe.get_doc("Account Manager", name) for name in (self.ivan, self.olga, low)}
		self.assertEqual(register[self.ivan].active, 0)
		self.assertEqual(register[self.ivan].segments, [])
		self.assertEqual({row.segment for row in register[self.olga].segments}, {segment, theirs})
		self.assertEqual(register[low].reports_to, self.olga)
		self.assertEqual(register[self.olga].reports_to, top)
		self.undo()
		register = {name: frappe.get_doc("Account Manager", name) for name in (self.ivan, self.olga, low)}
		self.assertEqual(register[self.ivan].active, 1)
		self.assertEqual({row.segment for row in register[self.ivan].segments}, {segment, theirs})
		self.assertEqual([row.segment for row in register[self.olga].segments], [theirs])
		self.assertEqual((register[low].reports_to, register[self.olga].reports_to), (self.ivan, self.ivan))

	def test_members_of_campaigns(self):
		campaign, lead = make.make_campaign(), make.make_lead(lead_owner=self.ivan)
		frappe.get_doc(
			{
				"doctype": "Work Campaign Member",
				"campaign": campaign.name,
				"party_type": "Lead",
				"party": lead.name,
			}
		).insert()
		make.make_work(lead, assigned_to=self.ivan, campaign=campaign.name)
		member = frappe.get_doc("Work Campaign Member", {"campaign": campaign.name})
		self.assertEqual(member.assigned_to, self.ivan)
		self.hand_over()
		self.assertEqual(self.value(member, "assigned_to"), self.olga)


class TestToWhom(HandoverTestCase):
	def clients(self, count: int = 7) -> list:
		return [make.make_lead(lead_owner=self.ivan) for _n in range(count)]

	def owners(self, leads) -> list[str]:
		return [self.value(lead, "lead_owner") for lead in leads]

	def test_shares(self):
		leads = self.clients(7)
		shown = self.hand_over([{"user": self.olga, "share": 70}, {"user": self.denis, "share": 30}])
		self.assertEqual(
			{row["user"]: row["clients"] for row in shown["receivers"]}, {self.olga: 5, self.denis: 2}
		)
		self.assertEqual(sorted(self.owners(leads)).count(self.olga), 5)

	def test_equal_parts_when_nothing_is_said(self):
		leads = self.clients(6)
		self.hand_over([self.olga, self.denis])
		self.assertEqual(self.owners(leads).count(self.olga), 3)

	def test_one_client_goes_to_one_receiver(self):
		groups = []
		for _n in range(4):
			prospect = make.make_prospect(prospect_owner=self.ivan)
			lead = make.make_lead(lead_owner=self.ivan)
			customer = make.make_customer(account_manager=self.ivan)
			chain.continue_as("Prospect", prospect.name, "Lead", lead.name)
			chain.continue_as("Lead", lead.name, "Customer", customer.name)
			deal = make.make_opportunity(lead, opportunity_owner=self.ivan)
			works = [make.make_work(doc, assigned_to=self.ivan) for doc in (prospect, customer)]
			groups.append((prospect, lead, customer, deal, *works))
		shown = self.hand_over([self.olga, self.denis])
		fields = {
			"Prospect": "prospect_owner",
			"Lead": "lead_owner",
			"Customer": "account_manager",
			"Opportunity": "opportunity_owner",
			"Work": "assigned_to",
		}
		owners = [{self.value(doc, fields[doc.doctype]) for doc in group} for group in groups]
		self.assertTrue(all(len(each) == 1 for each in owners), owners)
		self.assertEqual({row["clients"] for row in shown["receivers"]}, {2})

	def test_by_segment(self):
		food, steel, wood = (make.make_segment() for _n in range(3))
		first = make.make_lead(lead_owner=self.ivan, market_segment=food)
		second = make.make_customer(
			account_manager=self.ivan, segments=[{"segment": wood}, {"segment": steel}]
		)
		third = make.make_lead(lead_owner=self.ivan)
		work = make.make_work(second, assigned_to=self.ivan)
		receivers = [
			{"user": self.olga, "segment": food},
			{"user": self.denis, "segment": steel},
			{"user": self.olga, "takes_rest": 1},
		]
		shown = self.hand_over(receivers, divide_by="Segments")
		self.assertEqual(self.value(first, "lead_owner"), self.olga)
		self.assertEqual(self.value(second, "account_manager"), self.denis)
		self.assertEqual(self.value(work, "assigned_to"), self.denis)
		self.assertEqual(self.value(third, "lead_owner"), self.olga)
		self.assertEqual(
			{row["user"]: row["clients"] for row in shown["receivers"]}, {self.olga: 2, self.denis: 1}
		)

	def test_segments_that_do_not_cover_the_clients(self):
		food, steel = make.make_segment(), make.make_segment()
		make.make_lead(lead_owner=self.ivan, market_segment=steel)
		with self.assertRaisesWith(HandoverError, steel, "The Rest"):
			self.hand_over([{"user": self.olga, "segment": food}], divide_by="Segments")

	def test_only_clients_of_segments(self):
		food = make.make_segment()
		mine = make.make_lead(lead_owner=self.ivan, market_segment=food)
		other = make.make_lead(lead_owner=self.ivan)
		works = [make.make_work(lead, assigned_to=self.ivan) for lead in (mine, other)]
		self.hand_over(scope="Clients of Segments", segments=[{"segment": food}])
		self.assertEqual(self.owners((mine, other)), [self.olga, self.ivan])
		self.assertEqual([self.value(work, "assigned_to") for work in works], [self.olga, self.ivan])
		self.assertEqual(frappe.db.get_value("Account Manager", self.ivan, "active"), 1)

	def test_only_chosen_clients(self):
		mine, other = self.clients(2)
		deal = make.make_opportunity(mine, opportunity_owner=self.ivan)
		todo = frappe.get_doc(
			{"doctype": "ToDo", "description": "x", "allocated_to": self.ivan, "reference_type": "Opportunity",
				"reference_name": deal.name}
		).insert()  # fmt: skip
		loose = frappe.get_doc({"doctype": "ToDo", "description": "y", "allocated_to": self.ivan}).insert()
		shown = self.hand_over(scope="Chosen Clients", clients=[{"party_type": "Lead", "party": mine.name}])
		self.assertEqual(self.owners((mine, other)), [self.olga, self.ivan])
		self.assertEqual(self.value(deal, "opportunity_owner"), self.olga)
		self.assertEqual([self.value(each, "allocated_to") for each in (todo, loose)], [self.olga, self.ivan])
		self.assertEqual(shown["clients"], 1)

	def test_a_chosen_client_of_somebody_else(self):
		lead = make.make_lead(lead_owner=self.denis, company_name="Somebody Else's")
		with self.assertRaisesWith(HandoverError, "Somebody Else's"):
			self.hand_over(scope="Chosen Clients", clients=[{"party_type": "Lead", "party": lead.name}])


class TestRules(HandoverTestCase):
	def refused(self, receivers, *words, **values):
		with self.assertRaisesWith(HandoverError, *words):
			make.make_handover(self.ivan, receivers, **values)

	def test_bad_input_is_refused_with_words(self):
		away = make.make_account_manager(active=0).name
		disabled = make.make_user().name
		frappe.db.set_value("User", disabled, "enabled", 0)
		segment = make.make_segment()
		self.refused([], "at least one receiver")
		self.refused([self.ivan], "Row 1", "himself")
		self.refused([make.make_user(["Accounts User"]).name], "Row 1", "may not work with clients")
		self.refused([self.olga, away], "Row 2", "active")
		self.refused([disabled], "active")
		self.refused([{"user": self.olga, "share": 60}, {"user": self.denis, "share": 30}], "90", "100")
		self.refused(
			[{"user": self.olga, "share": 100}, {"user": self.denis, "share": 0}], "Row 2", "above zero"
		)
		self.refused([{"user": self.olga, "share": 50}, {"user": self.olga, "share": 50}], "Row 2", "twice")
		self.refused([{"user": self.olga}], "Row 1", "segment", divide_by="Segments")
		twice = [{"user": self.olga, "segment": segment}, {"user": self.denis, "segment": segment}]
		self.refused(twice, "Row 2", segment, divide_by="Segments")
		rest = [{"user": self.olga, "takes_rest": 1}, {"user": self.denis, "takes_rest": 1}]
		self.refused(rest, "Only one", divide_by="Segments")
		self.refused([self.olga], "day to come", until=nowdate())
		self.refused([self.olga], "segments", scope="Clients of Segments")
		self.refused([self.olga], "clients", scope="Chosen Clients")
		lead = make.make_lead(lead_owner=self.ivan).name
		self.refused(
			[self.olga],
			"Row 2",
			"twice",
			scope="Chosen Clients",
			clients=[{"party_type": "Lead", "party": lead}, {"party_type": "Lead", "party": lead}],
		)

	def test_a_receiver_who_leaves_between_draft_and_handover(self):
		lead = make.make_lead(lead_owner=self.ivan)
		handover = make.make_handover(self.ivan, [self.olga])
		frappe.db.set_value("User", self.olga, "enabled", 0)
		with self.assertRaisesWith(HandoverError, "active"):
			service.execute(handover.name)
		self.assertEqual(self.value(lead, "lead_owner"), self.ivan)

	def test_twice_moves_nothing_twice(self):
		make.make_lead(lead_owner=self.ivan)
		self.hand_over()
		before = frappe.db.count("Client Handover Item"), frappe.db.count("Version")
		with self.assertRaisesWith(HandoverError, "carried out"):
			service.execute(self.handover.name)
		with self.assertRaisesWith(HandoverError, "Nothing is left", self.handover.name):
			service.execute(make.make_handover(self.ivan, [self.denis]).name)
		self.assertEqual(before, (frappe.db.count("Client Handover Item"), frappe.db.count("Version")))

	def test_nothing_to_hand_over(self):
		self.ivan = make.make_user().name
		with self.assertRaisesWith(HandoverError, "nothing"):
			self.hand_over()

	def test_what_has_changed_since_the_preview(self):
		lead = make.make_lead(lead_owner=self.ivan)
		handover = make.make_handover(self.ivan, [self.olga])
		token = service.preview(handover.name)["token"]
		make.make_work(lead, assigned_to=self.ivan)
		with self.assertRaisesWith(HandoverError, "changed since the preview"):
			service.execute(handover.name, token)
		self.assertEqual(self.value(lead, "lead_owner"), self.ivan)
		service.execute(handover.name, service.preview(handover.name)["token"])
		self.assertEqual(self.value(lead, "lead_owner"), self.olga)

	def test_a_preview_writes_nothing_and_shows_what_will_move(self):
		lead = make.make_lead(lead_owner=self.ivan, company_name="Shown in the Preview")
		make.make_work(lead, assigned_to=self.ivan)
		handover = make.make_handover(self.ivan, [self.olga])
		shown = service.preview(handover.name)
		self.assertEqual(self.value(lead, "lead_owner"), self.ivan)
		self.assertEqual(
			shown["lists"]["Lead"], [{"name": lead.name, "title": "Shown in the Preview", "to": self.olga}]
		)
		self.assertEqual(shown["total"], 3)
		self.assertEqual(frappe.db.count("Client Handover Item", {"handover": handover.name}), 0)

	def test_a_handover_that_was_carried_out_is_frozen(self):
		make.make_lead(lead_owner=self.ivan)
		self.hand_over()
		doc = frappe.get_doc("Client Handover", self.handover.name)
		doc.until = add_days(nowdate(), 3)
		with self.assertRaises(HandoverError):
			doc.save()
		with self.assertRaises(HandoverError):
			frappe.delete_doc("Client Handover", self.handover.name)
		item = frappe.get_last_doc("Client Handover Item", {"handover": self.handover.name})
		with self.assertRaises(HandoverError):
			item.save()
		with self.assertRaises(HandoverError):
			item.delete()

	def test_the_log_tells_what_went_to_whom_by_name(self):
		lead = make.make_lead(lead_owner=self.ivan, company_name="Called by Its Name")
		self.hand_over()
		logged = frappe.db.get_value(
			"Client Handover Item",
			{"handover": self.handover.name, "ref_name": lead.name, "fieldname": "lead_owner"},
			["title", "given_to"],
		)
		self.assertEqual(logged, ("Called by Its Name", frappe.utils.get_fullname(self.olga)))

	def test_a_status_cannot_be_set_by_hand(self):
		handover = make.make_handover(self.ivan, [self.olga], status="Handed Over")
		self.assertEqual(handover.status, "Draft")
		handover.status = "Undone"
		handover.save()
		self.assertEqual(handover.status, "Draft")


class TestNotices(HandoverTestCase):
	def notices(self, user):
		return frappe.get_all("Notification Log", {"for_user": user}, pluck="subject")

	def test_one_for_each_receiver_in_his_language(self):
		frappe.db.set_value("User", self.olga, "language", "ru")
		for _n in range(4):
			make.make_work(make.make_lead(lead_owner=self.ivan), assigned_to=self.ivan)
		until = add_days(nowdate(), 10)
		self.hand_over([self.olga, self.denis], until=until)
		self.assertEqual(len(self.notices(self.denis)), 1)
		self.assertIn("Clients: 2, works: 2 from", self.notices(self.denis)[0])
		self.assertIn("until", self.notices(self.denis)[0])
		self.assertEqual(len(self.notices(self.olga)), 1)
		self.assertIn("Клиентов: 2, работ: 2", self.notices(self.olga)[0])

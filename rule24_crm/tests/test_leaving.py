"""Somebody stops working: what he is responsible for passes on at once, and comes back when he does."""

from unittest import mock

import frappe
import frappe.client
from frappe.core.doctype.data_import.importer import Importer
from frappe.desk.doctype.bulk_update.bulk_update import submit_cancel_or_update_docs
from frappe.model.base_document import get_controller
from frappe.utils import add_days, get_fullname, nowdate

from rule24_crm.api import handover as api
from rule24_crm.compat import commits_wait
from rule24_crm.exceptions import AccountManagerError, HandoverError
from rule24_crm.parties import leaving, managers, ownerless
from rule24_crm.parties.handover import next_in_line, service
from rule24_crm.patches.v1_0 import pass_on_what_is_left
from rule24_crm.tests import factories as make
from rule24_crm.tests.handover_scene import make_old
from rule24_crm.tests.test_ownership import OwnershipCase
from rule24_crm.whole import all_or_nothing

STAFF: list[str] = []
OF_FRAPPE = ("Administrator", "Guest")


class LeavingCase(OwnershipCase):
	"""Anna leads Boris, Boris leads Clara, who leaves. Users are made once for all tests."""

	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		if not STAFF:
			STAFF.extend(make.make_user().name for _n in range(3))
			make_old(STAFF)
			frappe.db.commit()

	def setUp(self):
		super(OwnershipCase, self).setUp()
		frappe.db.set_value("Distribution Rule", {"enabled": 1}, "enabled", 0)
		self.anna, self.boris, self.clara = STAFF
		# early builds of Frappe 15 disable nobody where there is no System Manager
		self.admin = make.make_user(["System Manager"]).name
		make.make_account_manager(self.anna)
		make.make_account_manager(self.boris, reports_to=self.anna)
		make.make_account_manager(self.clara, reports_to=self.boris)

	def save(self, user: str, **values):
		doc = frappe.get_doc("User", user)
		doc.update(values)
		doc.save()
		return doc

	def leaves(self, user: str | None = None) -> None:
		self.save(user or self.clara, enabled=0)

	def handovers(self, user: str | None = None) -> list:
		return frappe.get_all(
			"Client Handover", {"from_user": user or self.clara}, ["*"], order_by="creation desc, name desc"
		)

	def assert_all_with(self, user: str, docs) -> None:
		self.assertEqual({self.owner(doc) for doc in docs}, {user})

	def nobody_else(self, *but: str) -> None:
		"""Nobody is active but these, and whoever the test is about."""
		users = [self.clara, *but]
		frappe.db.set_value("Account Manager", {"name": ("not in", users)}, "active", 0)
		frappe.db.set_value("User", {"name": ("not in", [*users, *OF_FRAPPE])}, "enabled", 0)
		frappe.db.set_single_value("Rule24 CRM Settings", "fallback_manager", None)
		frappe.clear_document_cache("Rule24 CRM Settings", "Rule24 CRM Settings")


class TestDisabled(LeavingCase):
	def test_everything_passes_to_the_nearest_manager_above_and_back_again(self):
		docs = self.of_every_kind(user=self.clara)
		make.make_work(docs[0], assigned_to=self.clara, status="Cancelled")
		frappe.clear_messages()
		self.leaves()
		self.assert_all_with(self.boris, docs)
		self.assertEqual(ownerless.left_behind(self.clara), {})
		(handover,) = self.handovers()
		self.assertEqual(
			(handover.status, handover.executed_by, handover.clients_moved, handover.deals_moved),
			("Handed Over", "Administrator", 3, 1),
		)
		self.assertFalse(handover.until)
		self.assertMessage(
			get_fullname(self.clara),
			get_fullname(self.boris),
			"clients: 3, deals: 1, works: 1",
			handover.name,
		)
		self.assertEqual(frappe.db.get_value("Account Manager", self.clara, "active"), 0)
		notices = frappe.get_all("Notification Log", {"for_user": self.boris}, pluck="subject")
		self.assertIn("Clients: 3, deals: 1, works: 1 from", notices[0])
		self.assertTrue(frappe.db.exists("Version", {"docname": docs[0].name, "ref_doctype": "Lead"}))

		with self.assertRaisesWith(HandoverError, "Enable the user first"):
			service.undo(handover.name)
		frappe.clear_messages()
		self.save(self.clara, enabled=1)
		self.assertMessage("Undo", handover.name)
		service.undo(handover.name)
		self.assert_all_with(self.clara, docs)
		self.assertEqual(frappe.db.get_value("Account Manager", self.clara, "active"), 1)

	def test_whoever_stands_above_undoes_it_and_hands_it_on(self):
		self.nobody_else(self.boris, self.anna, self.admin)
		frappe.get_doc("User", self.boris).add_roles("Sales Manager")
		docs = self.of_every_kind(user=self.clara)
		self.leaves()
		self.save(self.clara, enabled=1)
		with self.as_user(self.boris):
			api.undo(self.handovers()[0].name)
		self.assert_all_with(self.clara, docs)

	def test_who_has_nothing_live_is_disabled_without_a_word(self):
		self.nobody_else(self.admin)
		lead = make.make_lead(lead_owner=self.clara)
		frappe.db.set_value("Lead", lead.name, "status", "Do Not Contact")
		frappe.clear_messages()
		self.leaves()
		self.assertEqual((self.handovers(), frappe.get_message_log()), ([], []))

	def test_whoever_may_disable_users_needs_no_right_on_clients(self):
		docs = self.of_every_kind(user=self.clara)
		make.make_campaign(managers=[{"user": self.clara}])
		make.make_distribution_rule(managers=[self.clara], enabled=0)
		with self.as_user(self.admin), self.settings(access="By Responsible"):
			self.leaves()
		self.assert_all_with(self.boris, docs)
		self.assertEqual(self.handovers()[0].executed_by, self.admin)

	def test_every_ordinary_way(self):
		ways = {
			"form": lambda: self.leaves(),
			"set_value": lambda: frappe.client.set_value("User", self.clara, "enabled", 0),
			"API": lambda: frappe.client.save(
				frappe.as_json({**frappe.get_doc("User", self.clara).as_dict(), "enabled": "0"})
			),
			"LDAP": lambda: self.save_past_rights(),
			"bulk update": lambda: self.assertFalse(
				submit_cancel_or_update_docs("User", [self.clara], "update", {"enabled": 0})
			),
			"import": lambda: self.import_users("ID,Enabled", f"{self.clara},0"),
		}
		for way, leave in ways.items():
			with self.subTest(way), commits_wait():
				frappe.db.savepoint("one_way")
				docs = self.of_every_kind(user=self.clara)
				leave()
				self.assertEqual(frappe.db.get_value("User", self.clara, "enabled"), 0)
				self.assert_all_with(self.boris, docs)
				frappe.db.rollback(save_point="one_way")
				frappe.clear_document_cache("User", self.clara)
				frappe.clear_document_cache("Account Manager", self.clara)

	def save_past_rights(self) -> None:
		doc = frappe.get_doc("User", self.clara)
		doc.enabled = 0
		doc.flags.ignore_permissions = True
		doc.save()

	def import_users(self, *lines: str) -> None:
		doc = frappe.get_doc(
			{
				"doctype": "Data Import",
				"reference_doctype": "User",
				"import_type": "Update Existing Records",
				"submit_after_import": 0,
				"mute_emails": 1,
			}
		)
		file = frappe.get_doc(
			{"doctype": "File", "file_name": "users.csv", "is_private": 1, "content": "\n".join(lines)}
		).insert()
		doc.import_file = file.file_url
		doc.insert()
		Importer("User", data_import=doc).import_data()
		self.assertEqual(
			frappe.get_all("Data Import Log", {"data_import": doc.name}, pluck="success"),
			[1],
			self.log_of(doc),
		)

	def log_of(self, doc) -> str:
		return frappe.as_json(frappe.get_all("Data Import Log", {"data_import": doc.name}, ["*"]))

	def test_who_becomes_a_user_of_the_website(self):
		docs = self.of_every_kind(user=self.clara)
		self.save(self.clara, roles=[])
		self.assertEqual(
			frappe.db.get_value("User", self.clara, ["enabled", "user_type"]), (1, "Website User")
		)
		self.assertFalse(managers.is_active(self.clara))
		self.assert_all_with(self.boris, docs)
		self.assertEqual(frappe.db.get_value("Account Manager", self.clara, "active"), 0)
		with self.assertRaisesWith(HandoverError, "not active"):
			service.undo(self.handovers()[0].name)
		frappe.get_doc("User", self.clara).add_roles("Sales User")
		service.undo(self.handovers()[0].name)
		self.assert_all_with(self.clara, docs)

	def test_who_may_not_work_with_clients_any_more_still_has_them_and_that_is_said(self):
		docs = self.of_every_kind(user=self.clara)
		frappe.get_doc("User", self.clara).add_roles("Accounts User")
		frappe.clear_messages()
		frappe.get_doc("User", self.clara).remove_roles("Sales User")
		self.assertMessage("may not work with clients any more", "Lead: 1", "Client Handover")
		self.assertTrue(managers.is_active(self.clara))
		self.assert_all_with(self.clara, docs)
		frappe.clear_messages()
		self.save(self.clara, first_name="Renamed")
		self.assertNotIn("may not work", str(frappe.get_message_log()))

	def test_what_somebody_else_was_giving_him_at_this_very_moment_follows(self):
		self.leaves()
		lead = make.make_lead(lead_owner=self.anna)
		frappe.db.set_value("Lead", lead.name, "lead_owner", self.clara)
		leaving.pass_on(user=self.clara)
		self.assertEqual(self.owner(lead), self.boris)
		self.assertIsNone(leaving.pass_on(user=self.clara))
		self.save(self.clara, enabled=1)
		frappe.db.set_value("Lead", lead.name, "lead_owner", self.clara)
		self.assertIsNone(leaving.pass_on(user=self.clara))


class TestLockedOutWhateverHappens(LeavingCase):
	def broken_rule(self):
		rule = frappe.get_doc(
			{
				"doctype": "Assignment Rule",
				"name": frappe.generate_hash(length=8),
				"document_type": "Lead",
				"description": "Call",
				"assign_condition": "status == 'Open'",
				"rule": "Round Robin",
				"assignment_days": [{"day": "Monday"}],
				"users": [{"user": self.clara}],
			}
		).insert()
		frappe.db.delete("Assignment Rule Day", {"parent": rule.name})
		return rule

	def broken_lists(self) -> list:
		campaign = make.make_campaign(managers=[{"user": self.clara}])
		campaign.db_set({"starts_on": nowdate(), "ends_on": add_days(nowdate(), -1)})
		return [self.broken_rule(), campaign]

	def people(self, lists) -> list[list[str]]:
		return [
			[row.user for row in frappe.get_doc(doc.doctype, doc.name).get(table)]
			for doc, table in zip(lists, ("users", "managers"), strict=True)
		]

	def test_lists_that_cannot_be_saved_hold_nothing_back(self):
		docs, lists = self.of_every_kind(user=self.clara), self.broken_lists()
		frappe.clear_messages()
		self.leaves()
		self.assert_all_with(self.boris, docs)
		self.assertEqual(self.people(lists), [[self.boris], [self.boris]])
		self.assertEqual(len(frappe.get_message_log()), 1)
		self.save(self.clara, enabled=1)
		service.undo(self.handovers()[0].name)
		self.assertEqual(self.people(lists), [[self.clara], [self.clara]])

	def test_whoever_hands_over_by_hand_is_told_of_them(self):
		rule, campaign = lists = self.broken_lists()
		lead = make.make_lead(lead_owner=self.clara)
		handover = make.make_handover(self.clara, [self.anna])
		with self.assertRaisesWith(HandoverError, campaign.name, "Correct it there", "Nothing was moved"):
			with all_or_nothing("test"):
				service.execute(handover.name)
		self.assertEqual((self.owner(lead), self.people(lists)), (self.clara, [[self.clara], [self.clara]]))
		campaign.reload()
		campaign.update({"ends_on": None}).save()
		with self.assertRaisesWith(HandoverError, "Assignment Rule", rule.name):
			with all_or_nothing("test"):
				service.execute(handover.name)
		rule.reload()
		rule.append("assignment_days", {"day": "Monday"})
		rule.save()
		service.execute(handover.name)
		self.assertEqual((self.owner(lead), self.people(lists)), (self.anna, [[self.anna], [self.anna]]))

	def test_what_a_list_says_in_several_parts_or_not_at_all(self):
		rule = self.broken_rule()
		make.make_lead(lead_owner=self.clara)
		handover = make.make_handover(self.clara, [self.anna])
		parts = (
			(lambda _doc: frappe.throw(["<b>No days</b>", "No users"], as_list=True), "No days No users."),
			(mock.Mock(side_effect=frappe.ValidationError), "ValidationError."),
		)
		for validate, words in parts:
			with (
				self.subTest(words=words),
				mock.patch.object(get_controller("Assignment Rule"), "validate", validate),
			):
				with self.assertRaisesWith(HandoverError, rule.name, words), all_or_nothing("test"):
					service.execute(handover.name)
		with mock.patch.object(get_controller("Assignment Rule"), "validate", parts[0][0]):
			self.leaves()
		rule.reload()
		self.assertEqual([row.user for row in rule.users], [self.boris])

	def test_giving_back_is_not_held_up_by_them(self):
		rule, campaign = lists = [self.broken_rule(), make.make_campaign(managers=[{"user": self.clara}])]
		rule.reload()
		rule.append("assignment_days", {"day": "Monday"})
		rule.save()
		handover = make.make_handover(self.clara, [self.anna])
		service.execute(handover.name)
		frappe.db.delete("Assignment Rule Day", {"parent": rule.name})
		campaign.db_set({"starts_on": nowdate(), "ends_on": add_days(nowdate(), -1)})
		service.undo(handover.name)
		self.assertEqual(self.people(lists), [[self.clara], [self.clara]])

	def setUp(self):
		super().setUp()
		frappe.db.delete("Error Log", {"reference_name": self.clara})

	def failing(self, path: str, error: Exception):
		return mock.patch(f"rule24_crm.parties.handover.{path}", side_effect=error)

	def test_what_he_is_responsible_for_passes_on_when_the_rest_cannot(self):
		docs, (rule, campaign) = self.of_every_kind(user=self.clara), self.broken_lists()
		frappe.clear_messages()
		with self.failing("register.steps", frappe.ValidationError("The list is broken")):
			self.leaves()
		self.assertEqual(frappe.db.get_value("User", self.clara, "enabled"), 0)
		self.assert_all_with(self.boris, docs)
		self.assertEqual(self.people([rule, campaign]), [[self.clara], [self.clara]])
		(message,) = frappe.get_message_log()
		self.assertIn("orange", str(message))
		self.assertMessage("clients: 3, deals: 1, works: 1", "tries again")
		self.assert_logged()
		leaving.try_again(self.clara, rest=True)
		self.assertEqual(self.people([rule, campaign]), [[self.boris], [self.boris]])
		self.assertEqual(len(self.handovers()), 2)
		leaving.try_again(self.clara, rest=True)  # and nothing is left
		self.assertEqual(len(self.handovers()), 2)

	def assert_logged(self, times: int = 1) -> None:
		of_clara = {"reference_doctype": "User", "reference_name": self.clara}
		logged = frappe.get_all("Error Log", of_clara, pluck="method")
		frappe.db.delete("Error Log", of_clara)  # its table knows no rollback
		self.assertEqual(len(logged), times)
		self.assertIn("is not handed over", logged[0])

	def test_he_is_disabled_when_nothing_passes_on(self):
		docs = self.of_every_kind(user=self.clara)
		for error, times in ((ValueError("a bug"), 2), (frappe.QueryTimeoutError("lock wait"), 1)):
			with self.subTest(type(error).__name__):
				frappe.db.savepoint("one_error")
				frappe.clear_messages()
				with self.failing("service.execute", error):
					self.leaves()
				self.assertEqual(frappe.db.get_value("User", self.clara, "enabled"), 0)
				self.assert_all_with(self.clara, docs)
				self.assertEqual(self.handovers(), [])
				self.assertMessage("Lead: 1", "Work: 1", "Clients Without an Active Manager", "tries again")
				self.assertEqual(len(frappe.get_message_log()), 1)
				self.assert_logged(times)
				leaving.try_again(self.clara)
				self.assert_all_with(self.boris, docs)
				frappe.db.rollback(save_point="one_error")
				frappe.clear_document_cache("User", self.clara)
				frappe.clear_document_cache("Account Manager", self.clara)

	def test_a_deadlock_has_taken_back_everything_and_is_told(self):
		self.of_every_kind(user=self.clara)
		with self.failing("service.execute", frappe.QueryDeadlockError("deadlock")):
			with self.assertRaises(frappe.QueryDeadlockError):
				self.leaves()


class TestWhoTakesOver(LeavingCase):
	def chosen(self) -> str | None:
		return next_in_line.choose(self.clara)

	def test_above_in_the_tree(self):
		self.assertEqual(self.chosen(), self.boris)
		absent = {"absent_from": nowdate(), "absent_until": add_days(nowdate(), 3)}
		frappe.db.set_value("Account Manager", self.boris, absent)
		self.assertEqual(self.chosen(), self.anna)
		frappe.db.set_value("Account Manager", self.anna, absent)
		self.assertEqual(self.chosen(), self.boris)
		frappe.db.set_value("User", self.boris, "enabled", 0)
		self.assertEqual(self.chosen(), self.anna)
		frappe.db.set_value("Account Manager", self.anna, "active", 0)
		self.assertNotIn(self.chosen(), (self.anna, self.boris, self.clara))

	def test_else_a_head_else_the_fallback_else_anybody(self):
		other = make.make_account_manager().name
		self.nobody_else(other)
		self.assertEqual(self.chosen(), other)
		admin = make.make_user(
			["CRM Administrator", "Sales User"], email=f"a-{frappe.generate_hash(length=8)}@example.com"
		)
		self.assertEqual(self.chosen(), admin.name)
		outside = make.make_user(["Sales Manager", "Sales User"]).name
		self.assertEqual(self.chosen(), outside)
		with self.settings(fallback_manager=other):
			self.assertEqual(self.chosen(), other)
			below = make.make_account_manager(
				make.make_user(["Sales Manager", "Sales User"]).name, reports_to=other
			)
			self.assertEqual(self.chosen(), below.name)
			top = make.make_account_manager(make.make_user(["Sales Manager", "Sales User"]).name)
			self.assertEqual(self.chosen(), top.name)

	def test_not_who_may_not_work_with_clients(self):
		clerk = make.make_account_manager(make.make_user(["Accounts User"]).name).name
		self.nobody_else(clerk)
		self.assertEqual(self.chosen(), "Administrator")

	def test_of_heads_outside_the_register_who_has_signed_in_last(self):
		self.nobody_else()
		names = [f"{letter}-{frappe.generate_hash(length=8)}@example.com" for letter in "abcd"]
		robot, other_robot, seldom, often = (
			make.make_user(["Sales Manager", "Sales User"], email=name).name for name in names
		)
		self.assertEqual(self.chosen(), robot)  # nobody ever has: by name
		frappe.db.set_value("User", seldom, "last_login", "2026-01-05 10:00:00")
		frappe.db.set_value("User", often, "last_login", "2026-11-05 10:00:00")
		self.assertEqual(self.chosen(), often)
		frappe.db.set_value("User", often, "enabled", 0)
		self.assertEqual(self.chosen(), seldom)
		frappe.db.set_value("User", seldom, "enabled", 0)
		self.assertEqual(self.chosen(), robot)
		frappe.db.set_value("User", robot, "enabled", 0)
		self.assertEqual(self.chosen(), other_robot)

	def test_on_a_site_without_a_register_and_heads(self):
		docs = self.of_every_kind(user=self.clara)
		frappe.db.delete("Account Manager")
		frappe.db.delete("Account Manager Segment")
		self.nobody_else()
		self.assertEqual(self.chosen(), "Administrator")
		seller = make.make_user(["Sales User"]).name
		self.assertEqual(self.chosen(), seller)
		frappe.db.set_value("User", self.admin, "enabled", 1)
		self.assertEqual(self.chosen(), self.admin)
		self.leaves()
		self.assert_all_with(self.admin, docs)

	def test_nobody_at_all(self):
		docs = self.of_every_kind(user=self.clara)
		make.make_account_manager("Administrator")
		make.make_account_manager(self.admin)
		self.nobody_else()
		frappe.db.set_value(
			"User", self.admin, "enabled", 1
		)  # and not active in the register, as Administrator
		self.leaves()
		self.assert_all_with("Administrator", docs)
		self.assertEqual(frappe.db.get_value("User", self.clara, "enabled"), 0)


class TestUsersThatGo(LeavingCase):
	def test_who_is_responsible_is_not_deleted(self):
		make.make_lead(lead_owner=self.clara)
		for force in (False, True):
			with self.assertRaisesWith(AccountManagerError, "Lead: 1", "Disable the user"):
				frappe.delete_doc("User", self.clara, force=force)

	def disabled_long_ago(self) -> list:
		"""Before a disabled user's clients passed on by themselves."""
		docs = self.of_every_kind(user=self.clara)
		frappe.db.set_value("User", self.clara, "enabled", 0)
		return docs

	def test_who_was_disabled_before_there_was_this_rule_is_relieved_and_deleted(self):
		docs = self.disabled_long_ago()
		with self.assertRaises(frappe.LinkExistsError):  # by Frappe's own rules
			frappe.delete_doc("User", self.clara)
		frappe.delete_doc("User", self.clara, force=True)
		self.assert_all_with(self.boris, docs)

	def test_who_was_disabled_before_there_was_this_rule_is_relieved_and_merged(self):
		docs = self.disabled_long_ago()
		frappe.db.set_value("User", self.boris, "enabled", 0)
		frappe.delete_doc("Notification Settings", self.clara)  # early builds of Frappe 15 stumble over them
		frappe.rename_doc("User", self.clara, self.boris, merge=True, show_alert=False)
		self.assert_all_with(self.anna, docs)

	def test_the_upgrade_relieves_whoever_was_disabled_before(self):
		docs = self.disabled_long_ago()
		lead = make.make_lead(lead_owner=self.anna)
		frappe.db.set_value("User", self.anna, "enabled", 0)
		pass_on = leaving.pass_on

		def failing(user: str):
			done = pass_on(user)
			if user == self.anna:
				raise ValueError("a bug")
			return done

		with mock.patch.object(leaving, "pass_on", failing):
			pass_on_what_is_left.execute()
		self.assert_all_with(self.boris, docs)
		self.assertEqual(self.owner(lead), self.anna)
		self.assertTrue(frappe.db.exists("Error Log", {"reference_name": self.anna}))
		pass_on_what_is_left.execute()
		self.assertNotEqual(self.owner(lead), self.anna)
		self.assertEqual(len(self.handovers()), 1)

	def test_who_has_been_disabled_is_deleted_by_frappe_s_own_rules(self):
		make.make_lead(lead_owner=self.clara)
		self.leaves()
		with self.assertRaises(frappe.LinkExistsError):  # the register and the log name him
			frappe.delete_doc("User", self.clara)

	def test_another_name(self):
		docs = self.of_every_kind(user=self.clara)
		low = make.make_account_manager(reports_to=self.clara).name
		campaign = make.make_campaign(managers=[{"user": self.clara, "capacity_per_day": 3}])
		handover = make.make_handover(self.clara, [self.boris])
		service.execute(handover.name)
		new = f"{frappe.generate_hash(length=8)}@example.com"
		frappe.rename_doc("User", self.clara, new, show_alert=False)
		self.assertEqual(
			frappe.db.get_value("Account Manager", new, ["user", "reports_to", "active"]),
			(new, self.boris, 0),
		)
		self.assertFalse(frappe.db.exists("Account Manager", self.clara))
		self.assertEqual(managers.team(new), [new, low])
		service.undo(handover.name)
		self.assert_all_with(new, docs)
		self.assertEqual(
			[
				(row.user, row.capacity_per_day)
				for row in frappe.get_doc("Work Campaign", campaign.name).managers
			],
			[(new, 3)],
		)
		self.assertTrue(managers.is_manager(new))
		self.leaves(new)
		self.assert_all_with(self.boris, docs)

	def test_two_users_become_one(self):
		docs = self.of_every_kind(user=self.clara)
		frappe.db.set_value("User", self.boris, "enabled", 0)
		with self.assertRaisesWith(AccountManagerError, "not active"):
			frappe.rename_doc("User", self.clara, self.boris, merge=True, show_alert=False)
		frappe.db.set_value("User", self.boris, "enabled", 1)
		low = make.make_account_manager(reports_to=self.clara).name
		frappe.delete_doc("Notification Settings", self.clara)  # early builds of Frappe 15 stumble over them
		frappe.rename_doc("User", self.clara, self.boris, merge=True, show_alert=False)
		self.assert_all_with(self.boris, docs)
		self.assertFalse(frappe.db.exists("Account Manager", self.clara))
		self.assertEqual(frappe.db.get_value("Account Manager", low, "reports_to"), self.boris)
		self.assertEqual(managers.team(self.boris), [self.boris, low])

	def test_the_register_is_no_way_out(self):
		docs = self.of_every_kind(user=self.clara)
		frappe.delete_doc("Account Manager", self.clara)
		self.assertTrue(managers.is_active(self.clara))  # a site may work without the register
		with self.assertRaisesWith(AccountManagerError, "Lead: 1"):
			make.make_account_manager(self.clara, active=0)
		self.leaves()
		self.assertNotEqual(self.owner(docs[0]), self.clara)
		self.assertTrue(all(managers.is_active(self.owner(doc)) for doc in docs))


class TestWhatComesBack(LeavingCase):
	def test_a_vacation_of_somebody_who_has_left_meanwhile(self):
		docs = self.of_every_kind(user=self.clara)
		handover = make.make_handover(self.clara, [self.anna], until=add_days(nowdate(), 5))
		service.execute(handover.name)
		self.leaves()
		self.assertEqual(len(self.handovers()), 1)
		self.assertFalse(service.give_back_after_absence(handover.name))
		self.assert_all_with(self.anna, docs)
		with self.assertRaisesWith(HandoverError, "not active"):
			service.undo(handover.name)

	def test_who_stands_in_leaves(self):
		docs = self.of_every_kind(user=self.anna)
		handover = make.make_handover(self.anna, [self.clara], until=add_days(nowdate(), 5))
		service.execute(handover.name)
		self.leaves()
		self.assert_all_with(self.boris, docs)
		frappe.db.savepoint("stands_in")
		self.assertTrue(service.give_back_after_absence(handover.name))
		self.assert_all_with(self.anna, docs)
		frappe.db.rollback(save_point="stands_in")
		self.save(self.clara, enabled=1)
		service.undo(self.handovers()[0].name)
		self.assert_all_with(self.clara, docs)
		service.give_back_after_absence(handover.name)
		self.assert_all_with(self.anna, docs)

	def test_undone_for_a_manager_who_is_marked_as_inactive(self):
		docs = self.of_every_kind(user=self.clara)
		handover = make.make_handover(self.clara, [self.boris], deactivate=0)
		service.execute(handover.name)
		frappe.get_doc("Account Manager", self.clara).update({"active": 0}).save()
		with self.assertRaisesWith(HandoverError, "Mark the manager as active first"):
			service.undo(handover.name)
		self.assert_all_with(self.boris, docs)

"""The register of account managers: tree, segments, who is active."""

import frappe

from rule24_crm import boot
from rule24_crm.exceptions import AccountManagerError
from rule24_crm.parties import managers
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase


class TestAccountManager(CRMTestCase):
	def user_with(self, **values) -> str:
		user = make.make_user().name
		frappe.db.set_value("User", user, values)  # past Frappe's own rules about users
		return user

	def test_a_head_sees_the_team_at_any_depth(self):
		top = make.make_account_manager()
		middle = make.make_account_manager(reports_to=top.name)
		low = make.make_account_manager(reports_to=middle.name)
		other = make.make_account_manager()
		self.assertEqual(set(managers.team(top.name)), {top.name, middle.name, low.name})
		self.assertEqual(managers.team(low.name), [low.name])
		self.assertEqual(managers.team(other.name), [other.name])
		self.assertEqual(managers.team("nobody@example.com"), ["nobody@example.com"])

	def test_whose_records_a_list_shows(self):
		head, manager = make.make_user(["Sales Manager", "Sales User"]).name, make.make_user().name
		for user, asked, whose in (
			(head, None, None),
			(head, manager, manager),
			(manager, None, manager),
			(manager, manager, manager),
		):
			with self.as_user(user):
				self.assertEqual(managers.whose(asked), whose)
		with self.as_user(manager), self.assertRaises(frappe.PermissionError):
			managers.whose(head)
		for user, is_head in ((head, True), (manager, False)):
			with self.as_user(user):
				bootinfo = frappe._dict()
				boot.extend(bootinfo)
				self.assertIs(bootinfo.rule24_is_head, is_head)

	def test_moving_a_manager_moves_the_people_below(self):
		top, other = make.make_account_manager(), make.make_account_manager()
		middle = make.make_account_manager(reports_to=top.name)
		low = make.make_account_manager(reports_to=middle.name)
		middle.reload()
		middle.reports_to = other.name
		middle.save()
		self.assertEqual(managers.team(top.name), [top.name])
		self.assertEqual(set(managers.team(other.name)), {other.name, middle.name, low.name})
		groups = {
			name: frappe.db.get_value("Account Manager", name, "is_group") for name in (top.name, other.name)
		}
		self.assertEqual(groups, {top.name: 0, other.name: 1})

	def test_nobody_reports_in_a_circle(self):
		top = make.make_account_manager()
		low = make.make_account_manager(reports_to=top.name)
		top.reload()
		for head in (low.name, top.name):
			top.reports_to = head
			with self.assertRaisesWith(AccountManagerError, frappe.utils.get_fullname(head)):
				top.save()
			top.reload()

	def test_a_head_with_people_is_not_deleted_a_leaf_is(self):
		top = make.make_account_manager()
		low = make.make_account_manager(reports_to=top.name)
		with self.assertRaises(frappe.ValidationError):
			frappe.get_doc("Account Manager", top.name).delete()
		frappe.get_doc("Account Manager", low.name).delete()
		self.assertEqual(managers.team(top.name), [top.name])
		self.assertEqual(frappe.db.get_value("Account Manager", top.name, "is_group"), 0)

	def test_segments_are_kept_once(self):
		manager = make.make_account_manager(segments=[make.make_segment(), make.make_segment()])
		first = manager.segments[0].segment
		manager.append("segments", {"segment": first})
		manager.save()
		self.assertEqual(len(manager.segments), 2)
		self.assertIn(first, managers.segments_of([manager.name]))

	def test_active(self):
		manager = make.make_account_manager()
		self.assertTrue(managers.is_active(manager.name))
		manager.reload()
		manager.active = 0
		manager.save()
		self.assertFalse(managers.is_active(manager.name))
		self.assertTrue(managers.is_active(make.make_user().name))
		self.assertFalse(managers.is_active(self.user_with(enabled=0)))
		self.assertFalse(managers.is_active(None))

	def test_a_disabled_or_website_user_is_refused(self):
		with self.assertRaisesWith(AccountManagerError, "disabled"):
			make.make_account_manager(user=self.user_with(enabled=0))
		with self.assertRaisesWith(AccountManagerError, "website"):
			make.make_account_manager(user=self.user_with(user_type="Website User"))

	def test_managers_read_heads_write(self):
		manager = make.make_account_manager()
		with self.as_user(manager.user):
			self.assertTrue(frappe.has_permission("Account Manager", "read"))
			self.assertFalse(frappe.has_permission("Account Manager", "write"))
		with self.as_user(make.make_user(["Sales Manager"]).name):
			self.assertTrue(frappe.has_permission("Account Manager", "write"))

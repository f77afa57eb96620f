"""What differs from version to version is levelled out."""

import frappe

from rule24_crm import compat
from rule24_crm.tests.base import CRMTestCase


class TestLocks(CRMTestCase):
	def test_changed_rows_can_be_locked_on_every_server(self):
		compat.lock_rows_as_they_are()
		found = frappe.db.sql("show variables like 'innodb_snapshot_isolation'")
		self.assertIn(dict(found).get("innodb_snapshot_isolation", "OFF"), ("OFF", 0))

	def test_before_each_request_and_job(self):
		path = f"{compat.__name__}.{compat.lock_rows_as_they_are.__name__}"
		self.assertIn(path, frappe.get_hooks("before_request"))
		self.assertIn(path, frappe.get_hooks("before_job"))
		frappe.call(path, method="frappe.ping", kwargs={}, transaction_type="job")


class TestNames(CRMTestCase):
	def test_thousands_of_one_moment_differ(self):
		from unittest.mock import patch

		for count in (0, 1, 7, 2000):
			names = compat._random_names("Party Segment", count)
			self.assertEqual((len(names), len(set(names))), (count, count))
			self.assertTrue(
				all(len(name) == 10 and name.isalnum() and name.islower() | name.isdigit() for name in names)
			)
		few = iter([bytes(5 * 8), *(bytes(range(at, at + 40)) for at in range(50))])
		with patch.object(
			compat.secrets, "token_bytes", lambda length: next(few)[:length].ljust(length, b"\x01")
		):
			names = compat._random_names("Party Segment", 5)
		self.assertEqual((len(names), len(set(names))), (5, 5), "what came twice is drawn again")

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

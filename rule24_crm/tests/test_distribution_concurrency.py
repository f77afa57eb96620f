"""Many leads at once from the website: turns stay fair. These tests commit, because connections have to see the same rows."""

import threading
from collections import Counter

import frappe

from rule24_crm.compat import lock_rows_as_they_are
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase

THREADS, EACH = 6, 3


class TestTurnsAtOnce(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.others = frappe.get_all("Distribution Rule", {"enabled": 1}, pluck="name")
		frappe.db.set_value("Distribution Rule", {"enabled": 1}, "enabled", 0)
		self.staff = [make.make_account_manager().name for _n in range(3)]
		self.rule = make.make_distribution_rule(managers=self.staff).name
		frappe.db.commit()
		self.addCleanup(self.tidy)

	def tidy(self):
		frappe.db.rollback()
		leads = frappe.get_all("Lead", {"lead_owner": ("in", self.staff)}, pluck="name")
		for doctype, names in (
			("Lead", leads),
			("Distribution Rule", [self.rule]),
			("Account Manager", self.staff),
		):
			for name in names:
				frappe.delete_doc(doctype, name, force=True, ignore_permissions=True)
		frappe.db.delete(
			"User", {"name": ("in", self.staff)}
		)  # past Frappe's rules about the last System Manager
		frappe.db.delete("Has Role", {"parent": ("in", self.staff)})
		if self.others:
			frappe.db.set_value("Distribution Rule", {"name": ("in", self.others)}, "enabled", 1)
		frappe.db.commit()

	def test_everybody_gets_as_many(self):
		site, sites_path, outcomes = frappe.local.site, frappe.local.sites_path, []
		start = threading.Barrier(THREADS)

		def worker():
			frappe.init(site=site, sites_path=sites_path)
			frappe.connect()
			lock_rows_as_they_are()
			frappe.set_user("Administrator")
			try:
				# what the database shows is settled by the first look, long before the turn is taken
				frappe.get_all("Distribution Rule")
				start.wait(timeout=30)
				for _n in range(EACH):
					lead = frappe.get_doc(
						{"doctype": "Lead", "first_name": frappe.generate_hash(length=8), "status": "Lead"}
					)
					outcomes.append(lead.insert().lead_owner)
					frappe.db.commit()
			except Exception as error:
				frappe.db.rollback()
				outcomes.append(error)
			finally:
				frappe.destroy()

		threads = [threading.Thread(target=worker) for _n in range(THREADS)]
		for thread in threads:
			thread.start()
		for thread in threads:
			thread.join(timeout=120)
		frappe.db.rollback()
		self.assertEqual(Counter(map(str, outcomes)), dict.fromkeys(self.staff, THREADS * EACH // 3))

"""Many leads at once from the website: turns stay fair. These tests commit, because connections have to see the same rows."""

from collections import Counter

import frappe

from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.tests.concurrency import at_once

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
		def worker():
			owners = []
			for _n in range(EACH):
				lead = frappe.get_doc(
					{"doctype": "Lead", "first_name": frappe.generate_hash(length=8), "status": "Lead"}
				)
				owners.append(lead.insert().lead_owner)
				frappe.db.commit()
			return owners

		outcomes = at_once(*[worker] * THREADS)
		self.assertFalse([each for each in outcomes if isinstance(each, Exception)])
		self.assertEqual(
			Counter(owner for owners in outcomes for owner in owners),
			dict.fromkeys(self.staff, THREADS * EACH // 3),
		)

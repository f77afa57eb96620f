"""Who sees what: roles, DocTypes, relations and ways in, as one table."""

from unittest.mock import patch

import frappe

from rule24_crm.parties.access import predicate, scope
from rule24_crm.parties.kinds import responsible
from rule24_crm.tests import access_ways as ways
from rule24_crm.tests.access_scene import PAPERS, RELATIONS, Scene, let_managers_have_papers, papers
from rule24_crm.tests.base import CRMTestCase

DOCTYPES = (
	"Customer",
	"Lead",
	"Prospect",
	"Opportunity",
	"Contact",
	"Address",
	"Work",
	"Work Campaign Member",
	"Deal Stage Change",
	*PAPERS,
)
EVERYTHING = frozenset(RELATIONS)
BY_RESPONSIBLE = frozenset(("own", "subordinate", "shared", "subshared"))
BY_SEGMENT = BY_RESPONSIBLE | {"segment", "subsegment"}
OTHERS = EVERYTHING - {"own", "subordinate"}
#: access, heads see only their team, who, relations seen
EXPECTED = (
	("Off", 0, "manager", EVERYTHING),
	("By Responsible", 0, "subordinate", {"subordinate", "subshared"}),
	("By Responsible", 0, "other", OTHERS),
	("By Responsible", 0, "head", EVERYTHING),
	("By Responsible", 0, "admin", EVERYTHING),
	("By Responsible", 0, "system", EVERYTHING),
	("By Responsible", 1, "head", BY_RESPONSIBLE),
	("By Segment", 0, "manager", BY_SEGMENT),
	("By Segment", 0, "subordinate", {"subordinate", "subsegment", "subshared"}),
	("By Segment", 0, "head", EVERYTHING),
	("By Segment", 1, "head", BY_SEGMENT),
	("By Segment", 1, "admin", EVERYTHING),
)


class AccessCase(CRMTestCase):
	"""Tests around one scene, which is built once."""

	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		frappe.set_user("Administrator")
		let_managers_have_papers()
		cls.addClassCleanup(_forget_rights)
		cls.scene = Scene()

	def _roll_back(self):  # to the scene, not behind it
		frappe.set_user("Administrator")
		frappe.db.rollback(save_point="rule24_test")
		self._forget_rules()

	def expect(self, who: str, relations, tried, doctypes=DOCTYPES, stand=RELATIONS) -> None:
		"""Try every way on every record as `who`; fail with everything that is not as the table says.

		:param stand: relations to try.
		"""
		wrong = []
		with self.as_user(getattr(self.scene, who)):
			for doctype in doctypes:
				if doctype in PAPERS and doctype not in papers():
					continue  # the preview has not all of ERPNext
				records = {each: self.scene.records[doctype][each] for each in stand}
				expected = {relation for relation in records if relation in relations}
				for way in tried:
					names = way(doctype, list(records.values()))
					seen = {relation for relation, name in records.items() if name in names}
					wrong += [f"{doctype}: {way.__name__} shows {each}" for each in seen - expected]
					wrong += [f"{doctype}: {way.__name__} hides {each}" for each in expected - seen]
		self.assertFalse(wrong, f"{who}\n" + "\n".join(wrong))


def _forget_rights():
	for doctype in papers():
		frappe.clear_cache(doctype=doctype)


class TestAccessMatrix(AccessCase):
	def test_who_sees_what(self):
		for access, only_team, who, relations in EXPECTED:
			with (
				self.subTest(access=access, only_team=only_team, who=who),
				self.settings(access=access, heads_see_only_team=only_team),
			):
				self.expect(who, relations, ways.QUICK)

	def test_every_way_in(self):
		with self.settings(access="By Segment"):
			self.expect("manager", BY_SEGMENT, ways.ALL, stand=("own", "segment", "foreign"))


class TestFormsOfThePredicate(AccessCase):
	"""How the database is asked depends on how many clients somebody has; what is seen does not."""

	def test_names_together_or_row_by_row(self):
		for access in ("By Responsible", "By Segment"):
			for works_open_clients in (0, 1):
				with self.settings(access=access, works_open_clients=works_open_clients):
					restricted = scope.of_user(self.scene.manager)
					for doctype in (each for each in DOCTYPES if each not in PAPERS or each in papers()):
						with self.subTest(access=access, works=works_open_clients, doctype=doctype):
							row_by_row, together = (
								self.names(doctype, predicate.of_scope(doctype, restricted, by_names=form))
								for form in (False, True)
							)
							self.assertTrue(row_by_row)
							self.assertEqual(together, row_by_row)

	def names(self, doctype: str, condition) -> set[str]:
		table = frappe.qb.DocType(doctype)
		return set(frappe.qb.from_(table).select(table.name).where(condition).run(pluck=True))

	def test_lists_of_somebody_with_many_clients(self):
		with self.settings(access="By Responsible"), patch.object(scope, "FEW_CLIENTS", 0):
			self.assertFalse(scope.has_few_clients(scope.of_user(self.scene.manager)))
			self.expect("manager", BY_RESPONSIBLE, ways.QUICK)

	def test_few_clients(self):
		with self.settings(access="By Responsible"):
			restricted = scope.of_user(self.scene.manager)
			self.assertTrue(scope.has_few_clients(restricted))
			for party_type in ("Customer", "Lead", "Prospect"):
				with self.subTest(party_type=party_type):
					own = [
						name
						for name in frappe.get_all(party_type, pluck="name")
						if responsible(party_type, name) in restricted.users
					]
					self.assertEqual(scope._count_own(party_type, restricted.users), len(own))
		with self.settings(access="By Segment"):
			self.assertFalse(scope.has_few_clients(scope.of_user(self.scene.manager)))

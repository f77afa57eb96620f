"""Who sees what: roles, DocTypes, relations and ways in, as one table."""

import frappe

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

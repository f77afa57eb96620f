"""What tests of handovers share: a manager with clients and two who take over."""

import frappe

from rule24_crm.parties.handover import service
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase

PEOPLE: list[str] = []


def make_old(users) -> None:
	"""Frappe throttles how many users are made in an hour: those that stay do not count."""
	frappe.db.set_value(
		"User", {"name": ("in", list(users))}, "creation", "2026-01-01", update_modified=False
	)


class HandoverTestCase(CRMTestCase):
	"""Ivan has clients; Olga and Denis take over. The three are made once for all tests: users are dear."""

	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		if not PEOPLE:
			PEOPLE.extend(make.make_user().name for _n in range(3))
			make_old(PEOPLE)
			frappe.db.commit()

	def setUp(self):
		super().setUp()
		self.ivan, self.olga, self.denis = PEOPLE
		for user in PEOPLE:
			make.make_account_manager(user)

	def value(self, doc, field: str):
		return frappe.db.get_value(doc.doctype, doc.name, field)

	def hand_over(self, receivers=None, **values) -> dict:
		"""Make a handover from Ivan, to Olga if nobody is named, and carry it out."""
		self.handover = make.make_handover(self.ivan, receivers or [self.olga], **values)
		return service.execute(self.handover.name)

	def undo(self) -> dict:
		return service.undo(self.handover.name)

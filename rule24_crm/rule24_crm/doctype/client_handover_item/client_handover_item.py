import frappe
from frappe import _
from frappe.model.document import Document

from rule24_crm.exceptions import HandoverError


class ClientHandoverItem(Document):
	"""One record that a handover moved. A log: written by the handover itself, changed and deleted by nobody."""

	def validate(self):
		self._refuse()

	def on_trash(self):
		self._refuse()

	def _refuse(self):
		frappe.throw(_("The log of a handover is written by the handover alone."), HandoverError)


def on_doctype_update():
	"""Undoing reads the log of one handover."""
	frappe.db.add_index("Client Handover Item", ["handover", "state"], "rule24_handover")

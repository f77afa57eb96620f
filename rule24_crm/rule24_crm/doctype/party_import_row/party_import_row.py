import frappe
from frappe import _
from frappe.model.document import Document

from rule24_crm.exceptions import PartyImportError
from rule24_crm.parties.importing import jobs, locks, register


class PartyImportRow(Document):
	"""A row of a client base on its way to becoming a client. The rules are in `parties/importing/register.py`."""

	def validate(self):
		if self.is_new():
			raise PartyImportError(
				_("Rows come from a file: add the row there, or create the client by hand.")
			)
		locks.refuse_if_held(self.party_import)
		jobs.refuse_before_reading(self.party_import)
		self._take_what_the_register_says()
		if self.state == register.CREATED:
			raise PartyImportError(_("The client has been created already. Correct it in its own form."))
		if any(self.has_value_changed(column) for column in register.COLUMNS.values()):
			self.defect = None

	def _take_what_the_register_says(self):
		"""The row as it is by now, locked: it may have become a client since it was read."""
		now = frappe.db.get_value(
			register.ROW, self.name, ["state", "queued", "party_type", "party"], as_dict=True, for_update=True
		)
		self.update(now)

	def on_update(self):
		"""A corrected row is checked at once."""
		party_import = frappe.get_doc("Party Import", self.party_import)
		register.recheck(party_import, [self.name])
		register.count(party_import)
		self.reload()


def on_doctype_update():
	"""Rows of one import by state, in the order of the file."""
	frappe.db.add_index("Party Import Row", ["party_import", "state", "name"], "rule24_state")
	frappe.db.add_index("Party Import Row", ["party_import", "queued", "state"], "rule24_queued")

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint

from rule24_crm.exceptions import PartyImportError
from rule24_crm.parties.importing import jobs, register
from rule24_crm.parties.importing.heading_rows import DEEPEST


class PartyImport(Document):
	"""A client base from a file. The rules are in `parties/importing`."""

	def validate(self):
		self.title = (self.file or "").rsplit("/", 1)[-1][:255] or _("New Import")
		if self.file and self.has_value_changed("file"):
			jobs.check_file(self)
		if self.has_value_changed("file") and not self.is_new():
			jobs.forget_layout(self)
		elif not self.is_new() and not self.flags.recognised:
			self._forget_heading_rows()
		if not 0 <= cint(self.heading_rows) <= DEEPEST:
			raise PartyImportError(
				_("Headings take 1 to {0} rows; 0 lets them be recognised.").format(DEEPEST)
			)
		if self.responsible == "This Manager" and not self.manager:
			raise PartyImportError(
				_("Choose the manager who will be responsible, or another way to find one.")
			)
		if (
			self.create_segments
			and self.has_value_changed("create_segments")
			and not {"CRM Administrator", "System Manager"} & set(frappe.get_roles())
		):
			raise PartyImportError(
				_("Only a CRM administrator may let an import create segments. Clear {0}.").format(
					frappe.bold(_("Create Segments That Are Not There"))
				)
			)
		if self.has_value_changed("file") and not self.is_new() and self.rows_created:
			raise PartyImportError(
				_("Clients have been created from this file already. Make a new import for another file.")
			)

	def _forget_heading_rows(self):
		"""How many rows of headings there are was recognised from another row on than the one that is chosen now."""
		if self.has_value_changed("header_row") and not self.has_value_changed("heading_rows"):
			self.heading_rows = 0

	def onload(self):
		if self.status in jobs.WORKING:
			# counts are kept at the end of a step: of one that goes on, or was interrupted, the rows themselves tell
			self.update(register.by_state(self))
		self.set_onload("state", jobs.state(self))
		self.set_onload("outdated", jobs.outdated(self))

	def on_trash(self):
		frappe.db.delete(register.ROW, {"party_import": self.name})

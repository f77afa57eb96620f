import frappe
from frappe import _
from frappe.model.document import Document

from rule24_crm.exceptions import HandoverError
from rule24_crm.parties.handover import rights, terms


class ClientHandover(Document):
	"""Everything of a manager who leaves or is away goes to others; the rules are in `rule24_crm.parties.handover`."""

	def validate(self):
		if self.is_new():
			self.status = terms.DRAFT
		before = self.get_doc_before_save()
		if before and before.status != terms.DRAFT:
			frappe.throw(
				_(
					"{0} has been carried out and cannot be changed any more. Undo it, or make a new one."
				).format(frappe.bold(self.name)),
				HandoverError,
			)
		if before and self.status != terms.DRAFT:
			self.status = terms.DRAFT
		if not self.flags.by_system:  # somebody has been disabled: see `rule24_crm.parties.leaving`
			rights.require(self.from_user)
		# the system has chosen the receiver as he is now, not as this transaction saw him first
		terms.validate(self, lock=bool(self.flags.by_system))

	def on_trash(self):
		if self.status != terms.DRAFT:
			frappe.throw(
				_("{0} has been carried out: its log stays. Only drafts can be deleted.").format(
					frappe.bold(self.name)
				),
				HandoverError,
			)

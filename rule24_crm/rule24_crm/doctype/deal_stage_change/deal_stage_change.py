import frappe
from frappe import _
from frappe.model.document import Document

from rule24_crm.exceptions import DealError


class DealStageChange(Document):
	"""One move of a deal. History: written by the deal itself, changed by nobody, deleted only together with the deal."""

	def validate(self):
		if not self.is_new():
			self._refuse()

	def on_trash(self):
		self._refuse()

	def _refuse(self):
		frappe.throw(
			_("The history of the deal {0} cannot be changed or deleted.").format(
				frappe.bold(self.opportunity)
			),
			DealError,
		)

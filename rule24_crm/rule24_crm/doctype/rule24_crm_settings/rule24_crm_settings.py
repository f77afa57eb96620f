import frappe
from frappe.model.document import Document


class Rule24CRMSettings(Document):
	"""How Rule24 CRM works on this site"""

	def on_update(self):
		if self.has_value_changed("access"):  # who is assigned something older keeps what he is assigned
			frappe.enqueue(
				"rule24_crm.parties.participants.let_assignees_in", queue="long", enqueue_after_commit=True
			)

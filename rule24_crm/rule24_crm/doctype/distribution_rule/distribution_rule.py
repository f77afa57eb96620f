import frappe
from frappe.model.document import Document

from rule24_crm.parties.distribution import rules


class DistributionRule(Document):
	"""Who gets a new lead, client or deal that comes without a manager. See `rule24_crm.parties.distribution`."""

	def validate(self):
		rules.validate(self)

	def on_trash(self):
		# what it has decided stays explained
		frappe.db.set_value("Distribution Log", {"rule": self.name}, "rule", None, update_modified=False)

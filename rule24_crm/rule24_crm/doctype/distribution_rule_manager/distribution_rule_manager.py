from frappe.model.document import Document


class DistributionRuleManager(Document):
	"""A manager among whom a Distribution Rule chooses."""

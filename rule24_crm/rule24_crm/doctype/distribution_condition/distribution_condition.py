from frappe.model.document import Document


class DistributionCondition(Document):
	"""A condition of a Distribution Rule."""

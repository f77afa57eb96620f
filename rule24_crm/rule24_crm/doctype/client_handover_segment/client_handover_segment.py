from frappe.model.document import Document


class ClientHandoverSegment(Document):
	"""A market segment whose clients are handed over."""

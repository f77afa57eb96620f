from frappe.model.document import Document


class PartySegment(Document):
	"""A market segment that a client or contact belongs to."""

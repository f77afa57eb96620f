from frappe.model.document import Document


class SegmentChangePart(Document):
	"""What one chunk of a bulk change did: enough to undo it exactly."""

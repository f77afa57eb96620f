from frappe.model.document import Document


class ClientHandoverReceiver(Document):
	"""Who takes over, and how much."""

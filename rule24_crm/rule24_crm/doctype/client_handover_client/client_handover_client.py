from frappe.model.document import Document


class ClientHandoverClient(Document):
	"""A client chosen to be handed over."""

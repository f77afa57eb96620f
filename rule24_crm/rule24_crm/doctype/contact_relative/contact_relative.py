from frappe.model.document import Document


class ContactRelative(Document):
	"""A member of a contact person's family."""

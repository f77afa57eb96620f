from frappe.model.document import Document


class AccountManagerSegment(Document):
	"""A market segment that an account manager works with."""

from frappe.model.document import Document


class WorkActionResult(Document):
	"""One Result that an Action allows, and what it brings about"""

from frappe.model.document import Document


class WorkResult(Document):
	"""How a work can end"""

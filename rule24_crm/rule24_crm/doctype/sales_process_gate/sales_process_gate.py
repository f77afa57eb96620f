from frappe.model.document import Document


class SalesProcessGate(Document):
	"""One thing that must be there before a deal enters a stage"""

from frappe.model.document import Document


class WorkStopReason(Document):
	"""Why no further work is planned with a client"""

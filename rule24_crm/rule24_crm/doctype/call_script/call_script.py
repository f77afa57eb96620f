from frappe.model.document import Document


class CallScript(Document):
	"""What to say on the telephone"""

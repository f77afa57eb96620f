from frappe.model.document import Document


class WorkAction(Document):
	"""What a manager does: call, write, meet. Its Results decide what follows"""

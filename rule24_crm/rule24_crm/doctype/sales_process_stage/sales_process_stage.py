from frappe.model.document import Document


class SalesProcessStage(Document):
	"""A stage of a sales process; the order of the rows is the order of the stages"""

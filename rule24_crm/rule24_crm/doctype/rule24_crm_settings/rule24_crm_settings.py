from frappe.model.document import Document


class Rule24CRMSettings(Document):
	"""How Rule24 CRM works on this site"""

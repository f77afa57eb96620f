from frappe.model.document import Document


class PartyImportTemplate(Document):
	"""How files of one origin are written."""

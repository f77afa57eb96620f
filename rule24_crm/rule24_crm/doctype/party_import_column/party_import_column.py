from frappe.model.document import Document


class PartyImportColumn(Document):
	"""What a column of a client base means."""

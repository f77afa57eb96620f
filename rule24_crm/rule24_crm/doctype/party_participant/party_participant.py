from frappe.model.document import Document


class PartyParticipant(Document):
	"""A user who works on a client or deal along with the responsible manager."""

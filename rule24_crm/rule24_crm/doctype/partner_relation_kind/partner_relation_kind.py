from frappe.model.document import Document

from rule24_crm.parties.relations import kinds


class PartnerRelationKind(Document):
	"""How two parties are tied, named from both ends. The rules are in `rule24_crm.parties.relations`."""

	def validate(self):
		kinds.validate(self)

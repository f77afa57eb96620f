from frappe.model.document import Document

from rule24_crm.parties.relations import rules


class PartnerRelation(Document):
	"""A tie between two parties or persons. The rules are in `rule24_crm.parties.relations`."""

	def before_validate(self):
		rules.set_titles(self)

	def validate(self):
		rules.validate(self)

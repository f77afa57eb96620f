from frappe.model.document import Document


class DistributionLog(Document):
	"""Why a manager got a record: written by `rule24_crm.parties.distribution`, never by hand."""

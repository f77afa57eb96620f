from frappe.model.document import Document


class WorkCampaignManager(Document):
	"""A manager of a campaign, with works a day."""

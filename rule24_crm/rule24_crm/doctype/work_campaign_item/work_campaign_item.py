from frappe.model.document import Document


class WorkCampaignItem(Document):
	"""What the campaign sells: an item of the deals that come of it."""

from frappe.model.document import Document


class CampaignEmailSchedule(Document):
	pass

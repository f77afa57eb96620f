from frappe.model.document import Document


class LostReasonDetail(Document):
	pass

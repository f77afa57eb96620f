from frappe.model.document import Document


class AllowedToTransactWith(Document):
	pass

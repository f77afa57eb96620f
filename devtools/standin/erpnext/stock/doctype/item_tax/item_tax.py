from frappe.model.document import Document


class ItemTax(Document):
	pass

from frappe.model.document import Document


class BankAccountSubtype(Document):
	pass

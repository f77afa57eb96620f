from frappe.model.document import Document


class BankAccountType(Document):
	pass

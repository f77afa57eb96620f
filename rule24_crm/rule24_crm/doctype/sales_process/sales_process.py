from frappe.model.document import Document

from rule24_crm.deals import process


class SalesProcess(Document):
	"""How a kind of deal is led: its stages in order and what each of them needs."""

	def validate(self):
		process.validate(self)

	def on_update(self):
		process.keep_one_default(self)

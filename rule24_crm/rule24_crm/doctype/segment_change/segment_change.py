import frappe
from frappe.model.document import Document


class SegmentChange(Document):
	"""One bulk change of market segments; written by `rule24_crm.parties.segments`, never by hand."""

	def on_trash(self):
		frappe.db.delete("Segment Change Part", {"change": self.name})

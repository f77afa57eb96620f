import frappe
from frappe.model.document import Document

from rule24_crm.parties.segments import changes


class SegmentChange(Document):
	"""One bulk change of market segments; written by `rule24_crm.parties.segments`, never by hand."""

	def onload(self):
		self.set_onload("cut_off", changes.was_cut_off(self))

	def on_trash(self):
		frappe.db.delete("Segment Change Part", {"change": self.name})

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from rule24_crm.exceptions import CampaignError
from rule24_crm.parties.company import default_company


class WorkCampaign(Document):
	"""A list of companies and people worked through together; the operations are in `rule24_crm.work.campaigns`."""

	def validate(self):
		if not self.company:
			self.company = default_company()
		if self.starts_on and self.ends_on and getdate(self.ends_on) < getdate(self.starts_on):
			raise CampaignError(_("The campaign ends before it starts."))
		self.check_managers()
		self.check_items()

	def check_managers(self):
		seen = set()
		for row in self.managers:
			if row.user in seen:
				raise CampaignError(_("Row {0}: {1} is among the managers twice.").format(row.idx, row.user))
			seen.add(row.user)
			if (row.capacity_per_day or 0) < 0:
				raise CampaignError(_("Row {0}: works a day cannot be less than zero.").format(row.idx))

	def check_items(self):
		for row in self.items:
			if (row.qty or 0) <= 0:
				raise CampaignError(
					_("Row {0}: the quantity of {1} must be above zero.").format(row.idx, row.item_code)
				)

	def check_open(self):
		"""
		:raises CampaignError: the campaign is finished.
		"""
		if self.status == "Finished":
			raise CampaignError(
				_("The campaign {0} is finished. Set it to Running to go on with it.").format(self.name)
			)

	def on_trash(self):
		if frappe.db.exists("Work", {"campaign": self.name, "party": ("is", "set")}):
			raise CampaignError(
				_("The campaign has works with clients. Set it to Finished instead of deleting it.")
			)
		frappe.db.delete("Work Campaign Member", {"campaign": self.name})

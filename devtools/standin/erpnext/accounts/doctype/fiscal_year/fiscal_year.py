import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_days, add_years, getdate


class FiscalYear(Document):
	def validate(self):
		self.validate_dates()
		self.validate_overlap()

	def validate_dates(self):
		self.validate_from_to_dates("year_start_date", "year_end_date")
		if self.is_short_year:
			return
		if getdate(self.year_end_date) != getdate(add_days(add_years(self.year_start_date, 1), -1)):
			frappe.throw(
				_("A fiscal year ends one year after it starts, less a day"), frappe.exceptions.InvalidDates
			)

	def validate_overlap(self):
		mine = {row.company for row in self.companies}
		for other in frappe.get_all(
			"Fiscal Year",
			filters={
				"year_start_date": ("<=", self.year_end_date),
				"year_end_date": (">=", self.year_start_date),
				"name": ("!=", self.name or self.year),
			},
			pluck="name",
		):
			theirs = set(frappe.get_all("Fiscal Year Company", {"parent": other}, pluck="company"))
			if mine & theirs or not (mine or theirs):
				frappe.throw(
					_("The year overlaps with {0}: name the companies of each").format(other),
					frappe.NameError,
				)

"""Working days: what "in three days" means. Used by the next-work proposal and by the work plan."""

import datetime

import frappe
from frappe.utils import getdate

from rule24_crm.parties.company import default_company

#: without a Holiday List the week has two days off
WEEKEND = (5, 6)


class WorkingDays:
	"""A calendar of days off.

	:param holidays: dates off; `None` means no list is kept, and then Saturdays and Sundays are off.
	"""

	def __init__(self, holidays: set[datetime.date] | None):
		self.holidays = holidays

	def is_working(self, day: datetime.date) -> bool:
		"""Whether work is done on this day."""
		return day.weekday() not in WEEKEND if self.holidays is None else day not in self.holidays

	def on_or_after(self, day: datetime.date) -> datetime.date:
		"""The first working day not before `day`. A list without a working day for a year gives `day` itself."""
		for offset in range(366):
			candidate = day + datetime.timedelta(days=offset)
			if self.is_working(candidate):
				return candidate
		return day

	def shift(self, day: datetime.date, days: int) -> datetime.date:
		"""The day that lies `days` working days after `day`; 0 gives the first working day not before it."""
		for _step in range(days):
			day = self.on_or_after(day + datetime.timedelta(days=1))
		return self.on_or_after(day)


def for_list(holiday_list: str | None) -> WorkingDays:
	"""The working days that a Holiday List leaves; without one, Monday to Friday."""
	if not holiday_list:
		return WorkingDays(None)
	days = frappe.get_all(  # a calendar of the company, no business of permissions
		"Holiday",
		filters={"parent": holiday_list, "parenttype": "Holiday List"},
		pluck="holiday_date",
		order_by=None,
	)
	return WorkingDays({getdate(day) for day in days})


def for_company(company: str | None = None) -> WorkingDays:
	"""The working days of a company (default: the one Rule24 CRM works for)."""
	company = company or default_company()
	return for_list(company and frappe.get_cached_value("Company", company, "default_holiday_list"))

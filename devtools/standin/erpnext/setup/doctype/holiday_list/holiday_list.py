import calendar
from datetime import timedelta

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import formatdate, getdate, today


class OverlapError(frappe.ValidationError):
	pass


class HolidayList(Document):
	def validate(self):
		self.validate_days()
		self.total_holidays = len(self.holidays)
		self.validate_duplicate_date()
		self.sort_holidays()

	def validate_days(self):
		first, last = getdate(self.from_date), getdate(self.to_date)
		if first > last:
			frappe.throw(_("The list ends before it begins"))
		for row in self.holidays:
			if not first <= getdate(row.holiday_date) <= last:
				frappe.throw(_("The holiday {0} lies outside the list").format(formatdate(row.holiday_date)))

	def validate_duplicate_date(self):
		seen = []
		for row in self.holidays:
			if row.holiday_date in seen:
				frappe.throw(_("{0} is in the list twice").format(frappe.bold(formatdate(row.holiday_date))))
			seen.append(row.holiday_date)

	def sort_holidays(self):
		self.holidays.sort(key=lambda row: getdate(row.holiday_date))
		for idx, row in enumerate(self.holidays, start=1):
			row.idx = idx

	def get_holidays(self):
		return [getdate(row.holiday_date) for row in self.holidays]

	@frappe.whitelist()
	def get_weekly_off_dates(self):
		if not self.weekly_off:
			frappe.throw(_("Choose the weekly day off first"))
		for day in self.get_weekly_off_date_list(self.from_date, self.to_date):
			self.append("holidays", {"description": _(self.weekly_off), "holiday_date": day, "weekly_off": 1})

	def get_weekly_off_date_list(self, start_date, end_date):
		known = set(self.get_holidays())
		weekday = getattr(calendar, self.weekly_off.upper())
		day, last = getdate(start_date), getdate(end_date)
		day += timedelta(days=(weekday - day.weekday()) % 7)
		days = []
		while day <= last:
			if day not in known:
				days.append(day)
			day += timedelta(days=7)
		return days

	@frappe.whitelist()
	def clear_table(self):
		self.set("holidays", [])


def is_holiday(holiday_list, date=None):
	"""Whether the date (today if none) is in the list; without a list it is not."""
	if not holiday_list:
		return False
	day = {"parent": holiday_list, "holiday_date": date or today()}
	return bool(frappe.db.exists("Holiday", day, cache=True))

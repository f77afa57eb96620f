"""Chart: works closed in each of the last weeks, by sign. A manager sees own works, a head those of all or of the team."""

import datetime

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Date
from frappe.utils import add_days, formatdate, getdate, nowdate

from rule24_crm.compat import require_permission
from rule24_crm.parties import access, managers

WEEKS = 8
SIGNS = {"Plus": "Plus", "Minus": "Minus", "": "Neither"}


@frappe.whitelist()
def get(
	chart_name: str | None = None,
	chart: dict | str | None = None,
	no_cache: bool | str | int | None = None,
	filters: dict | list | str | None = None,
	from_date: str | None = None,
	to_date: str | None = None,
	timespan: str | None = None,
	time_interval: str | None = None,
	heatmap_year: str | int | None = None,
) -> dict:
	"""Labels and datasets as Frappe's charts want them; what the chart sends along has no bearing on them."""
	require_permission("Work", "read")
	monday = add_days(getdate(nowdate()), -getdate(nowdate()).weekday())
	weeks = [getdate(add_days(monday, -7 * back)) for back in reversed(range(WEEKS))]
	counts = _counts(weeks[0], managers.whose())
	return {
		"labels": [formatdate(week, "dd.MM") for week in weeks],
		"datasets": [
			{"name": _(label), "values": [counts.get((week, sign), 0) for week in weeks]}
			for sign, label in SIGNS.items()
		],
	}


def _counts(since: datetime.date, user: str | None) -> dict[tuple[datetime.date, str], int]:
	"""(Monday, sign) -> how many works were closed in that week."""
	work = frappe.qb.DocType("Work")
	day = Date(work.closed_on)
	query = (
		frappe.qb.from_(work)
		.select(day, work.sign, Count("*"))
		.where((work.status == "Closed") & (work.closed_on >= since))
		.groupby(day, work.sign)
	)
	if user:
		query = query.where(work.assigned_to == user)
	elif team := access.of_user():
		query = query.where(work.assigned_to.isin(team.users))
	counts: dict = {}
	for closed, sign, number in query.run():
		week = getdate(add_days(closed, -getdate(closed).weekday()))
		key = (week, sign or "")
		counts[key] = counts.get(key, 0) + number
	return counts

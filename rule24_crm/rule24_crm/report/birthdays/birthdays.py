"""Who has a birthday soon, and how to reach him: own clients' people and their families for a manager, all for a head."""

import frappe
from frappe import _
from frappe.utils import cint

from rule24_crm.compat import require_permission
from rule24_crm.parties import birthdays, managers
from rule24_crm.titles import name_users

DAYS, MOST_DAYS = 14, 366
#: rows at most
LIMIT = 1000


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict], str | None]:
	"""Columns, rows and, when there are none, what to do; when there are more than `LIMIT`, that only the nearest are shown.

	:param filters: `days` from today on, 14 when left out; `responsible`, a user, for heads.
	"""
	filters = frappe._dict(filters or {})
	require_permission("Work", "read")
	days = DAYS if filters.get("days") in (None, "") else min(max(cint(filters.days), 0), MOST_DAYS)
	found = birthdays.coming(days, user=managers.whose(filters.get("responsible")), limit=LIMIT + 1)
	rows = found[:LIMIT]
	action = birthdays.action()
	for row in rows:
		of_family = bool(row["relation"])
		row.update(
			action=action,
			relation=_(row["relation"]) if of_family else "",
			designation=None if of_family else row["designation"],
		)
	return (
		_columns(),
		name_users(rows, "responsible"),
		_cut() if len(found) > LIMIT else None if rows else _nobody(days),
	)


def _cut() -> str:
	return _("These are the nearest {0}; there are more. Look less far ahead to see all.").format(LIMIT)


def _nobody(days: int) -> str:
	return _(
		"Nobody has a birthday in the next {0} days, as far as is known. Write birthdays down in the contact, section Person."
	).format(days)


def _columns() -> list[dict]:
	def text(fieldname: str, label: str, width: int, fieldtype: str = "Data", **more) -> dict:
		# without words of ours the table takes a column for one of numbers when its first row is empty
		always = {"fieldname": fieldname, "label": label, "fieldtype": fieldtype, "width": width}
		return {**always, "align": "left", **more}

	return [
		text("day", _("Birthday"), 140, "Date"),
		text("person", _("Who"), 180),
		text("relation", _("Who It Is"), 150),
		text("age", _("Turns, Years"), 150, "Int", align="right"),
		text("party", _("Client"), 220, "Dynamic Link", options="party_type"),
		text("phone", _("Phone"), 140),
		text("work", _("Congratulate"), 215, "Link", options="Work"),
		text("designation", _("Designation"), 150),
		text("preferences", _("Preferences"), 240),
		text("contact", _("Contact"), 180, "Link", options="Contact"),
		text("email", _("E-mail"), 180),
		text("responsible_name", _("Responsible"), 180),
	]

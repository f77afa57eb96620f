"""Write a plan into its works, thousands at once, leaving behind what saving each of them would leave.

That is: the values, the reminder that follows from them, `modified` and `modified_by`, a Version for the history, and a
clean cache. A differential test holds this against `Document.save`, column by column.
"""

from __future__ import annotations

import frappe
from frappe.utils import get_datetime, getdate, now

from rule24_crm.history import History
from rule24_crm.work.rules import minutes_before, reminder_for

CHUNK = 2_000
PLANNED_FIELDS = ("assigned_to", "planned_on", "all_day", "starts_at", "ends_at")
WRITTEN = (*PLANNED_FIELDS, "remind_at", "reminded_on")


def write(rows: list[dict], changes: dict[str, dict]) -> list[str]:
	"""Set the planned fields of works.

	:param rows: the works as they are, with `name` and the fields in `WRITTEN`; the caller holds their locks.
	:param changes: name -> new values of `PLANNED_FIELDS`.
	:return: names of the works that were different; the others are not touched.
	"""
	before = minutes_before()
	updates: list[tuple[dict, dict]] = []
	for row in rows:
		old = {name: _same_type(name, row.get(name)) for name in WRITTEN}
		new = {**old, **{name: _same_type(name, value) for name, value in changes[row["name"]].items()}}
		if all(old[name] == new[name] for name in PLANNED_FIELDS):
			continue
		if (old["starts_at"], old["all_day"]) != (new["starts_at"], new["all_day"]):
			new["remind_at"] = reminder_for(new["starts_at"], new["all_day"], before)
		if new["remind_at"] != old["remind_at"]:
			new["reminded_on"] = None
		updates.append((old, {"name": row["name"], **new}))
	if not updates:
		return []
	stamp, user = now(), frappe.session.user
	_update([new for _old, new in updates], stamp, user)
	_add_versions(updates, stamp, user)
	frappe.clear_cache(doctype="Work")
	# one message for the list instead of thousands
	frappe.publish_realtime(
		"list_update", {"doctype": "Work", "name": updates[-1][1]["name"], "user": user}, after_commit=True
	)
	return [new["name"] for _old, new in updates]


def _same_type(fieldname: str, value):
	if fieldname == "all_day":
		return int(value or 0)
	if not value:
		return None
	if fieldname == "planned_on":
		return getdate(value)
	return get_datetime(value) if fieldname != "assigned_to" else value


def _update(rows: list[dict], stamp: str, user: str):
	"""One statement for each chunk. The rows exist and are locked, so the INSERT never inserts."""
	columns = ("name", *WRITTEN, "modified", "modified_by")
	names = ",".join(f"`{column}`" for column in columns)
	place = "(" + ",".join(["%s"] * len(columns)) + ")"
	tail = ",".join(f"`{column}`=VALUES(`{column}`)" for column in columns[1:])
	for start in range(0, len(rows), CHUNK):
		chunk = rows[start : start + CHUNK]
		values = []
		for row in chunk:
			values += [row["name"], *(row[name] for name in WRITTEN), stamp, user]
		# columns are constants of this module, values are bound; the query builder has no VALUES() on every version
		frappe.db.sql(
			f"INSERT INTO `tabWork` ({names}) VALUES {','.join([place] * len(chunk))} ON DUPLICATE KEY UPDATE {tail}",
			values,
		)


def _add_versions(updates: list[tuple[dict, dict]], stamp: str, user: str):
	history = History("Work")
	order = [df.fieldname for df in history.meta.fields if df.fieldname in WRITTEN]
	for old, new in updates:
		for fieldname in order:
			history.change(new["name"], fieldname, old[fieldname], new[fieldname])
	history.write(stamp, user)

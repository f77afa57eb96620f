"""Endpoints of market segments. Typed, permission first, one call into `rule24_crm.parties.segments`."""

import frappe
from frappe import _

from rule24_crm.api.arguments import parsed
from rule24_crm.compat import require_permission
from rule24_crm.parties.segments import assigning, changes, jobs


@frappe.whitelist(methods=["POST"])
def assign(
	doctype: str,
	segments: list | str,
	names: list | str | None = None,
	filters: dict | list | str | None = None,
	remove: bool | int | str = False,
) -> dict:
	"""Put segments onto the selected or all found records, or take them off; see `jobs.assign`."""
	segments = assigning.check(doctype, parsed(segments, list, label=_("Market Segments")))
	require_permission(doctype, "write")
	return jobs.assign(
		doctype,
		segments,
		names=parsed(names, list, label=_("Selection")),
		filters=parsed(filters, label=_("Filter")),
		remove=frappe.utils.sbool(remove) in (True, 1, "1"),
	)


@frappe.whitelist(methods=["POST"])
def undo(change: str) -> dict:
	"""Give the records of a bulk change the segments they had before; see `changes.undo`."""
	entry = frappe.get_doc("Segment Change", change)
	entry.check_permission("read")
	require_permission(entry.record_type, "write")
	return jobs.undo(change)


@frappe.whitelist()
def last_change(doctype: str) -> dict | None:
	"""The user's last bulk change of this kind of record, if it can be undone; see `changes.last`."""
	require_permission(doctype, "write")
	return changes.last(doctype)

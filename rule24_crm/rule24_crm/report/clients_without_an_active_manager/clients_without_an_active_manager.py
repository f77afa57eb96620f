"""Clients, deals and works that nobody active is responsible for: the list behind the number card, for heads."""

import frappe
from frappe import _

from rule24_crm.parties import ownerless
from rule24_crm.parties.kinds import PARTY_TYPES
from rule24_crm.titles import name_users

LIMIT = 1000


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict], str | None]:
	"""Columns, rows and, when there are none or too many to show, that this is so.

	:param filters: `party_type`: Customer, Lead, Prospect, Opportunity or Work; empty: the three kinds of client.
	"""
	filters = frappe._dict(filters or {})
	ownerless.check_head()
	if filters.party_type and filters.party_type not in ownerless.TITLES:
		frappe.throw(_("{0} has no responsible manager.").format(frappe.bold(filters.party_type)))
	kinds = (filters.party_type,) if filters.party_type else PARTY_TYPES
	rows = [row for kind in kinds for row in ownerless.rows(kind, limit=LIMIT + 1)]
	words = None if rows else _("Everything here has an active manager.")
	if len(rows) > LIMIT:
		words = _("These are {0} of them; there are more. Give them, and the next ones come.").format(LIMIT)
	return _columns(), name_users(rows[:LIMIT], "manager"), words


def _columns() -> list[dict]:
	return [
		{"fieldname": "title", "label": _("Name"), "fieldtype": "Data", "width": 300},
		{"fieldname": "party_type", "label": _("Record Kind"), "fieldtype": "Data", "width": 180},
		{
			"fieldname": "party",
			"label": _("Record"),
			"fieldtype": "Dynamic Link",
			"options": "party_type",
			"width": 200,
		},
		{
			"fieldname": "manager_name",
			"label": _("Manager"),
			"fieldtype": "Data",
			"width": 200,
			"align": "left",  # an empty first row makes the table take it for a column of numbers
		},
		{"fieldname": "reason", "label": _("Why"), "fieldtype": "Data", "width": 160},
		{"fieldname": "modified", "label": _("Last Touched"), "fieldtype": "Datetime", "width": 160},
	]

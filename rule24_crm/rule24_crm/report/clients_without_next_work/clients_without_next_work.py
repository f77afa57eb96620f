"""Live clients with whom nothing is planned: the list behind the number card. A manager sees own clients, a head all."""

import frappe
from frappe import _

from rule24_crm.compat import require_permission
from rule24_crm.parties import managers
from rule24_crm.parties.kinds import check_kind
from rule24_crm.titles import name_users
from rule24_crm.work import without_next

LIMIT = 1000


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict], str | None]:
	"""Columns, rows and, when there are none or too many to show, what that means.

	:param filters: `party_type` Customer, Lead or Prospect; `responsible`, a user, for heads.
	"""
	filters = frappe._dict(filters or {})
	require_permission("Work", "read")
	rows = without_next.clients(
		user=managers.whose(filters.get("responsible")),
		party_type=check_kind(filters.party_type) if filters.get("party_type") else None,
		limit=LIMIT + 1,
	)
	words = None if rows else _("Every live client has a next work.")
	if len(rows) > LIMIT:
		words = _(
			"These are {0} of them; there are more. Choose a kind of client or a manager, or plan works for a whole list of clients: menu, Create Works for This Filter."
		).format(LIMIT)
	return _columns(), name_users(rows[:LIMIT], "responsible"), words


def _columns() -> list[dict]:
	return [
		{"fieldname": "party_name", "label": _("Client Name"), "fieldtype": "Data", "width": 225},
		{"fieldname": "party_type", "label": _("Client Kind"), "fieldtype": "Data", "width": 190},
		{
			"fieldname": "party",
			"label": _("Client"),
			"fieldtype": "Dynamic Link",
			"options": "party_type",
			"width": 180,
		},
		{"fieldname": "responsible_name", "label": _("Responsible"), "fieldtype": "Data", "width": 170},
		{"fieldname": "modified", "label": _("Last Touched"), "fieldtype": "Datetime", "width": 195},
		{"fieldname": "plan", "label": _("Next Work"), "fieldtype": "Data", "width": 200},
	]

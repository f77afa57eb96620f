"""Endpoints of the client's card. Typed, permission first, one call into `rule24_crm.parties`."""

import frappe

from rule24_crm.compat import require_permission
from rule24_crm.parties import birthdays, facts, managers
from rule24_crm.parties import card as cards
from rule24_crm.parties.kinds import check_kind


@frappe.whitelist()
def of_client(party_type: str, party: str) -> dict:
	"""Facts of a client, for the bar on its form; see `rule24_crm.parties.facts.for_clients`."""
	frappe.get_doc(check_kind(party_type), party).check_permission("read")
	return facts.of_client(party_type, party)


@frappe.whitelist()
def card(party_type: str, party: str, limit: int = 20) -> dict:
	"""People, deals, letters and calls of a client; see `rule24_crm.parties.card.of_client`."""
	frappe.get_doc(check_kind(party_type), party).check_permission("read")
	return cards.of_client(party_type, party, limit=max(1, min(limit, 200)))


@frappe.whitelist()
def count_birthdays(filters: dict | list | str | None = None) -> dict:
	"""The number card: birthdays of the coming seven days, of a manager's own clients or a head's all."""
	require_permission("Work", "read")
	return {
		"value": birthdays.count_coming(7, user=managers.whose()),
		"fieldtype": "Int",
		"route": ["query-report", "Birthdays"],
		"route_options": {"days": "7"},
	}

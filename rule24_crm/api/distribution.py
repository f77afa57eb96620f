"""Endpoints of distribution rules and responsible managers. Typed, permission first, one call into the packages."""

import frappe
from frappe import _

from rule24_crm.api.arguments import parsed
from rule24_crm.compat import require_permission
from rule24_crm.parties import ownerless
from rule24_crm.parties.distribution import rules, trial

RULE = "Distribution Rule"


@frappe.whitelist()
def fields(kinds: list | str) -> list[dict]:
	"""Fields that conditions may ask of all these kinds of record; see `rules.fields_for`."""
	require_permission(RULE, "read")
	return rules.fields_for(parsed(kinds, list, label=_("Applies To")) or [])


@frappe.whitelist()
def try_on_existing(
	party_type: str, filters: dict | list | str | None = None, rule: str | None = None, limit: int = 100
) -> dict:
	"""Who would get the existing records if they were new; nothing is written. See `trial.run`."""
	require_permission(RULE, "write")
	require_permission(party_type, "read")
	return trial.run(party_type, filters=parsed(filters, label=_("Filter")), rule=rule, limit=limit)


@frappe.whitelist(methods=["POST"])
def give(party_type: str, names: list | str, manager: str | None = None) -> dict:
	"""Give records without an active manager to one, or by the rules; see `ownerless.give`."""
	ownerless.check_head()
	require_permission(party_type, "write")
	return ownerless.give(party_type, parsed(names, list, label=_("Selection")) or [], manager or None)


@frappe.whitelist()
def count_without_manager() -> int:
	"""How many clients, deals and works have no active manager, for the number card; see `ownerless.count`."""
	ownerless.check_head()
	return ownerless.count()

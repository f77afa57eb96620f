"""A manager who enters a client is its manager, unless somebody else is named: else it would be gone from sight at once."""

import frappe

from rule24_crm.parties import access
from rule24_crm.parties.kinds import OWNER_FIELD


def take(doc, method: str | None = None) -> None:
	"""Fill in the responsible manager. Runs before a new client is stored."""
	field = OWNER_FIELD[doc.doctype]
	if not doc.get(field) and access.of_user():
		doc.set(field, frappe.session.user)

"""Frappe's REST API puts whole records in the place of links when asked to (`expand`, `expand_links`), and asks for no right
on them: neither the predicate nor hidden requisites would hold there."""

import frappe
from frappe import _

from rule24_crm.parties.access import requisites, scope

#: addresses of the REST API, and the method behind it
_RECORDS = ("/api/resource/", "/api/v1/resource/", "/api/v2/document/")
_LIST = "frappe.client.get_list"


def refuse() -> None:
	"""Runs with every request, once it is known who asks.

	:raises frappe.PermissionError: somebody from whom clients or requisites are hidden asks for expanded links.
	"""
	request, path = frappe.local.form_dict, frappe.local.request.path
	if not (request.get("expand_links") or request.get("expand")):
		return
	if not path.startswith(_RECORDS) and _LIST not in path and _LIST != request.get("cmd"):
		return
	if scope.of_user() or requisites.hidden_from():
		frappe.throw(
			_("Links cannot be expanded for account managers. Ask for the linked records one by one."),
			frappe.PermissionError,
		)

"""Endpoints of relations. Typed, permission first, one call into `rule24_crm.parties.relations`."""

import frappe
from frappe import _

from rule24_crm.api.arguments import parsed
from rule24_crm.compat import require_permission
from rule24_crm.parties.relations import kinds, listing
from rule24_crm.parties.relations import network as networks


def _check(doctype: str, name: str) -> None:
	require_permission("Partner Relation", "read")
	frappe.get_doc(listing.check_doctype(doctype), name).check_permission("read")


@frappe.whitelist()
def of_record(doctype: str, name: str) -> list[dict]:
	"""Relations of a record, told from its end; see `listing.of_record`."""
	_check(doctype, name)
	return listing.of_record(doctype, name)


@frappe.whitelist()
def network(doctype: str, name: str, depth: int = 1) -> dict:
	"""The network around a record; see `network.around`."""
	_check(doctype, name)
	return networks.around(doctype, name, depth)


@frappe.whitelist()
def roles(doctype: str) -> list[dict]:
	"""What another party can be to a record of this kind; see `kinds.roles`."""
	require_permission("Partner Relation", "read")
	return kinds.roles(listing.check_doctype(doctype))


@frappe.whitelist(methods=["POST"])
def add(
	doctype: str,
	name: str,
	kind: str,
	other_is: str,
	other: dict | str,
	valid_from: str | None = None,
	valid_to: str | None = None,
	note: str | None = None,
) -> str:
	"""Relate a record to another; see `listing.add`. :return: the name of the relation."""
	_check(doctype, name)
	require_permission("Partner Relation", "create")
	other = parsed(other, dict, label=_("The Other Side")) or {}
	if other.get("doctype"):
		_check(other["doctype"], str(other.get("name") or ""))
	return listing.add(
		doctype, name, kind, other_is, other, valid_from=valid_from, valid_to=valid_to, note=note
	).name


@frappe.whitelist(methods=["POST"])
def remove(relation: str) -> None:
	"""Delete a relation that was a mistake; one that is over gets its last day instead."""
	doc = frappe.get_doc("Partner Relation", relation)
	doc.check_permission("delete")
	doc.delete()

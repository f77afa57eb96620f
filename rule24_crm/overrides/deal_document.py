"""Sales Invoice, Sales Order, Quotation and Contract: the deal they were issued for stays, and nobody makes one unawares for a
client that is no more."""

import frappe
from frappe import _

from rule24_crm.deals import belonging
from rule24_crm.parties.duplicates.warning import by_hand
from rule24_crm.parties.kinds import PARTY_TYPES
from rule24_crm.parties.registry import service as registry


def onload(doc, method: str | None = None) -> None:
	"""For the form: what the register of companies says of the client."""
	doc.set_onload("rule24_client_warning", _warning(doc))


def validate(doc, method: str | None = None) -> None:
	"""The deal is not changed by hand; whoever chooses a client that is no more is told, and goes on."""
	belonging.check(doc)
	chosen = doc.is_new() or any(map(doc.has_value_changed, filter(None, _fields(doc))))
	if chosen and by_hand(doc.doctype) and (words := _warning(doc)):
		frappe.msgprint(words, title=_("Register of Companies"), indicator="red")


def _fields(doc) -> tuple[str, str]:
	"""Fields of the kind of client, where there is a choice, and of the client."""
	return {"Quotation": ("quotation_to", "party_name"), "Contract": ("party_type", "party_name")}.get(
		doc.doctype, ("", "customer")
	)


def _warning(doc) -> str:
	kind, name = _fields(doc)
	party_type, party = doc.get(kind) if kind else "Customer", doc.get(name)
	return registry.warning_of(party_type, party) if party_type in PARTY_TYPES and party else ""

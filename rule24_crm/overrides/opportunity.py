"""Opportunity: its stages obey the sales process and are logged; what was issued for it is shown on it."""

import frappe
from frappe import _

from rule24_crm.deals import client_change, contacts, customer, stages
from rule24_crm.parties import ownership
from rule24_crm.parties.registry import service as registry

#: what is issued for a deal
DOCUMENTS = ("Quotation", "Sales Invoice", "Sales Order", "Contract")


def onload(doc, method: str | None = None) -> None:
	"""For the form: why the deal is with its manager, and what the register of companies says of a client that is no more."""
	ownership.show(doc)
	if client := customer.today(doc):
		doc.set_onload("rule24_client_warning", registry.warning_of(*client))


def before_validate(doc, method: str | None = None) -> None:
	"""A new deal gets a type that exists. ERPNext names it in the user's language, and a site that was set up in another
	one has no such type: nobody whose Desk speaks it could make a deal."""
	if doc.is_new() and not doc.opportunity_type:
		known = set(frappe.get_all("Opportunity Type", pluck="name"))
		doc.opportunity_type = next(
			(each for each in (_("Sales"), "Sales") if each in known), min(known, default=None)
		)


def validate(doc, method: str | None = None) -> None:
	"""Process, stage, status and probability agree; gates are checked; a manager is responsible; the client stays."""
	ownership.check(doc)
	client_change.check(doc)
	stages.settle(doc)
	ownership.wake(doc)


def on_change(doc, method: str | None = None) -> None:
	"""Every move is logged, and a deal that goes on is somebody's, also where ERPNext writes past the validation."""
	if not doc.flags.in_delete:
		stages.note(doc)
		ownership.wake_stored(doc)


def on_trash(doc, method: str | None = None) -> None:
	"""The history goes with its deal, and so do the links of its people."""
	stages.forget(doc.name)
	contacts.unlink("Opportunity", doc.name)
	ownership.forget(doc)


def dashboard(data: dict) -> dict:
	"""Documents, works and moves of the deal among its connections."""
	data.setdefault("fieldname", "opportunity")
	names = data.setdefault("non_standard_fieldnames", {})
	shown = {each for group in data.get("transactions", []) for each in group["items"]}
	for doctype in ("Sales Invoice", "Sales Order", "Contract"):
		names[doctype] = "rule24_opportunity"
	names["Work"] = names["Deal Stage Change"] = "opportunity"
	data["transactions"] = [
		*data.get("transactions", []),
		{"label": _("Documents"), "items": [each for each in DOCUMENTS if each not in shown]},
		{"label": _("Progress"), "items": ["Work", "Deal Stage Change"]},
	]
	return data

"""Endpoints of deals. Typed, permission first, one call into `rule24_crm.deals`."""

import frappe
from frappe import _
from frappe.utils import sbool

from rule24_crm.api.arguments import parsed
from rule24_crm.deals import client, conversion, stages
from rule24_crm.deals import documents as issuing
from rule24_crm.parties.kinds import check_kind


@frappe.whitelist(methods=["POST"])
def convert_lead(lead: str, opportunity: str | None = None, values: dict | str | None = None) -> dict:
	"""Turn a Lead into a deal or attach it to an open one; see `rule24_crm.deals.conversion.convert_lead`."""
	frappe.get_doc("Lead", lead).check_permission("write")
	return conversion.convert_lead(lead, opportunity or None, parsed(values, dict, label=_("Values")))


@frappe.whitelist()
def open_deals(lead: str) -> list[dict]:
	"""Open deals that a Lead may be attached to; see `rule24_crm.deals.conversion.open_deals`."""
	frappe.get_doc("Lead", lead).check_permission("read")
	return conversion.open_deals(lead)


@frappe.whitelist()
@frappe.validate_and_sanitize_search_inputs
def of_client(
	doctype: str, txt: str, searchfield: str, start: int, page_len: int, filters: dict | str
) -> list:
	"""Deals of a client for a link field, see `rule24_crm.deals.client.search`.

	:param filters: `{"party_type": ..., "party": ...}`.
	"""
	filters = parsed(filters, dict, label=_("Filters")) or {}
	party_type = check_kind(filters.get("party_type"))
	frappe.get_doc(party_type, filters.get("party")).check_permission("read")
	return client.search(party_type, filters["party"], txt or "", start=start, limit=page_len)


@frappe.whitelist(methods=["POST"])
def set_stage(opportunity: str, stage: str) -> dict:
	"""Move a deal to a stage; see `rule24_crm.deals.stages.set_stage`."""
	frappe.get_doc("Opportunity", opportunity).check_permission("write")
	return stages.set_stage(opportunity, stage)


@frappe.whitelist(methods=["POST"])
def mark_lost(opportunity: str, reason: str | None = None, detailed_reason: str | None = None) -> dict:
	"""Mark a deal as lost; see `rule24_crm.deals.stages.mark_lost`."""
	frappe.get_doc("Opportunity", opportunity).check_permission("write")
	return stages.mark_lost(opportunity, reason or None, detailed_reason=detailed_reason)


@frappe.whitelist()
def missing_for_stage(opportunity: str, stage: str) -> list[str]:
	"""What a deal lacks for a stage, in words; see `rule24_crm.deals.stages.missing_for_stage`."""
	doc = frappe.get_doc("Opportunity", opportunity)
	doc.check_permission("read")
	return stages.missing_for_stage(doc, stage)


@frappe.whitelist()
def stage_bar(opportunity: str) -> dict:
	"""All a form needs to draw the stages of a deal; see `rule24_crm.deals.stages.bar`."""
	doc = frappe.get_doc("Opportunity", opportunity)
	doc.check_permission("read")
	return stages.bar(doc)


@frappe.whitelist(methods=["POST"])
def issue_documents(
	opportunity: str,
	documents: list | str | None = None,
	send: bool | int | str = False,
	requisites: dict | str | None = None,
) -> dict:
	"""Make the draft invoice and contract of a deal; see `rule24_crm.deals.documents.issue_documents`.

	:param documents: "Invoice", "Contract" or a list of them; both when left out.
	:param requisites: values of the client's requisites to write first.
	"""
	frappe.get_doc("Opportunity", opportunity).check_permission("write")
	return issuing.issue_documents(
		opportunity,
		_kinds(documents),
		bool(sbool(send)),
		requisites_of_client=parsed(requisites, dict, label=_("Requisites")),
	)


@frappe.whitelist()
def documents(opportunity: str) -> list[dict]:
	"""Everything issued for a deal that the user may read; see `rule24_crm.deals.documents.of_deal`."""
	frappe.get_doc("Opportunity", opportunity).check_permission("read")
	return issuing.of_deal(opportunity)


@frappe.whitelist()
def issuing_options(opportunity: str) -> dict:
	"""What the window Issue Documents shows; see `rule24_crm.deals.documents.options`."""
	doc = frappe.get_doc("Opportunity", opportunity)
	doc.check_permission("write")
	return issuing.options(doc)


def _kinds(documents: list | str | None) -> list | tuple:
	"""A form sends a list as JSON text; one name may come as it is; nothing means both."""
	if documents is None:
		return issuing.KINDS
	if isinstance(documents, str) and not documents.lstrip().startswith("["):
		return [documents]
	return parsed(documents, list, label=_("Documents")) or []

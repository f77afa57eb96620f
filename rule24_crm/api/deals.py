"""Endpoints of deals. Typed, permission first, one call into `rule24_crm.deals`."""

import frappe

from rule24_crm.deals import conversion, stages


@frappe.whitelist(methods=["POST"])
def convert_lead(lead: str, opportunity: str | None = None, values: dict | str | None = None) -> dict:
	"""Turn a Lead into a deal or attach it to an open one; see `rule24_crm.deals.conversion.convert_lead`."""
	frappe.get_doc("Lead", lead).check_permission("write")
	return conversion.convert_lead(lead, opportunity or None, _parsed_dict(values))


@frappe.whitelist()
def open_deals(lead: str) -> list[dict]:
	"""Open deals that a Lead may be attached to; see `rule24_crm.deals.conversion.open_deals`."""
	frappe.get_doc("Lead", lead).check_permission("read")
	return conversion.open_deals(lead)


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


def _parsed_dict(values: dict | str | None) -> dict | None:
	"""A form sends a dict as JSON text."""
	parsed = frappe.parse_json(values) if values else None
	if parsed is not None and not isinstance(parsed, dict):
		frappe.throw(frappe._("The values must be given as a dict of field names."), frappe.ValidationError)
	return parsed

"""Contract: choosing the template anew in the form fills it with the deal's values, as when it was issued."""

import frappe

from rule24_crm.compat import first_importable
from rule24_crm.deals import context, contract

STOCK = "erpnext.crm.doctype.contract_template.contract_template.get_contract_template"


@frappe.whitelist()
def get_contract_template(template_name: str, doc: str | dict) -> dict:
	"""As ERPNext's own, which knows the contract's fields only; a contract of a deal gets all of `deals.context`.

	:param template_name: name of the Contract Template.
	:param doc: the Contract as the form has it.
	"""
	values = frappe.parse_json(doc)
	if (
		not isinstance(values, dict)
		or not values.get("rule24_opportunity")
		or values.get("party_type") != "Customer"
	):
		return first_importable(STOCK)(template_name, doc)
	deal = frappe.get_doc("Opportunity", values["rule24_opportunity"])
	deal.check_permission("read")
	frappe.get_doc("Customer", values["party_name"]).check_permission("read")
	source = frappe.get_doc("Contract Template", template_name)
	source.check_permission("read")
	draft = frappe.get_doc({**values, "doctype": "Contract"})
	return {
		"contract_template": source,
		"contract_terms": contract.render(
			source, context.build(deal, draft.party_name, draft, _invoice(draft))
		),
	}


def _invoice(draft):
	if draft.document_type not in ("Sales Invoice", "Sales Order", "Quotation") or not draft.document_name:
		return None
	doc = frappe.get_doc(draft.document_type, draft.document_name)
	return doc if doc.has_permission("read") else None

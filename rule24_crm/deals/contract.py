"""The draft contract of a deal, from the template of the settings."""

from __future__ import annotations

from functools import lru_cache

import frappe
from frappe import _
from frappe.utils import add_days, add_years, escape_html, nowdate
from frappe.utils.jinja import get_jenv

from rule24_crm.compat import single_value
from rule24_crm.deals import belonging, context
from rule24_crm.exceptions import DocumentsError


def template() -> str:
	"""The Contract Template of the settings.

	:raises DocumentsError: none is chosen.
	"""
	name = single_value("Rule24 CRM Settings", "contract_template")
	if not name:
		frappe.throw(
			_("Choose a {0} in {1} first.").format(
				frappe.bold(_("Contract Template")), frappe.bold(_("Rule24 CRM Settings"))
			),
			DocumentsError,
			title=_("No Contract Template"),
		)
	return name


def make(opportunity, customer: str, invoice=None):
	"""Insert the draft.

	:param invoice: the document issued as invoice, if there is one.
	:return: the document.
	"""
	source = frappe.get_cached_doc("Contract Template", template())
	doc = frappe.new_doc("Contract")
	start = nowdate()
	doc.update(
		{
			"party_type": "Customer",
			"party_name": customer,
			"start_date": start,
			"end_date": add_days(add_years(start, 1), -1),
			"contract_template": source.name,
			"requires_fulfilment": source.requires_fulfilment,
			"document_type": invoice.doctype if invoice else None,
			"document_name": invoice.name if invoice else None,
		}
	)
	belonging.issued_for(doc, opportunity.name)
	for row in source.fulfilment_terms:
		doc.append("fulfilment_terms", {"requirement": row.requirement})
	doc.set_new_name()  # the text names the number
	values = context.build(opportunity, customer, doc, invoice)
	doc.signee = values["signee"]
	doc.contract_terms = render(source, values)
	doc.insert()
	return doc


def render(source, values: dict) -> str:
	"""The text of the contract.

	:raises DocumentsError: the template has a mistake; the message says which.
	"""
	try:
		text = _compiled(source.contract_terms or "").render(values)
	except (
		Exception
	) as error:  # a template is written by people: whatever it stumbles over is to be told, not logged
		frappe.clear_last_message()
		frappe.throw(
			_("The contract template {0} cannot be filled in: {1}").format(
				frappe.bold(source.name), escape_html(str(error))
			),
			DocumentsError,
			title=_("Contract Template"),
		)
	if not frappe.utils.strip_html(text).strip():
		frappe.throw(
			_("The contract template {0} is empty.").format(frappe.bold(source.name)), DocumentsError
		)
	return text.replace("<p></p>", "")


def _compiled(text: str):
	"""The template, compiled once for all contracts of this process: that takes longer than filling it in."""
	environment = get_jenv()
	return environment.template_class.from_code(environment, _code(text), environment.make_globals(None))


@lru_cache(maxsize=32)
def _code(text: str):
	if ".__" in text:  # as in Frappe's own render_template, whose sandbox it is
		raise ValueError(_("Illegal template"))
	return get_jenv().compile(text)


def refer_to(contract: str, invoice) -> None:
	"""A draft contract made before its invoice names it too."""
	frappe.db.set_value(
		"Contract", contract, {"document_type": invoice.doctype, "document_name": invoice.name}
	)

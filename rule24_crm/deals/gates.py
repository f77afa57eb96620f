"""Gates: what must be there before a deal enters a stage.

A gate asks for a filled field, a document made for the deal, or a work of some Action. Everything that is missing is
named at once, in words.
"""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils import cint, strip_html

from rule24_crm.deals.process import Process
from rule24_crm.exceptions import StageGateError


def missing(opportunity, process: Process | None, stage: str) -> list[str]:
	"""What the deal lacks for a stage.

	:param opportunity: an Opportunity document, saved or not.
	:param process: its process; without one, or in one that is not Controlled, nothing is ever missing.
	:param stage: name of the Sales Stage to enter.
	:return: one translated sentence for each unfulfilled gate, in the order of the process.
	"""
	if not process:
		return []
	return [
		words
		for gate in process.gates
		if gate.stage == stage and (words := CHECKS[gate.requirement](opportunity, gate))
	]


def check(opportunity, process: Process, stage: str) -> None:
	""":raises StageGateError: something is missing; the message lists all of it."""
	lacking = missing(opportunity, process, stage)
	if lacking:
		frappe.throw(
			_("The deal cannot go to {0} yet:").format(frappe.bold(_(stage)))
			+ "<ul>"
			+ "".join(f"<li>{words}</li>" for words in lacking)
			+ "</ul>",
			StageGateError,
			title=_("Not Ready for {0}").format(_(stage)),
		)


def _field(opportunity, gate) -> str | None:
	field = opportunity.meta.get_field(gate.fieldname)
	if field and _filled(opportunity.get(gate.fieldname)):
		return None
	label = frappe.bold(_(field.label) if field else gate.fieldname)
	return _own_words(gate) or _("Fill {0}").format(label)


def _filled(value) -> bool:
	return bool(strip_html(value).strip()) if isinstance(value, str) else bool(value)


def _document(opportunity, gate) -> str | None:
	if _has_document(opportunity.name, gate.document_type, cint(gate.submitted)):
		return None
	label = frappe.bold(_(gate.document_type))
	return _own_words(gate) or (_("Submit {0}") if gate.submitted else _("Issue {0}")).format(label)


def _has_document(opportunity: str | None, doctype: str, submitted: int) -> bool:
	if not opportunity:
		return False
	state = {"docstatus": 1 if submitted else ("<", 2)}
	if frappe.db.exists(doctype, {"rule24_opportunity": opportunity, **state}):
		return True
	# an offer made with ERPNext's own button names the deal in a field of its own or in its rows
	return doctype == "Quotation" and bool(
		frappe.db.exists("Quotation", {"opportunity": opportunity, **state})
		or frappe.db.exists(
			"Quotation Item", {"prevdoc_doctype": "Opportunity", "prevdoc_docname": opportunity, **state}
		)
	)


def _work(opportunity, gate) -> str | None:
	filters = {"opportunity": opportunity.name, "action": gate.work_action}
	if gate.sign:
		filters.update(status="Closed", sign=gate.sign)
	else:
		filters["status"] = ("!=", "Cancelled")
	if opportunity.name and frappe.db.exists("Work", filters):
		return None
	action = frappe.bold(_(gate.work_action))
	if not gate.sign:
		return _own_words(gate) or _("Plan the work {0} for this deal").format(action)
	return _own_words(gate) or _("Close the work {0} of this deal with the sign {1}").format(
		action, frappe.bold(_(gate.sign))
	)


def _own_words(gate) -> str | None:
	return frappe.utils.escape_html(_(gate.message)) if gate.message else None


CHECKS = {"Field": _field, "Document": _document, "Work": _work}

"""Rows of documents that have a condition of their own: Frappe lists a child table for whoever has the role for the parent's DocType,
and asks nothing about the parents. Here they are seen with their document, in every mode of access."""

import frappe

from rule24_crm.parties import permitted
from rule24_crm.parties.access import scope
from rule24_crm.parties.access.per_doctype import Conditions

#: child table -> the DocType whose rows are guarded
PARENTS = {
	"Client Handover Client": "Client Handover",
	"Client Handover Receiver": "Client Handover",
	"Client Handover Segment": "Client Handover",
	"Event Participants": "Event",
}
#: DocTypes of Frappe's: without access nothing changes for them
STOCK = ("Event",)


def condition(table: str, user: str | None = None) -> str:
	"""SQL for the list of a child table. Names in it are ours, what the documents' own condition says is Frappe's."""
	parent, user = PARENTS[table], user or frappe.session.user
	if parent in STOCK and not scope.of_user(user):
		return ""
	if not (seen := permitted.condition(parent, user)):
		return ""
	documents = f"select `tab{parent}`.name from `tab{parent}` where {seen}"
	return f"(`tab{table}`.parenttype != '{parent}' or `tab{table}`.parent in ({documents}))"


_conditions = Conditions(__name__, PARENTS, condition)
names = _conditions.names
__getattr__ = _conditions.function

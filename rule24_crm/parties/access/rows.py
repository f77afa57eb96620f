"""Rows of documents that have a condition of their own: Frappe lists a child table for whoever has the role for the parent's DocType,
and asks nothing about the parents. Here they are seen with their document, in every mode of access."""

import frappe

from rule24_crm.parties import permitted
from rule24_crm.parties.access import scope

#: child table -> the DocType whose rows are guarded; hooks of early builds of Frappe 15 do not tell which DocType is meant,
#: so each has a function of its own: `seen_event_participants` ...
PARENTS = {
	"Client Handover Client": "Client Handover",
	"Client Handover Receiver": "Client Handover",
	"Client Handover Segment": "Client Handover",
	"Event Participants": "Event",
}
#: DocTypes of Frappe's: without access nothing changes for them
STOCK = ("Event",)
_PREFIX = "seen_"
_TABLES = {_PREFIX + table.lower().replace(" ", "_"): table for table in PARENTS}


def names() -> dict[str, str]:
	"""Child table -> dotted path of its condition, for `permission_query_conditions`."""
	return {table: f"{__name__}.{name}" for name, table in _TABLES.items()}


def __getattr__(name: str):
	if table := _TABLES.get(name):
		return lambda user=None: condition(table, user)
	raise AttributeError(name)


def condition(table: str, user: str | None = None) -> str:
	"""SQL for the list of a child table. Names in it are ours, what the documents' own condition says is Frappe's."""
	parent, user = PARENTS[table], user or frappe.session.user
	if parent in STOCK and not scope.of_user(user):
		return ""
	if not (seen := permitted.condition(parent, user)):
		return ""
	documents = f"select `tab{parent}`.name from `tab{parent}` where {seen}"
	return f"(`tab{table}`.parenttype != '{parent}' or `tab{table}`.parent in ({documents}))"

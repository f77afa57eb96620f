"""Participants of events: Frappe shows an event that is not public to few, and the rows with its participants to everybody."""

from rule24_crm.parties import permitted
from rule24_crm.parties.access import scope

ROW = "Event Participants"


def participants_conditions(user: str | None = None, doctype: str | None = None) -> str:
	"""Hook of Frappe: rows of events that the user sees. Names in the text are ours, what the events' own condition says is Frappe's."""
	if not (restricted := scope.of_user(user)):
		return ""
	events = permitted.condition("Event", restricted.user)
	seen = f"select `tabEvent`.name from `tabEvent` where {events or '1=1'}"
	return f"(`tab{ROW}`.parenttype != 'Event' or `tab{ROW}`.parent in ({seen}))"

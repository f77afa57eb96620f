"""When a client may be called, by the client's own clock: `rule24_call_from` to `rule24_call_to`."""

from frappe.utils import get_time

FIELDS = ("rule24_call_from", "rule24_call_to")


def tidy(doc) -> None:
	"""Clear the window of a new client that nobody has filled in.

	Frappe gives every Time field of a new document the present time, whatever default the field has. Two equal minutes are
	no window at all, so nothing that was meant is lost.
	"""
	start, end = (doc.get(field) for field in FIELDS)
	if doc.is_new() and start and end and _minute(start) == _minute(end):
		doc.update(dict.fromkeys(FIELDS))


def _minute(value) -> tuple[int, int]:
	time = get_time(str(value))
	return time.hour, time.minute

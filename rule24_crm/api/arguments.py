"""Arguments of endpoints as they come over HTTP: lists and dicts as JSON text, nothing as empty text."""

import json

import frappe
from frappe import _

from rule24_crm.exceptions import Rule24Error


def parsed(value, *kinds: type, label: str | None = None):
	"""The list or dict that `value` is, or is the JSON text of; None for nothing.

	:param kinds: what it may be, `list` and `dict` if nothing is said.
	:param label: what the user calls it, translated, for the message.
	:raises Rule24Error: it is something else.
	"""
	if isinstance(value, str):
		try:
			value = json.loads(value) if value.strip() else None
		except ValueError:
			value = object()
	if value is None or isinstance(value, kinds or (list, dict)):
		return value
	frappe.throw(
		_("{0} cannot be read: it is not valid JSON of the expected form.").format(
			frappe.bold(label or _("Value"))
		),
		Rule24Error,
	)

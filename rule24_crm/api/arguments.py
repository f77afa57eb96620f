"""Arguments that forms send as JSON text."""

import json

import frappe
from frappe import _

from rule24_crm.exceptions import Rule24Error


def parsed(value, label: str, *kinds: type):
	"""The value itself, or what its JSON text says.

	:param value: already of one of `kinds`, JSON text of one, or `None`.
	:param label: what the user calls it, translated, for the message.
	:param kinds: `dict` and/or `list`.
	:raises Rule24Error: it is neither.
	"""
	if isinstance(value, str):
		try:
			value = json.loads(value) if value.strip() else None
		except ValueError:
			value = object()
	if value is None or isinstance(value, kinds):
		return value
	frappe.throw(
		_("{0} cannot be read: it is not valid JSON of the expected form.").format(frappe.bold(label)),
		Rule24Error,
	)

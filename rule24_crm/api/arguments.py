"""Arguments of endpoints as they come over HTTP: lists and dicts as JSON text, nothing as empty text."""

from frappe import _, parse_json

from rule24_crm.exceptions import Rule24Error


def parsed(value, *kinds: type):
	"""The list or dict that `value` is, or is the JSON text of; None for nothing.

	:param kinds: what it may be, `list` and `dict` if nothing is said.
	:raises Rule24Error: it is something else.
	"""
	if value is None or value == "":
		return None
	try:
		found = parse_json(value)
	except ValueError as error:
		raise Rule24Error(_("This is not JSON: {0}").format(str(value)[:100])) from error
	if found is not None and not isinstance(found, kinds or (list, dict)):
		raise Rule24Error(_("A list is expected here, not {0}").format(str(value)[:100]))
	return found

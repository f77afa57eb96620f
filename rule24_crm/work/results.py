"""Which Results an Action allows, and what each brings about."""

import frappe
from frappe import _

from rule24_crm.exceptions import ResultMissingError, ResultNotAllowedError


def row_for(action: str, result: str | None):
	"""The row of the Action that allows this Result.

	:param action: name of the Work Action.
	:param result: name of the Work Result.
	:return: the `Work Action Result` row.
	:raises ResultNotAllowedError: there is no Result, or the Action does not allow it; the message lists those it does.
	"""
	doc = frappe.get_cached_doc("Work Action", action)
	for row in doc.results:
		if row.result == result:
			return row
	allowed = ", ".join(_(row.result) for row in doc.results)
	if not doc.results:
		message = _("The Action {0} has no Results yet. An administrator adds them in the Action.").format(
			frappe.bold(_(action))
		)
	elif result:
		message = _("{0} is not a Result of {1}. Choose one of: {2}.").format(
			frappe.bold(_(result)), frappe.bold(_(action)), allowed
		)
	else:
		message = _("Choose the Result of {0}: {1}.").format(frappe.bold(_(action)), allowed)
		frappe.throw(message, ResultMissingError, title=_("Result Needed"))
	frappe.throw(message, ResultNotAllowedError, title=_("Result Needed"))


def allowed(action: str) -> list[str]:
	"""Names of the Results of an Action, in the dictionary's order."""
	return [row.result for row in frappe.get_cached_doc("Work Action", action).results]

"""Requisites of a client who is not active yet: kept as imported, shown to account managers nowhere.

Frappe hides a field by role, not by record, so there are three places: a document is handed out without them (`hide`), what
comes back without them keeps them (`keep`), and a request that lists clients may not name these columns (`check_request`).
Whoever issues documents is asked for them in that window; see `deals/requisites.py`.
"""

import re

import frappe
from frappe import _

from rule24_crm.parties.access import scope
from rule24_crm.setup.roles import HEAD

ACTIVE = "Active"
_OWN = ("rule24_tax_id", "rule24_kpp", "rule24_ogrn", "rule24_bank_account", "rule24_bic")
#: DocType -> its requisites
FIELDS = {"Customer": ("tax_id", "rule24_kpp", "rule24_ogrn"), "Lead": _OWN, "Prospect": _OWN}

#: arguments of a request that name columns of a list
_ARGUMENTS = (
	"fields", "fieldname", "field", "filters", "or_filters", "current_filters", "order_by", "group_by", "stats",
	"searchfield", "filter_fields", "aggregate_on_field", "chart",
)  # fmt: skip
_ALL_COLUMNS = re.compile(r"(?<!\()\*")


def hidden_from(user: str | None = None) -> bool:
	"""Whether the user is an account manager: neither head nor administrator nor accountant."""
	user = user or frappe.session.user
	roles = set(frappe.get_roles(user))
	return scope.works_with_clients(user) and HEAD not in roles and not roles & scope.BOOKKEEPERS


def of_stored(doctype: str, name: str) -> bool:
	"""Whether the requisites of this client are hidden from whoever asks."""
	return (
		doctype in FIELDS
		and hidden_from()
		and frappe.db.get_value(doctype, name, "rule24_phase") not in (ACTIVE, None)
	)


def hide(doc, method: str | None = None) -> None:
	"""Take them out of a document that is handed to an account manager. Runs when a form is loaded or has been saved."""
	if doc.get("rule24_phase") == ACTIVE or not hidden_from():
		return
	doc.set_onload("rule24_requisites_hidden", 1)
	for field in FIELDS[doc.doctype]:
		doc.set(field, None)


def keep(doc, method: str | None = None) -> None:
	"""What a manager could not see he does not clear by saving. Runs before a client is saved."""
	before = doc.get_doc_before_save()
	if not before or before.get("rule24_phase") == ACTIVE or not hidden_from():
		return
	for field in FIELDS[doc.doctype]:
		if not doc.get(field):
			doc.set(field, before.get(field))


def check_request(doctype: str) -> None:
	"""Look at what the request asks of a list of clients. Runs with every such list.

	:raises frappe.PermissionError: an account manager names requisites, or all columns there are.
	"""
	request = frappe.local.form_dict
	if doctype not in FIELDS or not request or request.get("docname") or not hidden_from():
		return
	asked = " ".join(str(request[each]) for each in _ARGUMENTS if request.get(each))
	named = [field for field in FIELDS[doctype] if re.search(rf"\b{field}\b", asked)]
	columns = f"{request.get('fields') or ''} {request.get('fieldname') or ''}"
	if named or _ALL_COLUMNS.search(columns):
		frappe.throw(
			_("Requisites of clients are not listed for account managers. Leave out: {0}.").format(
				", ".join(named or ["*"])
			),
			frappe.PermissionError,
		)


class HidesRequisites:
	"""Mixed into Customer, Lead and Prospect: what Frappe's API hands out has no requisites either."""

	def apply_fieldlevel_read_permissions(self):
		super().apply_fieldlevel_read_permissions()
		hide(self)

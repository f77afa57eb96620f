"""Requisites of a client who is not active yet: kept as imported, shown to account managers nowhere.

Frappe hides a field by role, not by record, so there are these places: a document is handed out and printed without them
(`hide`, `HidesRequisites`), its history as well (`tidy_history`), what comes back without them keeps them (`keep`), and a list that
names their columns has only clients whose requisites are shown (`narrow`). Whoever issues documents is asked for them in that
window; see `deals/requisites.py`.
"""

import json
import re

import frappe
from frappe import _
from pypika.terms import Criterion

from rule24_crm.parties.access import scope
from rule24_crm.setup.roles import HEAD

ACTIVE = "Active"
_OWN = ("rule24_tax_id", "rule24_kpp", "rule24_ogrn", "rule24_bank_account", "rule24_bic")
#: DocType -> its requisites
FIELDS = {"Customer": ("tax_id", "rule24_kpp", "rule24_ogrn"), "Lead": _OWN, "Prospect": _OWN}

#: arguments of a request that name columns of a list
_ARGUMENTS = (
	"fields", "fieldname", "field", "filters", "or_filters", "current_filters", "order_by", "group_by", "stats",
	"searchfield", "filter_fields", "aggregate_on_field", "chart", "select_columns", "export_fields", "export_filters",
	"fields_to_fetch",
)  # fmt: skip
_COLUMNS = ("fields", "fieldname", "fields_to_fetch")
#: methods that name a column in their card; what is saved comes by that argument as well, with requisites in it
_CARDS = {"get_result", "get_percentage_difference"}
#: what lists all columns unless some are chosen
_EXPORT, _CHOSEN = "export_data", "select_columns"
#: a letter as JSON may write it, in a text within a text too
_ESCAPED = re.compile(r"\\+u([0-9a-f]{4})", re.IGNORECASE)
_ALL_COLUMNS = re.compile(r"(?<!\()\*")
#: requests that count: they say nothing about clients that are left out, the list beside them does
_COUNTS = ("count", "stats", "number_card", "dashboard_chart")
_EVERY = tuple(dict.fromkeys(field for fields in FIELDS.values() for field in fields))
#: a column of the record that a link leads to, as in `customer.tax_id`
_THROUGH_LINK = re.compile(rf"(?<![`\w.])\w+\.({'|'.join(_EVERY)})\b", re.IGNORECASE)


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


def hide(doc, method: str | None = None, print_settings: dict | None = None) -> None:
	"""Take them out of a document that is handed to an account manager. Runs when a form is loaded, saved or printed."""
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


def narrow(doctype: str) -> Criterion | None:
	"""The condition on a list of clients whose request names requisites: those whose requisites are shown. Runs with every list.

	Else a filter would tell a value, and the order of a list would.

	:return: None when the request names none, or they are not hidden from whoever asks.
	:raises frappe.PermissionError: requisites are named by way of a link.
	"""
	request = frappe.local.form_dict
	if not request or not ((columns := asked(request)) or _wants_all(request)) or not hidden_from():
		return None
	if through := _THROUGH_LINK.search(columns):
		frappe.throw(
			_("Requisites of clients are not listed for account managers. Leave out: {0}.").format(
				through[0]
			),
			frappe.PermissionError,
		)
	if not (found := named_in(doctype, request)):
		return None
	if not any(word in str(request.get("cmd")) for word in _COUNTS):
		_tell(found)
	return frappe.qb.DocType(doctype).rule24_phase == ACTIVE


def named_in(doctype: str, request: dict) -> list[str]:
	"""Requisites of this DocType that a request names; `["*"]` when it wants all columns."""
	found = named(doctype, asked(request))
	if not found and doctype in FIELDS and _wants_all(request):
		return ["*"]
	return found


def named(doctype: str, text) -> list[str]:
	"""Requisites of this DocType in a text, whatever way they are written: the database reads names of columns in any case."""
	plain = _plain(text)
	return [field for field in FIELDS.get(doctype, ()) if re.search(rf"\b{field}\b", plain, re.IGNORECASE)]


def _wants_all(request: dict) -> bool:
	export = _EXPORT in _called(request) and not request.get(_CHOSEN)
	return export or bool(_ALL_COLUMNS.search(_text(request, _COLUMNS)))


def asked(request: dict) -> str:
	"""What a request says in all arguments that may name columns, as one text without escapes."""
	return _text(request, (*_ARGUMENTS, "doc") if _called(request) & _CARDS else _ARGUMENTS)


def _text(request: dict, arguments: tuple[str, ...]) -> str:
	return _plain(" ".join(str(request[each]) for each in arguments if request.get(each)))


def _plain(text) -> str:
	return _ESCAPED.sub(lambda letter: chr(int(letter[1], 16)), str(text))


def _called(request: dict) -> set[str]:
	"""The words of the method's name, as the request has it among its arguments or in its address."""
	address = getattr(getattr(frappe.local, "request", None), "path", None) or ""
	return set(re.split(r"[./]", f"{request.get('cmd') or ''}/{address}"))


def _tell(named: list[str]) -> None:
	"""Say once in a request why clients are missing."""
	if not frappe.flags.rule24_requisites_told:
		frappe.flags.rule24_requisites_told = True
		frappe.msgprint(
			_(
				"Only active clients are listed: requisites of the others are not shown to account managers. "
				"To list all, leave out: {0}."
			).format(", ".join(named)),
			alert=True,
			indicator="orange",
		)


def tidy_history(docinfo: dict | None) -> None:
	"""Take requisites out of the Versions that come with a form.

	:param docinfo: as Frappe hands it out: `doctype`, `name`, `versions` with `data` as JSON.
	"""
	if not docinfo or not of_stored(docinfo.get("doctype"), docinfo.get("name")):
		return
	hidden, kept = FIELDS[docinfo["doctype"]], []
	for version in docinfo.get("versions") or []:
		data = json.loads(version["data"] or "{}")
		changed = [each for each in data.get("changed") or [] if each[0] not in hidden]
		if changed != (data.get("changed") or []):
			data["changed"] = changed
			version["data"] = json.dumps(data)
			if not any(data.get(kind) for kind in ("changed", "added", "removed", "row_changed")):
				continue
		kept.append(version)
	docinfo["versions"] = kept


class HidesRequisites:
	"""Mixed into Customer, Lead and Prospect: what Frappe's API hands out has no requisites either."""

	def apply_fieldlevel_read_permissions(self):
		super().apply_fieldlevel_read_permissions()
		hide(self)

	def as_dict(self, *args, **kwargs):
		"""What every answer to a request is made of, after saving as well."""
		values = super().as_dict(*args, **kwargs)
		if self.get("rule24_phase") != ACTIVE and hidden_from():
			values.update((field, None) for field in FIELDS[self.doctype] if field in values)
		return values

	def as_json(self):
		"""What a deleted document is kept as: nothing is lost with it."""
		return frappe.as_json(super().as_dict())

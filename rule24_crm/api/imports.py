"""Endpoints of imports of client bases. Typed, permission first, one call into `rule24_crm.parties.importing`."""

import frappe
from frappe import _
from frappe.utils import cint

from rule24_crm.api.arguments import parsed
from rule24_crm.compat import require_permission
from rule24_crm.exceptions import PartyImportError
from rule24_crm.parties.importing import export, jobs, register, templates

STATES = (register.READY, register.WARNING, register.ERROR, register.DUPLICATE, register.CREATED)
ROW_FIELDS = (
	"name", "row_no", "state", "reason", "client_name", "kind", "inn", "kpp", "inn_kpp", "phone", "email", "contact", "address",
	"city", "country", "segment", "manager", "duplicate_type", "duplicate_of", "duplicate_row", "not_duplicate", "party_type", "party",
)  # fmt: skip


def _import(party_import: str, right: str = "write"):
	doc = frappe.get_doc("Party Import", party_import)
	if not doc.has_permission(right):
		require_permission("Party Import", right, doc)
	return doc


@frappe.whitelist(methods=["POST"])
def recognise(party_import: str) -> dict:
	"""Find out how the file is written and read it; see `jobs.recognise_and_read`."""
	return jobs.telling_why_not(_import(party_import), jobs.recognise_and_read)


@frappe.whitelist(methods=["POST"])
def read(party_import: str) -> dict:
	"""Fill the register from the file as the columns say now; see `jobs.read`."""
	return jobs.telling_why_not(_import(party_import), jobs.read)


@frappe.whitelist(methods=["POST"])
def recheck(party_import: str) -> dict:
	"""Check the rows again, corrections kept: the base or the import's choices have changed; see `jobs.recheck`."""
	return {"queued": jobs.recheck(_import(party_import))}


@frappe.whitelist()
def state(party_import: str) -> dict:
	"""Counts, and whether somebody works on it; see `jobs.state`."""
	return jobs.state(_import(party_import, "read"))


@frappe.whitelist()
def rows(
	party_import: str, state: str | None = None, search: str | None = None, start: int = 0, length: int = 50
) -> dict:
	"""A page of the register.

	:return: `{"rows": [...], "total": how many there are in that state with that word}`.
	"""
	_import(party_import, "read")
	if state and state not in STATES:
		frappe.throw(_("{0} is no state of a row.").format(frappe.bold(state)), PartyImportError)
	found, total = register.page(
		party_import,
		ROW_FIELDS,
		state=state,
		search=(search or "").strip(),
		start=max(cint(start), 0),
		length=min(max(cint(length), 1), 500),
	)
	return {"rows": found, "total": total}


@frappe.whitelist(methods=["POST"])
def edit_row(row: str, values: dict | str) -> dict:
	"""Correct values of a row; it is checked at once.

	:param values: columns of the register, or `not_duplicate`.
	"""
	doc = frappe.get_doc(register.ROW, row)
	_import(doc.party_import)
	given = parsed(values, dict) or {}
	unknown = set(given) - {*register.COLUMNS.values(), "not_duplicate"}
	if unknown:
		frappe.throw(
			_("These values of a row cannot be changed: {0}.").format(", ".join(sorted(unknown))),
			PartyImportError,
		)
	doc.update(given)
	doc.save()
	return {field: doc.get(field) for field in ROW_FIELDS}


@frappe.whitelist(methods=["POST"])
def create(party_import: str, names: list | str | None = None) -> dict:
	"""Make clients of these rows, or of all that are ready; see `jobs.create`."""
	return {"queued": jobs.create(_import(party_import), parsed(names, list))}


@frappe.whitelist(methods=["POST"])
def pause(party_import: str) -> None:
	"""Stop after the chunk that is being written."""
	jobs.pause(_import(party_import))


@frappe.whitelist(methods=["POST"])
def resume(party_import: str) -> dict:
	"""Go on with what was paused or interrupted."""
	return {"queued": jobs.resume(_import(party_import))}


@frappe.whitelist(methods=["POST"])
def save_template(party_import: str, template_name: str) -> str:
	"""Keep how this file is written as a template; see `templates.save`."""
	doc = _import(party_import)
	require_permission("Party Import Template", "create")
	return templates.save(doc, template_name)


@frappe.whitelist()
def download(party_import: str, states: list | str | None = None) -> None:
	"""The rows in these states (those with errors when left out) as XLSX, each with its reason; see `export.workbook`."""
	doc = _import(party_import, "read")
	chosen = parsed(states, list) or [register.ERROR]
	if set(chosen) - set(STATES):
		frappe.throw(_("{0} is no state of a row.").format(", ".join(map(str, chosen))), PartyImportError)
	frappe.response["filename"] = f"{doc.name}.xlsx"
	frappe.response["filecontent"] = export.workbook(doc, chosen)
	frappe.response["type"] = "binary"

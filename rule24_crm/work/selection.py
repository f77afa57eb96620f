"""Works for a list selection or a filter: one for each client, contact or deal in it."""

import frappe
from frappe import _

from rule24_crm.exceptions import WorkError
from rule24_crm.parties.kinds import OWNER_FIELD, PARTY_TYPES
from rule24_crm.work.bulk import create_works as bulk_create

#: values the user gives once for all
VALUES = frozenset(
	(
		"action",
		"subject",
		"planned_on",
		"priority",
		"assigned_to",
		"script",
		"campaign",
		"parent_work",
		"description",
	)
)
LIMIT = 50_000


def create_works(doctype: str, values: dict, *, names: list[str] | None = None, filters=None) -> dict:
	"""Create a work for every selected record the user may read.

	:param doctype: Customer, Lead, Prospect, Contact or Opportunity.
	:param values: fields of the works, `action` at least; only those in `VALUES`. Without `assigned_to` each work goes to
		the manager responsible for the client, else to the user.
	:param names: the selection; or
	:param filters: a list filter, all of whose records are meant.
	:return: `{"created": int, "skipped": [{"name", "reason"}]}`.
	:raises WorkError: neither selection nor filter, unknown values, more than `LIMIT` records.
	"""
	if doctype not in RECORDS:
		frappe.throw(_("Works cannot be created for {0}.").format(frappe.bold(_(doctype))), WorkError)
	if not isinstance(values, dict) or not values.get("action"):
		frappe.throw(_("Choose the Action of the works."), WorkError)
	if unknown := values.keys() - VALUES:
		frappe.throw(
			_("These values cannot be given to many works at once: {0}.").format(", ".join(sorted(unknown))),
			WorkError,
		)
	if names is None and filters is None:
		frappe.throw(_("Select records in the list or set a filter."), WorkError)
	records, skipped = RECORDS[doctype](_chosen(doctype, names, filters))
	common = {key: value for key, value in values.items() if value not in (None, "")}
	rows = []
	for record in records:
		row = {**record, **common}
		row["assigned_to"] = common.get("assigned_to") or record.get("assigned_to") or frappe.session.user
		rows.append(row)
	return {"created": len(bulk_create(rows)), "skipped": skipped}


def _chosen(doctype: str, names: list[str] | None, filters) -> list[str]:
	"""Names of the records the user may read; a selection keeps its order."""
	if names is not None:
		if not isinstance(names, list):
			frappe.throw(_("The selection must be a list of names."), WorkError)
		wanted = list(dict.fromkeys(map(str, names)))
		readable = set()
		for start in range(0, len(wanted), 1000):
			readable.update(
				frappe.get_list(
					doctype,
					filters={"name": ("in", wanted[start : start + 1000])},
					pluck="name",
					limit=0,
					order_by="name",
				)
			)
		if missing := [name for name in wanted if name not in readable]:
			frappe.throw(
				_("{0} {1} does not exist or is not yours to see.").format(
					_(doctype), frappe.bold(missing[0])
				),
				WorkError,
			)
		return wanted
	found = frappe.get_list(doctype, filters=filters, pluck="name", limit=LIMIT + 1, order_by="name")
	if len(found) > LIMIT:
		frappe.throw(_("The filter holds more than {0} records. Narrow it.").format(LIMIT), WorkError)
	return found


def _of_parties(doctype: str):
	def records(names: list[str]) -> tuple[list[dict], list[dict]]:
		owners = _lookup(doctype, names, [OWNER_FIELD[doctype]])
		return [
			{"party_type": doctype, "party": name, "assigned_to": owners[name][OWNER_FIELD[doctype]]}
			for name in names
		], []

	return records


def _of_contacts(names: list[str]) -> tuple[list[dict], list[dict]]:
	links = {}
	for row in frappe.get_all(  # the contacts themselves have been read with permission
		"Dynamic Link",
		filters={"parenttype": "Contact", "parent": ("in", names), "link_doctype": ("in", PARTY_TYPES)},
		fields=["parent", "link_doctype", "link_name"],
		order_by="idx desc",
	):
		rank = PARTY_TYPES.index(row.link_doctype)
		if row.parent not in links or rank <= PARTY_TYPES.index(links[row.parent].link_doctype):
			links[row.parent] = row
	records = [
		{"party_type": links[name].link_doctype, "party": links[name].link_name, "contact": name}
		for name in names
		if name in links
	]
	skipped = [{"name": name, "reason": _("not linked to a client")} for name in names if name not in links]
	return records, skipped


def _of_deals(names: list[str]) -> tuple[list[dict], list[dict]]:
	fields = ["opportunity_from", "party_name", "contact_person", "opportunity_owner", "status"]
	deals = _lookup("Opportunity", names, fields)
	records, skipped = [], []
	for name in names:
		deal = deals[name]
		if deal.opportunity_from not in PARTY_TYPES or not deal.party_name:
			skipped.append({"name": name, "reason": _("has no client")})
			continue
		records.append(
			{
				"party_type": deal.opportunity_from,
				"party": deal.party_name,
				"contact": deal.contact_person or None,
				"opportunity": name,
				"assigned_to": deal.opportunity_owner,
			}
		)
	return records, skipped


def _lookup(doctype: str, names: list[str], fields: list[str]) -> dict:
	found = {}
	for start in range(0, len(names), 5000):
		for row in frappe.get_all(  # names have been read with permission
			doctype,
			filters={"name": ("in", names[start : start + 5000])},
			fields=["name", *fields],
			order_by=None,
		):
			found[row.name] = row
	return found


RECORDS = {
	**{party_type: _of_parties(party_type) for party_type in PARTY_TYPES},
	"Contact": _of_contacts,
	"Opportunity": _of_deals,
}

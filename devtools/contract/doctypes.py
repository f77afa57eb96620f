"""DocTypes, their fields and permissions, and custom fields: the stand-in's JSON against the bench's."""

import json
from pathlib import Path

from devtools.contract.report import Report

# What a DocType's JSON says of its own making, or only how its form is drawn.
NOT_BEHAVIOUR = {
	"actions",
	"allow_guest_to_view",
	"beta",
	"creation",
	"default_email_template",
	"default_print_format",
	"description",
	"docstatus",
	"doctype",
	"documentation",
	"engine",
	"field_order",
	"fields",
	"grid_page_length",
	"has_web_view",
	"hide_toolbar",
	"icon",
	"idx",
	"index_web_pages_for_search",
	"is_published_field",
	"is_submittable_old",
	"links",
	"migration_hash",
	"modified",
	"modified_by",
	"owner",
	"permissions",
	"protect_attached_files",
	"recipient_account_field",
	"restrict_to_domain",
	"route",
	"row_format",
	"rows_threshold_for_grid_search",
	"smallicon",
	"states",
	"tag_fields",
	"version",
	"website_search_field",
}

# What of a field changes how it behaves. Words of help and widths do not.
FIELD = (
	"fieldtype",
	"label",
	"options",
	"reqd",
	"unique",
	"default",
	"hidden",
	"read_only",
	"bold",
	"no_copy",
	"set_only_once",
	"allow_on_submit",
	"search_index",
	"in_list_view",
	"in_standard_filter",
	"in_global_search",
	"in_preview",
	"fetch_from",
	"fetch_if_empty",
	"depends_on",
	"mandatory_depends_on",
	"read_only_depends_on",
	"collapsible",
	"collapsible_depends_on",
	"precision",
	"length",
	"non_negative",
	"permlevel",
	"ignore_user_permissions",
	"ignore_xss_filter",
	"print_hide",
	"print_hide_if_no_value",
	"report_hide",
	"remember_last_selected_value",
	"translatable",
	"allow_in_quick_entry",
	"allow_bulk_edit",
	"is_virtual",
	"show_dashboard",
)

PERMISSION_NOISE = {
	"name",
	"parent",
	"parentfield",
	"parenttype",
	"idx",
	"doctype",
	"owner",
	"creation",
	"modified",
}
TABLES = ("Table", "Table MultiSelect")


def read(path: Path):
	return json.loads(path.read_text())


def doctype_files(package: Path) -> dict[str, Path]:
	"""DocType name -> its JSON, for every DocType below an app's package."""
	found = {}
	for path in package.glob("*/doctype/*/*.json"):
		if path.stem == path.parent.name:
			content = read(path)
			if isinstance(content, dict) and content.get("doctype") == "DocType":
				found[content["name"]] = path
	return found


def compare(standin: Path, erpnext: Path, frappe: Path, report: Report) -> None:
	"""Compare every DocType of the package `standin` with that of `erpnext`."""
	ours, theirs = doctype_files(standin), doctype_files(erpnext)
	known = set(ours) | set(doctype_files(frappe))
	for name in sorted(ours):
		report.count("DocTypes")
		mine = read(ours[name])
		if name not in theirs:
			report.differ(name, "ERPNext has no such DocType")
			continue
		real = read(theirs[name])
		if ours[name].relative_to(standin) != theirs[name].relative_to(erpnext):
			report.unequal(
				f"{name} folder", str(ours[name].relative_to(standin)), str(theirs[name].relative_to(erpnext))
			)
		_properties(name, mine, real, report)
		_permissions(name, mine, real, report)
		_states(name, mine, real, report)
		_fields(name, mine, real, known, report)
	_custom_fields(standin, erpnext, report)


def _properties(name: str, mine: dict, real: dict, report: Report) -> None:
	for key in sorted((set(mine) | set(real)) - NOT_BEHAVIOUR):
		if plain(mine.get(key)) != plain(real.get(key)):
			report.unequal(f"{name} {key}", mine.get(key), real.get(key))


def _permissions(name: str, mine: dict, real: dict, report: Report) -> None:
	"""A role that the stand-in names has the rows it has in ERPNext, no more and no less."""
	ours, theirs = _by_role(mine), _by_role(real)
	for role, rows in ours.items():
		report.count("permission rows", len(rows))
		if sorted(rows) != sorted(theirs.get(role, [])):
			report.unequal(f"{name} permissions of {role}", sorted(rows), sorted(theirs.get(role, [])))


def _by_role(doctype: dict) -> dict[str, list[tuple]]:
	roles: dict[str, list[tuple]] = {}
	for row in doctype.get("permissions", []):
		facts = {key: value for key, value in row.items() if value and key not in PERMISSION_NOISE}
		roles.setdefault(row["role"], []).append(tuple(sorted(facts.items())))
	return roles


def _states(name: str, mine: dict, real: dict, report: Report) -> None:
	ours = {(row["title"], row.get("color")) for row in mine.get("states", [])}
	theirs = {(row["title"], row.get("color")) for row in real.get("states", [])}
	if ours != theirs:
		report.unequal(f"{name} states", sorted(ours), sorted(theirs))


def _fields(name: str, mine: dict, real: dict, known: set[str], report: Report) -> None:
	theirs = {field["fieldname"]: field for field in real["fields"]}
	ours = {field["fieldname"]: field for field in mine["fields"]}
	for fieldname, field in ours.items():
		report.count("fields")
		place = f"{name}.{fieldname}"
		if fieldname not in theirs:
			report.differ(place, "ERPNext has no such field")
			continue
		for key in FIELD:
			if plain(field.get(key)) == plain(theirs[fieldname].get(key)):
				continue
			if key == "fetch_from" and not field.get(key) and _source(theirs[fieldname]) not in ours:
				continue  # the link that the value would come from is not offered
			report.unequal(f"{place} {key}", field.get(key), theirs[fieldname].get(key))
		if field["fieldtype"] in ("Link", *TABLES) and field.get("options") not in known:
			report.differ(place, f"its DocType {field.get('options')} does not exist on the preview")

	order = [fieldname for fieldname in real.get("field_order") or list(theirs) if fieldname in ours]
	own = [fieldname for fieldname in mine.get("field_order") or list(ours) if fieldname in theirs]
	if order != own:
		moved = next((one for one, other in zip(own, order, strict=False) if one != other), "")
		report.differ(f"{name} field_order", f"the order differs from {moved!r} on")
	if set(mine.get("field_order") or ours) != set(ours):
		report.differ(f"{name} field_order", "does not name the same fields as `fields`")


def _source(field: dict) -> str:
	return (field.get("fetch_from") or "").split(".")[0]


def _custom_fields(standin: Path, erpnext: Path, report: Report) -> None:
	"""Fields that ERPNext adds to Frappe's DocTypes through `<module>/custom/<doctype>.json`."""
	for path in sorted(standin.glob("*/custom/*.json")):
		place = str(path.relative_to(standin))
		real = erpnext / path.relative_to(standin)
		if not real.exists():
			report.differ(place, "ERPNext has no such file")
			continue
		theirs = {field["fieldname"]: field for field in read(real)["custom_fields"]}
		for field in read(path)["custom_fields"]:
			report.count("custom fields")
			fieldname = field["fieldname"]
			if fieldname not in theirs:
				report.differ(f"{place} {fieldname}", "ERPNext has no such field")
				continue
			for key in (*FIELD, "dt", "insert_after"):
				if plain(field.get(key)) != plain(theirs[fieldname].get(key)):
					report.unequal(f"{place} {fieldname} {key}", field.get(key), theirs[fieldname].get(key))


def plain(value):
	"""JSON files leave out zeros, or write them: both say the same."""
	return None if value in (0, "0", "", None, [], False) else value

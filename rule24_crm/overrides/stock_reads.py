"""Functions of Frappe and ERPNext that hand out records without asking for rights on them: asked here first.

Each entry of `CHECKED` is a function of this module that looks at the record named in the request and then calls the stock one,
each of `COUNTED` one for whoever sees everything; the others need a way of their own. Nothing changes for users from whom nothing is hidden.
"""

import inspect
import json

import frappe
from frappe import _
from frappe.utils import cint, getdate

from rule24_crm.compat import first_importable, require_permission
from rule24_crm.parties import access
from rule24_crm.parties.access import requisites
from rule24_crm.parties.access.hooks import is_added_table
from rule24_crm.parties.access.registry import ABOUT, CHILD_TABLES, RULES

#: stock function -> (DocType, argument with the name, or with a JSON list of names); an argument in braces says which DocType.
#: "write" where it writes
CHECKED: dict[str, tuple[tuple[str, ...], ...]] = {
	"erpnext.accounts.doctype.exchange_rate_revaluation.exchange_rate_revaluation.get_account_details": (
		("{party_type}", "party"),
	),
	"erpnext.accounts.doctype.journal_entry.journal_entry.get_party_account_and_currency": (
		("{party_type}", "party"),
	),
	"erpnext.accounts.doctype.journal_entry.journal_entry.get_payment_entry_against_invoice": (
		("{dt}", "dn"),
	),
	"erpnext.accounts.doctype.journal_entry.journal_entry.get_payment_entry_against_order": (("{dt}", "dn"),),
	"erpnext.accounts.doctype.loyalty_program.loyalty_program.get_loyalty_program_details": (
		("Customer", "customer"),
	),
	"erpnext.accounts.doctype.loyalty_program.loyalty_program.get_loyalty_program_details_with_points": (
		("Customer", "customer"),
	),
	"erpnext.accounts.doctype.payment_entry.payment_entry.get_reference_details": (
		("{reference_doctype}", "reference_name"),
		("{party_type}", "party"),
	),
	"erpnext.accounts.doctype.process_statement_of_accounts.process_statement_of_accounts.get_customer_emails": (
		("Customer", "customer_name"),
	),
	"erpnext.accounts.doctype.sales_invoice.sales_invoice.create_invoice_discounting": (
		("Sales Invoice", "source_name"),
	),
	"erpnext.accounts.doctype.tax_rule.tax_rule.get_party_details": (("{party_type}", "party"),),
	"erpnext.accounts.party.get_due_date": (("{party_type}", "party"),),
	"erpnext.accounts.party.get_party_account": (("{party_type}", "party"),),
	"erpnext.accounts.party.get_party_details": (("{party_type}", "party"),),
	"erpnext.accounts.party.get_payment_terms_template": (("{party_type}", "party_name"),),
	"erpnext.accounts.doctype.payment_entry.payment_entry.get_party_details": (("{party_type}", "party"),),
	"erpnext.accounts.utils.get_balance_on": (("{party_type}", "party"),),
	"erpnext.accounts.party.get_party_bank_account": (("{party_type}", "party"),),
	"erpnext.assets.doctype.asset.asset.get_values_from_purchase_doc": (("{doctype}", "purchase_doc_name"),),
	"erpnext.controllers.stock_controller.show_accounting_ledger_preview": (("{doctype}", "docname"),),
	"erpnext.controllers.stock_controller.show_stock_ledger_preview": (("{doctype}", "docname"),),
	"erpnext.crm.doctype.lead.lead.add_lead_to_prospect": (
		("Lead", "lead"),
		("Prospect", "prospect", "write"),
	),
	"erpnext.crm.doctype.lead.lead.get_lead_details": (("Lead", "lead"),),
	"erpnext.crm.doctype.prospect.prospect.get_opportunities": (("Prospect", "prospect"),),
	"erpnext.crm.doctype.utils.get_last_interaction": (("Contact", "contact"), ("Lead", "lead")),
	"erpnext.crm.utils.get_open_activities": (("{ref_doctype}", "ref_docname"),),
	"erpnext.manufacturing.doctype.production_plan.production_plan.get_so_details": (
		("Sales Order", "sales_order"),
	),
	"erpnext.selling.doctype.quotation.quotation.get_ordered_items": (("Quotation", "quotation"),),
	"erpnext.selling.doctype.sales_order.sales_order.close_or_unclose_sales_orders": (
		("Sales Order", "names", "write"),
	),
	"erpnext.selling.doctype.sales_order.sales_order.get_work_order_items": (("Sales Order", "sales_order"),),
	"erpnext.selling.doctype.sales_order.sales_order.update_status": (("Sales Order", "name", "write"),),
	"erpnext.selling.page.point_of_sale.point_of_sale.set_customer_info": (
		("Customer", "customer", "write"),
	),
	"erpnext.stock.doctype.delivery_note.delivery_note.update_delivery_note_status": (
		("Delivery Note", "docname", "write"),
	),
	"erpnext.stock.doctype.delivery_trip.delivery_trip.get_contact_display": (("Contact", "contact"),),
	"erpnext.stock.doctype.shipment.shipment.get_address_name": (("{ref_doctype}", "docname"),),
	"erpnext.stock.doctype.shipment.shipment.get_contact_name": (("{ref_doctype}", "docname"),),
	"frappe.contacts.doctype.address.address.get_default_address": (("{doctype}", "name"),),
	"frappe.core.doctype.sms_settings.sms_settings.get_contact_number": (("Contact", "contact_name"),),
	"frappe.desk.doctype.tag.tag.add_tag": (("{dt}", "dn"),),
	"frappe.desk.doctype.tag.tag.remove_tag": (("{dt}", "dn"),),
	"frappe.desk.form.document_follow.follow_document": (("{doctype}", "doc_name"),),
	"frappe.desk.form.document_follow.get_follow_users": (("{doctype}", "doc_name"),),
	"frappe.desk.form.document_follow.update_follow": (("{doctype}", "doc_name"),),
	"frappe.desk.form.linked_with.get": (("{doctype}", "docname"),),
	"frappe.desk.form.linked_with.get_submitted_linked_docs": (("{doctype}", "name"),),
	"frappe.desk.like.toggle_like": (("{doctype}", "name"),),
	"frappe.share.get_users": (("{doctype}", "name"),),
}
#: stock function -> our function of the same arguments
REPLACED = {
	"erpnext.accounts.doctype.payment_entry.payment_entry.get_outstanding_reference_documents": (
		"get_outstanding_reference_documents"
	),
	"erpnext.selling.doctype.customer.customer.get_customer_primary": "get_customer_primary",
	"erpnext.selling.doctype.sales_order.sales_order.get_events": "get_orders_of_calendar",
	"frappe.client.get": "get",
	"frappe.client.get_count": "get_count",
	"frappe.client.validate_link": "validate_link",
	"frappe.client.validate_link_and_fetch": "validate_link_and_fetch",
	"frappe.desk.doctype.dashboard_chart.dashboard_chart.get": "get_chart",
	"frappe.desk.doctype.event.event.get_events": "get_events_of_calendar",
	"frappe.desk.doctype.tag.tag.add_tags": "add_tags",
	"frappe.desk.doctype.tag.tag.get_tagged_docs": "get_tagged_docs",
	"frappe.desk.form.assign_to.add": "assign",
	"frappe.desk.form.load.get_docinfo": "get_docinfo",
	"frappe.desk.form.load.getdoc": "getdoc",
	"frappe.desk.form.save.cancel": "cancel",
	"frappe.desk.form.save.savedocs": "savedocs",
	"frappe.desk.reportview.export_query": "export_query",
	"frappe.desk.form.assign_to.add_multiple": "assign_many",
	"frappe.desk.listview.get_group_by_count": "get_group_by_count",
	"frappe.desk.search.get_link_title": "get_link_title",
	"frappe.desk.search.search_link": "search_link",
	"frappe.desk.search.search_widget": "search_widget",
	"frappe.utils.global_search.search": "search",
}
#: stock functions that count the deals of everybody
COUNTED = tuple(
	f"erpnext.selling.page.sales_funnel.sales_funnel.{name}"
	for name in ("get_funnel_data", "get_opp_by_lead_source", "get_pipeline_data")
)
#: how many pages of matches are looked through for something the user may see
SEARCH_PAGES, SEARCH_PAGE = 20, 100


def overridden() -> dict[str, str]:
	"""Stock function -> ours, for the hook `override_whitelisted_methods`."""
	ours = {**{path: _own_name(path) for path in (*CHECKED, *COUNTED)}, **REPLACED}
	return {stock: f"{__name__}.{name}" for stock, name in ours.items()}


def _own_name(path: str) -> str:
	"""Two stock functions of one name are two here."""
	return path.replace(".", "_")


def _checked(path: str, records: tuple[tuple[str, ...], ...]):
	def ask_first(**arguments):
		for doctype, argument, *right in records if access.of_user() else ():
			if doctype.startswith("{"):
				doctype = _argument(path, arguments, doctype.strip("{}"))
			if doctype not in RULES:
				continue
			for name in _names(arguments.get(argument)):
				require_permission(doctype, *(right or ["read"]), doc=name)
		return _stock(path, arguments)

	ask_first.__doc__ = (
		f"As {path}, for a record the user may read.\n\n:raises frappe.PermissionError: he may not."
	)
	return _published(path, ask_first)


def _names(given) -> list:
	"""The names in an argument: one, or a JSON list of them. A name may begin like a list: "[VIP] Smith"."""
	try:
		several = frappe.parse_json(given) if str(given or "").lstrip().startswith("[") else [given]
	except ValueError:
		several = [given]
	return [name for name in several if name]


def _argument(path: str, arguments: dict, name: str):
	"""What the stock function will take the argument for; None where this version of it knows no such argument."""
	if given := arguments.get(name):
		return given
	known = inspect.signature(first_importable(path)).parameters
	return known[name].default if name in known else None


def _counted(path: str):
	def for_heads(**arguments):
		if access.of_user():
			frappe.throw(
				_("Only whoever sees all clients sees numbers about all of them."), frappe.PermissionError
			)
		return _stock(path, arguments)

	for_heads.__doc__ = (
		f"As {path}, for users from whom nothing is hidden.\n\n:raises frappe.PermissionError: else."
	)
	return _published(path, for_heads)


def _published(path: str, function):
	function.__name__ = _own_name(path)
	return frappe.whitelist()(function)


def _stock(path: str, arguments: dict):
	return frappe.call(first_importable(path), **{k: v for k, v in arguments.items() if k != "cmd"})


globals().update({_own_name(path): _checked(path, records) for path, records in CHECKED.items()})
globals().update({_own_name(path): _counted(path) for path in COUNTED})


def _hidden(doctype: str | None, name: str | None) -> bool:
	"""Whether the record is there and hidden from whoever asks."""
	return bool(name) and doctype in RULES and not access.may(doctype, name)


@frappe.whitelist()
def get(doctype: str, name: str | int | None = None, filters=None, parent: str | None = None) -> dict:
	"""As Frappe's, which for a row of a child table asks for rights on the parent's DocType, not on the parent.

	Of filters it takes what the user may see: Frappe looks among all records first, and asks for rights then.
	"""
	if not name and filters and (access.of_user() or requisites.hidden_from()):
		name, filters = _first_seen(doctype, filters, parent), None
	found = _stock(
		"frappe.client.get", {"doctype": doctype, "name": name, "filters": filters, "parent": parent}
	)
	if found.get("parenttype") in RULES and (doctype in CHILD_TABLES or is_added_table(doctype)):
		require_permission(found["parenttype"], "read", doc=found["parent"])
	return found


def _first_seen(doctype: str, filters, parent: str | None) -> str:
	names = frappe.get_list(
		doctype,
		filters=frappe.parse_json(filters),
		parent_doctype=parent,
		pluck="name",
		order_by=f"`tab{doctype}`.`modified` desc",
		limit=1,
	)
	if not names:
		frappe.throw(_("No {0} was found that is yours to see.").format(_(doctype)), frappe.DoesNotExistError)
	return names[0]


@frappe.whitelist()
def get_count(doctype: str, filters=None, debug=False, cache=False):
	"""As Frappe's, which up to 15.70 counts every record; here those the user may see."""
	from frappe.desk import reportview

	frappe.form_dict.doctype = doctype
	frappe.form_dict.filters = filters
	return reportview.get_count()


@frappe.whitelist()
def validate_link(**arguments):
	"""As Frappe's; what is hidden from the user does not exist."""
	if _hidden(arguments.get("doctype"), arguments.get("docname")):
		return {"name": None}
	return _stock("frappe.client.validate_link", _without_requisites(arguments, "fields"))


def _without_requisites(arguments: dict, key: str) -> dict:
	"""A form fetches no requisites of a client that is not active yet."""
	doctype, fields = arguments.get("doctype"), frappe.parse_json(arguments.get(key))
	if not fields or not requisites.of_stored(doctype, arguments.get("docname")):
		return arguments
	fields = fields if isinstance(fields, list) else [fields]
	kept = [each for each in fields if "*" not in str(each) and not requisites.named(doctype, each)]
	frappe.form_dict[key] = left = json.dumps(
		kept
	)  # the request that is looked at when Frappe reads the others
	return {**arguments, key: left}


@frappe.whitelist()
def validate_link_and_fetch(**arguments):
	"""As `validate_link`, by the name of Frappe 16."""
	if _hidden(arguments.get("doctype"), arguments.get("docname")):
		return {"name": None}
	return _stock("frappe.client.validate_link_and_fetch", _without_requisites(arguments, "fields_to_fetch"))


@frappe.whitelist()
def getdoc(**arguments):
	"""As Frappe's; the history tells no requisites that the form does not show, likewise in the next three."""
	return _with_tidy_history("frappe.desk.form.load.getdoc", arguments)


@frappe.whitelist()
def get_docinfo(**arguments):
	"""As `getdoc`."""
	return _with_tidy_history("frappe.desk.form.load.get_docinfo", arguments)


@frappe.whitelist(methods=["POST", "PUT"])
def savedocs(**arguments):
	"""As `getdoc`."""
	return _with_tidy_history("frappe.desk.form.save.savedocs", arguments)


@frappe.whitelist(methods=["POST", "PUT"])
def cancel(**arguments):
	"""As `getdoc`."""
	return _with_tidy_history("frappe.desk.form.save.cancel", arguments)


def _with_tidy_history(stock: str, arguments: dict):
	found = _stock(stock, arguments)
	requisites.tidy_history(frappe.response.get("docinfo"))
	return found


@frappe.whitelist()
def export_query(**_arguments):
	"""As Frappe's; what names requisites is exported at once: a job in the background does not know what was asked."""
	if requisites.named_in(frappe.form_dict.doctype, frappe.form_dict) and requisites.hidden_from():
		frappe.form_dict.pop("export_in_background", None)
	return _stock("frappe.desk.reportview.export_query", {})


@frappe.whitelist()
def get_link_title(doctype: str, docname: str):
	"""As Frappe's; the name alone for what is hidden from the user."""
	if _hidden(doctype, docname):
		return docname
	return _stock("frappe.desk.search.get_link_title", {"doctype": doctype, "docname": docname})


@frappe.whitelist()
def search_link(**arguments):
	"""As Frappe's; a field that takes no account of User Permissions still offers only what the user may see."""
	return _stock("frappe.desk.search.search_link", _with_rights(arguments))


@frappe.whitelist()
def search_widget(**arguments):
	"""As `search_link`."""
	return _stock("frappe.desk.search.search_widget", _with_rights(arguments))


def _with_rights(arguments: dict) -> dict:
	"""To Frappe "no User Permissions" means no rights on records at all."""
	if arguments.get("doctype") in RULES and access.of_user():
		return {**arguments, "ignore_user_permissions": 0}
	return arguments


@frappe.whitelist()
def assign(doctype: str, name: str, **_arguments):
	"""As Frappe's, which on early builds of 15 lets anybody assign anything; here what the user may read.

	Nobody passes himself off as a rule of assignment either, which may let people in: see `participants`.
	"""
	return _assign("frappe.desk.form.assign_to.add", doctype, [name])


@frappe.whitelist()
def assign_many(doctype: str, name: str, **_arguments):
	"""As `assign`, for a list: `name` is JSON."""
	return _assign("frappe.desk.form.assign_to.add_multiple", doctype, frappe.parse_json(name))


def _assign(stock: str, doctype: str, names: list[str]):
	if doctype in RULES and access.of_user():
		for name in names:
			require_permission(doctype, "read", doc=name)
	frappe.form_dict.pop("assignment_rule", None)
	return _stock(stock, {})


@frappe.whitelist()
def get_group_by_count(doctype: str, current_filters: str, field: str) -> list[dict]:
	"""As Frappe's, which counts the assignments of every record; here of those the user may see."""
	filters = current_filters
	if field == "assigned_to" and doctype in RULES and access.of_user():
		names = frappe.get_list(
			doctype, filters=frappe.parse_json(filters), pluck="name", limit=0, order_by="name"
		)
		filters = json.dumps([["name", "in", names or [""]]])
	return _stock(
		"frappe.desk.listview.get_group_by_count",
		{"doctype": doctype, "current_filters": filters, "field": field},
	)


@frappe.whitelist()
def get_chart(chart_name: str | None = None, chart: str | dict | None = None, filters=None, **arguments):
	"""As Frappe's, whose heat map counts and adds up every record; here those the user may see."""
	stock = "frappe.desk.doctype.dashboard_chart.dashboard_chart.get"
	if chart_name:
		shown = frappe.get_doc("Dashboard Chart", chart_name).as_dict()
	else:
		shown = frappe._dict(frappe.parse_json(chart))
	doctype = shown.document_type
	if shown.type != "Heatmap" or doctype not in (*RULES, *ABOUT, *CHILD_TABLES) or not access.of_user():
		return _stock(stock, {"chart_name": chart_name, "chart": chart, "filters": filters, **arguments})
	shown.heatmap_year = arguments.get("heatmap_year") or shown.heatmap_year
	names = frappe.get_list(
		doctype,
		filters=[
			*(frappe.parse_json(filters) or frappe.parse_json(shown.filters_json) or ()),
			*_of_year(doctype, shown.based_on, shown.heatmap_year),
		],
		parent_doctype=shown.parent_document_type,
		pluck="name",
		limit=0,
		order_by="name",
	)
	shown.filters_json = json.dumps([[doctype, "name", "in", names or [""]]])
	# of what is not kept for others Frappe takes the chart alone
	return _stock(stock, {"chart": frappe.as_json(shown), "no_cache": 1})


def _of_year(doctype: str, column: str, year) -> list[list]:
	"""Filters: what a heat map of this year takes, of the current one when none is given."""
	year = cint(year) or getdate().year
	return [[doctype, column, ">=", f"{year}-01-01"], [doctype, column, "<", f"{year + 1}-01-01"]]


@frappe.whitelist()
def get_tagged_docs(doctype: str, tag: str):
	"""As Frappe's; names of what the user may see."""
	rows = _stock("frappe.desk.doctype.tag.tag.get_tagged_docs", {"doctype": doctype, "tag": tag})
	if doctype not in RULES:
		return rows
	seen = access.readable(doctype, [row[0] for row in rows])
	return [row for row in rows if row[0] in seen]


@frappe.whitelist()
def add_tags(tags, dt: str, docs, color=None):
	"""As Frappe's, for records the user may read."""
	if dt in RULES and access.of_user():
		for name in frappe.parse_json(docs):
			require_permission(dt, "read", doc=name)
	return _stock("frappe.desk.doctype.tag.tag.add_tags", dict(tags=tags, dt=dt, docs=docs, color=color))


@frappe.whitelist()
def get_orders_of_calendar(start: str, end: str, filters=None) -> list[dict]:
	"""As ERPNext's; orders that the user may see."""
	rows = _stock(
		"erpnext.selling.doctype.sales_order.sales_order.get_events",
		{"start": start, "end": end, "filters": filters},
	)
	seen = access.readable("Sales Order", {row.name for row in rows})
	return [row for row in rows if row.name in seen]


@frappe.whitelist()
def get_events_of_calendar(user: str | None = None, **arguments) -> list[dict]:
	"""As Frappe's, which up to 15 shows everybody's private events to whoever names another user: the user's own, and the team's.

	:raises frappe.PermissionError: the other user is none of the team.
	"""
	if user and not access.sees_user(user):
		frappe.throw(
			_("{0} is not in your team.").format(frappe.bold(frappe.utils.get_fullname(user))),
			frappe.PermissionError,
		)
	return _stock("frappe.desk.doctype.event.event.get_events", {**arguments, "user": user})


@frappe.whitelist()
def get_outstanding_reference_documents(args: dict | str, validate=False):
	"""As ERPNext's: invoices and orders of a client the user may read, and payments of one."""
	asked = frappe._dict(frappe.parse_json(args))
	if asked.party and asked.party_type in RULES and access.of_user():
		require_permission(asked.party_type, "read", doc=asked.party)
	return _stock(
		"erpnext.accounts.doctype.payment_entry.payment_entry.get_outstanding_reference_documents",
		{"args": args, "validate": validate},
	)


@frappe.whitelist()
@frappe.validate_and_sanitize_search_inputs
def get_customer_primary(
	doctype: str, txt: str, searchfield: str, start: int, page_len: int, filters: dict
) -> list:
	"""As ERPNext's: contacts or addresses of a customer the user may read."""
	require_permission("Customer", "read", doc=filters.get("customer"))
	return _stock(
		"erpnext.selling.doctype.customer.customer.get_customer_primary",
		dict(
			doctype=doctype, txt=txt, searchfield=searchfield, start=start, page_len=page_len, filters=filters
		),
	)


@frappe.whitelist()
def search(text: str, start: int = 0, limit: int = 20, doctype: str = "") -> list:
	"""As Frappe's global search, which knows rights on DocTypes only; here with rights on records.

	Matches are looked through page by page until enough are found that the user may see.
	"""
	stock = first_importable("frappe.utils.global_search.search")
	if not access.of_user():
		return stock(text, start=start, limit=limit, doctype=doctype)
	wanted, found = cint(start) + cint(limit), []
	for page in range(SEARCH_PAGES):
		rows = stock(text, start=page * SEARCH_PAGE, limit=SEARCH_PAGE, doctype=doctype)
		found += _seen(rows)
		if len(rows) < SEARCH_PAGE or len(found) >= wanted:
			break
	return found[cint(start) : wanted]


def _seen(rows: list) -> list:
	names: dict[str, list[str]] = {}
	for row in rows:
		names.setdefault(row.doctype, []).append(row.name)
	seen = {
		doctype: access.readable(doctype, found) if doctype in RULES else set(found)
		for doctype, found in names.items()
	}
	return [row for row in rows if row.name in seen[row.doctype]]

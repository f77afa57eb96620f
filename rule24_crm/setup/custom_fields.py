"""Fields that Rule24 CRM adds to DocTypes of Frappe and ERPNext.

One table, used by install, patches and uninstall alike. `make()` is idempotent and is called by `after_install` and by
dated patches, never on each migrate: it would overwrite an administrator's edits.
"""

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields
from frappe.utils import cint

from rule24_crm.compat import END_OF_FIRST_CUSTOMER_TAB
from rule24_crm.setup import card_fields
from rule24_crm.setup.field_lists import chain, filled, opening

MODULE = "Rule24 CRM"
PHASES = "Potential\nActive\nLost"
#: kinds of client, each with requisites of its own
KINDS = "Legal Entity\nSole Proprietor\nIndividual"
PARTY_TYPES = ("Customer", "Lead", "Prospect")
#: as ERPNext has it on leads and prospects
HEADCOUNTS = "1-10\n11-50\n51-200\n201-500\n501-1000\n1000+"


def _participants() -> dict:
	"""Colleagues with access to one client or deal; see `parties/participants.py`."""
	return dict(
		fieldname="rule24_participants",
		label="Participants",
		fieldtype="Table MultiSelect",
		options="Party Participant",
		description="Colleagues who see and edit this record beside its manager",
	)


def _segments(**more) -> dict:
	"""Market segments; the first one is kept in ERPNext's `market_segment` as well. See `parties/segments.py`."""
	return dict(
		fieldname="segments",
		label="Market Segments",
		fieldtype="Table MultiSelect",
		options="Party Segment",
		**more,
	)


def _headcount() -> dict:
	"""Leads and prospects have it from ERPNext (`no_of_employees`), customers do not."""
	return dict(
		fieldname="rule24_no_of_employees",
		label="No of Employees",
		fieldtype="Select",
		options="\n" + HEADCOUNTS,
		in_standard_filter=1,
	)


def _register_fields() -> list[dict]:
	"""What the register of companies says of a client; see `parties/registry`."""
	return [
		dict(fieldname="rule24_okved", label="OKVED", fieldtype="Data", no_copy=1, read_only=1),
		dict(
			fieldname="rule24_registry_status",
			label="State in the Register",
			fieldtype="Select",
			options="\nActive\nLiquidating\nLiquidated\nBankrupt\nReorganizing",
			no_copy=1,
			read_only=1,
		),
		dict(
			fieldname="rule24_registry_status_on",
			label="In This State Since",
			fieldtype="Date",
			no_copy=1,
			read_only=1,
		),
		dict(
			fieldname="rule24_registry_checked_on",
			label="Checked in the Register",
			fieldtype="Datetime",
			no_copy=1,
			read_only=1,
		),
	]


def _party_fields(after: str, requisites: bool) -> list[dict]:
	"""Fields every kind of client has.

	:param after: the stock field behind which they stand.
	:param requisites: whether the DocType lacks a tax number and bank details of its own.
	"""
	fields = [
		dict(
			fieldname="rule24_section",
			label="Work With the Client",
			fieldtype="Section Break",
			insert_after=after,
			collapsible=1,
		),
		dict(
			fieldname="rule24_kind",
			label="Kind of Client",
			fieldtype="Select",
			options="\n" + KINDS,
			in_standard_filter=1,
			description="Decides which requisites there are; empty: as INN and name tell",
		),
		dict(
			fieldname="rule24_phase",
			label="Phase",
			fieldtype="Select",
			options=PHASES,
			default="Potential",
			in_standard_filter=1,
			no_copy=1,
			description="Potential until the first document, lost when written off",
		),
		dict(
			fieldname="rule24_next_work_on",
			label="Next Work On",
			fieldtype="Date",
			read_only=1,
			no_copy=1,
			in_list_view=1,
			in_standard_filter=1,
			search_index=1,
			allow_on_submit=1,
			description="Day of the nearest planned work; empty when nothing is planned",
		),
		_segments(),
		_participants(),
		dict(fieldname="rule24_column_calls", fieldtype="Column Break"),
		dict(
			fieldname="rule24_charter_capital",
			label="Charter Capital",
			fieldtype="Currency",
			non_negative=1,
		),
		*([] if requisites else [_headcount()]),
		dict(
			fieldname="rule24_timezone",
			label="Time Zone",
			fieldtype="Autocomplete",
			description="Empty: the time zone of this site",
		),
		dict(
			fieldname="rule24_call_from",
			label="Call From",
			fieldtype="Time",
			description="Client's local time",
		),
		dict(
			fieldname="rule24_call_to",
			label="Call Until",
			fieldtype="Time",
			description="Client's local time",
		),
	]
	registration = [
		dict(fieldname="rule24_kpp", label="KPP", fieldtype="Data", no_copy=1, length=9),
		dict(fieldname="rule24_ogrn", label="OGRN", fieldtype="Data", no_copy=1, length=15),
		*_register_fields(),
	]
	if requisites:
		fields += [
			# potential clients: kept as imported, shown to nobody in the form until a document needs them
			dict(
				fieldname="rule24_requisites",
				label="Requisites",
				fieldtype="Section Break",
				collapsible=1,
				depends_on="eval:doc.rule24_phase=='Active'",
			),
			dict(fieldname="rule24_tax_id", label="INN", fieldtype="Data", search_index=1, no_copy=1),
			*registration,
			dict(fieldname="rule24_column_bank", fieldtype="Column Break"),
			dict(fieldname="rule24_bank_account", label="Bank Account No", fieldtype="Data", no_copy=1),
			dict(fieldname="rule24_bic", label="BIC", fieldtype="Data", no_copy=1),
			dict(
				fieldname="rule24_succession",
				label="Continues As",
				fieldtype="Section Break",
				depends_on="rule24_successor",
			),
			dict(
				fieldname="rule24_successor_type",
				label="Continues As (Kind)",
				fieldtype="Link",
				options="DocType",
				read_only=1,
				no_copy=1,
			),
			dict(
				fieldname="rule24_successor",
				label="Continues As",
				fieldtype="Dynamic Link",
				options="rule24_successor_type",
				read_only=1,
				no_copy=1,
				search_index=1,
			),
		]
		return chain(fields)
	# a Customer has its INN in the stock tax section: the rest of the requisites stand beside it
	registration[0]["insert_after"] = "tax_id"
	return chain(fields) + chain(registration)


def works_tab(after: str) -> list[dict]:
	"""The tab with the planned and past works of a record, filled by the Desk.

	:param after: the last stock field of the tab before.
	"""
	return chain([opening("Tab", "rule24_works_tab", "Works"), filled("rule24_works", "Works")], after)


def _deal_link() -> list[dict]:
	"""The deal a document was issued for."""
	return [
		dict(
			fieldname="rule24_opportunity",
			label="Deal",
			fieldtype="Link",
			options="Opportunity",
			read_only=1,
			no_copy=1,
			print_hide=1,
			search_index=1,
			insert_after="amended_from",
		)
	]


CUSTOM_FIELDS: dict[str, list[dict]] = {
	"Customer": [
		*card_fields.facts(section=False),
		*_party_fields("image", requisites=False),
		*works_tab(END_OF_FIRST_CUSTOMER_TAB),
		*card_fields.card("rule24_works"),
	],
	"Lead": [
		*card_fields.facts(),
		*_party_fields("request_type", requisites=True),
		*works_tab("blog_subscriber"),
		*card_fields.card("rule24_works"),
	],
	"Prospect": [
		*card_fields.facts("overview_tab"),
		*_party_fields("company", requisites=True),
		*works_tab("rule24_successor"),
		*card_fields.card("rule24_works"),
	],
	"Contact": [
		_segments(insert_after="company_name"),
		*card_fields.person("is_primary_contact"),
		*works_tab("unsubscribed"),
		*card_fields.relations_tab("rule24_works"),
	],
	"Supplier": card_fields.relations_tab("language"),
	"Competitor": card_fields.relations_tab("website"),
	"Contact Phone": [
		dict(
			fieldname="rule24_extension",
			label="Extension",
			fieldtype="Data",
			length=20,
			in_list_view=1,
			insert_after="phone",
		)
	],
	"Opportunity": chain(
		[
			dict(
				fieldname="rule24_sales_process",
				label="Sales Process",
				fieldtype="Link",
				options="Sales Process",
				insert_after="sales_stage",
				in_standard_filter=1,
			),
			dict(
				fieldname="rule24_stage_since",
				label="In Stage Since",
				fieldtype="Datetime",
				read_only=1,
				no_copy=1,
				hidden=1,  # the bar of stages says it
			),
			dict(
				fieldname="rule24_work_campaign",
				label="Work Campaign",
				fieldtype="Link",
				options="Work Campaign",
				no_copy=1,
				insert_after="status",
			),
			dict(_participants(), insert_after="opportunity_owner"),
		]
	)
	+ works_tab("competitors"),
	"Sales Invoice": _deal_link(),
	"Sales Order": _deal_link(),
	"Quotation": _deal_link(),
	"Contract": [
		*_deal_link(),
		*(
			dict(
				fieldname=fieldname,
				label=label,
				fieldtype="Link",
				options="Work",
				read_only=1,
				no_copy=1,
				print_hide=1,
				allow_on_submit=1,
				insert_after="rule24_opportunity",
			)
			for fieldname, label in (
				("rule24_renewal_work", "Work Before the End"),
				("rule24_fulfilment_work", "Work Before the Fulfilment"),
			)
		),
	],
	"Company": chain(
		[
			dict(
				fieldname="rule24_section",
				label="Requisites and Signatures",
				fieldtype="Section Break",
				insert_after="old_parent",
				collapsible=1,
			),
			dict(fieldname="rule24_kpp", label="KPP", fieldtype="Data", length=9),
			dict(fieldname="rule24_ogrn", label="OGRN", fieldtype="Data", length=15),
			dict(
				fieldname="rule24_director",
				label="Director",
				fieldtype="Data",
				description="Signs invoices, contracts and acts",
			),
			dict(fieldname="rule24_chief_accountant", label="Chief Accountant", fieldtype="Data"),
			dict(fieldname="rule24_column_images", fieldtype="Column Break"),
			dict(fieldname="rule24_stamp", label="Stamp", fieldtype="Attach Image"),
			dict(
				fieldname="rule24_director_signature", label="Director's Signature", fieldtype="Attach Image"
			),
			dict(
				fieldname="rule24_accountant_signature",
				label="Chief Accountant's Signature",
				fieldtype="Attach Image",
			),
		]
	),
	"Bank": chain(
		[
			dict(
				fieldname="rule24_bic", label="BIC", fieldtype="Data", insert_after="swift_number", length=11
			),
			dict(
				fieldname="rule24_correspondent_account",
				label="Correspondent Account",
				fieldtype="Data",
				length=20,
			),
		]
	),
}


def make() -> None:
	"""Create the fields of `CUSTOM_FIELDS` that are missing; an administrator's edits of the others stay."""
	create_custom_fields(
		{
			doctype: [dict(field, module=MODULE) for field in fields]
			for doctype, fields in CUSTOM_FIELDS.items()
		},
		ignore_validate=True,
		update=False,
	)


def delete() -> None:
	"""Remove every field of `CUSTOM_FIELDS` together with its column and whatever properties were set on it."""
	for doctype, fields in CUSTOM_FIELDS.items():
		names = [field["fieldname"] for field in fields]
		frappe.db.delete("Custom Field", {"dt": doctype, "fieldname": ("in", names)})
		frappe.db.delete("Property Setter", {"doc_type": doctype, "field_name": ("in", names)})
		drop_columns(doctype, names)
		frappe.clear_cache(doctype=doctype)


def drop_columns(doctype: str, names: list[str]) -> None:
	"""Drop the columns (for a single DocType: the values) of fields that are no more."""
	if cint(frappe.db.get_value("DocType", doctype, "issingle")):
		frappe.db.delete("Singles", {"doctype": doctype, "field": ("in", names)})
		return
	present = set(frappe.db.get_table_columns(doctype))
	drops = ", ".join(f"DROP COLUMN `{name}`" for name in names if name in present)
	if drops:
		# DDL: names come from the table above, never from a user
		frappe.db.sql_ddl(f"ALTER TABLE `tab{doctype}` {drops}")

# names with an underscore are no hooks
from rule24_crm.compat import CAN_EXTEND_CLASSES as _CAN_EXTEND_CLASSES
from rule24_crm.compat import HAS_PDF_GENERATOR_HOOK as _HAS_PDF_GENERATOR_HOOK
from rule24_crm.overrides import stock_reads as _stock_reads
from rule24_crm.parties.access import hooks as _access
from rule24_crm.parties.access import rows as _rows
from rule24_crm.parties.access.registry import ABOUT as _ABOUT
from rule24_crm.parties.access.registry import RULES as _GUARDED
from rule24_crm.parties.kinds import PARTY_TYPES as _PARTY_TYPES

app_name = "rule24_crm"
app_title = "Rule24 CRM"
app_publisher = "Rule24 CRM contributors"
app_description = "The Rule24 way of selling: one responsible manager, always a next planned Work"
app_email = "rule24-crm@users.noreply.github.com"
app_license = "GPL-3.0"
required_apps = ["frappe/erpnext"]

before_install = "rule24_crm.install.before_install"
after_install = "rule24_crm.install.after_install"
after_migrate = ["rule24_crm.setup.pdf_generator.choose"]
before_uninstall = "rule24_crm.uninstall.before_uninstall"
after_uninstall = "rule24_crm.uninstall.after_uninstall"

before_request = ["rule24_crm.compat.lock_rows_as_they_are"]
after_request = ["rule24_crm.refusals.tell"]
before_job = [
	"rule24_crm.compat.lock_rows_as_they_are",
	"rule24_crm.parties.access.follows.end_hidden",
]

# whoever asks is known by then, whatever way he has signed in
auth_hooks = [
	"rule24_crm.parties.access.expanding.refuse",
	"rule24_crm.parties.access.guessing.refuse",
]

extend_bootinfo = "rule24_crm.boot.extend"

app_include_js = ["rule24_crm.bundle.js"]
app_include_css = ["rule24_crm.bundle.css"]

doctype_js = {
	doctype: f"rule24_crm/client_scripts/{doctype.lower()}.js"
	for doctype in ("Customer", "Lead", "Prospect", "Contact", "Opportunity", "Supplier", "Competitor")
}
doctype_js |= {
	doctype: f"rule24_crm/client_scripts/{doctype.lower().replace(' ', '_')}.js"
	for doctype in ("Quotation", "Sales Order", "Sales Invoice", "Contract")
}
doctype_js["Account Manager"] = "rule24_crm/client_scripts/account_manager.js"
doctype_list_js = {
	"Account Manager": ["rule24_crm/client_scripts/account_manager_list.js"],
	"Contact": [
		"rule24_crm/client_scripts/contact_list.js",
		"rule24_crm/client_scripts/contact_segments_list.js",
	],
	"Customer": [
		"rule24_crm/client_scripts/customer_list.js",
		"rule24_crm/client_scripts/customer_campaign_list.js",
		"rule24_crm/client_scripts/customer_handover_list.js",
		"rule24_crm/client_scripts/customer_segments_list.js",
	],
	"Lead": [
		"rule24_crm/client_scripts/lead_list.js",
		"rule24_crm/client_scripts/lead_campaign_list.js",
		"rule24_crm/client_scripts/lead_handover_list.js",
		"rule24_crm/client_scripts/lead_segments_list.js",
	],
	"Opportunity": ["rule24_crm/client_scripts/opportunity_list.js"],
	"Prospect": [
		"rule24_crm/client_scripts/prospect_list.js",
		"rule24_crm/client_scripts/prospect_campaign_list.js",
		"rule24_crm/client_scripts/prospect_handover_list.js",
		"rule24_crm/client_scripts/prospect_segments_list.js",
	],
	"Work": ["rule24_crm/client_scripts/work_plan_list.js"],
}

# who sees what: see parties/access
permission_query_conditions = {
	**_access.names(),
	**_rows.names(),
	"*": "rule24_crm.parties.access.hooks.of_added_table",
	"Auto Email Report": "rule24_crm.parties.access.reports.mailed_conditions",
	"Client Handover": "rule24_crm.parties.handover.rights.query_conditions",
	"Client Handover Item": "rule24_crm.parties.handover.rights.item_query_conditions",
	"Partner Relation": "rule24_crm.parties.relations.access.query_conditions",
	"Party Import": "rule24_crm.parties.access.bulk_work.import_conditions",
	"Party Import Column": "rule24_crm.parties.access.bulk_work.column_conditions",
	"Party Import Row": "rule24_crm.parties.access.bulk_work.row_conditions",
	"Prepared Report": "rule24_crm.parties.access.reports.prepared_conditions",
	"Segment Change": "rule24_crm.parties.access.bulk_work.change_conditions",
	"Segment Change Part": "rule24_crm.parties.access.bulk_work.part_conditions",
}
has_permission = {
	**dict.fromkeys(_GUARDED, "rule24_crm.parties.access.hooks.has_permission"),
	**dict.fromkeys(
		_ABOUT.keys() - {"File"},  # Frappe asks about the document of a file itself
		"rule24_crm.parties.access.hooks.has_permission_about",
	),
	"Auto Email Report": "rule24_crm.parties.access.reports.has_permission",
	"Prepared Report": "rule24_crm.parties.access.reports.has_permission",
	"Client Handover": "rule24_crm.parties.handover.rights.has_permission",
	"Client Handover Item": "rule24_crm.parties.handover.rights.item_has_permission",
	"Partner Relation": "rule24_crm.parties.relations.access.has_permission",
	**dict.fromkeys(
		("Party Import", "Party Import Row", "Segment Change", "Segment Change Part"),
		"rule24_crm.parties.access.bulk_work.has_permission",
	),
}

doc_events = {
	"Account Manager": {
		"after_delete": "rule24_crm.parties.access.forget",
		"on_update": "rule24_crm.parties.access.forget",
		"validate": "rule24_crm.parties.ownerless.keep_manager",
	},
	"DocShare": {
		"after_delete": "rule24_crm.parties.access.forget",
		"on_update": "rule24_crm.parties.access.forget",
	},
	**{
		doctype: {
			"after_rename": "rule24_crm.overrides.related.after_rename",
			"on_update": "rule24_crm.overrides.related.on_update",
			"on_trash": "rule24_crm.overrides.related.on_trash",
		}
		for doctype in ("Supplier", "Competitor")
	},
	"Bank": {"validate": "rule24_crm.overrides.bank.validate_bank"},
	"Bank Account": {
		"autoname": "rule24_crm.overrides.bank.name_account",
		"validate": "rule24_crm.overrides.bank.validate_account",
	},
	**{
		kind: {
			"before_insert": [
				"rule24_crm.parties.access.entering.take",
				"rule24_crm.parties.ownership.settle",
			],
			"before_validate": [
				"rule24_crm.parties.access.requisites.keep",
				"rule24_crm.parties.entry.tidy_phones",
			],
			"onload": ["rule24_crm.parties.ownership.show", "rule24_crm.parties.access.requisites.hide"],
			"before_print": "rule24_crm.parties.access.requisites.hide",
			"validate": "rule24_crm.overrides.party.validate",
			"after_insert": after_insert,
			"after_delete": "rule24_crm.overrides.party.after_delete",
			"after_rename": "rule24_crm.overrides.party.after_rename",
			"before_rename": "rule24_crm.overrides.party.before_rename",
			"on_change": "rule24_crm.overrides.party.on_change",
			"on_update": "rule24_crm.overrides.party.on_update",
			"on_trash": [
				"rule24_crm.parties.ownership.forget",
				"rule24_crm.overrides.party.on_trash",
			],
		}
		for kind, after_insert in (
			("Customer", "rule24_crm.overrides.party.customer_after_insert"),
			("Lead", "rule24_crm.parties.ownership.note"),
			("Prospect", "rule24_crm.parties.ownership.note"),
		)
	},
	"Contact": {
		"after_delete": "rule24_crm.overrides.contact.on_change",
		"after_rename": [
			"rule24_crm.overrides.contact.on_change",
			"rule24_crm.overrides.related.after_rename",
		],
		"on_update": [
			"rule24_crm.overrides.contact.on_change",
			"rule24_crm.overrides.related.on_update",
		],
		"on_trash": "rule24_crm.overrides.related.on_trash",
		"before_validate": "rule24_crm.parties.entry.tidy_phones",
		"validate": [
			"rule24_crm.overrides.contact.validate",
			"rule24_crm.parties.segments.sync",
			"rule24_crm.parties.birthdays.check_days",
			"rule24_crm.parties.birthdays.keep_marks",
		],
	},
	"Opportunity": {
		"before_insert": "rule24_crm.parties.ownership.settle",
		"after_insert": "rule24_crm.parties.ownership.note",
		"onload": "rule24_crm.overrides.opportunity.onload",
		"before_validate": "rule24_crm.overrides.opportunity.before_validate",
		"validate": "rule24_crm.overrides.opportunity.validate",
		"on_update": "rule24_crm.parties.participants.sync",
		"on_change": "rule24_crm.overrides.opportunity.on_change",
		"on_trash": "rule24_crm.overrides.opportunity.on_trash",
	},
	"Prepared Report": {"before_insert": "rule24_crm.parties.access.reports.check_prepared"},
	**{
		doctype: {
			"onload": "rule24_crm.overrides.deal_document.onload",
			"validate": "rule24_crm.overrides.deal_document.validate",
		}
		for doctype in ("Sales Invoice", "Sales Order", "Quotation", "Contract")
	},
	"User": {
		"after_rename": "rule24_crm.parties.renaming.after_rename",
		"before_rename": "rule24_crm.parties.renaming.before_rename",
		"on_trash": "rule24_crm.parties.leaving.on_trash",
		"on_update": "rule24_crm.parties.leaving.on_update",
	},
	"ToDo": {"on_update": "rule24_crm.parties.participants.let_assignee_in"},
	"Work": {
		"on_update": "rule24_crm.work.campaigns.members.on_work_update",
		"on_trash": "rule24_crm.work.campaigns.members.on_work_trashed",
		"after_delete": "rule24_crm.work.campaigns.members.on_work_deleted",
	},
}

# a guarded document does not point at what its author may not see
for _doctype in _GUARDED:
	_events = doc_events.setdefault(_doctype, {})
	_before = _events.get("validate", [])
	_events["validate"] = [
		*(_before if isinstance(_before, list) else [_before]),
		"rule24_crm.parties.access.links.check",
	]

override_whitelisted_methods = {
	**_stock_reads.overridden(),
	"erpnext.crm.doctype.contract_template.contract_template.get_contract_template": (
		"rule24_crm.overrides.contract.get_contract_template"
	),
}

# reports that know no access, private files that are pointed at, and requisites of clients who are not active yet
if _CAN_EXTEND_CLASSES:
	extend_doctype_class = {
		"Auto Email Report": ["rule24_crm.parties.access.reports.MailsAsItsUser"],
		"File": [
			"rule24_crm.overrides.upload.RefusesEmptyUploads",
			"rule24_crm.parties.access.files.GuardsPrivateFiles",
		],
		"Report": ["rule24_crm.overrides.report.GuardedReport"],
		**{
			kind: [
				"rule24_crm.parties.giving_up.GivenUp",
				"rule24_crm.parties.access.requisites.HidesRequisites",
			]
			for kind in _PARTY_TYPES
		},
	}
else:
	override_doctype_class = {
		"Auto Email Report": "rule24_crm.overrides.auto_email_report.GuardedAutoEmailReport",
		"File": "rule24_crm.overrides.file.GuardedFile",
		"Report": "rule24_crm.overrides.report.GuardedReport",
		**{kind: f"rule24_crm.overrides.clients.Requisites{kind}" for kind in _PARTY_TYPES},
	}

# a log does not hold up the deletion of what it tells about
ignore_links_on_delete = ["Client Handover", "Client Handover Item"]

override_doctype_dashboards = {"Opportunity": "rule24_crm.overrides.opportunity.dashboard"}

scheduler_events = {
	"cron": {"* * * * *": ["rule24_crm.work.reminders.send_due"]},
	"daily_long": [
		"rule24_crm.parties.handover.service.return_due",
		"rule24_crm.work.links.repair_managers",
		"rule24_crm.work.without_next.send_daily_notice",
		"rule24_crm.deals.deadlines.plan_works",
		"rule24_crm.parties.birthdays.remind_daily",
	],
}

global_search_doctypes = {
	"Default": [{"doctype": "Work", "index": 1}],
}

jinja = {
	"methods": [
		"rule24_crm.printing.context.rule24_invoice",
		"rule24_crm.printing.context.rule24_offer",
		"rule24_crm.printing.context.rule24_contract",
		"rule24_crm.printing.context.rule24_act",
	]
}

# Frappe 15.100+ asks these for a PDF of a Print Format whose generator is not wkhtmltopdf
if _HAS_PDF_GENERATOR_HOOK:
	pdf_generator = ["rule24_crm.printing.pdf.for_print"]
if not _HAS_PDF_GENERATOR_HOOK:
	override_whitelisted_methods["frappe.utils.print_format.download_pdf"] = (
		"rule24_crm.printing.pdf.download_pdf"
	)

app_name = "erpnext"
app_title = "ERPNext"
app_publisher = "Rule24 CRM contributors"
app_description = "Stand-in for the slice of ERPNext 15 that rule24_crm touches (development only)"
app_email = "rule24@example.com"
app_license = "GNU General Public License (v3)"

override_doctype_class = {"Address": "erpnext.accounts.custom.address.ERPNextAddress"}

setup_wizard_stages = "erpnext.setup.setup_wizard.setup_wizard.get_setup_stages"

after_install = "erpnext.setup.install.after_install"

treeviews = [
	"Account",
	"Cost Center",
	"Warehouse",
	"Item Group",
	"Customer Group",
	"Sales Person",
	"Territory",
	"Department",
]

calendars = ["Sales Order", "Holiday List", "ToDo"]

default_roles = [
	{"role": "Customer", "doctype": "Contact", "email_field": "email_id"},
]

has_website_permission = {
	"Sales Order": "erpnext.controllers.website_list_for_contact.has_website_permission",
	"Quotation": "erpnext.controllers.website_list_for_contact.has_website_permission",
	"Sales Invoice": "erpnext.controllers.website_list_for_contact.has_website_permission",
}

doc_events = {
	"Communication": {
		"after_insert": [
			"erpnext.crm.utils.link_communications_with_prospect",
			"erpnext.crm.utils.update_modified_timestamp",
		],
	},
	"Event": {
		"after_insert": "erpnext.crm.utils.link_events_with_prospect",
	},
	"Contact": {
		"after_insert": "erpnext.telephony.doctype.call_log.call_log.link_existing_conversations",
		"validate": ["erpnext.crm.utils.update_lead_phone_numbers"],
	},
}

scheduler_events = {
	"daily": [
		"erpnext.crm.doctype.opportunity.opportunity.auto_close_opportunity",
		"erpnext.crm.doctype.contract.contract.update_status_for_contracts",
		"erpnext.selling.doctype.quotation.quotation.set_expired_status",
		"erpnext.crm.utils.open_leads_opportunities_based_on_todays_event",
	],
}

communication_doctypes = ["Customer"]

invoice_doctypes = ["Sales Invoice"]

user_privacy_documents = [
	{
		"doctype": "Lead",
		"match_field": "email_id",
		"personal_fields": ["phone", "mobile_no", "fax", "website", "lead_name"],
	},
	{
		"doctype": "Opportunity",
		"match_field": "contact_email",
		"personal_fields": ["contact_mobile", "contact_display", "customer_name"],
	},
]

global_search_doctypes = {
	"Default": [
		{"doctype": "Customer", "index": 0},
		{"doctype": "Item", "index": 2},
		{"doctype": "Warehouse", "index": 3},
		{"doctype": "Account", "index": 4},
		{"doctype": "Employee", "index": 5},
		{"doctype": "Sales Invoice", "index": 7},
		{"doctype": "Sales Order", "index": 8},
		{"doctype": "Quotation", "index": 9},
		{"doctype": "Lead", "index": 23},
		{"doctype": "Opportunity", "index": 24},
		{"doctype": "Item Price", "index": 25},
	],
}

additional_timeline_content = {"*": ["erpnext.telephony.doctype.call_log.call_log.get_linked_call_logs"]}

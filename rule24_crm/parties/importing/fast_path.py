"""Whether clients may be written many at once: only where nothing waits for each of them to be saved.

`bulk` does what Frappe, ERPNext and this app do on `insert()`. Whatever else a site has hooked on to it (handlers of other
apps, scripts, notifications, rules, webhooks, naming of its own) is not guessed at: then clients are created one by one.
"""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils import cint

#: what a client consists of
DOCTYPES = {
	"Customer": ("Customer", "Contact", "Address", "Bank", "Bank Account"),
	"Lead": ("Lead", "Contact", "Address"),
	"Prospect": ("Prospect", "Contact", "Address"),
}
#: what happens to a document that is inserted
EVENTS = (
	"autoname", "before_insert", "before_naming", "before_validate", "validate", "before_save", "after_insert",
	"on_update", "after_save", "on_change", "db_insert",
)  # fmt: skip
#: tables of these that an import fills
_TABLES = ("Contact Email", "Contact Phone", "Dynamic Link", "Party Segment")
#: handlers whose effect on a new client is nothing, or is reproduced by `bulk`
KNOWN = {
	"frappe.desk.notifications.clear_doctype_notifications",
	# these look for rules of the site, and the rules are looked for below
	"frappe.workflow.doctype.workflow_action.workflow_action.process_workflow_actions",
	"frappe.automation.doctype.assignment_rule.assignment_rule.apply",
	"frappe.automation.doctype.assignment_rule.assignment_rule.update_due_date",
	"frappe.social.doctype.energy_point_rule.energy_point_rule.process_energy_points",
	"frappe.automation.doctype.milestone_tracker.milestone_tracker.evaluate_milestone",
	"erpnext.support.doctype.service_level_agreement.service_level_agreement.apply",
	"frappe.search.sqlite_search.update_doc_index",
	# nothing to do for a new client without files, without a Google account, whose user is of a standard type
	"frappe.core.doctype.file.utils.attach_files_to_document",
	"frappe.core.doctype.user_type.user_type.apply_permissions_for_non_standard_user_type",
	"frappe.core.doctype.permission_log.permission_log.make_perm_log",
	"frappe.integrations.doctype.google_contacts.google_contacts.insert_contacts_to_google_contacts",
	"frappe.integrations.doctype.google_contacts.google_contacts.update_contacts_to_google_contacts",
	"erpnext.setup.doctype.transaction_deletion_record.transaction_deletion_record.check_for_running_deletion_job",
	"erpnext.accounts.utils.check_for_running_deletion_job",
	# `bulk` gives a lead the numbers of its contact
	"erpnext.crm.utils.update_lead_phone_numbers",
	# writes into a field that only Italian sites have
	"erpnext.regional.italy.utils.set_state_code",
	# numbers of earlier calls are looked for by `bulk`
	"erpnext.telephony.doctype.call_log.call_log.link_existing_conversations",
	# `bulk` asks the rules of distribution for all clients together; segments agree already
	"rule24_crm.parties.ownership.settle",
	"rule24_crm.parties.ownership.note",
	"rule24_crm.overrides.party.validate",
	"rule24_crm.parties.segments.sync",
	# the phones of an import are E.164 already
	"rule24_crm.parties.entry.tidy_phones",
	# `bulk` writes the keys by which clients are recognised
	"rule24_crm.overrides.contact.on_change",
	"rule24_crm.parties.access.entering.take",
	# nothing was there before, and an import does not ask who may see a client
	"rule24_crm.parties.access.requisites.keep",
	"rule24_crm.parties.access.links.check",
	# `bulk` gives back whom these rules refuse; of doubles only a person who types is warned
	"rule24_crm.overrides.bank.validate_bank",
	"rule24_crm.overrides.bank.validate_account",
	# `bulk` gives accounts the same names
	"rule24_crm.overrides.bank.name_account",
	"rule24_crm.overrides.contact.validate",
	# a new contact has no relations, and an import brings no birthdays
	"rule24_crm.overrides.related.on_update",
	"rule24_crm.parties.birthdays.check_days",
	"rule24_crm.parties.birthdays.keep_marks",
	# a new client has no participants, no works, and continues nobody
	"rule24_crm.overrides.party.on_update",
	"rule24_crm.overrides.party.on_change",
	"rule24_crm.overrides.party.customer_after_insert",
}
#: classes that change nothing about a new client
KNOWN_CLASSES = {
	"erpnext.accounts.custom.address.ERPNextAddress",
	"rule24_crm.overrides.clients.RequisitesCustomer",
	"rule24_crm.overrides.clients.RequisitesLead",
	"rule24_crm.overrides.clients.RequisitesProspect",
	"rule24_crm.parties.access.requisites.HidesRequisites",
	# asks for a right when a client is deleted
	"rule24_crm.parties.giving_up.GivenUp",
}
#: DocType of a rule -> (field with the DocType it is for, filters that make it count)
_RULES = {
	"Assignment Rule": ("document_type", {"disabled": 0}),
	"Notification": ("document_type", {"enabled": 1}),
	"Webhook": ("webhook_doctype", {"enabled": 1}),
	"Server Script": ("reference_doctype", {"disabled": 0, "script_type": "DocType Event"}),
	"Workflow": ("document_type", {"is_active": 1}),
	"Document Naming Rule": ("document_type", {"disabled": 0}),
	"Milestone Tracker": ("document_type", {"disabled": 0}),
	"Energy Point Rule": ("reference_doctype", {"enabled": 1}),
	"Service Level Agreement": ("document_type", {"enabled": 1}),
}


def obstacles(party_types: set[str]) -> list[str]:
	"""Why clients of these kinds have to be created one by one, in words; nothing when they need not.

	:param party_types: of Customer, Lead, Prospect.
	"""
	doctypes = list(dict.fromkeys(doctype for kind in sorted(party_types) for doctype in DOCTYPES[kind]))
	return [*_handlers(doctypes), *_classes(doctypes), *_rules(doctypes), *_settings(doctypes)]


def _handlers(doctypes: list[str]) -> list[str]:
	hooks = frappe.get_doc_hooks()
	found = {}
	for doctype in doctypes:
		for source in (doctype, "*"):
			for event in EVENTS:
				for handler in hooks.get(source, {}).get(event, ()):
					if handler not in KNOWN:
						found[handler.split(".")[0], doctype] = None
	return [
		_("The app {0} does something of its own with every new {1}.").format(app, _(doctype))
		for app, doctype in found
	]


def _classes(doctypes: list[str]) -> list[str]:
	found = []
	for hook in ("override_doctype_class", "extend_doctype_class"):
		for doctype, classes in (frappe.get_hooks(hook) or {}).items():
			classes = classes if isinstance(classes, list) else [classes]
			if doctype in doctypes and set(classes) - KNOWN_CLASSES:
				found.append(_("An app has changed how {0} works.").format(_(doctype)))
	if frappe.get_hooks("sqlite_search"):
		found.append(_("An app keeps an index of its own for searching."))
	return found


def _rules(doctypes: list[str]) -> list[str]:
	found = []
	for rule, (field, filters) in _RULES.items():
		if not frappe.db.table_exists(rule) or (rule == "Energy Point Rule" and not _points_are_given()):
			continue
		for row in frappe.get_all(  # rules of the site, whoever imports
			rule, {field: ("in", doctypes), **filters}, ["name", f"{field} as doctype"], order_by="name"
		):
			found.append(_("{0} {1} looks at every new {2}.").format(_(rule), row.name, _(row.doctype)))
	return found


def _points_are_given() -> bool:
	return bool(cint(frappe.db.get_single_value("Energy Point Settings", "enabled")))


def _settings(doctypes: list[str]) -> list[str]:
	found = []
	if "Customer" in doctypes and frappe.db.exists("Loyalty Program", {"auto_opt_in": 1}):
		found.append(_("A loyalty program takes in every new customer."))
	if frappe.db.get_value("User", frappe.session.user, "follow_created_documents"):
		found.append(_("Your user follows every document it creates."))
	for doctype in doctypes:
		meta = frappe.get_meta(doctype)
		if frappe.db.exists(
			"Property Setter", {"doc_type": doctype, "property": ("in", ("autoname", "naming_rule"))}
		):
			found.append(_("{0} has a naming of its own.").format(_(doctype)))
		if doctype == "Address" and meta.has_field("state_code"):
			found.append(_("Addresses get a state code each."))
	return [*found, *_fetched([*doctypes, *_TABLES])]


def _fetched(doctypes: list[str]) -> list[str]:
	"""Fields that the site has told to take their values from other records."""
	changed = set(
		frappe.get_all(  # settings of the site, whoever imports
			"Property Setter",
			{"doc_type": ("in", doctypes), "property": "fetch_from", "value": ("!=", "")},
			["doc_type", "field_name"],
			as_list=True,
			order_by=None,
		)
	)
	return [
		_("The field {0} of {1} takes its value from another record.").format(_(field.label), _(doctype))
		for doctype in doctypes
		for field in frappe.get_meta(doctype).fields
		if (doctype, field.fieldname) in changed
		or (field.get("is_custom_field") and field.fetch_from and field.get("module") != "Rule24 CRM")
	]

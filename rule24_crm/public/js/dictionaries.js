// The dictionaries that come in English are shown in the user's language in their lists, as they are everywhere else.
frappe.provide("frappe.listview_settings");

for (const doctype of [
	"Work Action",
	"Work Result",
	"Work Stop Reason",
	"Sales Process",
	"Partner Relation Kind",
]) {
	const settings = (frappe.listview_settings[doctype] = frappe.listview_settings[doctype] || {});
	settings.formatters = { ...settings.formatters, name: (value) => __(value) };
}

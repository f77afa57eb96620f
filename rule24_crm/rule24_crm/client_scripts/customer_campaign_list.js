// Clients of this list can be put into a campaign. Whatever the list does on load, it still does.
(() => {
	const settings = (frappe.listview_settings["Customer"] = frappe.listview_settings["Customer"] || {});
	const onload = settings.onload;
	settings.onload = function (listview) {
		onload?.call(this, listview);
		frappe.require("/assets/rule24_crm/js/campaign_actions.js", () =>
			rule24.campaign.add_list_actions(listview)
		);
	};
})();

// Clients of this list can be handed over. Whatever the list does on load, it still does.
(() => {
	const settings = (frappe.listview_settings["Lead"] = frappe.listview_settings["Lead"] || {});
	const onload = settings.onload;
	settings.onload = function (listview) {
		onload?.call(this, listview);
		frappe.require("/assets/rule24_crm/js/handover_actions.js", () =>
			rule24.handover.add_list_actions(listview)
		);
	};
})();

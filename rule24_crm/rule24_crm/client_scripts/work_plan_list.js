// A head plans works from their list: the chosen ones, or all that are found.
(() => {
	const settings = (frappe.listview_settings["Work"] = frappe.listview_settings["Work"] || {});
	const onload = settings.onload;
	settings.onload = function (listview) {
		onload?.call(this, listview);
		if (!rule24.is_head()) return;
		const plan = async (options) => {
			await frappe.require("/assets/rule24_crm/js/plan_dialog.js");
			new rule24.PlanDialog({ ...options, on_commit: () => listview.refresh() });
		};
		listview.page.add_actions_menu_item(
			__("Plan Works"),
			() => plan({ names: listview.get_checked_items(true) }),
			false
		);
		listview.page.add_menu_item(__("Plan All Found Works"), () =>
			plan({ filters: listview.get_filters_for_args() })
		);
	};
})();

// One manager of the list can be handed over. Whatever the list does on load, it still does.
(() => {
	const settings = (frappe.listview_settings["Account Manager"] =
		frappe.listview_settings["Account Manager"] || {});
	const onload = settings.onload;
	settings.onload = function (listview) {
		onload?.call(this, listview);
		if (!frappe.model.can_create("Client Handover")) return;
		listview.page.add_actions_menu_item(
			__("Hand Over"),
			() => {
				const names = listview.get_checked_items(true);
				if (names.length !== 1) {
					frappe.show_alert({ message: __("Choose one manager."), indicator: "orange" });
					return;
				}
				frappe.new_doc("Client Handover", { from_user: names[0] });
			},
			false
		);
	};
})();

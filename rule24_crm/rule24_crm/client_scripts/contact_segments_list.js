// Market segments for many records of this list. Whatever the list does on load, it still does.
(() => {
	const settings = (frappe.listview_settings["Contact"] = frappe.listview_settings["Contact"] || {});
	const onload = settings.onload;
	settings.onload = function (listview) {
		onload?.call(this, listview);
		frappe.require("/assets/rule24_crm/js/segment_actions.js", () =>
			rule24.segments.add_list_actions(listview)
		);
	};
})();

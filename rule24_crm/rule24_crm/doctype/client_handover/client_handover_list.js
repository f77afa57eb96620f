frappe.listview_settings["Client Handover"] = {
	hide_name_column: true,
	get_indicator(doc) {
		const color = { Draft: "gray", "Handed Over": "green", Returned: "blue", Undone: "orange" }[
			doc.status
		];
		return [__(doc.status), color, `status,=,${doc.status}`];
	},
};

frappe.listview_settings["Client Handover"] = {
	get_indicator(doc) {
		const color = { Draft: "gray", "Handed Over": "green", Returned: "blue", Undone: "orange" }[doc.status];
		return [__(doc.status), color, `status,=,${doc.status}`];
	},
};

frappe.listview_settings["Segment Change"] = {
	hide_name_column: true,
	get_indicator(doc) {
		const colors = {
			Running: "blue",
			Done: "green",
			Interrupted: "red",
			Undone: "gray",
			"Partly Undone": "orange",
		};
		return [__(doc.status), colors[doc.status], `status,=,${doc.status}`];
	},
};

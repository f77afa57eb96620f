frappe.listview_settings["Party Import"] = {
	add_fields: ["status", "rows_total", "rows_created"],
	hide_name_column: true,
	get_indicator(doc) {
		const colours = {
			Reading: "orange",
			Checking: "orange",
			Checked: "blue",
			Creating: "orange",
			Paused: "yellow",
			Done: "green",
			Failed: "red",
		};
		return [
			__(doc.status, null, "Party Import"),
			colours[doc.status] || "gray",
			`status,=,${doc.status}`,
		];
	},
};

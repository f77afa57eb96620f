frappe.listview_settings["Work Campaign"] = {
	get_indicator(doc) {
		const color = { Draft: "gray", Running: "green", Finished: "blue" }[doc.status];
		return [__(doc.status), color, `status,=,${doc.status}`];
	},
};

frappe.listview_settings["Distribution Rule"] = {
	hide_name_column: true,
	add_fields: ["enabled", "applies_to"],
	get_indicator: (doc) =>
		doc.enabled ? [__("Enabled"), "green", "enabled,=,1"] : [__("Disabled"), "gray", "enabled,=,0"],
	formatters: {
		// an element, since Frappe 16 measures it with jQuery, to which bare text is a selector
		applies_to: (value) =>
			`<span>${(value || "")
				.split(", ")
				.filter(Boolean)
				.map((kind) => __(kind))
				.join(", ")}</span>`,
	},
	onload(listview) {
		if (!frappe.model.can_write("Distribution Rule")) return;
		listview.page.add_inner_button(__("Try on Existing Records"), async () => {
			await frappe.require("/assets/rule24_crm/js/distribution_trial.js");
			rule24.distribution.try_rules({ kinds: ["Lead", "Prospect", "Customer", "Opportunity"] });
		});
	},
};

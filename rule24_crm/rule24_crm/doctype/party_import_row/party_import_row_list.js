frappe.listview_settings["Party Import Row"] = {
	hide_name_column: true,
	add_fields: ["state", "party_import"],
	get_indicator(doc) {
		const colour = rule24.party_import.COLOURS[doc.state];
		return [__(doc.state, null, "Party Import Row"), colour, `state,=,${doc.state}`];
	},
	onload(listview) {
		listview.page.add_actions_menu_item(
			__("Create Clients"),
			async () => {
				const rows = listview.get_checked_items();
				for (const party_import of new Set(rows.map((row) => row.party_import))) {
					await frappe.call({
						method: "rule24_crm.api.imports.create",
						args: {
							party_import,
							names: rows
								.filter((row) => row.party_import === party_import)
								.map((row) => row.name),
						},
						type: "POST",
						freeze: true,
					});
				}
				listview.clear_checked_items();
				listview.refresh();
			},
			false
		);
	},
};

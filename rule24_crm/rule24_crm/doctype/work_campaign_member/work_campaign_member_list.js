frappe.listview_settings["Work Campaign Member"] = {
	add_fields: ["last_sign", "letter_state", "work", "campaign"],
	hide_name_column: true,
	get_indicator(doc) {
		if (doc.last_sign === "Plus") return [__("Plus"), "green", "last_sign,=,Plus"];
		if (doc.last_sign === "Minus") return [__("Minus"), "red", "last_sign,=,Minus"];
		if (doc.work) return [__("In Work"), "blue", "work,is,set"];
		if (doc.letter_state === "Sent") return [__("Letter Sent"), "cyan", "letter_state,=,Sent"];
		return [__("Waiting"), "gray", "work,is,not set"];
	},
	onload(listview) {
		if (!frappe.model.can_write("Work Campaign")) return;
		listview.page.add_actions_menu_item(
			__("Take Off the List"),
			() => {
				const rows = listview.get_checked_items();
				const campaigns = [...new Set(rows.map((row) => row.campaign))];
				frappe.confirm(
					__("Take {0} members off the list? The clients themselves stay.", [rows.length]),
					async () => {
						for (const campaign of campaigns) {
							await frappe.call({
								method: "rule24_crm.api.campaign.remove_members",
								args: {
									campaign,
									names: rows
										.filter((row) => row.campaign === campaign)
										.map((row) => row.name),
								},
								freeze: true,
							});
						}
						listview.clear_checked_items();
						listview.refresh();
					}
				);
			},
			false
		);
	},
};

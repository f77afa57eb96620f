// "Add to Campaign" in the lists of clients.
frappe.provide("rule24.campaign");

rule24.campaign.add_list_actions = (listview) => {
	if (!frappe.model.can_write("Work Campaign")) return;
	listview.page.add_actions_menu_item(
		__("Add to Campaign"),
		() => rule24.campaign.choose(listview, listview.get_checked_items(true)),
		false
	);
	listview.page.add_menu_item(__("Add All Found to Campaign"), () =>
		rule24.campaign.choose(listview, null)
	);
};

rule24.campaign.choose = async (listview, names) => {
	const filters = listview.get_filters_for_args();
	const number = names ? names.length : await frappe.db.count(listview.doctype, { filters });
	const dialog = new frappe.ui.Dialog({
		title: __("Add to Campaign"),
		fields: [
			{
				fieldname: "campaign",
				fieldtype: "Link",
				options: "Work Campaign",
				label: __("Campaign"),
				reqd: 1,
				get_query: () => ({ filters: { status: ["!=", "Finished"] } }),
				description: __("{0} will be added; whoever is on the list stays on it.", [number]),
			},
		],
		primary_action_label: __("Add to the List"),
		primary_action: async ({ campaign }) => {
			const { message } = await frappe.call({
				method: "rule24_crm.api.campaign.add_members",
				args: { campaign, party_type: listview.doctype, ...(names ? { names } : { filters }) },
				freeze: true,
			});
			dialog.hide();
			listview.clear_checked_items();
			const link = `<a href="${frappe.utils.get_form_link("Work Campaign", campaign)}">${frappe.utils.escape_html(campaign)}</a>`;
			frappe.show_alert(
				{
					message: __("{0} added to {1}, {2} were on the list already", [
						message.added,
						link,
						message.already,
					]),
					indicator: "green",
				},
				10
			);
		},
	});
	dialog.show();
};

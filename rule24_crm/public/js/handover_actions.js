// "Hand Over" in the lists of clients: the chosen ones, from the one manager who has them.
frappe.provide("rule24.handover");

rule24.handover.OWNER = { Customer: "account_manager", Lead: "lead_owner", Prospect: "prospect_owner" };

rule24.handover.add_list_actions = (listview) => {
	if (!frappe.model.can_create("Client Handover")) return;
	listview.page.add_actions_menu_item(__("Hand Over"), () => rule24.handover.choose(listview), false);
};

rule24.handover.choose = async (listview) => {
	const owner = rule24.handover.OWNER[listview.doctype];
	const clients = await frappe.db.get_list(listview.doctype, {
		filters: { name: ["in", listview.get_checked_items(true)] },
		fields: ["name", owner],
		limit: 0,
	});
	const owners = [...new Set(clients.map((row) => row[owner]))];
	if (owners.length !== 1 || !owners[0]) {
		frappe.msgprint({
			title: __("Hand Over"),
			message: __("Choose clients of one manager: filter the list by the responsible manager first."),
			indicator: "orange",
		});
		return;
	}
	frappe.model.with_doctype("Client Handover", () => {
		const doc = frappe.model.get_new_doc("Client Handover");
		Object.assign(doc, { from_user: owners[0], scope: "Chosen Clients" });
		for (const { name } of clients) {
			const row = frappe.model.add_child(doc, "Client Handover Client", "clients");
			Object.assign(row, { party_type: listview.doctype, party: name });
		}
		frappe.set_route("Form", "Client Handover", doc.name);
	});
};

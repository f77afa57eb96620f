frappe.ui.form.on("Account Manager", {
	setup(frm) {
		frm.set_query("user", () => ({ filters: { user_type: "System User", enabled: 1 } }));
		frm.set_query("reports_to", () => ({ filters: { name: ["!=", frm.doc.name || ""], active: 1 } }));
	},
	async refresh(frm) {
		if (frm.is_new()) return;
		const name = frm.doc.name;
		const loads = await frappe.xcall("rule24_crm.api.managers.loads", { users: [name] }, "GET");
		const load = loads[name];
		if (!load || frm.doc.name !== name) return;
		frm.dashboard.add_indicator(__("Clients: {0}", [rule24.number(load.clients)]), "blue");
		frm.dashboard.add_indicator(__("Open works: {0}", [rule24.number(load.works)]), "blue");
		frm.dashboard.add_indicator(
			__("Works until today: {0} of {1} a day", [load.today, load.capacity]),
			load.today > load.capacity ? "red" : "green"
		);
	},
});

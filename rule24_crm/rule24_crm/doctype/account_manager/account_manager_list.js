frappe.listview_settings["Account Manager"] = {
	hide_name_column: true,
	add_fields: ["active", "absent_from", "absent_until"],
	get_indicator(doc) {
		if (!doc.active) return [__("Not active"), "gray", "active,=,0"];
		const today = frappe.datetime.get_today();
		if (doc.absent_until >= today && (!doc.absent_from || doc.absent_from <= today)) {
			return [__("Absent"), "orange", `absent_until,>=,${today}`];
		}
		return [__("Active"), "green", "active,=,1"];
	},
	/** Beside the name stands how many clients he has, before how much he does in a day what is planned for today. */
	async refresh(listview) {
		const users = listview.data.map((doc) => doc.name);
		if (!users.length) return;
		const loads = await frappe.xcall("rule24_crm.api.managers.loads", { users }, "GET");
		for (const [user, load] of Object.entries(loads)) {
			const words = __("{0} clients, {1} of {2} works today", [
				rule24.number(load.clients),
				load.today,
				load.capacity,
			]);
			const link = listview.$result
				.find(".list-subject a")
				.filter((_i, a) => $(a).data("name") === user);
			const cell = link.closest(".list-row").find("[data-filter^='capacity_per_day,']");
			cell.text(__("{0} of {1}", [load.today, load.capacity])).attr("title", words);
			link.siblings(".rule24-clients").remove();
			link.after(
				`<span class="rule24-clients text-muted small ml-2">${__("clients: {0}", [
					rule24.number(load.clients),
				])}</span>`
			);
		}
	},
};

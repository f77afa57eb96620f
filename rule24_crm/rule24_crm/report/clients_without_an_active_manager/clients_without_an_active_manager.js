frappe.query_reports["Clients Without an Active Manager"] = {
	filters: [
		{
			fieldname: "party_type",
			label: __("Record Kind"),
			fieldtype: "Select",
			options: [
				{ value: "", label: __("All Clients") },
				...["Customer", "Lead", "Prospect", "Opportunity", "Work"].map((value) => ({
					value,
					label: __(value),
				})),
			],
		},
	],

	get_datatable_options: (options) => ({ ...options, checkboxColumn: true }),

	onload(report) {
		report.page.add_inner_button(__("Give To..."), () => give(report)).addClass("btn-primary");
	},

	formatter(value, row, column, data, default_formatter) {
		if (column.fieldname === "party_type") return __(data.party_type);
		return default_formatter(value, row, column, data);
	},
};

function give(report) {
	// an empty report has no table
	const ticked = report.data?.length ? report.datatable.rowmanager.getCheckedRows() : [];
	const chosen = ticked.map((index) => report.data[index]);
	const rows = chosen.length ? chosen : report.data || [];
	if (!rows.length) {
		frappe.msgprint(__("Everything here has an active manager."));
		return;
	}
	const dialog = new frappe.ui.Dialog({
		title: __("Give To..."),
		fields: [
			{
				fieldname: "manager",
				fieldtype: "Link",
				options: "Account Manager",
				label: __("Manager"),
				get_query: () => ({ filters: { active: 1 } }),
				description: __("Empty: as the distribution rules say"),
			},
			{
				fieldname: "words",
				fieldtype: "HTML",
				options: `<p>${
					chosen.length
						? __("{0} chosen records will be given.", [rule24.number(rows.length)])
						: __("All {0} records of the list will be given. Tick some to give only those.", [
								rule24.number(rows.length),
							])
				}</p>`,
			},
		],
		primary_action_label: __("Give"),
		primary_action: async ({ manager }) => {
			dialog.disable_primary_action();
			let given = 0;
			try {
				for (const kind of new Set(rows.map((row) => row.party_type))) {
					const names = rows.filter((row) => row.party_type === kind).map((row) => row.party);
					const outcome = await frappe.xcall("rule24_crm.api.distribution.give", {
						party_type: kind,
						names,
						manager: manager || null,
					});
					given += outcome.given;
				}
				dialog.hide();
				frappe.show_alert({
					message: __("{0} records have a manager now", [rule24.number(given)]),
					indicator: "green",
				});
				report.refresh();
			} finally {
				dialog.enable_primary_action();
			}
		},
	});
	dialog.show();
}

frappe.query_reports["Clients Without Next Work"] = {
	filters: [
		{
			fieldname: "party_type",
			label: __("Client Kind"),
			fieldtype: "Select",
			options: ["", "Customer", "Lead", "Prospect"].map((value) => ({
				value,
				label: value && __(value),
			})),
		},
		...rule24.reports.responsible(),
	],

	onload(report) {
		rule24.reports.on_click(report, "rule24-plan", (button) => {
			const { partyType, party, partyName, responsible } = button.dataset;
			rule24.works.plan({
				party_type: partyType,
				party,
				party_name: partyName,
				assigned_to: responsible || undefined,
				on_done: () => report.refresh(),
			});
		});
	},

	formatter(value, row, column, data, default_formatter) {
		if (column.fieldname === "party_type") return __(data.party_type);
		if (column.fieldname !== "plan") return default_formatter(value, row, column, data);
		if (!frappe.model.can_create("Work")) return "";
		const escape = frappe.utils.escape_html;
		return `<button type="button" class="btn btn-xs btn-default rule24-plan"
			data-party-type="${escape(data.party_type)}" data-party="${escape(data.party)}"
			data-party-name="${escape(data.party_name || "")}"
			data-responsible="${escape(data.responsible || "")}">${__("Plan Work")}</button>`;
	},
};

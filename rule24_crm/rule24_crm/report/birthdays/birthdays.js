frappe.query_reports["Birthdays"] = {
	filters: [
		{
			fieldname: "days",
			label: __("How Far Ahead"),
			fieldtype: "Select",
			options: [
				...[7, 14, 30, 90].map((days) => ({
					value: String(days),
					label: __("Next {0} Days", [days]),
				})),
				{ value: "366", label: __("The Whole Year") },
			],
			default: "14",
		},
		...rule24.reports.responsible(),
	],

	onload(report) {
		rule24.reports.on_click(report, "rule24-congratulate", (button) => {
			const row = report.data[button.dataset.row];
			rule24.works.plan({
				party_type: row.party_type,
				party: row.party,
				party_name: row.party_name,
				contact: row.contact,
				action: row.action,
				subject: row.words,
				planned_on: row.day,
				assigned_to: row.responsible || undefined,
				on_done: () => report.refresh(),
			});
		});
	},

	formatter(value, row, column, data, default_formatter) {
		const escape = frappe.utils.escape_html;
		if (column.fieldname === "day") return escape(rule24.works.day_words(data.day));
		if (column.fieldname === "party") {
			const href = frappe.utils.get_form_link(data.party_type, data.party);
			return `<a href="${href}">${escape(data.party_name)}</a>`;
		}
		if (column.fieldname === "contact") {
			const href = frappe.utils.get_form_link("Contact", data.contact);
			return `<a href="${href}">${escape(data.contact_name)}</a>`;
		}
		if (column.fieldname === "phone" && data.phone) {
			return `<a href="tel:${escape(data.phone)}">${escape(data.phone)}</a>`;
		}
		if (column.fieldname !== "work") return default_formatter(value, row, column, data);
		if (data.work) {
			const words = data.closed ? __("Work closed") : __("Work planned");
			return `<a href="${frappe.utils.get_form_link("Work", data.work)}">${words}</a>`;
		}
		if (!frappe.model.can_create("Work")) return "";
		return `<button type="button" class="btn btn-xs btn-default rule24-congratulate"
			data-row="${row.meta.rowIndex}">${__("Plan Work")}</button>`;
	},
};

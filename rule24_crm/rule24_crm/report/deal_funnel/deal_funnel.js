frappe.query_reports["Deal Funnel"] = {
	filters: [
		{
			fieldname: "sales_process",
			label: __("Sales Process"),
			fieldtype: "Link",
			options: "Sales Process",
			reqd: 1,
		},
		{
			fieldname: "from_date",
			label: __("From Date"),
			fieldtype: "Date",
			default: frappe.datetime.add_months(frappe.datetime.get_today(), -3),
			reqd: 1,
		},
		{
			fieldname: "to_date",
			label: __("To Date"),
			fieldtype: "Date",
			default: frappe.datetime.get_today(),
			reqd: 1,
		},
		{ fieldname: "company", label: __("Company"), fieldtype: "Link", options: "Company" },
		{ fieldname: "opportunity_owner", label: __("Manager"), fieldtype: "Link", options: "User" },
	],

	onload(report) {
		if (report.get_filter_value("sales_process")) return;
		frappe.db.get_value("Sales Process", { is_default: 1 }, "name").then(({ message }) => {
			if (message?.name) report.set_filter_value("sales_process", message.name);
		});
	},
};

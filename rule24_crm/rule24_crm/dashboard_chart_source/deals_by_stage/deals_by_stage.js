frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["Deals by Stage"] = {
	method: "rule24_crm.rule24_crm.dashboard_chart_source.deals_by_stage.deals_by_stage.get",
	filters: [],
	rule24_empty: () =>
		__(
			"No deals are open. Convert a lead whose work ended with interest, or press + Deal on a client's card."
		),
	rule24_legend: true,
};

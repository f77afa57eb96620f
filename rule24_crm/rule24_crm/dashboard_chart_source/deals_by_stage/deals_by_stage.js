frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["Deals by Stage"] = {
	method: "rule24_crm.rule24_crm.dashboard_chart_source.deals_by_stage.deals_by_stage.get",
	filters: [],
};

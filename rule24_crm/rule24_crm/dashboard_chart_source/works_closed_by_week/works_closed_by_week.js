frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["Works Closed by Week"] = {
	method: "rule24_crm.rule24_crm.dashboard_chart_source.works_closed_by_week.works_closed_by_week.get",
	filters: [],
};

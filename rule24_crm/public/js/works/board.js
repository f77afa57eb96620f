// The Kanban board of works begins with one's own of late: all works of a company would be too many cards.
frappe.provide("frappe.views");

const DAYS = 7;

frappe.views.KanbanView = class extends frappe.views.KanbanView {
	async get_board() {
		await super.get_board();
		if (this.doctype !== "Work" || this.filters.length) return; // somebody has saved filters of their own
		this.filters = [
			["Work", "assigned_to", "=", frappe.session.user],
			["Work", "planned_on", ">=", frappe.datetime.add_days(frappe.datetime.get_today(), -DAYS)],
		];
	}
};

// The Kanban board of works begins with what is at hand: all works of a company would be too many cards.
frappe.provide("frappe.views");

const DAYS = 7;

/** A head sees this week of everybody, a manager the last days and all that is to come of their own. */
function at_hand() {
	const is_head = ["Sales Manager", "CRM Administrator"].some((role) => frappe.user.has_role(role));
	if (is_head) return [["Work", "planned_on", "Timespan", "this week"]];
	return [
		["Work", "assigned_to", "=", frappe.session.user],
		["Work", "planned_on", ">=", frappe.datetime.add_days(frappe.datetime.get_today(), -DAYS)],
	];
}

frappe.views.KanbanView = class extends frappe.views.KanbanView {
	async get_board() {
		await super.get_board();
		if (this.doctype !== "Work" || this.filters.length) return; // somebody has saved filters of their own
		this.filters = at_hand();
	}
};

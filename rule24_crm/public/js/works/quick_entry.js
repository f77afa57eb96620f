// Wherever the Desk makes a new work (list, Kanban board, shortcut, link field) it asks what, when and who.
frappe.provide("frappe.ui.form");

frappe.ui.form.WorkQuickEntryForm = class WorkQuickEntryForm extends frappe.ui.form.QuickEntryForm {
	setup() {
		return new Promise((resolve) => {
			frappe.model.with_doctype(this.doctype, async () => {
				this.check_quick_entry_doc();
				this.init_callback && this.init_callback(this.doc);
				frappe.quick_entry = null;
				await rule24.works.plan({ ...this.doc, on_done: this.after_insert });
				resolve(this);
			});
		});
	}
};

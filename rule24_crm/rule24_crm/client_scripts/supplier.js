frappe.ui.form.on("Supplier", {
	refresh(frm) {
		rule24.card.mount_relations(frm);
	},
});

frappe.ui.form.on("Competitor", {
	refresh(frm) {
		rule24.card.mount_relations(frm);
	},
});

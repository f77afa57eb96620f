rule24.parties.watch("Contact");
frappe.ui.form.on("Contact", {
	refresh(frm) {
		rule24.works.mount(frm);
		rule24.card.mount_relations(frm);
	},
});

frappe.ui.form.on("Prospect", {
	refresh(frm) {
		rule24.works.mount(frm);
	},
});

rule24.parties.watch("Prospect");
frappe.ui.form.on("Prospect", {
	refresh(frm) {
		rule24.call_window.tidy(frm);
		rule24.works.mount(frm);
		rule24.distribution.show(frm);
		rule24.card.mount(frm);
	},
});

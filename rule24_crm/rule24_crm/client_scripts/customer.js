rule24.parties.watch("Customer");
frappe.ui.form.on("Customer", {
	refresh(frm) {
		rule24.works.mount(frm);
		rule24.distribution.show(frm);
		rule24.card.mount(frm);
	},
});

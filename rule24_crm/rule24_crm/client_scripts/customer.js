rule24.parties.watch("Customer");
frappe.ui.form.on("Customer", {
	refresh(frm) {
		rule24.call_window.tidy(frm);
		rule24.works.mount(frm);
		rule24.distribution.show(frm);
		rule24.card.mount(frm);
		// a client who is not active yet: the server has sent no requisites, so there is nothing to show or ask
		const hidden = frm.doc.__onload?.rule24_requisites_hidden;
		frm.toggle_display(["tax_id", "rule24_kpp", "rule24_ogrn"], !hidden);
	},
});

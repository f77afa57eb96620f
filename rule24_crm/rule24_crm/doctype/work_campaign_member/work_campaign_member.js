frappe.ui.form.on("Work Campaign Member", {
	refresh(frm) {
		if (frm.is_new()) return;
		frm.add_custom_button(__("Open {0}", [__(frm.doc.party_type)]), () =>
			frappe.set_route("Form", frm.doc.party_type, frm.doc.party)
		);
		if (frm.doc.work) {
			frm.add_custom_button(__("Open Work"), () => frappe.set_route("Form", "Work", frm.doc.work));
		}
	},
});

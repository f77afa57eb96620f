frappe.ui.form.on("Distribution Log", {
	refresh(frm) {
		// a link that nobody can change shows the name of the DocType as it is stored
		$(frm.get_field("party_type").disp_area).text(__(frm.doc.party_type));
	},
});

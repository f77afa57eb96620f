frappe.ui.form.on("Party Import Row", {
	refresh(frm) {
		frm.set_intro("");
		if (frm.doc.reason) {
			const colour = frm.doc.state === "Error" ? "red" : "orange";
			frm.set_intro(frappe.utils.escape_html(frm.doc.reason), colour);
		}
		frm.page.set_indicator(
			__(frm.doc.state, null, "Party Import Row"),
			rule24.party_import.COLOURS[frm.doc.state] || "gray"
		);
		if (frm.doc.state === "Created") frm.disable_save();
		frm.add_custom_button(__("Open Import"), () =>
			frappe.set_route("Form", "Party Import", frm.doc.party_import)
		);
	},
});

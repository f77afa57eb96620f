frappe.ui.form.on("Segment Change", {
	refresh(frm) {
		frm.disable_save();
		// a link that nobody can change shows the name of the DocType as it is stored
		$(frm.get_field("record_type").disp_area).text(__(frm.doc.record_type));
		const stopped = ["Done", "Interrupted"].includes(frm.doc.status) || frm.doc.__onload?.cut_off;
		if (!stopped || !frm.doc.changed) return;
		frm.add_custom_button(__("Undo"), async () => {
			await frappe.require("/assets/rule24_crm/js/segment_actions.js");
			rule24.segments.confirm_undo(frm.doc, () => frm.reload_doc());
		});
	},
});

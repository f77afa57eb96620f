frappe.ui.form.on("Partner Relation", {
	setup(frm) {
		frm.set_query("kind", () => ({ filters: { disabled: 0 } }));
	},

	from_type: (frm) => other_record(frm, "from"),
	to_type: (frm) => other_record(frm, "to"),

	refresh(frm) {
		for (const side of ["from", "to"]) {
			const [doctype, name] = [frm.doc[`${side}_type`], frm.doc[`${side}_party`]];
			if (doctype && name && !frm.is_new()) {
				frm.add_custom_button(frm.doc[`${side}_title`], () =>
					frappe.set_route("Form", doctype, name)
				);
			}
		}
	},
});

/** Another kind of record, or none: whoever stood there before does not stay. */
function other_record(frm, side) {
	frm.set_value({ [`${side}_party`]: "", [`${side}_title`]: "" });
}

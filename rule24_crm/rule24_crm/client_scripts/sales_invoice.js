frappe.ui.form.on("Sales Invoice", {
	refresh: (frm) => rule24.parties.show_client_warning(frm),
});

frappe.ui.form.on("Sales Order", {
	refresh: (frm) => rule24.parties.show_client_warning(frm),
});

frappe.ui.form.on("Contract", {
	refresh: (frm) => rule24.parties.show_client_warning(frm),
});

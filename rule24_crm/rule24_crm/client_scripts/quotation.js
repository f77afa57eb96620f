frappe.ui.form.on("Quotation", {
	refresh: (frm) => rule24.parties.show_client_warning(frm),
});

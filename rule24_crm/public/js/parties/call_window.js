// Frappe fills every Time field of a new document with the present time: a window for calls that nobody meant.
frappe.provide("rule24.call_window");

const FIELDS = ["rule24_call_from", "rule24_call_to"];

rule24.call_window.tidy = (frm) => {
	const [from, to] = FIELDS.map((field) => (frm.doc[field] || "").slice(0, 5));
	if (!frm.is_new() || !from || from !== to) return;
	for (const field of FIELDS) {
		frm.doc[field] = null;
		frm.refresh_field(field);
	}
};

// Who stands in for whom, and the way to a handover.
frappe.ui.form.on("Account Manager", {
	refresh(frm) {
		if (frm.is_new()) return;
		if (frappe.model.can_create("Client Handover")) {
			frm.add_custom_button(__("Hand Over"), () =>
				frappe.new_doc("Client Handover", { from_user: frm.doc.user })
			);
		}
		show_cover(frm);
	},
});

async function show_cover(frm) {
	const name = frm.doc.name;
	const { message } = await frappe.call({
		method: "rule24_crm.api.handover.cover",
		args: { manager: name },
		type: "GET",
	});
	if (frm.doc.name !== name || !message) return;
	const line = (text, row) => {
		const link = `<a href="/app/client-handover/${encodeURIComponent(row.handover)}">${frappe.utils.escape_html(row.full_name)}</a>`;
		return `<div>${text([link, frappe.datetime.str_to_user(row.until)])}</div>`;
	};
	const lines = [
		...message.covered_by.map((row) => line((words) => __("Away: {0} stands in until {1}", words), row)),
		...message.covers_for.map((row) => line((words) => __("Stands in for {0} until {1}", words), row)),
	];
	if (lines.length) frm.dashboard.set_headline(lines.join(""));
}

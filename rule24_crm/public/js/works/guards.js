// Answers of the Desk to what the server says of its own accord.
frappe.provide("rule24.works");

// A work set to Closed without a Result, on a Kanban board or in the list: ask for the Result instead of refusing.
frappe.request.on_error("ResultMissingError", (response) => {
	if (response.rule24_work && !$(".rule24-closing:visible").length) {
		rule24.works.close(response.rule24_work, {
			on_done: () => $(document).trigger("rule24-list-refresh"),
		});
		return;
	}
	const messages = response._server_messages ? JSON.parse(response._server_messages) : [];
	if (messages.length) frappe.msgprint(messages);
});

/** Ring at the moment a work names: an alert that leads to it. */
rule24.works.remind = function ({ work, subject, when, party_name }) {
	const client = party_name ? ` · ${frappe.utils.escape_html(party_name)}` : "";
	frappe.show_alert(
		{
			message: `<a href="${frappe.utils.get_form_link("Work", work)}">${frappe.utils.escape_html(
				subject
			)}</a><div>${frappe.utils.escape_html(when)}${client}</div>`,
			indicator: "orange",
		},
		60
	);
	frappe.utils.play_sound("alert");
};

$(document).on("app_ready startup", () => {
	if (rule24.works._listening || !frappe.realtime) return;
	rule24.works._listening = true;
	frappe.realtime.on("rule24_reminder", (reminder) => rule24.works.remind(reminder));
});

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
	show_messages(response);
});

// The last open work of a live client set to Cancelled, on a Kanban board, in the list or the form: ask for the reason.
frappe.request.on_error("NextWorkRequiredError", (response) => {
	if (response.rule24_cancelling) ask_why(response.rule24_cancelling);
	else show_messages(response);
});

function show_messages(response) {
	const messages = response._server_messages ? JSON.parse(response._server_messages) : [];
	if (messages.length) frappe.msgprint(messages);
}

function ask_why(work) {
	frappe.prompt(
		[
			{
				fieldname: "words",
				fieldtype: "HTML",
				options: `<p>${__(
					"Nothing else is planned with this client. Say why, or plan the next work first."
				)}</p>`,
			},
			{
				fieldname: "stop_reason",
				fieldtype: "Link",
				options: "Work Stop Reason",
				label: __("Why Nothing Follows"),
				reqd: 1,
				only_select: 1,
				get_query: () => ({ filters: { disabled: 0 } }),
			},
		],
		async ({ stop_reason }) => {
			const [view, doctype, name] = frappe.get_route();
			if (view === "Form" && doctype === "Work" && name === work) {
				// the form may hold other changes: it saves them together with the reason
				$(document).trigger("rule24-stop-reason", { work, stop_reason });
				return;
			}
			await frappe.xcall("rule24_crm.api.work.cancel", { work, stop_reason });
			$(document).trigger("rule24-works-changed");
		},
		__("Cancel Work"),
		__("Cancel Work")
	);
}

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

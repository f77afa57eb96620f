// "Create Works" on lists of clients, contacts and deals: for the selection, or for all the filter holds.
frappe.provide("rule24.works");

function ask(doctype, count, call) {
	const dialog = new frappe.ui.Dialog({
		title: __("Create Works: {0}", [count]),
		fields: [
			{
				fieldname: "action",
				fieldtype: "Link",
				options: "Work Action",
				label: __("Action"),
				reqd: 1,
				get_query: () => ({ filters: { disabled: 0 } }),
			},
			{
				fieldname: "planned_on",
				fieldtype: "Date",
				label: __("Date"),
				reqd: 1,
				default: frappe.datetime.get_today(),
			},
			{
				fieldname: "assigned_to",
				fieldtype: "Link",
				options: "User",
				label: __("Assigned To"),
				description: __("Empty: the manager responsible for each client"),
				get_query: () => ({ filters: { user_type: "System User", enabled: 1 } }),
			},
			{ fieldname: "column", fieldtype: "Column Break" },
			{
				fieldname: "subject",
				fieldtype: "Data",
				label: __("Subject"),
				description: __("Empty: the Action and the client"),
			},
			{
				fieldname: "priority",
				fieldtype: "Select",
				label: __("Priority"),
				options: ["Low", "Medium", "High"].map((value) => ({ value, label: __(value) })),
				default: "Medium",
			},
			{
				fieldname: "campaign",
				fieldtype: "Link",
				options: "Work Campaign",
				label: __("Work Campaign"),
			},
		],
		primary_action_label: __("Create Works"),
		primary_action: async (values) => {
			dialog.disable_primary_action();
			try {
				const outcome = await frappe.xcall("rule24_crm.api.work.create_bulk", {
					doctype,
					values,
					...call,
				});
				dialog.hide();
				tell(outcome);
			} finally {
				dialog.enable_primary_action();
			}
		},
	});
	rule24.works.add_date_chips(dialog.fields_dict.planned_on);
	dialog.show();
}

function tell({ created, skipped }) {
	frappe.show_alert(
		{
			message: `<a href="${frappe.utils.get_form_link("Work", "view/list")}">${__("{0} works created", [
				created,
			])}</a>`,
			indicator: "green",
		},
		7
	);
	if (skipped.length) {
		const rows = skipped
			.slice(0, 20)
			.map((row) => `<li>${frappe.utils.escape_html(`${row.name}: ${row.reason}`)}</li>`);
		frappe.msgprint({
			title: __("{0} left out", [skipped.length]),
			message: `<ul>${rows.join("")}</ul>`,
			indicator: "orange",
		});
	}
}

const named_by_customer = (doctype) =>
	doctype === "Customer" && frappe.defaults.get_default("cust_master_name") !== "Naming Series";

/** Field -> values with which nobody works with a client of this kind any more, see `parties/live.py`; nothing of other kinds. */
const written_off = (doctype) => frappe.boot.rule24_written_off?.[doctype] || {};

const is_live = (doctype, doc) =>
	!Object.entries(written_off(doctype)).some(([field, values]) =>
		values === true ? Boolean(doc[field]) : values.includes(doc[field])
	);

/** The day of the next work in a list of clients: red when it has passed. An element, see `work_list.js`. */
function next_work(doctype, day, client) {
	if (!day)
		return `<span class="text-muted">${is_live(doctype, client) ? __("nothing planned") : "–"}</span>`;
	const css = day < frappe.datetime.get_today() ? "text-danger" : "";
	return `<span class="${css}">${rule24.works.day_words(day)}</span>`;
}

/** Add "Create Works" and the day of the next work to the list of a DocType, behind whatever its own settings do. */
rule24.works.extend_list = function (doctype) {
	const settings = (frappe.listview_settings[doctype] = frappe.listview_settings[doctype] || {});
	if (settings.rule24_works) return;
	settings.rule24_works = true;
	// a client who is called as the record is named is named once
	settings.hide_name_column ??= doctype === "Prospect" || named_by_customer(doctype);
	settings.add_fields = [...(settings.add_fields || []), ...Object.keys(written_off(doctype))];
	settings.formatters = {
		...settings.formatters,
		rule24_next_work_on: (day, _df, client) => next_work(doctype, day, client),
	};
	const before = settings.onload;
	settings.onload = function (listview) {
		before && before.call(this, listview);
		if (!frappe.model.can_create("Work")) return;
		listview.page.add_actions_menu_item(
			__("Create Works"),
			() => {
				const names = listview.get_checked_items(true);
				if (names.length) ask(doctype, names.length, { names });
			},
			false
		);
		listview.page.add_menu_item(__("Create Works for This Filter"), async () => {
			const filters = listview.get_filters_for_args().map((row) => row.slice(0, 4));
			const count = await frappe.xcall("frappe.desk.reportview.get_count", {
				doctype,
				filters,
				fields: [],
			});
			if (!count) frappe.msgprint(__("The filter finds nothing. Change or clear it, then try again."));
			else ask(doctype, count, { filters });
		});
	};
};

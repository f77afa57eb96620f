// A dry run of distribution rules on the records that are there: who would get what, and why. Nothing is written.
frappe.provide("rule24.distribution");

rule24.distribution.try_rules = ({ rule, kinds }) => {
	const dialog = new frappe.ui.Dialog({
		title: rule ? __("Try «{0}» on Existing Records", [rule]) : __("Try the Rules on Existing Records"),
		size: "extra-large",
		fields: [
			{
				fieldname: "party_type",
				fieldtype: "Select",
				label: __("Records"),
				options: kinds.map((value) => ({ value, label: __(value) })),
				default: kinds[0],
				reqd: 1,
				onchange: () => filters_for(dialog),
			},
			{ fieldname: "column", fieldtype: "Column Break" },
			{
				fieldname: "limit",
				fieldtype: "Int",
				label: __("At Most, Newest First"),
				default: 50,
				reqd: 1,
			},
			{ fieldname: "section_filter", fieldtype: "Section Break" },
			{ fieldname: "filter", fieldtype: "HTML" },
			{ fieldname: "outcome", fieldtype: "HTML" },
		],
		primary_action_label: __("Try"),
		primary_action: async ({ party_type, limit }) => {
			const outcome = await frappe.xcall(
				"rule24_crm.api.distribution.try_on_existing",
				{ party_type, limit, rule: rule || null, filters: dialog.filter_group.get_filters() },
				"GET"
			);
			dialog.fields_dict.outcome.$wrapper.html(outcome_html(outcome, party_type));
		},
	});
	dialog.show();
	filters_for(dialog);
};

function filters_for(dialog) {
	const doctype = dialog.get_value("party_type");
	if (!doctype) return; // the dialog is still being filled
	const parent = dialog.fields_dict.filter.$wrapper.empty();
	dialog.fields_dict.outcome.$wrapper.html(
		`<p class="text-muted">${__("Nothing is written: you see who would get these records if they were new.")}</p>`
	);
	frappe.model.with_doctype(doctype, () => {
		dialog.filter_group = new frappe.ui.FilterGroup({ parent, doctype, on_change: () => {} });
	});
}

function outcome_html({ rows, by_manager, names }, doctype) {
	if (!rows.length) return `<p class="text-muted">${__("No such records.")}</p>`;
	const escape = frappe.utils.escape_html;
	const person = (user) => (user ? escape(names[user] || user) : "");
	const counts = by_manager
		.map(
			({ manager, count }) =>
				`<span class="indicator-pill blue no-indicator-dot">${person(manager)}: ${count}</span>`
		)
		.join(" ");
	const lines = rows
		.map((row) => {
			const moved = row.now !== row.manager;
			return `<tr>
				<td><a href="${frappe.utils.get_form_link(doctype, row.name)}" target="_blank">${escape(row.title)}</a></td>
				<td>${person(row.now)}</td>
				<td class="${moved ? "bold" : "text-muted"}">${person(row.manager)}</td>
				<td>${row.rule ? escape(row.rule) : `<span class="text-muted">${__("no rule fits")}</span>`}</td>
				<td title="${escape(row.candidates)}">${escape(row.explanation)}</td>
			</tr>`;
		})
		.join("");
	return `<div class="rule24-trial"><p>${counts}</p>
		<table class="table table-bordered table-sm">
			<thead><tr><th>${__("Record")}</th><th>${__("Now")}</th><th>${__("Would Get It")}</th>
				<th>${__("Rule")}</th><th>${__("Why")}</th></tr></thead>
			<tbody>${lines}</tbody>
		</table></div>`;
}

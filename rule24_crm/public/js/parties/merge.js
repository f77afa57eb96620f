// Two records of one client become one: first what would move and what would be dropped, then the deed.
frappe.provide("rule24.parties");

/** Ask which record is the other one, then show what a merge would do. */
rule24.parties.choose_and_merge = function (doctype, name) {
	const dialog = new frappe.ui.Dialog({
		title: __("Merge With Another"),
		fields: [
			{
				fieldname: "other",
				fieldtype: "Link",
				options: doctype,
				label: __("The Same Client Is Also"),
				reqd: 1,
				get_query: () => ({ filters: { name: ["!=", name] } }),
			},
		],
		primary_action_label: __("Next"),
		primary_action: ({ other }) => {
			dialog.hide();
			rule24.parties.merge(doctype, name, other);
		},
	});
	dialog.show();
};

/** Show what a merge would do, either way round, and do it when the user agrees. */
rule24.parties.merge = async function (doctype, source, target) {
	const preview = await frappe
		.xcall("rule24_crm.api.parties.merge_preview", { party_type: doctype, source, target }, "GET")
		.catch(() => null); // the server has said why not
	if (!preview) return;
	const dialog = new frappe.ui.Dialog({
		title: __("Merge"),
		fields: [{ fieldname: "preview", fieldtype: "HTML", options: preview_html(doctype, preview) }],
		primary_action_label: __("Merge"),
		primary_action: async () => {
			dialog.disable_primary_action();
			try {
				const { party } = await frappe.xcall("rule24_crm.api.parties.merge", {
					party_type: doctype,
					source,
					target,
				});
				dialog.hide();
				frappe.show_alert({ message: __("The two are one client now."), indicator: "green" });
				frappe.model.clear_doc(doctype, source);
				frappe.model.clear_doc(doctype, party);
				frappe.set_route("Form", doctype, party);
			} finally {
				dialog.enable_primary_action();
			}
		},
		secondary_action_label: __("The Other Way Round"),
		secondary_action: () => {
			dialog.hide();
			rule24.parties.merge(doctype, target, source);
		},
	});
	dialog.show();
};

function preview_html(doctype, { source, target, moves, fills, keeps }) {
	const escape = frappe.utils.escape_html;
	const named = (party) =>
		`<b>${escape(party.title)}</b>` +
		(party.title === party.name ? "" : ` <span class="text-muted">${escape(party.name)}</span>`);
	const parts = [
		`<p>${__("{0} goes, {1} stays. This cannot be undone.", [named(source), named(target)])}</p>`,
	];
	const list = (title, rows) => {
		if (rows.length) parts.push(`<h5>${title}</h5><ul>${rows.join("")}</ul>`);
	};
	list(
		__("Moves to the one that stays"),
		moves.map((each) => `<li>${__(each.doctype)}: ${each.count}</li>`)
	);
	list(
		__("Is taken over from the one that goes"),
		fills.map((each) => `<li>${escape(each.label)}: ${escape(String(each.value))}</li>`)
	);
	list(
		__("Stays as it is"),
		keeps.map(
			(each) =>
				`<li>${escape(each.label)}: ${escape(String(each.kept))}
				<span class="text-muted">${__("not {0}", [escape(String(each.dropped))])}</span></li>`
		)
	);
	return `<div class="rule24-merge">${parts.join("")}</div>`;
}

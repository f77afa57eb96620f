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
			dialog.hide();
			frappe.dom.freeze(__("One moment ..."));
			try {
				await leave(doctype, source, target);
				const { party } = await frappe.xcall("rule24_crm.api.parties.merge", {
					party_type: doctype,
					source,
					target,
				});
				frappe.show_alert({ message: __("The two are one client now."), indicator: "green" });
				await show_merged(doctype, party, source);
			} finally {
				frappe.dom.unfreeze();
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

const shows = (doctype, name) => window.cur_frm?.doctype === doctype && window.cur_frm.docname === name;

/** Leave the form of the one that goes: Frappe would load it once more when it hears of the change. */
async function leave(doctype, source, target) {
	if (shows(doctype, source)) await frappe.set_route("Form", doctype, target);
}

async function show_merged(doctype, party, source) {
	frappe.model.clear_doc(doctype, source);
	if (shows(doctype, party)) {
		await window.cur_frm.reload_doc();
	} else {
		frappe.model.clear_doc(doctype, party);
		await frappe.set_route("Form", doctype, party);
	}
}

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

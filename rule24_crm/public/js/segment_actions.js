// "Assign Market Segment" and "Remove Market Segment" in the lists of clients and contacts, and undoing the last change.
frappe.provide("rule24.segments");

rule24.segments.add_list_actions = (listview) => {
	if (!frappe.model.can_write(listview.doctype)) return;
	for (const remove of [false, true]) {
		const label = remove ? __("Remove Market Segment") : __("Assign Market Segment");
		const all = remove
			? __("Remove Market Segment from All Found")
			: __("Assign Market Segment to All Found");
		listview.page.add_actions_menu_item(
			label,
			() => rule24.segments.choose(listview, listview.get_checked_items(true), remove),
			false
		);
		listview.page.add_menu_item(all, () => rule24.segments.choose(listview, null, remove));
	}
	listview.page.add_menu_item(__("Undo Last Change of Segments"), () =>
		rule24.segments.undo_last(listview)
	);
};

rule24.segments.choose = async (listview, names, remove) => {
	if (names && !names.length) return;
	const filters = listview.get_filters_for_args().map((row) => row.slice(0, 4));
	const number = names
		? names.length
		: await frappe.xcall("frappe.desk.reportview.get_count", {
				doctype: listview.doctype,
				filters,
				fields: [],
			});
	if (!number) {
		frappe.msgprint(__("The filter finds nothing. Change or clear it, then try again."));
		return;
	}
	const title = remove ? __("Remove Market Segment") : __("Assign Market Segment");
	const dialog = new frappe.ui.Dialog({
		title,
		fields: [
			{
				fieldname: "segments",
				fieldtype: "MultiSelectPills",
				label: __("Market Segments"),
				reqd: 1,
				get_data: (text) => frappe.db.get_link_options("Market Segment", text),
				description: remove
					? __("{0} records will lose them; what else they have stays.", [rule24.number(number)])
					: __(
							"{0} records will get them; what they have stays, and the first one stays the primary.",
							[rule24.number(number)]
						),
			},
		],
		primary_action_label: remove ? __("Remove") : __("Assign"),
		primary_action: async ({ segments }) => {
			dialog.disable_primary_action();
			try {
				const outcome = await frappe.xcall("rule24_crm.api.segments.assign", {
					doctype: listview.doctype,
					segments,
					remove: remove ? 1 : 0,
					...(names ? { names } : { filters }),
				});
				dialog.hide();
				listview.clear_checked_items();
				rule24.segments.follow(outcome, (result) => rule24.segments.tell(listview, result));
			} finally {
				dialog.enable_primary_action();
			}
		},
	});
	rule24.close_after_choice(dialog.fields_dict.segments);
	dialog.show();
};

/** A job tells its outcome when it is done; what was done at once is told at once. */
rule24.segments.follow = (outcome, done) => {
	if (!outcome.queued) {
		done(outcome);
		return;
	}
	frappe.show_alert(
		__("{0} records are being changed. You can go on working.", [rule24.number(outcome.records)])
	);
	const listen = (data) => {
		if (data.change !== outcome.change) return;
		frappe.realtime.off("rule24_segments_done", listen);
		frappe.hide_progress();
		if (data.result.error) {
			frappe.msgprint({ title: __("Interrupted"), message: data.result.error, indicator: "red" });
		} else {
			done(data.result);
		}
	};
	frappe.realtime.on("rule24_segments_done", listen);
};

rule24.segments.tell = (listview, { change, changed, unchanged, refused }) => {
	const parts = [__("{0} records changed", [rule24.number(changed)])];
	if (unchanged) parts.push(__("{0} had nothing to change", [rule24.number(unchanged)]));
	if (refused) parts.push(__("{0} are not yours to change", [rule24.number(refused)]));
	frappe.show_alert(
		{
			message: `<a href="${frappe.utils.get_form_link("Segment Change", change)}">${parts.join(", ")}</a>`,
			indicator: refused ? "orange" : "green",
		},
		10
	);
	listview.refresh();
};

rule24.segments.undo_last = async (listview) => {
	const last = await frappe.xcall(
		"rule24_crm.api.segments.last_change",
		{ doctype: listview.doctype },
		"GET"
	);
	if (!last) {
		frappe.msgprint(__("There is no bulk change of yours to undo."));
		return;
	}
	rule24.segments.confirm_undo(last, () => listview.refresh());
};

rule24.segments.confirm_undo = ({ name, operation, segments, changed, creation }, done) => {
	const words =
		operation === "Remove"
			? __("{0}: removed from {1} records, {2}", [
					frappe.utils.escape_html(segments).bold(),
					rule24.number(changed),
					frappe.datetime.str_to_user(creation),
				])
			: __("{0}: assigned to {1} records, {2}", [
					frappe.utils.escape_html(segments).bold(),
					rule24.number(changed),
					frappe.datetime.str_to_user(creation),
				]);
	const title = __("Undo this change?");
	frappe.warn(
		title,
		`${words}<br>${__("Records whose segments somebody has changed since are left as they are.")}`,
		async () => {
			const outcome = await frappe.xcall("rule24_crm.api.segments.undo", { change: name });
			rule24.segments.follow(outcome, (result) => {
				rule24.segments.tell_undone(result);
				done();
			});
		},
		__("Undo")
	);
};

rule24.segments.tell_undone = ({ restored, left, left_count }) => {
	frappe.show_alert(
		{ message: __("{0} records restored", [rule24.number(restored)]), indicator: "green" },
		7
	);
	if (!left_count) return;
	const rows = left.map((row) => `<li>${frappe.utils.escape_html(`${row.name}: ${row.reason}`)}</li>`);
	frappe.msgprint({
		title: __("{0} left as they are", [rule24.number(left_count)]),
		message: `<ul>${rows.join("")}</ul>`,
		indicator: "orange",
	});
};

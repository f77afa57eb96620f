frappe.ui.form.on("Client Handover", {
	setup(frm) {
		const users = () => ({ query: "frappe.core.doctype.user.user.user_query" });
		frm.set_query("user", "receivers", users);
		// a manager who has left is disabled, and can still hand over
		frm.set_query("from_user", () => ({
			filters: { user_type: "System User", name: ["not in", ["Guest", "Administrator"]] },
		}));
	},

	refresh(frm) {
		const moved = !frm.is_new() && frm.doc.status !== "Draft";
		name_section(frm, "section_preview", moved ? __("3. What Has Moved") : __("3. What Moves"));
		if (frm.is_new() && !frm.doc.receivers?.length) frm.add_child("receivers"); // there is one at least
		frm.trigger("show_columns");
		if (frm.is_new()) {
			say(
				frm,
				__("Choose whose clients go to whom, and save: you see what moves before anything does.")
			);
		} else if (frm.doc.status === "Draft") {
			preview(frm);
		} else {
			show_result(frm);
		}
	},

	divide_by: (frm) => frm.trigger("show_columns"),

	show_columns(frm) {
		const by_shares = frm.doc.divide_by !== "Segments";
		const grid = frm.get_field("receivers").grid;
		grid.update_docfield_property("share", "hidden", by_shares ? 0 : 1);
		grid.update_docfield_property("share", "in_list_view", by_shares ? 1 : 0);
		grid.update_docfield_property("segment", "hidden", by_shares ? 1 : 0);
		grid.update_docfield_property("segment", "in_list_view", by_shares ? 0 : 1);
		grid.visible_columns = undefined;
		grid.setup_visible_columns?.();
		grid.reset_grid?.();
	},
});

for (const table of ["Client Handover Client", "Client Handover Receiver"]) {
	frappe.ui.form.on(table, {
		party: (frm, cdt, cdn) => frappe.model.set_value(cdt, cdn, "party_name", ""),
	});
}

/** A section writes its heading once, and takes no notice when its label changes. */
function name_section(frm, fieldname, label) {
	const $text = frm.get_field(fieldname).head.contents().first();
	if ($text[0]) $text[0].textContent = label;
}

function may_hand_over(frm) {
	return Boolean(frm.perm[0]?.write);
}

function say(frm, text) {
	frm.get_field("overview").$wrapper.html(`<p class="text-muted">${text}</p>`);
}

const names_of = (frm) =>
	Object.fromEntries(frm.doc.receivers.map((row) => [row.user, row.full_name || row.user]));

async function preview(frm) {
	const name = frm.doc.name;
	say(frm, __("Counting…"));
	let shown;
	try {
		({ message: shown } = await frappe.call({
			method: "rule24_crm.api.handover.preview",
			args: { handover: name },
			type: "GET",
		}));
	} catch {
		if (frm.doc.name === name)
			say(frm, __("The preview could not be made. Correct what the message says, and save."));
		return;
	}
	if (frm.doc.name !== name || frm.doc.status !== "Draft") return;
	if (!shown.total) {
		say(frm, __("The manager has nothing of this kind. Nothing would move."));
		return;
	}
	await frappe.require("/assets/rule24_crm/js/handover.js");
	frm.get_field("overview").$wrapper.html(rule24.handover.picture(shown, names_of(frm)));
	if (!may_hand_over(frm)) return;
	frm.page.set_primary_action(__("Hand Over Now"), () => confirm_handover(frm, shown));
}

function confirm_handover(frm, shown) {
	if (frm.is_dirty()) {
		frm.save(); // the preview is made anew by the refresh
		return;
	}
	const lines = shown.receivers
		.map((row) =>
			__("{0}: clients {1}, deals {2}, works {3}", [
				frappe.utils.escape_html(row.full_name).bold(),
				rule24.number(row.clients),
				rule24.number(row.deals),
				rule24.number(row.works),
			])
		)
		.join("<br>");
	const until = frm.doc.until
		? __("It comes back by itself on {0}.", [frappe.datetime.str_to_user(frm.doc.until)])
		: __("It is for good; you can undo it.");
	frappe.confirm(
		`<p>${__("From {0}, {1} records:", [frappe.utils.escape_html(frm.doc.from_name || frm.doc.from_user).bold(), rule24.number(shown.total)])}</p><p>${lines}</p><p>${until}</p>`,
		async () => {
			try {
				await frappe.call({
					method: "rule24_crm.api.handover.execute",
					args: { handover: frm.doc.name, token: shown.token },
					freeze: true,
					freeze_message: __("Handing over…"),
				});
				frappe.show_alert({
					message: __("{0} records moved", [rule24.number(shown.total)]),
					indicator: "green",
				});
			} finally {
				frm.reload_doc();
			}
		}
	);
}

function show_result(frm) {
	const { doc } = frm;
	frm.disable_save();
	const numbers = [
		[doc.clients_moved, __("Clients")],
		[doc.deals_moved, __("Deals")],
		[doc.works_moved, __("Works")],
		[doc.records_moved, __("All Records")],
	];
	frm.get_field("overview").$wrapper.html(`
		<div class="rule24-handover-numbers">${numbers
			.map(([value, label]) => `<div><b>${rule24.number(value)}</b><span>${label}</span></div>`)
			.join("")}</div>`);
	const when = frappe.datetime.str_to_user(doc.executed_on);
	const who = frappe.utils.escape_html(frappe.user_info(doc.executed_by).fullname);
	const texts = {
		"Handed Over": doc.until
			? __("Handed over by {0} on {1}. It comes back by itself on {2}.", [
					who,
					when,
					frappe.datetime.str_to_user(doc.until),
				])
			: __("Handed over by {0} on {1}, for good.", [who, when]),
		Returned: __("Everything that was still with the receivers came back on {0}.", [
			frappe.datetime.str_to_user(doc.ended_on),
		]),
		Undone: __("Undone on {0}.", [frappe.datetime.str_to_user(doc.ended_on)]),
	};
	frm.set_intro(texts[doc.status], doc.status === "Handed Over" ? "green" : "blue");
	if (!may_hand_over(frm)) return;
	frm.add_custom_button(__("Moved Records"), () =>
		frappe.set_route("List", "Client Handover Item", { handover: doc.name })
	);
	if (doc.status === "Handed Over") frm.add_custom_button(__("Undo Handover"), () => undo(frm));
}

function undo(frm) {
	frappe.confirm(
		__(
			"Take back what nobody has changed since? Whatever has been given to somebody else or closed stays."
		),
		async () => {
			const { message } = await frappe.call({
				method: "rule24_crm.api.handover.undo",
				args: { handover: frm.doc.name },
				freeze: true,
				freeze_message: __("Taking back…"),
			});
			frm.reload_doc();
			const conflicts = message.conflicts
				.map((line) => `<li>${frappe.utils.escape_html(line)}</li>`)
				.join("");
			frappe.msgprint({
				title: __("Undone"),
				indicator: message.left ? "orange" : "green",
				message: `<p>${__("{0} records are back.", [rule24.number(message.given_back)])}</p>${
					message.left
						? `<p>${__("{0} were changed by somebody since and stay:", [rule24.number(message.left)])}</p><ul style="max-height: 40vh; overflow: auto">${conflicts}</ul>`
						: ""
				}`,
			});
		}
	);
}

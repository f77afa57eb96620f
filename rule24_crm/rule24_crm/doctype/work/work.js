frappe.ui.form.on("Work", {
	setup(frm) {
		$(document).on("rule24-stop-reason", (_event, { work, stop_reason }) => {
			if (work === frm.doc.name) frm.set_value("stop_reason", stop_reason).then(() => frm.save());
		});
		frm.set_query("action", () => ({ filters: { disabled: 0 } }));
		frm.set_query("script", () => ({ filters: { disabled: 0 } }));
		frm.set_query("stop_reason", () => ({ filters: { disabled: 0 } }));
		frm.set_query("contact", () => rule24.works.contact_query(frm.doc));
		frm.set_query("assigned_to", () => ({ filters: { user_type: "System User", enabled: 1 } }));
		frm.set_query("opportunity", () =>
			frm.doc.party
				? {
						query: "rule24_crm.api.deals.of_client",
						filters: { party_type: frm.doc.party_type, party: frm.doc.party },
					}
				: {}
		);
		frm.set_query("result", () => ({
			filters: { name: ["in", frm.rule24_results || []] },
		}));
		frm.set_query("next_work", () => ({
			filters: {
				name: ["!=", frm.doc.name],
				status: ["in", rule24.works.OPEN],
				...(frm.doc.party ? { party_type: frm.doc.party_type, party: frm.doc.party } : {}),
			},
		}));
	},

	refresh(frm) {
		set_indicator(frm);
		add_buttons(frm);
		tell_outcome(frm);
		show_contact(frm);
		show_script(frm);
		show_parts(frm);
		load_results(frm);
	},

	validate(frm) {
		// Closed without a Result: keep what else was changed, and ask how it ended
		if (frm.is_new() || frm.doc.status !== "Closed" || frm.doc.result) return;
		frm.doc.status = "Planned";
		frm.refresh_field("status");
		frappe.db.get_value("Work", frm.doc.name, "status").then(({ message }) => {
			frm.doc.status = message.status;
			frm.save().then(() => close(frm));
		});
		frappe.validated = false;
	},

	action: load_results,
	contact: show_contact,

	async party(frm) {
		frm.set_value("opportunity", null);
		const { party_type, party } = frm.doc;
		if (!party) {
			frm.set_value("contact", null);
			return;
		}
		const contact = await rule24.works.main_contact(party_type, party);
		if (frm.doc.party === party) frm.set_value("contact", contact);
	},

	party_type(frm) {
		frm.set_value("party", null);
	},
});

function set_indicator(frm) {
	if (frm.is_new()) return;
	const [label, color] = rule24.works.indicator(frm.doc);
	frm.page.set_indicator(label, color);
}

function add_buttons(frm) {
	if (frm.is_new()) return;
	const open = rule24.works.is_open(frm.doc);
	if (open && frm.perm[0] && frm.perm[0].write) {
		frm.add_custom_button(__("Close Work"), () => close(frm))
			.addClass("btn-primary")
			.removeClass("btn-default")
			.attr("title", "Alt+R");
		frappe.ui.keys.add_shortcut({
			shortcut: "alt+r",
			action: () => close(frm),
			page: frm.page,
			description: __("Close Work"),
		});
		if (frm.doc.status === "Planned") {
			frm.add_custom_button(__("Start"), () =>
				frm.set_value("status", "In Progress").then(() => frm.save())
			);
		}
	}
	if (frappe.model.can_create("Work")) {
		const create = () => rule24.works.create_from(frm.doc.name);
		// room on top is for what is done with the work now
		if (open) frm.page.add_menu_item(__("Create on the Basis"), create);
		else frm.add_custom_button(__("Create on the Basis"), create);
	}
	if (frm.doc.party) {
		frm.add_custom_button(__("Open {0}", [__(frm.doc.party_type)]), () =>
			frappe.set_route("Form", frm.doc.party_type, frm.doc.party)
		);
	}
}

function close(frm) {
	if (!rule24.works.is_open(frm.doc) || $(".rule24-closing:visible").length) return;
	const open = () => rule24.works.close(frm.doc.name, { on_done: () => frm.reload_doc() });
	if (frm.is_dirty()) frm.save().then(open);
	else open();
}

/** One sentence on top of a finished work: how it ended, and what followed. */
function tell_outcome(frm) {
	frm.set_intro("");
	const { status, sign, result, closed_by, closed_on, next_work, stop_reason } = frm.doc;
	if (frm.is_new() || status !== "Closed") return;
	const escape = frappe.utils.escape_html;
	const parts = [
		`${rule24.works.sign_html(sign)} <b>${escape(__(result || "Closed"))}</b>`,
		`${escape(frappe.user.full_name(closed_by))}, ${frappe.datetime.str_to_user(closed_on)}`,
	];
	if (next_work) {
		parts.push(`<a href="${frappe.utils.get_form_link("Work", next_work)}">${__("Next work")}</a>`);
	}
	if (stop_reason) parts.push(escape(__(stop_reason)));
	frm.set_intro(parts.join(" · "), { Plus: "green", Minus: "red" }[sign] || "blue");
}

/** Results of the Action, for the field; the dialog asks the server itself. */
async function load_results(frm) {
	frm.rule24_results = [];
	if (!frm.doc.action) return;
	const action = await frappe.db.get_doc("Work Action", frm.doc.action);
	frm.rule24_results = action.results.map((row) => row.result);
}

/** Telephone numbers and addresses as links: those of the contact, else those of a lead or customer. */
async function show_contact(frm) {
	const field = frm.fields_dict.contact_html;
	field.$wrapper.empty();
	const { contact, party_type, party } = frm.doc;
	const reach = { phones: [], emails: [] };
	const add = (list, value) => value && !list.includes(value) && list.push(value);
	if (contact) {
		const doc = await frappe.db.get_doc("Contact", contact);
		(doc.phone_nos || []).forEach((row) => add(reach.phones, row.phone));
		(doc.email_ids || []).forEach((row) => add(reach.emails, row.email_id));
	}
	if (party && party_type !== "Prospect" && !reach.phones.length && !reach.emails.length) {
		const fields = party_type === "Lead" ? ["mobile_no", "phone", "email_id"] : ["mobile_no", "email_id"];
		const { message } = await frappe.db.get_value(party_type, party, fields);
		[message.mobile_no, message.phone].forEach((value) => add(reach.phones, value));
		add(reach.emails, message.email_id);
	}
	if (frm.doc.contact !== contact || frm.doc.party !== party) return; // changed meanwhile
	const link = (scheme, icon, value) =>
		`<a class="rule24-reach" href="${scheme}:${encodeURI(
			scheme === "tel" ? value.replace(/[^\d+]/g, "") : value
		)}">${frappe.utils.icon(icon, "sm")} ${frappe.utils.escape_html(value)}</a>`;
	field.$wrapper.html(
		[
			...reach.phones.map((value) => link("tel", "call", value)),
			...reach.emails.map((value) => link("mailto", "mail", value)),
		].join("")
	);
}

/** What to say, beside the fields. */
async function show_script(frm) {
	const field = frm.fields_dict.script_html;
	field.$wrapper.empty();
	const { name, script } = frm.doc;
	if (frm.is_new() || !script) return;
	const text = await frappe.xcall("rule24_crm.api.work.script_text", { work: name });
	if (frm.doc.name !== name) return;
	field.$wrapper.html(
		`<div class="rule24-script"><div class="rule24-script-title">${frappe.utils.escape_html(script)}</div>${
			text || ""
		}</div>`
	);
}

/** A bar of what the parts of this work have come to. */
async function show_parts(frm) {
	const field = frm.fields_dict.parts_html;
	field.$wrapper.empty();
	if (frm.is_new() || !frm.doc.__onload || !frm.doc.__onload.has_parts) return;
	const name = frm.doc.name;
	const sums = await frappe.xcall("rule24_crm.api.work.rollup", { work: name });
	if (frm.doc.name !== name || !sums.total) return;
	const neither = sums.closed - sums.plus - sums.minus;
	const parts = [
		["plus", __("Plus"), sums.plus, { status: "Closed", sign: "Plus" }],
		["neither", __("Closed"), neither, { status: "Closed", sign: ["is", "not set"] }],
		["minus", __("Minus"), sums.minus, { status: "Closed", sign: "Minus" }],
		["open", __("Open"), sums.open, { status: ["in", rule24.works.OPEN] }],
		["cancelled", __("Cancelled"), sums.cancelled, { status: "Cancelled" }],
	].filter(([_css, _label, count]) => count);
	const $bar = $(`<div class="rule24-bar"></div>`);
	const $legend = $(`<div class="rule24-legend"></div>`);
	parts.forEach(([css, label, count, filters]) => {
		const go = () => frappe.set_route("List", "Work", "List", { parent_work: name, ...filters });
		$(`<button type="button" class="${css}"></button>`)
			.css("flex-grow", count)
			.attr("title", `${label}: ${count}`)
			.text(count)
			.on("click", go)
			.appendTo($bar);
		$(`<button type="button" class="btn btn-link btn-xs"></button>`)
			.append(`<span class="rule24-key ${css}"></span>`, document.createTextNode(`${label}: ${count}`))
			.on("click", go)
			.appendTo($legend);
	});
	if (sums.overdue) {
		$legend.append(`<span class="rule24-late">${__("{0} of them overdue", [sums.overdue])}</span>`);
	}
	field.$wrapper.append($bar, $legend);
}

frappe.ui.form.on("Work Campaign", {
	setup(frm) {
		frm.set_query("first_action", () => ({ filters: { disabled: 0 } }));
		frm.set_query("user", "managers", () => ({
			query: "frappe.core.doctype.user.user.user_query",
		}));
		frm.set_query("item_code", "items", () => ({ filters: { disabled: 0, is_sales_item: 1 } }));
		frappe.realtime.on("rule24_campaign_done", (data) => {
			if (data.campaign !== frm.doc.name) return;
			frappe.hide_progress();
			if (data.result.error) {
				frappe.msgprint({
					title: __("It did not work"),
					message: data.result.error,
					indicator: "red",
				});
			} else if (data.what === "import") {
				show_import_result(data.result);
			} else {
				show_letters_result(data.result);
			}
			frm.reload_doc();
		});
	},

	refresh(frm) {
		frm.get_field("ladder").$wrapper.empty();
		if (frm.is_new()) {
			frm.set_intro(
				__("Name the campaign, choose its first action and managers, and save. Then add members."),
				"blue"
			);
			return;
		}
		add_buttons(frm);
		show_progress(frm);
	},
});

function may_work(frm) {
	return frm.perm[0]?.write && frm.doc.status !== "Finished";
}

function add_buttons(frm) {
	if (!may_work(frm)) return;
	const members = __("Add Members");
	frm.add_custom_button(__("From File"), () => import_file(frm), members);
	frm.add_custom_button(__("By Filter"), () => add_by_filter(frm), members);
	frm.add_custom_button(__("From List of Customers"), () => frappe.set_route("List", "Customer"), members);
	frm.add_custom_button(__("From List of Leads"), () => frappe.set_route("List", "Lead"), members);
	frm.add_custom_button(__("From List of Prospects"), () => frappe.set_route("List", "Prospect"), members);
	frm.add_custom_button(__("Send Letters"), () => send_letters(frm));
	frm.add_custom_button(__("Create Works"), () => create_works(frm));
	frm.add_custom_button(__("Plan Works"), () => plan_works(frm));
}

// progress: what has been done, what comes next, and the ladder

async function show_progress(frm) {
	const name = frm.doc.name;
	const { message: data } = await frappe.call({
		method: "rule24_crm.api.campaign.ladder",
		args: { campaign: name },
		type: "GET",
	});
	if (frm.doc.name !== name || !data) return;
	await frappe.require("/assets/rule24_crm/js/campaign_ladder.js");
	const open = (doctype, filters) => {
		frappe.route_options = { campaign: name, ...filters };
		frappe.set_route("List", doctype, "List");
	};
	const overview = frm.get_field("overview").$wrapper;
	overview.html(rule24.ladder.tiles(data));
	overview.append(next_step(frm, data));
	const ladder = frm.get_field("ladder").$wrapper;
	ladder.html(rule24.ladder.picture(data) + rule24.ladder.table(data));
	for (const area of [overview, ladder]) {
		area.find("[data-open]").on("click keydown", (event) => {
			if (event.type === "keydown" && event.key !== "Enter") return;
			event.preventDefault();
			const target = JSON.parse(event.currentTarget.dataset.open);
			if (target.doctype === "Opportunity") {
				frappe.route_options = { rule24_work_campaign: name, ...target.filters };
				frappe.set_route("List", "Opportunity", "List");
			} else {
				open(target.doctype, target.filters);
			}
		});
	}
}

function next_step(frm, data) {
	if (!may_work(frm)) return "";
	const { members, with_work, plus, minus, letters, with_email } = data.members;
	const untouched = members - data.reached;
	let text, actions;
	if (!members) {
		text = __("The list is empty. Add the companies and people to work with.");
		actions = [
			[__("From File"), () => import_file(frm)],
			[__("By Filter"), () => add_by_filter(frm)],
		];
	} else if (!frm.doc.managers?.length) {
		text = __("Nobody works through the list yet. Add managers.");
		actions = [[__("Add Managers"), () => frm.scroll_to_field("managers")]];
	} else if (!frm.doc.first_action) {
		text = __("Choose the first action: it is what managers begin with.");
		actions = [[__("Choose"), () => frm.scroll_to_field("first_action")]];
	} else if (frm.doc.email_template && with_email && !letters && !with_work && !plus && !minus) {
		text = __("The letter is ready. Send it to {0} addresses, or go straight to the works.", [
			with_email,
		]);
		actions = [
			[__("Send Letters"), () => send_letters(frm)],
			[__("Create Works"), () => create_works(frm)],
		];
	} else if (untouched > 0) {
		text = __("{0} members have no work yet.", [untouched]);
		actions = [[__("Create Works"), () => create_works(frm)]];
	} else if (with_work) {
		text = __("Works are with the managers. Spread them over the days, or look at the ladder.");
		actions = [
			[__("Plan Works"), () => plan_works(frm)],
			[
				__("Ladder"),
				() => frm.set_active_tab?.(frm.layout.tabs.find((tab) => tab.df.fieldname === "ladder_tab")),
			],
		];
	} else {
		text = __("Everybody on the list has been worked through.");
		actions = [];
	}
	const $step = $(`<div class="rule24-ladder-next"><span>${frappe.utils.escape_html(text)}</span></div>`);
	actions.forEach(([label, action], index) =>
		$(`<button type="button" class="btn btn-sm ${index ? "btn-default" : "btn-primary"}"></button>`)
			.text(label)
			.on("click", action)
			.appendTo($step)
	);
	return $step;
}

// members

function import_file(frm) {
	new frappe.ui.FileUploader({
		dialog_title: __("Members From a CSV File"),
		doctype: frm.doctype,
		docname: frm.doc.name,
		folder: "Home/Attachments",
		allow_multiple: false,
		make_attachments_public: false,
		restrictions: { allowed_file_types: [".csv", ".txt", "text/csv", "text/plain"] },
		on_success: async (file) => {
			const { message } = await frappe.call({
				method: "rule24_crm.api.campaign.import_members",
				args: { campaign: frm.doc.name, file_url: file.file_url },
				freeze: true,
				freeze_message: __("Reading the file…"),
			});
			frappe.hide_progress();
			if (message.queued) {
				frappe.show_alert({
					message: __("The file is large: it is read in the background."),
					indicator: "blue",
				});
			} else {
				show_import_result(message);
			}
			frm.reload_doc();
		},
	});
}

function show_import_result(result) {
	const escape = frappe.utils.escape_html;
	const row = (label, count, color) =>
		`<tr><td><span class="indicator-pill no-indicator-dot ${color}">${count}</span></td><td>${label}</td></tr>`;
	const rejected = (result.rejected_rows || [])
		.map((item) => `<li>${__("Row {0}", [item.line])}: ${escape(item.reason)}</li>`)
		.join("");
	frappe.msgprint({
		title: __("Members From a File"),
		wide: true,
		message: `
			<table class="table table-borderless" style="width: auto">
				${row(__("new clients, on the list now"), result.created, "green")}
				${row(__("known clients, on the list now"), result.found, "blue")}
				${row(__("were on the list already"), result.already, "gray")}
				${row(__("taken without a value that was wrong"), result.warned, "orange")}
				${row(__("rejected"), result.rejected, result.rejected ? "red" : "gray")}
			</table>
			<p><a class="btn btn-default btn-sm" href="${encodeURI(result.report)}" download>
				${__("Download Report")}</a>
			<span class="text-muted">${__("every row with what became of it and why")}</span></p>
			${rejected ? `<ul class="text-muted" style="max-height: 30vh; overflow: auto">${rejected}</ul>` : ""}`,
	});
}

function add_by_filter(frm) {
	let filters = null;
	const dialog = new frappe.ui.Dialog({
		title: __("Members by Filter"),
		size: "large",
		fields: [
			{
				fieldname: "party_type",
				fieldtype: "Select",
				label: __("Who"),
				options: ["Customer", "Lead", "Prospect"].map((value) => ({ value, label: __(value) })),
				default: "Prospect",
				reqd: 1,
				onchange: () => show_filters(),
			},
			{ fieldname: "filters", fieldtype: "HTML" },
			{ fieldname: "count", fieldtype: "HTML" },
		],
		primary_action_label: __("Add to the List"),
		primary_action: async ({ party_type }) => {
			const { message } = await frappe.call({
				method: "rule24_crm.api.campaign.add_members",
				args: { campaign: frm.doc.name, party_type, filters: filters.get_filters() },
				freeze: true,
			});
			dialog.hide();
			frappe.show_alert({
				message: __("{0} added, {1} were on the list already", [message.added, message.already]),
				indicator: "green",
			});
			frm.reload_doc();
		},
	});
	const count = frappe.utils.debounce(async () => {
		const doctype = dialog.get_value("party_type");
		const number = await frappe.db.count(doctype, {
			filters: filters.get_filters().map((row) => row.slice(0, 4)),
		});
		dialog
			.get_field("count")
			.$wrapper.html(
				`<p class="text-muted" style="margin-top: 1em">${__("{0} found", [`<b>${number}</b>`])}</p>`
			);
	}, 300);
	const show_filters = () => {
		const doctype = dialog.get_value("party_type");
		if (!doctype || filters?.doctype === doctype) return;
		frappe.model.with_doctype(doctype, () => {
			const $wrapper = dialog.get_field("filters").$wrapper.empty();
			filters = new frappe.ui.FilterGroup({ parent: $wrapper, doctype, on_change: count });
			count();
		});
	};
	dialog.show();
	show_filters();
}

// letters and works

async function send_letters(frm) {
	if (frm.is_dirty()) await frm.save();
	const { message: letter } = await frappe.call({
		method: "rule24_crm.api.campaign.preview_letter",
		args: { campaign: frm.doc.name },
		type: "GET",
		freeze: true,
	});
	const escape = frappe.utils.escape_html;
	const dialog = new frappe.ui.Dialog({
		title: __("Send Letters"),
		size: "large",
		fields: [{ fieldname: "letter", fieldtype: "HTML" }],
		primary_action_label: __("Send to Everybody on the List"),
		primary_action: async () => {
			dialog.hide();
			const { message } = await frappe.call({
				method: "rule24_crm.api.campaign.send_letters",
				args: { campaign: frm.doc.name },
				freeze: true,
				freeze_message: __("Sending letters"),
			});
			frappe.hide_progress();
			if (message.queued) {
				frappe.show_alert({
					message: __("Letters are being sent in the background."),
					indicator: "blue",
				});
			} else {
				show_letters_result(message);
			}
			frm.reload_doc();
		},
	});
	dialog.get_field("letter").$wrapper.html(`
		<p class="text-muted">${__("Every address gets the letter once; whoever has had it or does not want it is passed over. This is how {0} will see it:", [`<b>${escape(letter.to)}</b>`])}</p>
		<div style="border: 1px solid var(--border-color); border-radius: var(--border-radius-md); overflow: hidden">
			<div style="padding: 10px 15px; background: var(--subtle-fg, var(--bg-color)); font-weight: 600">${escape(letter.subject)}</div>
			<iframe sandbox="" style="width: 100%; height: 45vh; border: 0; background: white"></iframe>
		</div>`);
	dialog.get_field("letter").$wrapper.find("iframe").attr("srcdoc", letter.message);
	dialog.show();
}

function show_letters_result(result) {
	const escape = frappe.utils.escape_html;
	const lines = [
		[result.sent, __("sent"), "green"],
		[result.already, __("had the letter already"), "gray"],
		[result.no_email, __("have no e-mail address"), "orange"],
		[result.same_address, __("share an address that has had it"), "gray"],
		[result.unsubscribed, __("do not want letters"), "orange"],
		[result.failed, __("failed: see the error log"), "red"],
	].filter(([count], index) => count || !index);
	const reasons = (result.reasons || [])
		.map((row) => `<li>${escape(row.party_name || "")}: ${escape(row.reason)}</li>`)
		.join("");
	frappe.msgprint({
		title: __("Letters"),
		message: `<table class="table table-borderless" style="width: auto">${lines
			.map(
				([count, label, color]) =>
					`<tr><td><span class="indicator-pill no-indicator-dot ${color}">${count}</span></td><td>${label}</td></tr>`
			)
			.join("")}</table>${
			reasons ? `<ul class="text-muted" style="max-height: 30vh; overflow: auto">${reasons}</ul>` : ""
		}`,
	});
}

async function create_works(frm) {
	if (frm.is_dirty()) await frm.save();
	const { message } = await frappe.call({
		method: "rule24_crm.api.campaign.create_works",
		args: { campaign: frm.doc.name },
		freeze: true,
		freeze_message: __("Creating works…"),
	});
	frappe.show_alert({
		message: message.created
			? __("{0} works created", [message.created])
			: __("Everybody on the list has a work or has been worked through."),
		indicator: message.created ? "green" : "blue",
	});
	frm.reload_doc();
}

async function plan_works(frm) {
	if (frm.is_dirty()) await frm.save();
	await frappe.require("/assets/rule24_crm/js/plan_dialog.js");
	new rule24.PlanDialog({
		campaign: frm.doc.name,
		title: __("Plan Works of {0}", [frm.doc.name]),
		managers: (frm.doc.managers || []).map(({ user, capacity_per_day }) => ({ user, capacity_per_day })),
		start: frm.doc.starts_on,
		end: frm.doc.ends_on,
		on_commit: () => frm.reload_doc(),
	});
}

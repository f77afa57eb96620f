const WORKING = ["Reading", "Checking", "Creating"];
const NAMED = 8; // headings that are named before the rest is counted

frappe.ui.form.on("Party Import", {
	setup(frm) {
		frm.set_query("customer_group", () => ({ filters: { is_group: 0 } }));
		frm.set_query("manager", () => ({ query: "frappe.core.doctype.user.user.user_query" }));
		frappe.realtime.on("rule24_import_progress", (data) => {
			if (data.party_import === frm.doc.name) show_progress(frm, data);
		});
		frappe.realtime.on("rule24_import_done", (data) => {
			if (data.party_import === frm.doc.name) frm.reload_doc();
		});
	},

	async refresh(frm) {
		// the columns stand as in the file
		frm.set_df_property("columns", "cannot_add_rows", true);
		frm.set_df_property("columns", "cannot_delete_rows", true);
		frm.get_field("columns").grid.sortable_status = false;
		await frappe.require("/assets/rule24_crm/js/party_import/rows.js");
		frm.set_df_property("rows_section", "hidden", !frm.doc.rows_total);
		if (frm.is_new()) {
			frm.get_field("overview").$wrapper.html(
				step(
					__(
						"Attach a file with your clients, one in a row. Nothing is created before you have looked at the rows."
					)
				)
			);
			return;
		}
		const state = frm.doc.__onload?.state || {};
		const wanted = frm.rule24_columns === frm.doc.name || !frm.doc.rows_total;
		if (wanted && frm.doc.columns.length) frm.get_field("columns_section").collapse(false);
		show_overview(frm, state);
		add_buttons(frm, state);
		if (frm.doc.rows_total) rule24.party_import.show_rows(frm);
		if (state.interrupted) frm.page.set_indicator(__("Interrupted"), "red");
		if (state.progress) show_progress(frm, state.progress);
		if (state.working || WORKING.includes(state.status)) watch(frm);
	},

	template(frm) {
		if (!frm.doc.file || frm.is_new() || frm.doc.rows_created) return;
		frm.rule24_again = true;
		frm.save();
	},

	doubtful_names(frm) {
		frm.rule24_doubts = true;
	},

	after_save(frm) {
		// a file has been attached (which saves), or it is said to be written otherwise
		const what = frm.rule24_again ? "recognise" : frm.doc.__onload?.outdated;
		const doubts = frm.rule24_doubts && frm.doc.rows_total > frm.doc.rows_created;
		frm.rule24_again = frm.rule24_doubts = false;
		if (what) call(frm, what);
		else if (doubts) call(frm, "recheck"); // another kind of client is seen in the rows
	},
});

async function call(frm, what, args = {}) {
	try {
		const { message } = await frappe.call({
			method: `rule24_crm.api.imports.${what}`,
			args: { party_import: frm.doc.name, ...args },
			type: "POST",
			freeze: true,
			freeze_message: __("One moment ..."),
		});
		return message;
	} finally {
		await frm.reload_doc();
	}
}

// what is there, and what comes next

function show_overview(frm, state) {
	const $wrapper = frm.get_field("overview").$wrapper.empty();
	if (frm.doc.rows_total) $wrapper.append(tiles(frm));
	$wrapper.append(step(next_step(frm, state)));
	if (frm.doc.rows_total && !frm.doc.rows_created) $wrapper.append(left_out(frm));
	if (state.problem) {
		$wrapper.append($(`<div class="alert alert-danger rule24-import-note"></div>`).text(state.problem));
	}
	if (state.slow_reason) {
		const reasons = state.slow_reason.split("\n").map(frappe.utils.escape_html).join("<br>");
		$wrapper.append(
			`<div class="alert alert-warning rule24-import-note">${__(
				"The clients are created one by one, which takes longer:"
			)}<br>${reasons}</div>`
		);
	}
}

function tiles(frm) {
	const $tiles = $(`<div class="rule24-import-tiles" role="toolbar"></div>`);
	const add = (label, count, colour, state) =>
		$(`<button type="button" class="btn rule24-import-tile">
			<span class="rule24-import-count">${rule24.number(count)}</span>
			<span class="indicator-pill no-indicator-dot ${colour}">${label}</span>
		</button>`)
			.attr("data-state", state)
			.on("click", () => rule24.party_import.filter(frm, state))
			.appendTo($tiles);
	add(__("All Rows"), frm.doc.rows_total, "gray", "");
	for (const [state, colour] of Object.entries(rule24.party_import.COLOURS)) {
		const count = frm.doc[`rows_${state.toLowerCase()}`];
		if (count) add(__(state, null, "Party Import Row"), count, colour, state);
	}
	return $tiles;
}

function step(text) {
	return $(`<div class="rule24-import-step"></div>`).text(text);
}

// columns that nobody has given a meaning would be missed only when the clients are there
function left_out(frm) {
	const headings = frm.doc.columns.filter((row) => !row.meaning).map((row) => row.heading || row.sample);
	if (!headings.length) return "";
	const named = headings.slice(0, NAMED);
	if (headings.length > NAMED) named.push(__("and {0} more", [rule24.number(headings.length - NAMED)]));
	return $(`<a role="button" tabindex="0" class="rule24-import-step small"></a>`)
		.text(__("Columns that are not imported: {0}", [named.join(", ")]))
		.attr("title", headings.join(", "))
		.on("click keydown", (event) => {
			if (event.type === "keydown" && event.key !== "Enter") return;
			frm.rule24_columns = frm.doc.name; // a refresh of the form would close the section again
			frm.get_field("columns_section").collapse(false);
			frm.scroll_to_field("columns", false);
		});
}

function next_step(frm, state) {
	const ready = frm.doc.rows_ready + frm.doc.rows_warning;
	if (state.interrupted) return __("The work was interrupted. Press Continue: nothing is made twice.");
	if (state.queued) {
		return __(
			"It waits for its turn: the server is busy. If that lasts, ask your administrator to look at the background jobs."
		);
	}
	if (state.status === "Reading") return __("The rows are being read and checked ...");
	if (state.status === "Checking") return __("The rows are being checked again ...");
	if (state.status === "Creating") {
		return state.pause_requested
			? __("Pausing: the clients that are being written are finished first ...")
			: __("Clients are being created. You may go on working, and close this page.");
	}
	if (state.status === "Paused") return __("Paused. Press Continue to go on with the rest.");
	if (!frm.doc.file) return __("Upload a file: CSV or XLSX with a row for every client.");
	if (!frm.doc.columns?.length) {
		return __(
			"The file could not be read. Attach another one, or say below how it is written, and save."
		);
	}
	if (!frm.doc.rows_total && frm.doc.columns.length === 1) {
		return __(
			"One column only was found. Put commas, semicolons, tabs or bars between the values and attach the file again. If it is a list of names, say so in the table of columns, and save."
		);
	}
	if (!frm.doc.rows_total) {
		return __("Say in the table of columns which one holds the names, and save.");
	}
	if (ready) {
		return frm.doc.rows_warning || frm.doc.rows_error
			? __("{0} rows can be created. Look at the warnings and errors first, then create.", [
					rule24.number(ready),
				])
			: __("{0} rows can be created. Look through them, then create.", [rule24.number(ready)]);
	}
	if (frm.doc.rows_error) {
		return __(
			"Correct the rows with errors here, or download them, correct the file and import it again."
		);
	}
	return __("Everything of this file is in the base.");
}

// buttons

function add_buttons(frm, state) {
	if (!frm.perm[0]?.write) return;
	const working = state.working || (WORKING.includes(state.status) && !state.interrupted);
	if (state.status === "Creating" && working) {
		if (state.pause_requested) return;
		frm.add_custom_button(__("Pause"), () => call(frm, "pause"));
		return;
	}
	if (working) return;
	const stopped = state.interrupted || state.status === "Paused";
	if (stopped) frm.add_custom_button(__("Continue"), () => call(frm, "resume")).addClass("btn-primary");
	const ready = frm.doc.rows_ready + frm.doc.rows_warning;
	if (ready) {
		frm.add_custom_button(__("Create Selected"), () => create_selected(frm));
		frm.add_custom_button(__("Create All"), () => create_all(frm, ready)).toggleClass(
			"btn-primary",
			!stopped
		);
	}
	const more = __("Rows");
	if (frm.doc.rows_error) {
		frm.add_custom_button(__("Download Errors"), () => download(frm, ["Error"]), more);
		frm.add_custom_button(
			__("Download Errors and Warnings"),
			() => download(frm, ["Error", "Warning", "Duplicate"]),
			more
		);
	}
	if (frm.doc.rows_total) frm.add_custom_button(__("Check Again"), () => call(frm, "recheck"), more);
	if (frm.doc.file && !frm.doc.rows_created) {
		frm.add_custom_button(__("Read the File Again"), () => call(frm, "recognise"), more);
	}
	if (frm.doc.columns?.length && frappe.model.can_create("Party Import Template")) {
		frm.add_custom_button(__("Save as Template"), () => save_template(frm), more);
	}
}

function create_all(frm, ready) {
	const text = frm.doc.rows_warning
		? __("Create {0} clients? Rows with warnings: {1}. What a warning names is left out.", [
				rule24.number(ready),
				rule24.number(frm.doc.rows_warning),
			])
		: __("Create {0} clients?", [rule24.number(ready)]);
	frappe.confirm(text, () => create(frm));
}

function create_selected(frm) {
	const names = rule24.party_import.selected(frm);
	if (!names.length) {
		frappe.show_alert({ message: __("Tick rows in the table below first."), indicator: "orange" });
		rule24.party_import.go_to_rows(frm);
		return;
	}
	create(frm, { names });
}

async function create(frm, args) {
	if (frm.is_dirty()) {
		// what has been chosen on the form counts; a layout that has changed brings other rows to look at first
		await frm.save();
		if (frm.doc.__onload?.outdated) return;
	}
	const before = frm.doc.rows_created;
	const { queued } = await call(frm, "create", args);
	if (queued) return; // the progress tells
	const made = frm.doc.rows_created - before;
	frappe.show_alert({
		message: __("Clients created: {0}", [rule24.number(made)]),
		indicator: made ? "green" : "orange",
	});
}

function download(frm, states) {
	open_url_post("/api/method/rule24_crm.api.imports.download", {
		party_import: frm.doc.name,
		states: JSON.stringify(states),
	});
}

function save_template(frm) {
	frappe.prompt(
		{
			fieldname: "template_name",
			fieldtype: "Data",
			label: __("Template Name"),
			reqd: 1,
			default: frm.doc.template,
			description: __("Files of the same origin are read the same way from now on."),
		},
		async ({ template_name }) => {
			await call(frm, "save_template", { template_name });
			frappe.show_alert({ message: __("The template is saved."), indicator: "green" });
		},
		__("Save as Template"),
		__("Save")
	);
}

// progress

function show_progress(frm, data) {
	const title = __(data.title);
	const done = data.total
		? __("{0} of {1}", [rule24.number(data.done), rule24.number(data.total)])
		: rule24.number(data.done);
	frm.dashboard.show_progress(
		title,
		data.total ? (data.done / data.total) * 100 : 50,
		`${title}: ${done}` // the title alone is not shown
	);
}

function watch(frm) {
	// the worker's last word may get lost; while something is going on, look now and then
	clearTimeout(frm.rule24_watch);
	frm.rule24_watch = setTimeout(async () => {
		if (cur_page_is_not(frm)) return;
		const { message: state } = await frappe.call({
			method: "rule24_crm.api.imports.state",
			args: { party_import: frm.doc.name },
			type: "GET",
		});
		if (cur_page_is_not(frm)) return;
		const shown = frm.doc.__onload?.state || {};
		const moved =
			!WORKING.includes(state.status) ||
			state.interrupted ||
			Boolean(state.queued) !== Boolean(shown.queued);
		if (moved) frm.reload_doc();
		else {
			if (state.progress) show_progress(frm, state.progress);
			watch(frm);
		}
	}, 3000);
}

function cur_page_is_not(frm) {
	const route = frappe.get_route();
	return route[1] !== frm.doctype || route[2] !== frm.doc.name || frm.is_dirty();
}

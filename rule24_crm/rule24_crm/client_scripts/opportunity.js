// A deal: the bar of its stages, invoice and contract in one step.

(() => {
	frappe.ui.form.on("Opportunity", {
		setup(frm) {
			frm.set_query("rule24_sales_process", () => ({ filters: { disabled: 0 } }));
		},

		refresh(frm) {
			window.rule24?.works?.mount?.(frm);
			rule24.distribution.show(frm);
			rule24.parties.show_client_warning(frm);
			if (frm.is_new()) return;
			draw_stages(frm);
			const over = ["Lost", "Closed"].includes(frm.doc.status);
			if (frm.perm[0]?.write && !over) {
				frm.add_custom_button(__("Issue Documents"), () => issue_documents(frm));
			}
		},
	});

	const API = "rule24_crm.api.deals.";

	function call(method, args, options = {}) {
		return frappe.call({ method: API + method, args, ...options }).then((r) => r.message);
	}

	// -- stages -----------------------------------------------------------------------------------------------------------

	async function draw_stages(frm) {
		const name = frm.doc.name;
		const bar = await call("stage_bar", { opportunity: name }, { type: "GET" });
		if (frm.doc.name !== name) return;
		frm.rule24_stages?.remove();
		if (!bar.stages.length) return;

		const current = bar.stages.findIndex((row) => row.current);
		const buttons = bar.stages.map((row, index) => stage_button(frm, bar, row, index, current));
		const group = $(`<div class="btn-group flex-wrap" role="group"></div>`)
			.attr("aria-label", __("Stages of the Deal"))
			.append(buttons);
		const since = bar.since
			? $(`<div class="text-muted small mt-1"></div>`).text(
					__("In this stage since {0}", [frappe.datetime.str_to_user(bar.since.slice(0, 10))])
				)
			: "";
		frm.rule24_stages = $(`<div class="rule24-stages form-dashboard-section p-3"></div>`).append(
			group,
			since
		);
		if (frm.rule24_client_warning) frm.rule24_client_warning.after(frm.rule24_stages);
		else frm.layout.wrapper.prepend(frm.rule24_stages);
	}

	function stage_button(frm, bar, row, index, current) {
		const is_past = index < current && row.outcome === "Open";
		const colour = row.current
			? { Won: "btn-success", Lost: "btn-danger" }[row.outcome] || "btn-primary"
			: "btn-default";
		const title = row.missing.length
			? __("Still missing:") + "\n" + row.missing.map((words) => "- " + strip_html(words)).join("\n")
			: __("{0}: probability {1}%", [row.label, row.probability || 0]);
		const button = $(`<button type="button" class="btn btn-sm ${colour}"></button>`)
			.text(row.label)
			.attr("title", title)
			.attr("data-stage", row.stage)
			.attr("aria-current", row.current ? "step" : null)
			.toggleClass("text-muted", !row.current && !is_past)
			.prop("disabled", !frm.perm[0]?.write);
		if (is_past) button.prepend(frappe.utils.icon("tick", "xs"), " ");
		if (row.missing.length)
			button.append(` <span class="badge badge-warning">${row.missing.length}</span>`);
		if (!row.current) button.on("click", () => move(frm, row));
		return button;
	}

	function move(frm, row) {
		if (frm.is_dirty()) {
			frappe.show_alert({ message: __("Save the deal first."), indicator: "orange" });
			return;
		}
		if (row.outcome === "Lost") {
			ask_why_lost(frm);
			return;
		}
		if (row.missing.length) {
			frappe.msgprint({
				title: __("Not Ready for {0}", [row.label]),
				message: `<ul>${row.missing.map((words) => `<li>${words}</li>`).join("")}</ul>`,
				indicator: "orange",
			});
			return;
		}
		call("set_stage", { opportunity: frm.doc.name, stage: row.stage }, { freeze: true }).then(() =>
			frm.reload_doc()
		);
	}

	function ask_why_lost(frm) {
		const dialog = new frappe.ui.Dialog({
			title: __("Deal Is Lost"),
			fields: [
				{
					fieldname: "reason",
					fieldtype: "Link",
					options: "Opportunity Lost Reason",
					label: __("Reason"),
				},
				{ fieldname: "detailed_reason", fieldtype: "Small Text", label: __("In Words") },
			],
			primary_action_label: __("Mark as Lost"),
			primary_action(values) {
				dialog.hide();
				call("mark_lost", { opportunity: frm.doc.name, ...values }, { freeze: true }).then(() =>
					frm.reload_doc()
				);
			},
		});
		dialog.show();
	}

	// -- documents --------------------------------------------------------------------------------------------------------

	async function issue_documents(frm) {
		if (frm.is_dirty()) {
			await frm.save();
		}
		const options = await call("issuing_options", { opportunity: frm.doc.name }, { type: "GET" });
		const dialog = new frappe.ui.Dialog({
			title: __("Issue Documents"),
			fields: [
				...client_warning(options),
				...company_warning(options),
				document_field("invoice", __(options.invoice_doctype), options.issued.Invoice),
				document_field("contract", __("Contract"), options.issued.Contract),
				{
					fieldname: "send",
					fieldtype: "Check",
					label: __("Send a Letter With the Documents"),
					description: options.letter_to || __("The client has no e-mail address"),
					read_only: options.letter_to ? 0 : 1,
				},
				...requisite_fields(options),
			],
			primary_action_label: __("Issue"),
			primary_action(values) {
				issue(frm, dialog, options, values);
			},
		});
		dialog.show();
	}

	function client_warning(options) {
		if (!options.warning) return [];
		return [
			{
				fieldname: "client_warning",
				fieldtype: "HTML",
				options: `<div class="alert alert-danger">${frappe.utils.escape_html(options.warning)}</div>`,
			},
		];
	}

	function company_warning(options) {
		if (!options.company_problems.length) return [];
		const words = options.company_problems.map((each) => `<li>${each}</li>`).join("");
		return [
			{
				fieldname: "company_problems",
				fieldtype: "HTML",
				options: `<div class="alert alert-warning">${__("Our company's requisites")}<ul>${words}</ul></div>`,
			},
		];
	}

	function document_field(fieldname, label, issued) {
		return {
			fieldname,
			fieldtype: "Check",
			label,
			default: 1,
			read_only: issued ? 1 : 0,
			description: issued ? __("Issued already: {0}", [issued]) : "",
		};
	}

	function requisite_fields(options) {
		if (!options.requisites.some((row) => row.problem)) return [];
		return [
			{
				fieldname: "section_requisites",
				fieldtype: "Section Break",
				label: __("Requisites of the Client"),
			},
			...options.requisites.map((row) => ({
				fieldname: row.key,
				fieldtype: "Data",
				label: row.label,
				default: row.value,
				description: row.problem || "",
			})),
		];
	}

	async function issue(frm, dialog, options, values) {
		const documents = [values.invoice && "Invoice", values.contract && "Contract"].filter(Boolean);
		if (!documents.length) {
			frappe.show_alert({ message: __("Choose at least one document."), indicator: "orange" });
			return;
		}
		const requisites = {};
		for (const row of options.requisites) {
			if (values[row.key] && values[row.key] !== row.value) requisites[row.key] = values[row.key];
		}
		const result = await call(
			"issue_documents",
			{ opportunity: frm.doc.name, documents, send: values.send ? 1 : 0, requisites },
			{ freeze: true, freeze_message: __("Issuing documents...") }
		);
		if (!result) return;
		dialog.hide();
		await frm.reload_doc();
		show_issued(result);
	}

	function show_issued(result) {
		const rows = [
			["Customer", result.customer],
			[result.invoice_doctype, result.invoice],
			["Contract", result.contract],
		].filter(([doctype, name]) => doctype && name);
		const links = rows.map(
			([doctype, name]) => `<li>${__(doctype)}: ${frappe.utils.get_form_link(doctype, name, true)}</li>`
		);
		const letter = result.letter ? `<p>${__("The letter goes to {0}.", [result.letter])}</p>` : "";
		frappe.msgprint({
			title: result.created.length
				? __("Documents Are Issued")
				: __("The Documents Were There Already"),
			message: `<ul>${links.join("")}</ul>${letter}`,
			indicator: "green",
		});
	}
})();

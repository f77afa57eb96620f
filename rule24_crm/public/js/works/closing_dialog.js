// The one dialog that closes a work: how did it end, and what comes next.
frappe.provide("rule24.works");

const PLAN = "plan";
const THERE = "there";
const NOTHING = "nothing";

class ClosingDialog {
	constructor(work, options) {
		this.name = work;
		this.options = options || {};
	}

	async open() {
		const [data] = await Promise.all([
			frappe.xcall("rule24_crm.api.work.closing_options", { work: this.name }),
			rule24.works.actions(),
		]);
		this.data = data;
		this.work = data.work;
		if (!rule24.works.is_open(this.work)) {
			const subject = frappe.utils.escape_html(this.work.subject).bold();
			frappe.msgprint(
				this.work.status === "Closed"
					? __("{0} has already been closed: {1}.", [
							subject,
							frappe.utils.escape_html(__(this.work.result)),
						])
					: __("{0} is cancelled. Set it to Planned again before closing it.", [subject])
			);
			return;
		}
		if (!data.results.length) {
			frappe.msgprint(
				__("The Action {0} has no Results yet. An administrator adds them in the Action.", [
					__(this.work.action).bold(),
				])
			);
			return;
		}
		this.make();
	}

	make() {
		this.dialog = new frappe.ui.Dialog({
			title: __("Close Work"),
			size: "large",
			no_focus: true, // the Results take it: number keys and arrows choose
			fields: this.fields(),
			primary_action_label: __("Close Work"),
			primary_action: () => this.submit(),
		});
		this.dialog.$wrapper.addClass("rule24-closing");
		this.make_head();
		this.make_results();
		this.make_ways();
		rule24.works.add_date_chips(this.dialog.fields_dict.next_on);
		this.bind_keys();
		this.show_next(null);
		this.dialog.$wrapper.one("shown.bs.modal", () => {
			if (this.options.result) this.choose(this.options.result);
			else if (!this.row) this.focus_result(0);
		});
		this.dialog.show();
	}

	fields() {
		const when = (way) => `eval:doc.way==='${way}'`;
		return [
			{ fieldname: "head", fieldtype: "HTML" },
			{ fieldname: "results", fieldtype: "HTML" },
			{ fieldname: "note", fieldtype: "Small Text", label: __("Note on the Result") },
			{ fieldname: "next_section", fieldtype: "Section Break", label: __("What Comes Next") },
			{ fieldname: "ways", fieldtype: "HTML" },
			{ fieldname: "way", fieldtype: "Data", hidden: 1 },
			{ fieldname: "plan_section", fieldtype: "Section Break", depends_on: when(PLAN) },
			{
				fieldname: "next_action",
				fieldtype: "Link",
				options: "Work Action",
				label: __("Next Action"),
				get_query: () => ({ filters: { disabled: 0 } }),
			},
			{
				fieldname: "assigned_to",
				fieldtype: "Link",
				options: "User",
				label: __("Assigned To"),
				get_query: () => ({ filters: { user_type: "System User", enabled: 1 } }),
			},
			{ fieldname: "plan_column", fieldtype: "Column Break" },
			{ fieldname: "next_on", fieldtype: "Date", label: __("Date") },
			{
				fieldname: "next_at",
				fieldtype: "Time",
				label: __("Time"),
				placeholder: __("any time of the day"),
			},
			{ fieldname: "there_section", fieldtype: "Section Break", depends_on: when(THERE) },
			{
				fieldname: "next_work",
				fieldtype: "Select",
				label: __("Already Planned"),
				options: this.data.planned.map((row) => ({
					value: row.name,
					label: `${rule24.works.day_words(row.planned_on)} · ${row.subject}`,
				})),
			},
			{ fieldname: "nothing_section", fieldtype: "Section Break", depends_on: when(NOTHING) },
			{
				fieldname: "stop_reason",
				fieldtype: "Link",
				options: "Work Stop Reason",
				label: __("Why Nothing Follows"),
				only_select: 1,
				get_query: () => ({ filters: { disabled: 0 } }),
			},
		];
	}

	make_head() {
		const { subject, party_type, party, party_name } = this.work;
		const name = party_name || party;
		const told = subject.includes(name); // most subjects are "Call: the client"
		const client = party
			? `<a href="${frappe.utils.get_form_link(party_type, party)}">${frappe.utils.escape_html(
					told ? __("Open {0}", [__(party_type)]) : name
				)}</a>`
			: "";
		this.dialog.fields_dict.head.$wrapper.html(
			`<div class="rule24-closing-head"><b>${frappe.utils.escape_html(subject)}</b>
			<span class="text-muted">${client}</span></div>`
		);
	}

	make_results() {
		const $list = $(`<div class="rule24-results" role="radiogroup"></div>`).attr(
			"aria-label",
			__("How did it end?")
		);
		this.data.results.forEach((row, index) => {
			const follows = [rule24.works.effect_words(row), rule24.works.next_words(row.next)]
				.filter(Boolean)
				.map((text) => frappe.utils.escape_html(text));
			const css = { Plus: "plus", Minus: "minus" }[row.sign] || "none";
			$(`<button type="button" class="rule24-result ${css}" role="radio">
				${rule24.works.sign_html(row.sign)}
				<span class="rule24-result-text">
					<span class="rule24-result-name">${frappe.utils.escape_html(__(row.result))}</span>
					<span class="rule24-result-follows">${follows.join("<br>")}</span>
				</span>
				${index < 9 ? `<kbd>${index + 1}</kbd>` : ""}
			</button>`)
				.attr("data-result", row.result)
				.on("click", () => this.choose(row.result))
				.appendTo($list);
		});
		this.$results = $list;
		rule24.works.mark_choice($list, -1);
		rule24.works.walk_with_arrows($list);
		this.dialog.fields_dict.results.$wrapper
			.empty()
			.append(`<div class="rule24-question">${__("How did it end?")}</div>`, $list);
	}

	make_ways() {
		const ways = [
			[PLAN, __("Plan the next work")],
			...(this.data.planned.length ? [[THERE, __("It is already planned")]] : []),
			[NOTHING, __("Nothing follows")],
		];
		this.$ways = $(`<div class="btn-group rule24-ways" role="group"></div>`);
		ways.forEach(([way, label]) =>
			$(`<button type="button" class="btn btn-default btn-sm"></button>`)
				.text(label)
				.attr("data-way", way)
				.on("click", () => this.go(way))
				.appendTo(this.$ways)
		);
		this.$hint = $(`<div class="rule24-hint text-muted"></div>`);
		this.dialog.fields_dict.ways.$wrapper.empty().append(this.$ways, this.$hint);
	}

	bind_keys() {
		rule24.works.bind_dialog_keys(this.dialog, {
			submit: () => this.submit(),
			choose: (index) => this.data.results[index] && this.choose(this.data.results[index].result),
		});
	}

	focus_result(index) {
		this.$results.find("button").eq(index).focus();
	}

	choose(result) {
		const index = this.data.results.findIndex((row) => row.result === result);
		if (index < 0) return;
		this.row = this.data.results[index];
		rule24.works.mark_choice(this.$results, index);
		this.focus_result(index);
		this.dialog.set_df_property("note", "reqd", this.row.requires_note ? 1 : 0);
		this.show_next(this.row);
	}

	/** What the Result proposes; a client that is written off needs nothing. */
	show_next(row) {
		const known = Boolean(row);
		this.dialog.set_df_property("next_section", "hidden", known ? 0 : 1);
		this.$ways.toggle(known);
		if (!known) {
			this.set_way("");
			return;
		}
		this.prefill(row.next);
		if (row.next) this.go(PLAN);
		else if (row.writes_off) this.go(NOTHING);
		else if (this.data.planned.length) this.go(THERE);
		else this.go(this.data.must_plan && this.data.gate !== "Off" ? PLAN : NOTHING);
	}

	prefill(next) {
		const values = {
			next_action: (next && next.action) || "",
			next_on: (next && next.planned_on) || "",
			next_at: "",
			assigned_to: (next && next.assigned_to) || this.work.assigned_to,
			next_work: this.data.planned.length ? this.data.planned[0].name : "",
			stop_reason: "",
		};
		// links are looked up at the server before they stand in their fields: submit() waits for them
		this.filled = Promise.all(
			Object.entries(values).map(([field, value]) => this.dialog.set_value(field, value))
		);
	}

	go(way) {
		this.set_way(way);
		this.$ways.find("button").each((_i, button) => {
			const chosen = button.dataset.way === way;
			$(button).toggleClass("active", chosen).attr("aria-pressed", chosen);
		});
		this.$hint.text(this.hint(way));
		this.dialog.set_df_property("stop_reason", "reqd", this.reason_needed(way) ? 1 : 0);
		["next_action", "next_on"].forEach((field) =>
			this.dialog.set_df_property(field, "reqd", way === PLAN ? 1 : 0)
		);
	}

	set_way(way) {
		this.way = way;
		this.dialog.set_value("way", way);
	}

	/** Without a reason the matrix would plan its proposal, and the gate would refuse a live client left alone. */
	reason_needed(way) {
		if (way !== NOTHING || this.row.writes_off) return false;
		return Boolean(this.row.next) || (this.data.must_plan && this.data.gate === "Enforce");
	}

	hint(way) {
		if (way !== NOTHING) return "";
		if (this.row.writes_off) return __("The client is written off: no next work is needed.");
		if (!this.work.party) return __("This work has no client: nothing needs to follow.");
		if (this.reason_needed(way)) return __("A live client without a next work needs a reason.");
		return this.data.planned.length
			? __("The client has other planned works.")
			: __("You may leave the client without a next work.");
	}

	/** The arguments of the closing call, or nothing when something is missing. */
	arguments() {
		if (!this.row) {
			frappe.show_alert({ message: __("Choose how it ended."), indicator: "orange" });
			this.focus_result(0);
			return null;
		}
		const values = this.dialog.get_values();
		if (!values) return null;
		const args = { work: this.name, result: this.row.result, note: values.note || null };
		if (this.way === PLAN) {
			const starts_at = rule24.works.moment_of(values.next_on, values.next_at);
			args.next_work = {
				action: values.next_action,
				planned_on: values.next_on,
				...(values.assigned_to ? { assigned_to: values.assigned_to } : {}),
				...(starts_at ? { starts_at, all_day: 0 } : {}),
			};
		} else if (this.way === THERE) {
			args.next_work = values.next_work;
		} else if (values.stop_reason) {
			args.stop_reason = values.stop_reason;
		}
		return args;
	}

	async submit() {
		if (this.busy) return;
		this.busy = true;
		this.dialog.disable_primary_action();
		try {
			await this.filled;
			const args = this.arguments();
			if (!args) return;
			const outcome = await frappe.xcall("rule24_crm.api.work.close", args);
			this.tell(outcome);
			this.leave(outcome);
		} catch {
			// the message on the screen says why; when somebody else was faster, there is nothing left to answer
			const { message } = await frappe.db.get_value("Work", this.name, "status");
			if (!rule24.works.is_open(message)) this.leave();
		} finally {
			this.busy = false;
			this.dialog.enable_primary_action();
		}
	}

	leave(outcome) {
		rule24.works.hide_dialog(this.dialog);
		this.options.on_done && this.options.on_done(outcome);
		$(document).trigger("rule24-works-changed", outcome);
	}

	tell(outcome) {
		const link = (doctype, name, text) =>
			`<a href="${frappe.utils.get_form_link(doctype, name)}">${text}</a>`;
		const parts = [__("Closed: {0}", [__(this.row.result)])];
		if (outcome.opportunity && outcome.opportunity !== this.work.opportunity) {
			parts.push(link("Opportunity", outcome.opportunity, __("Deal {0}", [outcome.opportunity])));
		}
		if (outcome.next_work) parts.push(link("Work", outcome.next_work, __("Next work")));
		frappe.show_alert(
			{
				message: parts.join(" · "),
				indicator: { Plus: "green", Minus: "red" }[outcome.sign] || "blue",
			},
			7
		);
	}
}

/**
 * Open the closing dialog of a work.
 * @param {string} work name of an open Work
 * @param {{on_done?: function(object), result?: string}} options
 */
rule24.works.close = function (work, options) {
	return new ClosingDialog(work, options).open();
};

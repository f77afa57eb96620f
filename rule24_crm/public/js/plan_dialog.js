// The work plan: what would go where, in a grid of managers and days, and then for real.
frappe.provide("rule24");

rule24.PlanDialog = class PlanDialog {
	/**
	 * @param {Object} options campaign, or names of works, or filters of the list of works; managers
	 *   [{user, capacity_per_day}]; start and end; title; on_commit.
	 */
	constructor(options) {
		this.options = options;
		this.make();
	}

	make() {
		const today = frappe.datetime.get_today();
		const changed = () => this.invalidate();
		const start = this.options.start && this.options.start > today ? this.options.start : today;
		const end = this.options.end && this.options.end >= start ? this.options.end : null;
		this.dialog = new frappe.ui.Dialog({
			title: this.options.title || __("Plan Works"),
			size: "extra-large",
			fields: [
				{
					fieldname: "start",
					fieldtype: "Date",
					label: __("Plan From"),
					default: start,
					reqd: 1,
					onchange: changed,
				},
				{ fieldtype: "Column Break" },
				{
					fieldname: "end",
					fieldtype: "Date",
					label: __("Plan Until"),
					default: end,
					description: __("Empty: the end of the campaign, or sixty days"),
					onchange: changed,
				},
				{ fieldtype: "Column Break" },
				{
					fieldname: "keep_managers",
					fieldtype: "Check",
					label: __("Every work stays with its manager"),
					description: __(
						"Otherwise works are shared out equally, handing over as few as possible"
					),
					onchange: changed,
				},
				{
					fieldtype: "Section Break",
					label: __("Managers"),
					collapsible: 1,
					collapsible_depends_on: "eval:false",
				},
				{
					fieldname: "managers",
					fieldtype: "Table",
					data: (this.options.managers || []).map((row) => ({ ...row })),
					in_place_edit: true,
					description: __(
						"Nobody here: the managers of the campaign, or whoever has the works now"
					),
					fields: [
						{
							fieldname: "user",
							fieldtype: "Link",
							options: "User",
							label: __("Manager"),
							in_list_view: 1,
							columns: 7,
							onchange: changed,
						},
						{
							fieldname: "capacity_per_day",
							fieldtype: "Int",
							label: __("Works a Day"),
							in_list_view: 1,
							columns: 3,
							onchange: changed,
						},
					],
				},
				{ fieldtype: "Section Break" },
				{ fieldname: "plan", fieldtype: "HTML" },
			],
			primary_action_label: __("Preview"),
			primary_action: () => this.act(),
		});
		this.dialog.set_secondary_action_label(__("Preview Again"));
		this.dialog.set_secondary_action(() => this.preview());
		this.dialog.$wrapper.addClass("rule24-plan-dialog");
		this.invalidate();
		this.dialog.show();
		this.preview();
	}

	$plan() {
		return this.dialog.get_field("plan").$wrapper;
	}

	invalidate() {
		this.token = null;
		if (!this.dialog) return;
		this.dialog.get_primary_btn().text(__("Preview"));
		this.dialog.get_secondary_btn().addClass("hide");
	}

	act() {
		return this.token ? this.commit() : this.preview();
	}

	args() {
		const values = this.dialog.get_values(true) || {};
		const managers = (values.managers || [])
			.filter((row) => row.user)
			.map(({ user, capacity_per_day }) => ({ user, capacity_per_day: capacity_per_day || 0 }));
		const { campaign, names, filters } = this.options;
		return {
			campaign,
			names,
			filters,
			managers: managers.length ? managers : null,
			start: values.start,
			end: values.end,
			keep_managers: values.keep_managers ? 1 : 0,
		};
	}

	async preview() {
		this.invalidate();
		this.sent = this.args();
		this.$plan().html(`<p class="text-muted">${__("Planning…")}</p>`);
		try {
			const { message } = await frappe.call({ method: "rule24_crm.api.plan.preview", args: this.sent });
			this.show(message);
		} catch {
			this.$plan().html(
				`<p class="text-muted">${__("There is no plan. Change the values above and preview again.")}</p>`
			);
		}
	}

	show(plan) {
		this.$plan().addClass("rule24-plan");
		this.$plan().html(
			rule24.PlanDialog.style() + this.summary(plan) + this.grid(plan) + this.unfitted(plan)
		);
		if (!plan.planned) return;
		this.token = plan.token;
		this.dialog.get_primary_btn().text(__("Commit {0} Works", [plan.planned]));
		this.dialog.get_secondary_btn().removeClass("hide");
	}

	summary(plan) {
		const day = (value) => frappe.datetime.str_to_user(value);
		const facts = [
			[
				__("{0} of {1} works fit", [`<b>${plan.planned}</b>`, plan.total]),
				plan.unfitted_count ? "orange" : "green",
			],
		];
		if (plan.last_day) facts.push([__("the last one on {0}", [`<b>${day(plan.last_day)}</b>`]), "blue"]);
		facts.push([
			plan.handed_over
				? __("{0} go to another manager", [`<b>${plan.handed_over}</b>`])
				: __("nobody's work goes to another manager"),
			"gray",
		]);
		for (const group of plan.left_alone)
			facts.push([`${group.count}: ${frappe.utils.escape_html(group.reason)}`, "gray"]);
		return `<div class="rule24-plan-facts">${facts
			.map(([text, color]) => `<span class="indicator-pill ${color}"><span>${text}</span></span>`)
			.join("")}</div>`;
	}

	grid(plan) {
		if (!plan.days.length) return "";
		const escape = frappe.utils.escape_html;
		const heads = plan.days.map((value) => {
			const date = frappe.datetime.str_to_obj(value);
			const weekday = date.toLocaleDateString(frappe.boot.lang || "en", { weekday: "short" });
			const label = date.toLocaleDateString(frappe.boot.lang || "en", {
				day: "numeric",
				month: "short",
			});
			return `<th class="${date.getDay() === 1 ? "week" : ""}"><span>${escape(weekday)}</span>${escape(label)}</th>`;
		});
		const rows = plan.managers.map((manager) => {
			const cells = manager.days.map((cell, index) => {
				const monday = frappe.datetime.str_to_obj(plan.days[index]).getDay() === 1 ? "week" : "";
				if (cell.off) return `<td class="off ${monday}" title="${escape(__("Day off"))}"></td>`;
				const load = (cell.planned + cell.existing) / (manager.capacity || 1);
				const level =
					!cell.planned && !cell.existing
						? 0
						: load >= 1
							? 4
							: load >= 0.75
								? 3
								: load >= 0.4
									? 2
									: 1;
				const title = __("{0} in this plan, {1} there already, {2} a day", [
					cell.planned,
					cell.existing,
					manager.capacity,
				]);
				return `<td class="level-${level} ${monday}" title="${escape(title)}">${cell.planned || ""}${
					cell.existing ? `<small>+${cell.existing}</small>` : ""
				}</td>`;
			});
			return `<tr><th title="${escape(manager.user)}">${escape(manager.full_name)}<small>${__("{0} a day", [manager.capacity])}</small></th>
				<td class="total">${manager.planned}</td>${cells.join("")}</tr>`;
		});
		const sums = plan.days.map((_day, index) =>
			plan.managers.reduce((sum, row) => sum + row.days[index].planned, 0)
		);
		return `<div class="rule24-plan-grid"><table>
			<thead><tr><th>${__("Manager")}</th><th class="total">${__("Total")}</th>${heads.join("")}</tr></thead>
			<tbody>${rows.join("")}</tbody>
			<tfoot><tr><th>${__("Total")}</th><td class="total">${plan.planned}</td>${sums
				.map((sum) => `<td>${sum || ""}</td>`)
				.join("")}</tr></tfoot></table></div>
			<div class="rule24-plan-key">${[
				[1, __("much room")],
				[2, __("half full")],
				[3, __("nearly full")],
				[4, __("full")],
			]
				.map(([level, label]) => `<span><i class="level-${level}"></i>${label}</span>`)
				.join(
					""
				)}<span><i class="off"></i>${__("Day off")}</span><span><small>+3</small> ${__("there already")}</span></div>`;
	}

	unfitted(plan) {
		if (!plan.unfitted_count) return "";
		const escape = frappe.utils.escape_html;
		const groups = plan.unfitted_summary
			.map((group) => `<li><b>${group.count}</b> ${escape(group.reason)}</li>`)
			.join("");
		const rows = plan.unfitted
			.map(
				(
					row
				) => `<tr><td><a href="${frappe.utils.get_form_link("Work", row.work)}" target="_blank">${escape(row.subject)}</a></td>
				<td>${escape(row.reason)}</td></tr>`
			)
			.join("");
		const more = plan.unfitted_count - plan.unfitted.length;
		return `<div class="rule24-plan-unfitted"><h5>${__("{0} did not fit", [plan.unfitted_count])}</h5><ul>${groups}</ul>
			<details><summary>${__("Show the works")}</summary><div class="rows"><table class="table table-bordered">
			<thead><tr><th>${__("Work")}</th><th>${__("Why, and what to do")}</th></tr></thead><tbody>${rows}</tbody></table>
			${more > 0 ? `<p class="text-muted">${__("and {0} more", [more])}</p>` : ""}</div></details></div>`;
	}

	async commit() {
		const { message } = await frappe.call({
			method: "rule24_crm.api.plan.commit",
			args: { ...this.sent, token: this.token },
			freeze: true,
			freeze_message: __("Writing the plan…"),
			error: () => this.invalidate(),
		});
		this.dialog.hide();
		frappe.show_alert({
			message: message.moved
				? __("{0} works planned, {1} of them moved", [message.planned, message.moved])
				: __("Every work was in its place already."),
			indicator: "green",
		});
		this.options.on_commit?.(message);
	}

	static style() {
		return `<style>
			.rule24-plan-facts { display: flex; flex-wrap: wrap; gap: 8px; margin-bottom: 12px; }
			.rule24-plan-facts .indicator-pill { height: auto; padding: 4px 10px; white-space: normal; }
			.rule24-plan-facts .indicator-pill > span { display: inline; }
			.rule24-plan-grid { overflow: auto; max-height: 55vh; border: 1px solid var(--border-color); border-radius: var(--border-radius-md, 8px); }
			.rule24-plan-grid table { min-width: 100%; border-collapse: separate; border-spacing: 0; font-variant-numeric: tabular-nums; font-size: var(--text-sm, 12px); }
			.rule24-plan-grid th, .rule24-plan-grid td { height: 38px; min-width: 46px; padding: 3px 6px; text-align: center; white-space: nowrap; border-bottom: 1px solid var(--border-color); background: var(--fg-color); }
			.rule24-plan-grid .week { border-left: 1px solid var(--gray-400); }
			.rule24-plan-grid thead th { position: sticky; top: 0; z-index: 2; color: var(--text-muted); font-weight: 400; }
			.rule24-plan-grid thead th span { display: block; font-size: 10px; text-transform: uppercase; }
			.rule24-plan-grid tr > th:first-child { position: sticky; left: 0; z-index: 1; min-width: 170px; max-width: 220px; overflow: hidden; text-overflow: ellipsis; text-align: left; font-weight: 500; color: var(--text-color); border-right: 1px solid var(--border-color); }
			.rule24-plan-grid thead tr > th:first-child { z-index: 3; }
			.rule24-plan-grid th small { display: block; color: var(--text-muted); font-weight: 400; }
			.rule24-plan-grid td small { margin-left: 3px; opacity: 0.65; }
			.rule24-plan-grid .total { font-weight: 600; }
			.rule24-plan-grid tfoot th, .rule24-plan-grid tfoot td { position: sticky; bottom: 0; color: var(--text-muted); border-bottom: 0; border-top: 1px solid var(--border-color); }
			.rule24-plan-grid tfoot th:first-child { z-index: 3; }
			.rule24-plan .level-1 { background: #e4f5e9 !important; color: #16794c; }
			.rule24-plan .level-2 { background: #b9e6c9 !important; color: #125c3b; }
			.rule24-plan .level-3 { background: #ffe7b0 !important; color: #7a4c00; }
			.rule24-plan .level-4 { background: #ffc078 !important; color: #6b3300; }
			[data-theme="dark"] .rule24-plan .level-1 { background: #133326 !important; color: #9fdcb8; }
			[data-theme="dark"] .rule24-plan .level-2 { background: #1c5239 !important; color: #c2f0d4; }
			[data-theme="dark"] .rule24-plan .level-3 { background: #5a430d !important; color: #ffe1a0; }
			[data-theme="dark"] .rule24-plan .level-4 { background: #7a4310 !important; color: #ffd9ae; }
			.rule24-plan-grid .off, .rule24-plan-key .off { background: repeating-linear-gradient(45deg, var(--control-bg), var(--control-bg) 4px, transparent 4px, transparent 8px); }
			.rule24-plan-key { display: flex; flex-wrap: wrap; gap: 16px; margin: 10px 2px 0; font-size: var(--text-sm, 12px); color: var(--text-muted); }
			.rule24-plan-key i { display: inline-block; width: 14px; height: 14px; border-radius: 3px; margin-right: 6px; vertical-align: -3px; border: 1px solid var(--border-color); }
			.rule24-plan-unfitted { margin-top: 18px; }
			.rule24-plan-unfitted summary { cursor: pointer; color: var(--text-muted); }
			.rule24-plan-unfitted .rows { max-height: 30vh; overflow: auto; margin-top: 8px; }
		</style>`;
	}
};

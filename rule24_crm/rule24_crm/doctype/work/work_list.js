(() => {
	const is_head = ["Sales Manager", "CRM Administrator"].some((role) => frappe.user.has_role(role));
	const open = ["status", "in", rule24.works.OPEN];
	const mine = ["assigned_to", "=", frappe.session.user];
	const day = (days) => frappe.datetime.add_days(frappe.datetime.get_today(), days);

	const VIEWS = [
		[() => __("Mine"), () => [mine, open]],
		[() => __("Today"), () => [open, ["planned_on", "=", day(0)]]],
		[() => __("Overdue"), () => [open, ["planned_on", "<", day(0)]]],
		[() => __("This Week"), () => [open, ["planned_on", "Timespan", "this week"]]],
	];

	/** What stands in a column: an element, since Frappe 16 measures it with jQuery, to which bare text is a selector. */
	const cell = (html, css = "") => `<span class="${css}">${html}</span>`;

	let shown = null;
	let place = null; // of the row to go on with, once the list is drawn again
	$(document).on("rule24-works-changed", () => {
		if (shown && shown.$result.is(":visible")) shown.refresh();
	});

	frappe.listview_settings["Work"] = {
		add_fields: [
			"status",
			"sign",
			"result",
			"planned_on",
			"party_type",
			"party",
			"assigned_to",
			"starts_at",
			"ends_at",
			"all_day",
			"action",
			"party_name",
		],
		hide_name_column: true,
		hide_name_filter: true,
		filters: is_head ? [open] : [mine, open],
		has_indicator_for_draft: true,

		get_indicator(doc) {
			return rule24.works.indicator(doc);
		},

		button: {
			show: (doc) => rule24.works.is_open(doc) && frappe.model.can_write("Work"),
			get_label: () => __("Close"),
			get_description: (doc) => __("Close {0}", [doc.subject]),
			action: (doc) => rule24.works.close(doc.name),
		},

		formatters: {
			planned_on: (_value, _df, doc) => {
				const [hour] = rule24.works.hours_words(doc).split(" ");
				const day = rule24.works.day_words(doc.planned_on, { weekday: false });
				return cell(`${day} <b>${hour}</b>`, "rule24-when");
			},
			action: (value) => cell(frappe.utils.escape_html(__(value || ""))),
			assigned_to: (value) => cell(frappe.utils.escape_html(frappe.user.full_name(value))),
		},

		onload(listview) {
			by_the_clock(listview.sort_selector);
			VIEWS.forEach(([label, filters]) =>
				listview.page.add_inner_button(label(), () => show(listview, filters()))
			);
			frappe.ui.keys.add_shortcut({
				shortcut: "alt+r",
				action: () => close_focused(listview),
				page: listview.page,
				description: __("Close Work"),
			});
			frappe.ui.keys.add_shortcut({
				shortcut: "alt+n",
				action: () => frappe.new_doc("Work"),
				page: listview.page,
				description: __("New Work"),
			});
		},

		refresh(view) {
			shown = view;
			if (place !== null) focus_row(view, place);
			place = null;
			if (view.view_name === "Gantt") fit_gantt(view);
		},
	};

	/** Works of one day in the order of their hours, those of any time of the day first. */
	function by_the_clock(sort) {
		const plain = sort.get_sql_string;
		sort.get_sql_string = function () {
			return this.sort_by === "planned_on"
				? ["planned_on", "starts_at", "name"]
						.map((field) => `\`tabWork\`.\`${field}\` ${this.sort_order}`)
						.join(", ")
				: plain.call(this);
		};
	}

	/** Instead of what was filtered before, except for the person: "Mine" and then "Today" are my works of today. */
	async function show(listview, filters) {
		const keep = listview.filter_area
			.get()
			.filter((row) => row[1] === "assigned_to" && !filters.some((f) => f[0] === "assigned_to"));
		await listview.filter_area.clear(false);
		await listview.filter_area.set([
			...keep.map((row) => row.slice(0, 4)),
			...filters.map((row) => ["Work", ...row]),
		]);
		listview.refresh();
	}

	/** Close the work on which the arrow keys stand, and go on with the one that takes its place. */
	function close_focused(listview) {
		const row = document.activeElement.closest(".list-row-container");
		const focused = listview.$result.find(".list-row-container").index(row);
		const work = listview.data[focused];
		if (!work) {
			frappe.show_alert({
				message: __("Go to a work with the arrow keys first."),
				indicator: "orange",
			});
		} else if (rule24.works.is_open(work)) {
			rule24.works.close(work.name, { on_done: () => (place = focused) });
		}
	}

	function focus_row(listview, index) {
		const $rows = listview.$result.find(".list-row-container");
		$rows.eq(Math.min(index, $rows.length - 1)).focus();
	}

	/** Bars as long as the works are, in the colour of the Action, and dragging them through our own rules. */
	function fit_gantt(view) {
		const actions = rule24.works._actions;
		if (!actions) rule24.works.actions().then(() => view.refresh());
		(view.tasks || []).forEach((task) => {
			const work = view.data.find((row) => row.name === task.id);
			if (!work) return;
			task.start = work.planned_on;
			task.end = (work.ends_at || work.planned_on).slice(0, 10);
			task.name = work.subject;
			const { color } = (actions || []).find((row) => row.name === work.action) || {};
			task.custom_class = `color-${(color || "#687178").slice(1)}`;
			task.progress = work.status === "Closed" ? 100 : work.status === "In Progress" ? 50 : 0;
		});
		view.load_lib.then(() => {
			if (!view.gantt) return;
			view.gantt.options.on_date_change = (task, start, end) => move(view, task, start, end);
		});
	}

	async function move(view, task, start, end) {
		const work = view.data.find((row) => row.name === task.id);
		if (!view.can_write || !work) return;
		const first = moment(start).format("YYYY-MM-DD");
		const whole = work.all_day || !work.starts_at;
		const args = whole
			? { start: first, end: moment(end).add(1, "second").format("YYYY-MM-DD"), all_day: true }
			: { start: `${first} ${work.starts_at.slice(11)}`, all_day: false };
		try {
			await frappe.xcall("rule24_crm.api.work.reschedule", { work: task.id, ...args });
		} finally {
			view.refresh();
		}
	}
})();

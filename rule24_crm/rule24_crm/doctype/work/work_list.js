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

	let shown = null;
	$(document).on("rule24-works-changed", () => {
		if (shown && shown.$result.is(":visible")) shown.refresh();
	});

	frappe.listview_settings["Work"] = {
		add_fields: [
			"status", "sign", "result", "planned_on", "party_type", "party", "assigned_to", "starts_at", "ends_at",
			"all_day", "action",
		],
		hide_name_column: true,
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
			action: (value) => frappe.utils.escape_html(__(value || "")),
			assigned_to: (value) => frappe.utils.escape_html(frappe.user.full_name(value)),
		},

		onload(listview) {
			VIEWS.forEach(([label, filters]) =>
				listview.page.add_inner_button(label(), () => show(listview, filters()))
			);
		},

		refresh(view) {
			shown = view;
			if (view.view_name === "Gantt") fit_gantt(view);
		},
	};

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

	/** Bars as long as the works are, and dragging them through our own rules. */
	function fit_gantt(view) {
		(view.tasks || []).forEach((task) => {
			const work = view.data.find((row) => row.name === task.id);
			if (!work) return;
			task.start = work.planned_on;
			task.end = (work.ends_at || work.planned_on).slice(0, 10);
			task.name = work.subject;
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

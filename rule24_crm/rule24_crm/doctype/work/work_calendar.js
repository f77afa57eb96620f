(() => {
	frappe.views.calendar["Work"] = {
		field_map: {
			id: "name",
			title: "title",
			start: "starts_at",
			end: "ends_at",
			allDay: "all_day",
			color: "color",
		},
		gantt: {
			field_map: { id: "name", title: "subject", start: "planned_on", end: "planned_on" },
			order_by: "planned_on",
		},
		get_events_method: "rule24_crm.api.work.get_events",
		prepare_events,
		// FullCalendar 3 hands over the event and a way back, FullCalendar 6 one object that holds both
		options: {
			...hours(),
			eventLimit: true, // a full day says "+12 more" instead of growing; the name of it in FullCalendar 3 and in 6
			dayMaxEvents: true,
			eventClick: (info) => show(info.event || info),
			eventDrop: (info, _delta, revert) => move(info.event || info, info.revert || revert),
			eventResize: (info, _delta, revert) => move(info.event || info, info.revert || revert),
			select(start, end, _event, view) {
				if (start && start.start) ({ start, end, view } = start);
				plan(moment(start), moment(end), view);
			},
		},
	};

	/**
	 * Hours as people here write them, and the day of a salesperson in view. Names and text formats of FullCalendar 3,
	 * which Frappe 15 has; later ones take hours from the language.
	 */
	function hours() {
		if (parseInt(frappe.boot.versions.frappe) > 15) return {};
		return {
			timeFormat: "HH:mm",
			slotLabelFormat: "HH:mm",
			scrollTime: "08:00:00",
			firstDay: frappe.datetime.get_first_day_of_the_week_index(),
			views: { week: { columnHeaderFormat: "dd D" } },
		};
	}

	/** Black or white, whichever is read better on the colour of the Action. */
	function text_on(color) {
		const [red, green, blue] = [1, 3, 5].map((place) => parseInt(color.slice(place, place + 2), 16));
		return 0.299 * red + 0.587 * green + 0.114 * blue > 125 ? "#1c2126" : "#ffffff";
	}

	/** Days stay days whatever the time zone; hours are shown in the user's own. */
	function prepare_events(events) {
		return (events || []).map((work) => {
			const whole = Boolean(work.all_day);
			const local = (value) => (whole ? value : frappe.datetime.convert_to_user_tz(value));
			const closed = work.status === "Closed" || work.status === "Cancelled";
			const mark = { Plus: "+ ", Minus: "− " }[work.sign] || "";
			const color = work.color || "#687178";
			return {
				id: work.name,
				name: work.name,
				title: `${mark}${work.subject}`,
				tooltip: [
					work.subject,
					__(work.action),
					work.party_name,
					frappe.user.full_name(work.assigned_to),
				]
					.filter(Boolean)
					.join("\n"),
				start: local(work.start),
				end: local(work.end),
				allDay: whole,
				editable: !closed && frappe.model.can_write("Work"),
				className: closed ? "rule24-done" : work.overdue ? "rule24-overdue" : "",
				classNames: closed ? ["rule24-done"] : work.overdue ? ["rule24-overdue"] : [],
				backgroundColor: color,
				borderColor: work.overdue ? "#e24c4c" : color,
				textColor: text_on(color),
				work,
			};
		});
	}

	function work_of(event) {
		return event.work || (event.extendedProps && event.extendedProps.work);
	}

	/** A click tells what it is and offers to close it. */
	function show(event) {
		const work = work_of(event);
		const escape = frappe.utils.escape_html;
		const when = rule24.works.day_words(work.planned_on);
		const rows = [
			[__("When"), `${when} ${rule24.works.hours_words(work)}`],
			[__("Action"), __(work.action)],
			[__("Client"), work.party_name],
			[__("Contact"), work.contact],
			[__("Assigned To"), frappe.user.full_name(work.assigned_to)],
			[__("Result"), work.result && __(work.result)],
		].filter(([_label, value]) => value);
		const dialog = new frappe.ui.Dialog({ title: escape(work.subject) });
		dialog.$body.append(
			`<dl class="rule24-facts">${rows
				.map(([label, value]) => `<dt>${label}</dt><dd>${escape(value)}</dd>`)
				.join("")}</dl>`
		);
		dialog.set_secondary_action_label(__("Open"));
		dialog.set_secondary_action(() => {
			dialog.hide();
			frappe.set_route("Form", "Work", work.name);
		});
		if (rule24.works.is_open(work) && frappe.model.can_write("Work")) {
			dialog.set_primary_action(__("Close Work"), () => {
				dialog.hide();
				rule24.works.close(work.name);
			});
		}
		dialog.show();
	}

	async function move(event, revert) {
		const whole = Boolean(event.allDay);
		const text = (value) =>
			whole
				? moment(value).format("YYYY-MM-DD")
				: frappe.datetime.convert_to_system_tz(moment(value).format("YYYY-MM-DD HH:mm:ss"));
		const work = work_of(event);
		try {
			const moved = await frappe.xcall("rule24_crm.api.work.reschedule", {
				work: work.name,
				start: text(event.start),
				end: event.end ? text(event.end) : null,
				all_day: whole,
			});
			Object.assign(work, moved);
			frappe.show_alert({
				message: __("Moved: {0}", [frappe.utils.escape_html(work.subject)]),
				indicator: "green",
			});
		} catch {
			revert();
		}
	}

	/** Dragging across days or hours plans a work there. */
	function plan(start, end, view) {
		const month = (view.type || view.name || "").toLowerCase().includes("month");
		const days = end.diff(start, "days");
		if (month && days === 1) return; // a click on a day: Frappe goes there
		const whole = start.format("HH:mm") === "00:00" && end.format("HH:mm") === "00:00";
		const date = start.format("YYYY-MM-DD");
		const last = moment(end).subtract(1, "minute").format("YYYY-MM-DD HH:mm:ss");
		if (whole) {
			rule24.works.plan({
				planned_on: date,
				...(days > 1 ? { starts_at: `${date} 00:00:00`, ends_at: last, all_day: 1 } : {}),
			});
			return;
		}
		rule24.works.plan({
			planned_on: date,
			time: start.format("HH:mm:ss"),
			ends_at: frappe.datetime.convert_to_system_tz(end.format("YYYY-MM-DD HH:mm:ss")),
		});
	}
})();

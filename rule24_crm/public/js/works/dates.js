// Buttons for the days a salesperson names: today, tomorrow, in three days, in a week.
frappe.provide("rule24.works");

const CHIPS = [
	{ label: () => __("Today"), days: 0 },
	{ label: () => __("Tomorrow"), days: 1 },
	{ label: () => __("+3 Days"), days: 3 },
	{ label: () => __("+1 Week"), days: 7 },
];

/** Put day buttons in front of a Date control and keep them in step with it. */
rule24.works.add_date_chips = function (control) {
	const $chips = $(`<div class="rule24-chips" role="group"></div>`);
	CHIPS.forEach(({ label, days }) => {
		const day = frappe.datetime.add_days(frappe.datetime.get_today(), days);
		$(`<button type="button" class="btn btn-default btn-xs"></button>`)
			.text(label())
			.attr("data-day", day)
			.on("click", () => control.set_value(day))
			.appendTo($chips);
	});
	$chips.insertAfter(control.$wrapper.find(".control-input-wrapper"));
	const mark = () =>
		$chips.find("button").each((_i, button) => {
			const chosen = button.dataset.day === control.get_value();
			$(button).toggleClass("active", chosen).attr("aria-pressed", chosen);
		});
	const before = control.df.onchange;
	control.df.onchange = function () {
		mark();
		before && before.call(this);
	};
	mark();
	return $chips;
};

/** "2026-11-24" and "10:00:00" as a moment in the time zone of the site, or nothing. */
rule24.works.moment_of = function (date, time) {
	if (!date || !time) return null;
	const clock = time.length === 5 ? `${time}:00` : time;
	return frappe.datetime.convert_to_system_tz(`${date} ${clock}`);
};

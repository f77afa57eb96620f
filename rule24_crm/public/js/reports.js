// What our reports share, whole numbers, and whether the user is a head.
frappe.provide("rule24.reports");

/** A count as it is shown, with the thousands apart. */
rule24.number = (value) => format_number(value || 0, null, 0);

/** Whether the user sees and moves what belongs to everybody; the server says so at the start and has the last word. */
rule24.is_head = () => Boolean(frappe.boot.rule24_is_head);

/** The filter by the responsible user, which only heads have. */
rule24.reports.responsible = () =>
	rule24.is_head()
		? [{ fieldname: "responsible", label: __("Responsible"), fieldtype: "Link", options: "User" }]
		: [];

/**
 * Do something when a button in a row is pressed; `act` gets the button.
 *
 * Frappe calls `onload` at every visit, with the same page: what an earlier visit bound goes first.
 */
rule24.reports.on_click = function (report, css_class, act) {
	const event = `click.${css_class}`;
	$(report.page.wrapper)
		.off(event)
		.on(event, `.${css_class}`, ({ currentTarget }) => act(currentTarget));
};

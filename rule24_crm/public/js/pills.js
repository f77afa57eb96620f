frappe.provide("rule24");

/**
 * Close the list of a MultiSelectPills once something is chosen: Frappe opens it again at once, over the button below.
 * A click or a key opens it for one more.
 */
rule24.close_after_choice = function (control) {
	control.$input.on("awesomplete-selectcomplete", () => setTimeout(() => control.$input.blur()));
};

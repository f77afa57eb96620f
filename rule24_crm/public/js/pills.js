frappe.provide("rule24");

/**
 * Close the list of a MultiSelectPills once something is chosen: Frappe opens it again at once, over the button below.
 * A click or a key opens it for one more.
 */
rule24.close_after_choice = function (control) {
	// whoever only passes by with Tab has chosen nothing, though the first of the list is highlighted
	control.$input.on("awesomplete-select", (event) => {
		if (event.originalEvent.originalEvent?.key !== "Tab" || control.$input.val()) return;
		event.preventDefault();
		control.awesomplete.close();
	});
	control.$input.on("awesomplete-selectcomplete", () => setTimeout(() => control.$input.blur()));
	// what the server finds for an earlier key may come after the choice
	control.$input.on("awesomplete-open", () => {
		if (document.activeElement !== control.$input[0]) control.awesomplete.close();
	});
};

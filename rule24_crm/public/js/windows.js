// A message or a question over a window: Escape closes what is on top, and nothing that has been typed below it.
(() => {
	const answers = (dialog) => dialog && (dialog === frappe.msg_dialog || dialog.confirm_dialog);

	// Bootstrap closes the message, and by the time Frappe hears of the key the window below is the one to close
	document.addEventListener(
		"keydown",
		(event) => {
			const top = window.cur_dialog;
			if (event.key !== "Escape" || !answers(top) || $(".modal.show").length < 2) return;
			event.stopPropagation();
			if (!top.no_cancel_flag && !top.static) top.hide();
		},
		true
	);
})();

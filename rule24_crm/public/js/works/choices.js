// A row of buttons of which one is chosen, for mouse and keyboard: numbers choose, arrows go through them.
frappe.provide("rule24.works");

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

Object.assign(rule24.works, {
	/** Arrows move the focus within the buttons of `$list`, round and round. */
	walk_with_arrows($list) {
		$list.on("keydown", "button", (event) => {
			const step = STEPS[event.key];
			if (!step) return;
			event.preventDefault();
			const buttons = $list.find("button");
			const next = (buttons.index(event.currentTarget) + step + buttons.length) % buttons.length;
			buttons.eq(next).focus();
		});
	},

	/** Keys of a whole dialog: Ctrl+Enter answers it, 1 to 9 choose where nobody is typing, Escape leaves it. */
	bind_dialog_keys(dialog, { submit, choose }) {
		rule24.works.bind_escape(dialog);
		dialog.$wrapper.on("keydown", (event) => {
			if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
				event.preventDefault();
				submit();
				return;
			}
			if (event.ctrlKey || event.altKey || event.metaKey || !/^[1-9]$/.test(event.key)) return;
			if ($(event.target).is("input, textarea, select, [contenteditable=true]")) return;
			event.preventDefault();
			choose(Number(event.key) - 1);
		});
	},

	/** Frappe 16 keeps Escape from every dialog that has a Link, also when no list of choices is open. */
	bind_escape(dialog) {
		const leave = (event) => {
			if (event.key !== "Escape" || dialog.$wrapper.find(".awesomplete > ul:not([hidden])").length)
				return;
			event.preventDefault();
			event.stopImmediatePropagation();
			rule24.works.hide_dialog(dialog);
		};
		dialog.$wrapper.get(0).addEventListener("keydown", leave, true); // before Frappe's own
	},

	/** Hide a dialog that may still be fading in: Bootstrap does not listen until it has, and quick fingers are faster. */
	hide_dialog(dialog) {
		if (dialog.$wrapper.data("bs.modal")?._isTransitioning) {
			dialog.$wrapper.one("shown.bs.modal", () => dialog.hide());
		} else {
			dialog.hide();
		}
	},

	/** Show which button is chosen; Tab comes back to that one. */
	mark_choice($list, index) {
		$list.find("button").each((i, button) => {
			const chosen = i === index;
			$(button)
				.toggleClass("chosen", chosen)
				.attr("aria-checked", chosen)
				.attr("tabindex", chosen || (index < 0 && !i) ? 0 : -1);
		});
	},
});

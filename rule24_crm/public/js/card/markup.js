// What the parts of a card are drawn of.

export const esc = (text) => frappe.utils.escape_html(String(text ?? ""));

/** A part: its buttons, markup or nothing, above what it shows. */
export function panel(buttons, body) {
	return `<div class="rule24-part">
		${buttons ? `<div class="rule24-part-do">${buttons}</div>` : ""}
		${body}
	</div>`;
}

/** The rows, each drawn by `draw`; without any, the words about that. */
export function rows_or(rows, draw, empty) {
	return rows.length
		? `<div class="rule24-rows">${rows.map(draw).join("")}</div>`
		: `<div class="rule24-empty text-muted">${empty}</div>`;
}

/** A button of a part; `what` is told to whoever listens for clicks on `[data-do]`. */
export function button(what, label) {
	return `<button type="button" class="btn btn-default btn-sm" data-do="${what}">${label}</button>`;
}

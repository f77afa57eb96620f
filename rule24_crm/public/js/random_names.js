/**
 * Frappe names the counters of loops in its templates with three random letters. Once in some ten thousand times these are
 * "for" or "new": the template is no program then, and a Desk that starts with it stands still for good.
 */
const RESERVED = new Set(["for", "new", "try", "var", "let", "obj"]);
const TRIES = 20;
const draw = frappe.utils.get_random;
let last;

frappe.utils.get_random = function (length) {
	let text;
	for (let tries = 0; tries < TRIES; tries++) {
		text = draw.call(this, length);
		if (!RESERVED.has(text) && text !== last) break;
	}
	last = text;
	return text;
};

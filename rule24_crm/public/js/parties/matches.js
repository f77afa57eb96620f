// Clients that may be the one being entered: who, why, and what can be done about it.
frappe.provide("rule24.parties");

const LATER = 450; // milliseconds after the last key

Object.assign(rule24.parties, {
	TYPES: ["Customer", "Lead", "Prospect"],

	/** Run `action` once the user has paused; each call puts it off. */
	later(action) {
		return frappe.utils.debounce(action, LATER);
	},

	/** "the same INN 7707083893, the same phone", escaped. */
	reasons_html(match) {
		return frappe.utils.escape_html(match.reasons.map((reason) => reason.words).join(", "));
	},

	/**
	 * Matches as a list.
	 * @param {Array} matches as the server gives them; those the user may not see say only whom to ask
	 * @param {(match) => string} actions buttons behind a match, with data-do and data-at
	 */
	matches_html(matches, actions = () => "") {
		const rows = matches.map((match, at) => {
			const reasons = rule24.parties.reasons_html(match);
			if (match.hidden) {
				const whom = match.responsible
					? __("Ask {0}.", [frappe.utils.escape_html(match.responsible)])
					: __("Ask your administrator.");
				return `<li><span>${__("There is a client with {0}.", [reasons])} ${whom}</span></li>`;
			}
			const link = frappe.utils.get_form_link(match.party_type, match.party);
			const title = frappe.utils.escape_html(match.title);
			return `<li>
				<span><a href="${link}" target="_blank">${title}</a>
				<span class="text-muted">${__(match.party_type)} · ${reasons}</span></span>
				<span class="rule24-match-actions">${actions(match, at)}</span>
			</li>`;
		});
		return `<ul class="rule24-matches">${rows.join("")}</ul>`;
	},
});

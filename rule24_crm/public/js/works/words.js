// Works in a salesperson's words: signs, effects, days, people.
frappe.provide("rule24.works");

const OPEN = ["Planned", "In Progress"];

Object.assign(rule24.works, {
	OPEN,

	is_open(work) {
		return OPEN.includes(work.status);
	},

	is_overdue(work) {
		return OPEN.includes(work.status) && work.planned_on < frappe.datetime.get_today();
	},

	is_today(work) {
		return OPEN.includes(work.status) && work.planned_on === frappe.datetime.get_today();
	},

	/** A round badge with plus, minus or a dot. */
	sign_html(sign) {
		const [css, text, title] = {
			Plus: ["plus", "+", __("Plus")],
			Minus: ["minus", "−", __("Minus")],
		}[sign] || ["none", "·", __("Neither plus nor minus")];
		return `<span class="rule24-sign ${css}" title="${title}" aria-label="${title}">${text}</span>`;
	},

	/** What a Result brings about besides the next work, or an empty string. */
	effect_words(row) {
		switch (row.effect) {
			case "Create Lead":
				return __("Makes a lead");
			case "Convert to Deal":
				return __("Opens a deal");
			case "Issue Documents":
				return (
					{
						Invoice: __("Issues the invoice as a draft"),
						Contract: __("Issues the contract as a draft"),
					}[row.documents] || __("Issues invoice and contract as drafts")
				);
			case "Set Stage":
				return __("Moves the deal to the stage {0}", [__(row.stage)]);
			case "Mark Lost":
				return __("Marks the deal as lost");
			default:
				return row.writes_off ? __("Writes the client off") : "";
		}
	},

	/** "Next: Call, 27 Nov", or an empty string. */
	next_words(next) {
		if (!next) return "";
		return __("Next: {0}, {1}", [__(next.action), rule24.works.day_words(next.planned_on)]);
	},

	/** The day as people say it: Today, Tomorrow, Mon, 30 Nov; without the day of the week where room is scarce. */
	day_words(date, { weekday = true } = {}) {
		const days = frappe.datetime.get_day_diff(date, frappe.datetime.get_today());
		if (days === 0) return __("Today");
		if (days === 1) return __("Tomorrow");
		if (days === -1) return __("Yesterday");
		const day = moment(date);
		const same_year = day.year() === moment().year();
		// the Desk loads moment without languages
		return new Intl.DateTimeFormat(rule24.works.locale(), {
			day: "numeric",
			month: "short",
			...(same_year ? {} : { year: "numeric" }),
			...(same_year && weekday ? { weekday: "short" } : {}),
		}).format(day.toDate());
	},

	locale() {
		const lang = (frappe.boot.lang || "en").replace("_", "-");
		return lang === "en" ? "en-GB" : lang;
	},

	overdue_words(date) {
		const days = frappe.datetime.get_day_diff(frappe.datetime.get_today(), date);
		return days === 1 ? __("1 day late") : __("{0} days late", [days]);
	},

	/** "10:00 – 10:15" of a timed work, in the user's own time zone. */
	hours_words(work) {
		if (work.all_day || !work.starts_at) return "";
		const hour = (value) => moment(frappe.datetime.convert_to_user_tz(value)).format("HH:mm");
		return work.ends_at && work.ends_at.slice(0, 10) === work.starts_at.slice(0, 10)
			? `${hour(work.starts_at)} – ${hour(work.ends_at)}`
			: hour(work.starts_at);
	},

	/** What a list shows as the state of a work: [label, colour, filter]. */
	indicator(work) {
		const open = `status,in,${OPEN.join(",")}`;
		const today = frappe.datetime.get_today();
		if (rule24.works.is_overdue(work)) {
			return [__("Overdue"), "red", `${open}|planned_on,<,${today}`];
		}
		if (rule24.works.is_today(work)) {
			return [__("Today"), "orange", `${open}|planned_on,=,${today}`];
		}
		switch (work.status) {
			case "In Progress":
				return [__("In Progress"), "yellow", "status,=,In Progress"];
			case "Planned":
				return [__("Planned"), "blue", "status,=,Planned"];
			case "Cancelled":
				return [__("Cancelled"), "gray", "status,=,Cancelled"];
		}
		const result = work.result ? __(work.result) : __("Closed");
		if (work.sign === "Plus") return [`+ ${result}`, "green", "status,=,Closed|sign,=,Plus"];
		if (work.sign === "Minus") return [`− ${result}`, "darkgrey", "status,=,Closed|sign,=,Minus"];
		return [result, "gray", "status,=,Closed"];
	},

	person_html(user) {
		if (!user) return "";
		const name = frappe.utils.escape_html(frappe.user.full_name(user));
		return `<span class="rule24-person" title="${name}">${frappe.avatar(
			user,
			"avatar-xs"
		)}<span class="rule24-person-name">${name}</span></span>`;
	},

	/** Actions a user may choose, in the dictionary's order; read once. */
	async actions() {
		if (!rule24.works._actions) {
			rule24.works._actions = await frappe.db.get_list("Work Action", {
				filters: { disabled: 0 },
				fields: ["name", "kind", "color", "default_duration"],
				order_by: "creation",
				limit: 100,
			});
		}
		return rule24.works._actions;
	},

	color_of(actions, action) {
		const found = actions.find((row) => row.name === action);
		return (found && found.color) || "var(--gray-500)";
	},
});

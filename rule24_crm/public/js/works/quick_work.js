// The quick dialog for a new work: what, when, who. Three clicks from a client to a planned call.
frappe.provide("rule24.works");

class QuickWork {
	/**
	 * @param {{party_type, party, party_name, contact, opportunity, action, subject, planned_on, time, ends_at, on_done}} options
	 * values of the new work, and what to do when it is planned
	 */
	constructor(options) {
		this.options = options || {};
	}

	async open() {
		this.actions = await rule24.works.actions();
		if (!this.actions.length) {
			frappe.msgprint(__("There are no Actions yet. An administrator adds them under Work Action."));
			return;
		}
		this.make();
	}

	make() {
		const { party, party_name } = this.options;
		this.dialog = new frappe.ui.Dialog({
			title: party ? __("New Work: {0}", [party_name || party]) : __("New Work"),
			size: "large",
			no_focus: true, // the Actions take it: number keys and arrows choose
			fields: this.fields(),
			primary_action_label: __("Plan"),
			primary_action: (values) => this.submit(values),
			secondary_action_label: __("Open Full Form"),
			secondary_action: () => this.open_form(),
		});
		this.dialog.$wrapper.addClass("rule24-quick");
		this.make_actions();
		rule24.works.add_date_chips(this.dialog.fields_dict.planned_on);
		// links are looked up at the server before they stand in their fields: submit waits for them
		this.filled = Promise.all([this.prefill(), this.fill_contact()]);
		const usual = [this.options.action, rule24.works._last_action, this.actions[0].name];
		this.choose(usual.find((action) => this.actions.some((row) => row.name === action)));
		this.bind_keys();
		this.dialog.$wrapper.one("shown.bs.modal", () => this.$actions.find(".chosen").focus());
		this.dialog.show();
	}

	prefill() {
		const { planned_on, assigned_to, time, subject } = this.options;
		const values = {
			planned_on: planned_on || frappe.datetime.get_today(),
			assigned_to: assigned_to || frappe.session.user,
			...(time ? { time } : {}),
			...(subject ? { subject } : {}),
		};
		return Promise.all(
			Object.entries(values).map(([field, value]) => this.dialog.set_value(field, value))
		);
	}

	bind_keys() {
		rule24.works.walk_with_arrows(this.$actions);
		rule24.works.bind_dialog_keys(this.dialog, {
			submit: () => this.filled.then(() => this.dialog.get_primary_btn().trigger("click")),
			choose: (index) => this.actions[index] && this.choose(this.actions[index].name),
		});
	}

	fields() {
		const client = this.options.party
			? []
			: [
					{
						fieldname: "party_type",
						fieldtype: "Select",
						label: __("Client Kind"),
						options: ["", "Customer", "Lead", "Prospect"].map((value) => ({
							value,
							label: value && __(value),
						})),
						onchange: () => this.dialog.set_value("party", ""),
					},
					{ fieldname: "client_column", fieldtype: "Column Break" },
					{
						fieldname: "party",
						fieldtype: "Dynamic Link",
						label: __("Client"),
						options: "party_type",
						depends_on: "party_type",
						mandatory_depends_on: "party_type",
						get_options: () => this.dialog.get_value("party_type"),
						onchange: () => {
							this.filled = this.fill_contact();
						},
					},
				];
		return [
			{ fieldname: "actions", fieldtype: "HTML" },
			{ fieldname: "whom", fieldtype: "Section Break" },
			...client,
			{ fieldname: "when", fieldtype: "Section Break" },
			{ fieldname: "planned_on", fieldtype: "Date", label: __("Date"), reqd: 1 },
			{ fieldname: "column", fieldtype: "Column Break" },
			{
				fieldname: "time",
				fieldtype: "Time",
				label: __("Time"),
				placeholder: __("any time of the day"),
			},
			{ fieldname: "who", fieldtype: "Section Break" },
			{
				fieldname: "assigned_to",
				fieldtype: "Link",
				options: "User",
				label: __("Assigned To"),
				reqd: 1,
				get_query: () => ({ filters: { user_type: "System User", enabled: 1 } }),
			},
			{ fieldname: "who_column", fieldtype: "Column Break" },
			{
				fieldname: "contact",
				fieldtype: "Link",
				options: "Contact",
				label: __("Contact"),
				get_query: () => rule24.works.contact_query(this.client()),
			},
			{ fieldname: "what", fieldtype: "Section Break" },
			{
				fieldname: "subject",
				fieldtype: "Data",
				label: __("Subject"),
				placeholder: __("the Action and the client"),
			},
		];
	}

	async fill_contact() {
		const { party_type, party } = this.client();
		const contact =
			this.options.contact || (party ? await rule24.works.main_contact(party_type, party) : "");
		if (this.client().party === party) await this.dialog.set_value("contact", contact || "");
	}

	client() {
		const { party_type, party } = this.options;
		if (party) return { party_type, party };
		return {
			party_type: this.dialog.get_value("party_type"),
			party: this.dialog.get_value("party"),
		};
	}

	make_actions() {
		this.$actions = $(`<div class="rule24-actions" role="radiogroup"></div>`).attr(
			"aria-label",
			__("Action")
		);
		this.actions.forEach((row) =>
			$(`<button type="button" class="btn btn-default btn-sm" role="radio">
				<span class="rule24-dot"></span><span></span></button>`)
				.attr("data-action", row.name)
				.on("click", () => this.choose(row.name))
				.appendTo(this.$actions)
				.find(".rule24-dot")
				.css("background", row.color || "var(--gray-500)")
				.next()
				.text(__(row.name))
		);
		this.dialog.fields_dict.actions.$wrapper.empty().append(this.$actions);
	}

	choose(action) {
		this.action = action;
		rule24.works.mark_choice(
			this.$actions,
			this.actions.findIndex((row) => row.name === action)
		);
	}

	/** Field values of the Work. */
	values(given) {
		const { opportunity, campaign, based_on, parent_work, status } = this.options;
		const values = {
			action: this.action,
			planned_on: given.planned_on,
			assigned_to: given.assigned_to,
			contact: given.contact,
			subject: given.subject,
			...this.client(),
			...this.hours(given),
			opportunity,
			campaign,
			based_on,
			parent_work,
			...(status === "In Progress" ? { status } : {}),
		};
		return Object.fromEntries(Object.entries(values).filter(([_key, value]) => value || value === 0));
	}

	/** The time that was typed; else what the dialog was opened for, as dragging across the calendar does. */
	hours({ planned_on, time }) {
		const { starts_at, ends_at, all_day } = this.options;
		const typed = rule24.works.moment_of(planned_on, time);
		const untouched = planned_on === this.options.planned_on && time === this.options.time;
		if (typed) return { starts_at: typed, all_day: 0, ...(untouched ? { ends_at } : {}) };
		return starts_at ? { starts_at, ends_at, all_day: all_day ? 1 : 0 } : { all_day: 1 };
	}

	async submit(given) {
		if (this.busy) return;
		this.busy = true;
		this.dialog.disable_primary_action();
		try {
			const work = await frappe.db.insert({ doctype: "Work", ...this.values(given) });
			rule24.works._last_action = this.action;
			rule24.works.hide_dialog(this.dialog);
			frappe.show_alert({
				message: `<a href="${frappe.utils.get_form_link("Work", work.name)}">${__("Planned: {0}", [
					frappe.utils.escape_html(work.subject),
				])}</a>`,
				indicator: "green",
			});
			this.options.on_done && this.options.on_done(work);
			$(document).trigger("rule24-works-changed", work);
		} finally {
			this.busy = false;
			this.dialog.enable_primary_action();
		}
	}

	open_form() {
		const given = this.dialog.get_values(true) || {};
		rule24.works.hide_dialog(this.dialog);
		const doc = frappe.model.get_new_doc("Work");
		Object.assign(doc, this.values(given));
		frappe.set_route("Form", "Work", doc.name);
	}
}

/** Contacts of a client, or all when there is none. */
rule24.works.contact_query = function ({ party_type, party }) {
	if (!party_type || !party) return {};
	return {
		query: "frappe.contacts.doctype.contact.contact.contact_query",
		filters: { link_doctype: party_type, link_name: party },
	};
};

/** The client's main contact: the one marked as primary, else the first. */
rule24.works.main_contact = async function (party_type, party) {
	const rows = await frappe.db.get_list("Contact", {
		filters: [
			["Dynamic Link", "link_doctype", "=", party_type],
			["Dynamic Link", "link_name", "=", party],
		],
		fields: ["name", "is_primary_contact"],
		order_by: "is_primary_contact desc",
		limit: 1,
	});
	return rows.length ? rows[0].name : null;
};

/** Open the quick dialog for a new work; see QuickWork for the options. */
rule24.works.plan = function (options) {
	return new QuickWork(options).open();
};

// "New Client": from an INN or a name to a complete client, in one window. Who is in the base already shows while it is typed.
frappe.provide("rule24.parties");

const KINDS = ["Legal Entity", "Sole Proprietor", "Individual"];
const WORDS = ["name", "inn", "kpp", "ogrn", "phone", "email", "website"];
const PERSON = ["contact_name", "contact_position", "contact_phone", "contact_email"];
const PLACE = ["address_line", "city", "region", "postal_code", "country"];
const BANK = ["bic", "bank_account", "bank_name", "correspondent_account"];
const COUNTED = [
	"name",
	"address_line",
	"inn",
	"kpp",
	"ogrn",
	"phone",
	"email",
	"contact_phone",
	"contact_email",
	"bic",
	"bank_account",
];

class NewParty {
	/** @param {{party_type, name, on_done}} options the kind of record and text to begin with; what to do with the client made or chosen */
	constructor(options) {
		this.options = options || {};
		this.matches = [];
		this.found = [];
		this.look_up_soon = rule24.parties.later(() => this.look_up());
		this.suggest_soon = rule24.parties.later(() => this.suggest());
	}

	async open() {
		const offered = await frappe.xcall("rule24_crm.api.parties.new_party_options", {}, "GET");
		this.registry = offered.registry;
		this.party_types = offered.party_types;
		this.make();
	}

	make() {
		this.dialog = new frappe.ui.Dialog({
			title: __("New Client"),
			size: "large",
			fields: this.fields(),
			primary_action_label: __("Create"),
			primary_action: () => this.submit(false),
			on_hide: () => this.options.on_hide && this.options.on_hide(this.done),
		});
		this.dialog.$wrapper.addClass("rule24-new-party");
		this.$found = this.dialog.fields_dict.found.$wrapper.on("click", "[data-at]", (event) =>
			this.fill(this.found[$(event.currentTarget).data("at")])
		);
		this.$matches = this.dialog.fields_dict.matches.$wrapper.on("click", "[data-do=use]", (event) =>
			this.use(this.matches[$(event.currentTarget).data("at")])
		);
		const first = this.dialog.fields_dict.query;
		first.$input.on("input", () => this.suggest_soon());
		for (const field of [...WORDS, ...PERSON, ...BANK, ...PLACE]) {
			this.dialog.fields_dict[field].$input?.on("input", () => this.look_up_soon());
		}
		rule24.close_after_choice(this.dialog.fields_dict.segments);
		if (this.options.name) this.dialog.set_value("query", this.options.name);
		this.dialog.show();
		first.set_focus();
		if (this.options.name) this.suggest();
		else this.look_up_soon();
	}

	fields() {
		// a box of Frappe's stops at 140 characters and says nothing; here the server tells what is too long
		const length = 1000;
		const data = (fieldname, label, more = {}) => ({ fieldname, fieldtype: "Data", label, ...more });
		const column = (fieldname) => ({ fieldname, fieldtype: "Column Break" });
		const legal = "eval:doc.kind=='Legal Entity'";
		const wanted = this.options.party_type;
		return [
			data("query", __("INN, OGRN or Name"), {
				length,
				description: this.registry
					? __("Choose from the register of companies, or type on")
					: __("The register of companies is off: fill the fields by hand"),
			}),
			{ fieldname: "found", fieldtype: "HTML" },
			{ fieldname: "matches", fieldtype: "HTML" },
			{ fieldname: "who", fieldtype: "Section Break" },
			{
				fieldname: "party_type",
				fieldtype: "Select",
				label: __("Create As"),
				options: this.party_types.map((value) => ({ value, label: __(value) })),
				default: this.party_types.includes(wanted) ? wanted : this.party_types[0],
				reqd: 1,
				onchange: () => this.look_up_soon(),
			},
			{
				fieldname: "kind",
				fieldtype: "Select",
				label: __("Kind of Client"),
				options: KINDS.map((value) => ({ value, label: __(value) })),
				default: KINDS[0],
				reqd: 1,
				onchange: () => this.look_up_soon(),
			},
			data("name", __("Client Name"), { reqd: 1, length }),
			column("numbers"),
			data("inn", __("INN")),
			data("kpp", __("KPP"), { depends_on: legal }),
			data("ogrn", __("OGRN"), { depends_on: "eval:doc.kind!='Individual'" }),
			{ fieldname: "person", fieldtype: "Section Break", label: __("Contact Person") },
			data("contact_name", __("Full Name")),
			data("contact_position", __("Position")),
			column("reach"),
			data("contact_phone", __("Phone")),
			data("contact_email", __("E-mail")),
			{ fieldname: "ours", fieldtype: "Section Break", label: __("Work With the Client") },
			{
				fieldname: "manager",
				fieldtype: "Link",
				options: "User",
				label: __("Responsible"),
				get_query: () => ({ filters: { user_type: "System User", enabled: 1 } }),
				onchange: () => this.look_up_soon(),
			},
			column("base"),
			{
				fieldname: "segments",
				fieldtype: "MultiSelectPills",
				label: __("Market Segments"),
				get_data: (text) => frappe.db.get_link_options("Market Segment", text),
				onchange: () => this.look_up_soon(),
			},
			{
				fieldname: "more",
				fieldtype: "Section Break",
				label: __("Address and Phone of the Company"),
				collapsible: 1,
			},
			data("address_line", __("Street, House, Office"), { length }),
			data("city", __("City")),
			data("region", __("Region")),
			data("postal_code", __("Postal Code")),
			{
				fieldname: "country",
				fieldtype: "Link",
				options: "Country",
				label: __("Country"),
				description: __("The tax number follows the rules of this country"),
				onchange: () => this.look_up_soon(),
			},
			column("company"),
			data("phone", __("Phone of the Company")),
			data("email", __("E-mail of the Company")),
			data("website", __("Website")),
			{
				fieldname: "bank",
				fieldtype: "Section Break",
				label: __("Bank Account"),
				collapsible: 1,
				depends_on: "eval:doc.party_type=='Customer'",
			},
			data("bic", __("BIC"), { onchange: () => this.fill_bank() }),
			data("bank_account", __("Bank Account No")),
			column("of_bank"),
			data("bank_name", __("Bank")),
			data("correspondent_account", __("Correspondent Account")),
		];
	}

	/** Values for the server: the filled ones only; a bank's for a Customer only. */
	values() {
		const given = this.dialog.get_values(true) || {};
		const fields = ["kind", ...WORDS, ...PERSON, ...PLACE, "manager"];
		if (given.party_type === "Customer") fields.push(...BANK);
		if (given.kind !== "Legal Entity") fields.splice(fields.indexOf("kpp"), 1);
		const values = Object.fromEntries(fields.map((field) => [field, given[field]]));
		values.segments = given.segments || [];
		return Object.fromEntries(Object.entries(values).filter(([_field, value]) => value && value.length));
	}

	async look_up() {
		const asked = (this.asked = {});
		const told = await frappe.xcall("rule24_crm.api.parties.look_up", {
			values: this.values(),
			party_type: this.dialog.get_value("party_type"),
		});
		if (asked !== this.asked || this.done) return; // typed on meanwhile
		this.show_problems(told.problems);
		this.show_matches(told.matches);
		if (told.responsible) this.show_responsible(told.responsible);
	}

	/** Whose client it will be as long as nobody is chosen. */
	show_responsible({ user, name, rule }) {
		const escape = frappe.utils.escape_html;
		let words = "";
		if (!this.dialog.get_value("manager")) {
			words = rule
				? __("Empty: {0}, by the rule «{1}»", [`<b>${escape(name)}</b>`, escape(rule)])
				: user === frappe.session.user
					? __("Empty: the client is yours")
					: __("Empty: {0}", [escape(name)]);
		}
		this.dialog.fields_dict.manager.set_description(words);
	}

	show_problems(problems) {
		for (const field of COUNTED) {
			const control = this.dialog.fields_dict[field];
			const words = problems[field];
			control.set_description(
				words ? `<span class="text-danger">${frappe.utils.escape_html(words)}</span>` : ""
			);
			control.$wrapper.toggleClass("has-error", Boolean(words));
		}
	}

	show_matches(matches) {
		this.matches = matches;
		const use = (_match, at) =>
			`<button type="button" class="btn btn-xs btn-default" data-do="use" data-at="${at}">${__(
				"Use This One"
			)}</button>`;
		this.$matches.html(
			matches.length
				? `<div class="form-message orange" aria-live="polite">
					${__("Perhaps this client is in the base already:")}
					${rule24.parties.matches_html(matches, use)}</div>`
				: ""
		);
	}

	/** What is typed first is a number or a name: it goes to its field, and to the register if there is one. */
	async suggest() {
		const text = (
			this.dialog.get_value("query") ||
			this.dialog.fields_dict.query.$input.val() ||
			""
		).trim();
		const number = text.replace(/[\s-]/g, "");
		if (/^\d+$/.test(number)) {
			if ([10, 12].includes(number.length)) {
				await this.set({ inn: number, ...(number.length === 12 ? { kind: "Sole Proprietor" } : {}) });
			}
		} else if (text) {
			await this.set({ name: text });
		}
		this.look_up_soon();
		if (!this.registry || text.length < 3) return this.show_found([]);
		const asked = (this.suggested = {});
		try {
			const found = await frappe.xcall("rule24_crm.api.parties.registry_suggest", { text });
			if (asked === this.suggested) this.show_found(found);
		} catch {
			this.show_found([]); // the server has said why
		}
	}

	show_found(found) {
		this.found = found;
		this.$found.html(
			found.length
				? `<div class="rule24-found" role="listbox">${found
						.map(
							(party, at) =>
								`<button type="button" class="btn btn-default btn-sm" role="option" data-at="${at}">
								${rule24.parties.registered_html(party)}</button>`
						)
						.join("")}</div>`
				: ""
		);
	}

	async fill(party) {
		this.show_found([]);
		await this.set({
			kind: party.kind,
			name: party.name,
			inn: party.inn,
			kpp: party.kpp,
			ogrn: party.ogrn,
			address_line: party.street || party.address,
			city: party.city,
			region: party.region,
			postal_code: party.postal_code,
			...(party.director && !this.dialog.get_value("contact_name")
				? { contact_name: party.director, contact_position: party.director_post }
				: {}),
		});
		if (party.status !== "Active") {
			frappe.show_alert({
				message: __("State in the register: {0}", [__(party.status)]),
				indicator: "red",
			});
		}
		this.look_up();
	}

	async fill_bank() {
		const bic = (this.dialog.get_value("bic") || "").replace(/\s/g, "");
		if (!this.registry || bic.length !== 9 || bic === this.bank_asked) return;
		this.bank_asked = bic;
		const bank = await frappe.xcall("rule24_crm.api.parties.registry_bank", { bic });
		if (bank) {
			await this.set({ bank_name: bank.name, correspondent_account: bank.correspondent_account });
		}
	}

	set(values) {
		return Promise.all(
			Object.entries(values).map(([field, value]) => this.dialog.set_value(field, value))
		);
	}

	/** The client is known: work goes on with it, and the person that was typed need not be typed again. */
	async use({ party_type, party, title }) {
		const person = { party_type, party, values: this.values() };
		const told = frappe.model.can_create("Contact") && (await this.person_to_add(person));
		if (!told) return this.finish(party_type, party);
		const escape = frappe.utils.escape_html;
		const who = [told.name, ...told.missing].filter(Boolean).map(escape).join(", ");
		frappe.confirm(
			told.contact
				? __("Add to the contact {0}: {1}?", [
						`<b>${escape(told.name)}</b>`,
						told.missing.map(escape).join(", "),
					])
				: __("Add {0} to the contacts of {1}?", [`<b>${who}</b>`, escape(title)]),
			async () => {
				await frappe.xcall("rule24_crm.api.parties.add_person", person);
				frappe.show_alert({ message: __("The contact is written down."), indicator: "green" });
				this.finish(party_type, party);
			},
			() => this.finish(party_type, party)
		);
	}

	async person_to_add(person) {
		const { contact_name, contact_phone, contact_email } = person.values;
		if (!contact_name && !contact_phone && !contact_email) return null;
		const told = await frappe.xcall("rule24_crm.api.parties.person_to_add", person);
		return told.missing ? told : null;
	}

	async submit(in_spite_of) {
		if (this.busy) return;
		this.busy = true;
		this.dialog.disable_primary_action();
		try {
			const made = await frappe.xcall("rule24_crm.api.parties.create_party", {
				party_type: this.dialog.get_value("party_type"),
				values: this.values(),
				in_spite_of,
			});
			if (made.created) return this.created(made);
			this.show_matches(made.matches);
			frappe.confirm(
				`${__("Perhaps this client is in the base already:")}
				${rule24.parties.matches_html(made.matches)}${__("Create a new one nevertheless?")}`,
				() => this.submit(true)
			);
		} catch {
			// the server has said why
		} finally {
			this.busy = false;
			this.dialog.enable_primary_action();
		}
	}

	created({ party_type, party, responsible, seen }) {
		const name = `<b>${frappe.utils.escape_html(responsible.name)}</b>`;
		if (!seen) {
			// a rule gave it to somebody else, and this user sees only clients of his own
			this.done = true;
			this.dialog.hide();
			frappe.msgprint({
				title: __("The client is created."),
				message: __("The client goes to {0}, by the rule «{1}», and is not in your lists.", [
					name,
					frappe.utils.escape_html(responsible.rule || ""),
				]),
				indicator: "green",
			});
			return;
		}
		const mine = responsible.user === frappe.session.user;
		const message = mine
			? __("The client is created.")
			: `${__("The client is created.")} ${__("Responsible: {0}", [name])}`;
		frappe.show_alert({ message, indicator: "green" });
		this.finish(party_type, party);
	}

	finish(party_type, party) {
		this.done = true;
		this.dialog.hide();
		if (this.options.on_done) this.options.on_done(party_type, party);
		else frappe.set_route("Form", party_type, party);
	}
}

/** Open the window for a new client; see NewParty for the options. */
rule24.parties.new_party = function (options) {
	return new NewParty(options).open();
};

/** "New Client" in a list of clients; whatever the list does on load, it still does. */
rule24.parties.extend_list = function (doctype) {
	const settings = (frappe.listview_settings[doctype] = frappe.listview_settings[doctype] || {});
	const onload = settings.onload;
	settings.onload = function (listview) {
		onload?.call(this, listview);
		if (!frappe.model.can_create(doctype)) return;
		listview.page.add_inner_button(__("New Client"), () =>
			rule24.parties.new_party({ party_type: doctype })
		);
	};
};

$(document).on("app_ready startup", () => {
	if (rule24.parties._listening || !frappe.ui?.keys) return;
	rule24.parties._listening = true;
	if (!rule24.parties.TYPES.some((doctype) => frappe.model.can_create(doctype))) return;
	frappe.ui.keys.add_shortcut({
		shortcut: "alt+shift+n", // in this order Frappe names the keys
		description: __("New Client"),
		action: () => rule24.parties.new_party(),
		ignore_inputs: true,
	});
});

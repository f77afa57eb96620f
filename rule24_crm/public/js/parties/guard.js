// While a client or contact is typed: what is wrong with its numbers stands under the field, and whoever is in the base
// already above the form. Nothing here stops anybody; the server decides when it is saved.
frappe.provide("rule24.parties");

const FIELDS = {
	Customer: ["customer_name", "customer_type", "rule24_kind", "tax_id", "rule24_kpp", "rule24_ogrn"],
	Lead: [
		...[
			"company_name",
			"first_name",
			"last_name",
			"rule24_kind",
			"country",
			"rule24_tax_id",
			"rule24_kpp",
		],
		...[
			"rule24_ogrn",
			"rule24_bank_account",
			"rule24_bic",
			"phone",
			"mobile_no",
			"whatsapp_no",
			"email_id",
		],
	],
	Prospect: [
		...["company_name", "rule24_kind", "rule24_tax_id", "rule24_kpp", "rule24_ogrn"],
		...["rule24_bank_account", "rule24_bic"],
	],
	Contact: [],
};
const CHILDREN = { "Contact Phone": ["phone"], "Contact Email": ["email_id"] };
const DOUBTFUL = {
	Liquidated: () => __("The client is liquidated, says the register of companies"),
	Bankrupt: () => __("The client is bankrupt, says the register of companies"),
	Liquidating: () => __("The client is being liquidated, says the register of companies"),
};

class Guard {
	constructor(frm) {
		this.frm = frm;
		this.soon = rule24.parties.later(() => this.ask());
		this.$notice = $(`<div class="rule24-notice" aria-live="polite"></div>`)
			.prependTo(frm.layout.wrapper)
			.on("click", "[data-do=merge]", (event) => this.merge($(event.currentTarget).data("at")))
			.on("click", "[data-do=join]", (event) => this.join($(event.currentTarget).data("at")));
	}

	refresh() {
		this.matches = [];
		this.show_problems({});
		this.render();
		if (!this.frm.is_new()) this.ask();
	}

	async ask() {
		const { frm } = this;
		const { doctype, doc } = frm;
		if (!doc || !frappe.model.can_read(doctype)) return;
		const told = await frappe.xcall("rule24_crm.api.parties.check", {
			party_type: doctype,
			values: this.values(),
			name: frm.is_new() ? null : doc.name,
		});
		if (frm.doc !== doc && frm.doc.name !== doc.name) return; // the user has gone on meanwhile
		this.matches = told.matches;
		this.show_problems(told.problems);
		this.render();
	}

	values() {
		const { doctype, doc } = this.frm;
		if (doctype === "Contact") {
			const { phone_nos = [], email_ids = [], links = [] } = doc;
			return { phone_nos, email_ids, links };
		}
		const values = Object.fromEntries(FIELDS[doctype].map((field) => [field, doc[field]]));
		if (doctype === "Lead") {
			values.lead_name = doc.lead_name || [doc.first_name, doc.last_name].filter(Boolean).join(" ");
		}
		for (const field of ["lead_name", "prospect_name", "customer_primary_address"]) {
			if (doctype === "Customer" && doc[field]) values[field] = doc[field];
		}
		return values;
	}

	show_problems(problems) {
		for (const field of FIELDS[this.frm.doctype]) {
			const control = this.frm.fields_dict[field];
			if (!control?.set_description) continue;
			const words = problems[field];
			if (!words && !control.rule24_problem) continue;
			control.rule24_problem = words;
			control.set_description(
				words
					? `<span class="text-danger">${frappe.utils.escape_html(words)}</span>`
					: __(control.df.description || "")
			);
			control.$wrapper.toggleClass("has-error", Boolean(words));
		}
	}

	render() {
		this.$notice.html(this.register_html() + this.matches_html());
	}

	register_html() {
		const { rule24_registry_status: status, rule24_registry_status_on: day } = this.frm.doc;
		if (!DOUBTFUL[status]) return "";
		const words = DOUBTFUL[status]();
		const since = day ? __("{0} since {1}", [words, frappe.datetime.str_to_user(day)]) : words;
		return `<div class="form-message red">${since}</div>`;
	}

	matches_html() {
		if (!this.matches.length) return "";
		return `<div class="form-message orange">
			${__("Perhaps this client is in the base already:")}
			${rule24.parties.matches_html(this.matches, (match, at) => this.merge_button(match, at))}
		</div>`;
	}

	merge_button(match, at) {
		const { frm } = this;
		if (frm.is_new()) return "";
		const button = (what, label) =>
			`<button type="button" class="btn btn-xs btn-default" data-do="${what}" data-at="${at}">${label}</button>`;
		if (match.party_type === frm.doctype) {
			if (rule24.parties.may_merge(frm)) return button("merge", __("Merge"));
			return `<span class="text-muted">${__("Your head of sales can merge them")}</span>`;
		}
		const kinds = [match.party_type, frm.doctype];
		const joins = kinds.includes("Customer") && (kinds.includes("Lead") || kinds.includes("Prospect"));
		return joins && frm.perm[0]?.write ? button("join", __("It Is This Customer")) : "";
	}

	/** A lead or prospect goes on as the customer, whichever of the two is open. */
	join(at) {
		const { frm } = this;
		const { party_type, party, title } = this.matches[at];
		const mine = frm.doc.title || frm.doc.customer_name || frm.doc.company_name || frm.doc.name;
		const here = { party_type: frm.doctype, party: frm.doc.name, title: mine };
		const there = { party_type, party, title };
		const [goes, customer] = frm.doctype === "Customer" ? [there, here] : [here, there];
		frappe.confirm(
			__(
				"{0} goes on as the customer {1}: works move there, people and addresses are linked to both, deals and letters are shown with it. Nothing is deleted.",
				[goes.title, customer.title].map((each) => frappe.utils.escape_html(each).bold())
			),
			async () => {
				await frappe.xcall("rule24_crm.api.parties.join", {
					party_type: goes.party_type,
					party: goes.party,
					customer: customer.party,
				});
				frappe.model.clear_doc(goes.party_type, goes.party);
				if (frm.doctype === "Customer") frm.reload_doc();
				else frappe.set_route("Form", "Customer", customer.party);
			}
		);
	}

	merge(at) {
		const { doctype, doc } = this.frm;
		rule24.parties.merge(doctype, doc.name, this.matches[at].party);
	}
}

function guard_of(frm) {
	frm.rule24_guard = frm.rule24_guard || new Guard(frm);
	return frm.rule24_guard;
}

/** Watch the forms of a DocType; called by its client script. */
rule24.parties.watch = function (doctype) {
	const soon = (frm) => guard_of(frm).soon();
	frappe.ui.form.on(doctype, {
		refresh(frm) {
			guard_of(frm).refresh();
			rule24.parties.add_buttons(frm);
		},
		...Object.fromEntries(FIELDS[doctype].map((field) => [field, soon])),
	});
	if (doctype === "Contact") {
		for (const [child, fields] of Object.entries(CHILDREN)) {
			frappe.ui.form.on(child, Object.fromEntries(fields.map((field) => [field, soon])));
		}
	}
};

/** Heads of sales merge, and whoever may delete; the server has the last word. */
rule24.parties.may_merge = function (frm) {
	return Boolean(frm.perm[0]?.write) && (rule24.is_head() || frappe.model.can_delete(frm.doctype));
};

/** "Merge" and "Fill From the Register" of a client's form. */
rule24.parties.add_buttons = function (frm) {
	if (!rule24.parties.TYPES.includes(frm.doctype)) return;
	if (!frm.is_new() && rule24.parties.may_merge(frm)) {
		frm.add_custom_button(
			__("Merge With Another"),
			() => rule24.parties.choose_and_merge(frm.doctype, frm.doc.name),
			__("Actions")
		);
	}
	if (frappe.boot.rule24_registry && frm.perm[0]?.write) {
		frm.add_custom_button(
			__("Fill From the Register"),
			() => rule24.parties.fill_form(frm),
			__("Actions")
		);
	}
};

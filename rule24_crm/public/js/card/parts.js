// The parts of a client's card that gather by themselves: people, deals, letters and calls.
import { button, esc, panel, rows_or } from "./markup";

frappe.provide("rule24.card");

const STEP = 20;
const MONTH = 30; // days

function link(doctype, name, label) {
	return `<a class="rule24-subject" href="${frappe.utils.get_form_link(doctype, name)}">${esc(label)}</a>`;
}

function day(date) {
	return date ? frappe.datetime.str_to_user(String(date).slice(0, 10)) : "";
}

/** Days from `today`, a moment at the start of a day, to the next time the birthday is kept. */
function days_until(birthday, today = moment().startOf("day")) {
	// moment puts 29 February on the 28th in other years; asked of the date itself each time, or it would stay there
	const in_year = (year) => moment(birthday).year(year);
	const next = in_year(today.year());
	return (next.isBefore(today) ? in_year(today.year() + 1) : next).diff(today, "days");
}

rule24.card.days_until = days_until;

/** "27 November", and how soon, for a birthday that comes within a month. */
function birthday_words(date) {
	if (!date) return "";
	const born = moment(date);
	const days = days_until(date);
	const on = new Intl.DateTimeFormat(frappe.boot.lang, { day: "numeric", month: "long" }).format(
		born.toDate()
	);
	const words = __("Birthday: {0}", [on]);
	if (days === 0) return `<b>${words}, ${__("today")}</b>`;
	return days <= MONTH ? `<b>${words}, ${__("in {0} days", [days])}</b>` : words;
}

function person_row(row) {
	const numbers = [...new Set([row.mobile_no, row.phone].filter(Boolean))];
	const reach = [
		...numbers.map((number) => `<a href="tel:${esc(number)}">${esc(number)}</a>`),
		row.email_id ? `<a href="mailto:${esc(row.email_id)}">${esc(row.email_id)}</a>` : "",
	].filter(Boolean);
	return `<div class="rule24-row part person">
		<div class="rule24-what">${link("Contact", row.name, row.full_name || row.name)}
			<div class="text-muted small">${esc(row.designation)}</div></div>
		<div class="rule24-reach">${reach.join("<br>")}</div>
		<div class="small">${birthday_words(row.rule24_birthday)}
			<div class="rule24-note">${esc(row.rule24_preferences)}</div>${family(row.family)}</div>
	</div>`;
}

/** "Family: Masha (Daughter), Oleg (Spouse)", with the birthday of whoever has it within a month. */
function family(relatives) {
	if (!relatives?.length) return "";
	const soon = (date) => (date && days_until(date) <= MONTH ? ` · ${birthday_words(date)}` : "");
	const names = relatives.map(({ relative_name, relation, birthday }) => {
		const who = relation ? ` (${esc(__(relation).toLowerCase())})` : "";
		return `${esc(relative_name)}${who}${soon(birthday)}`;
	});
	return `<div class="rule24-note">${__("Family")}: ${names.join("; ")}</div>`;
}

function deal_row(row) {
	const over = ["Converted", "Lost", "Closed"].includes(row.status);
	const colour = { Converted: "green", Lost: "red", Closed: "gray" }[row.status] || "blue";
	const state = row.sales_stage && !over ? row.sales_stage : row.status;
	return `<div class="rule24-row part">
		<div class="rule24-what">${link("Opportunity", row.name, row.title || row.name)}
			<div class="text-muted small">${esc(row.name)} · ${day(row.transaction_date)}</div></div>
		<div><span class="indicator-pill ${colour}">${esc(__(state))}</span></div>
		<div class="rule24-amount">${
			row.total || row.opportunity_amount
				? format_currency(row.total || row.opportunity_amount, row.currency)
				: ""
		}</div>
	</div>`;
}

function letter_row(row) {
	const call = row.doctype === "Call Log";
	const incoming = call ? row.type === "Incoming" : row.sent_or_received === "Received";
	const what = call
		? `${incoming ? __("Incoming Call") : __("Outgoing Call")}: ${row.from || ""} → ${row.to || ""}`
		: row.subject || __("Without a subject");
	const who = call ? __(row.status || "") : incoming ? row.sender_full_name || row.sender : row.recipients;
	return `<div class="rule24-row part">
		<div class="rule24-what"><span class="rule24-way" title="${
			incoming ? __("Received") : __("Sent")
		}" aria-hidden="true">${incoming ? "←" : "→"}</span> ${link(row.doctype, row.name, what)}
			<div class="text-muted small">${esc(who)}</div></div>
		<div class="text-muted small">${call ? "" : esc(__(row.communication_medium || ""))}</div>
		<div class="rule24-amount text-muted">${day(row.on)}</div>
	</div>`;
}

class CardParts {
	constructor(frm) {
		this.frm = frm;
		this.limit = STEP;
	}

	field(part) {
		const field = this.frm.fields_dict[`rule24_${part}`];
		return field && field.$wrapper;
	}

	async refresh() {
		const { doctype, doc } = this.frm;
		if (this.frm.is_new() || !["people", "deals", "letters"].some((part) => this.field(part))) return;
		const found = await frappe.xcall("rule24_crm.api.facts.card", {
			party_type: doctype,
			party: doc.name,
			limit: this.limit,
		});
		if (this.frm.doc.name !== doc.name) return; // the user has gone on meanwhile
		this.people(found.people);
		this.deals(found.deals);
		this.letters(found.letters);
	}

	draw(part, html) {
		const $wrapper = this.field(part);
		if (!$wrapper) return null;
		$wrapper.html(html).off(".rule24");
		return $wrapper;
	}

	people(rows) {
		if (!rows) return this.draw("people", "");
		const may = frappe.model.can_create("Contact");
		const add = may ? button("add", `+ ${__("Contact")}`) : "";
		const empty = may
			? __("Nobody is known here yet. Press + Contact and write down who answered.")
			: __("Nobody is known here yet.");
		const $wrapper = this.draw("people", panel(add, rows_or(rows, person_row, empty)));
		$wrapper?.on("click.rule24", "[data-do=add]", () => this.add_person());
	}

	add_person() {
		const { doctype, doc } = this.frm;
		frappe.model.with_doctype("Contact", () => {
			const person = frappe.model.get_new_doc("Contact");
			const row = frappe.model.add_child(person, "Dynamic Link", "links");
			Object.assign(row, { link_doctype: doctype, link_name: doc.name });
			person.company_name = doc.customer_name || doc.company_name || "";
			frappe.set_route("Form", "Contact", person.name);
		});
	}

	deals(rows) {
		if (!rows) return this.draw("deals", "");
		const may = frappe.model.can_create("Opportunity");
		const add = may ? button("add", `+ ${__("Deal")}`) : "";
		const empty = may
			? __("No deals yet. A deal begins when a work ends with interest, or with + Deal.")
			: __("No deals yet.");
		const $wrapper = this.draw("deals", panel(add, rows_or(rows, deal_row, empty)));
		$wrapper?.on("click.rule24", "[data-do=add]", () =>
			frappe.new_doc("Opportunity", {
				opportunity_from: this.frm.doctype,
				party_name: this.frm.doc.name,
			})
		);
	}

	letters(rows) {
		const more =
			rows.length >= this.limit
				? `<button type="button" class="btn btn-default btn-xs" data-do="more">${__("Show More")}</button>`
				: "";
		const empty = __("No letters or calls yet. Write with the menu: Email.");
		const $wrapper = this.draw("letters", panel("", rows_or(rows, letter_row, empty) + more));
		$wrapper?.on("click.rule24", "[data-do=more]", () => {
			this.limit += STEP;
			this.refresh();
		});
	}
}

/** Fill the card of a client: whatever parts the form has, wherever an administrator has put them. */
rule24.card.mount = function (frm) {
	if (!frm.rule24_card) frm.rule24_card = new CardParts(frm);
	return Promise.all([
		rule24.card.mount_facts(frm),
		rule24.card.mount_relations(frm),
		frm.rule24_card.refresh(),
	]);
};

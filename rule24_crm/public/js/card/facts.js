// The bar of facts at the head of a client's form, and the knowledge of facts for whoever else shows them.
frappe.provide("rule24.card");

const API = "rule24_crm.api.facts.";

/** "1 250 000 ₽": facts are for a glance, so without cents. */
function money(value, currency) {
	return format_currency(value || 0, currency, 0);
}

function day(date) {
	return frappe.datetime.str_to_user(String(date).slice(0, 10));
}

/** "Today", "Yesterday", "12 days ago", or the date. */
function ago(moment_text) {
	const date = String(moment_text).slice(0, 10);
	const days = frappe.datetime.get_day_diff(frappe.datetime.get_today(), date);
	if (days <= 0) return __("Today");
	if (days === 1) return __("Yesterday");
	return days < 60 ? __("{0} days ago", [days]) : day(date);
}

const TOUCH = { Work: () => __("Work"), Letter: () => __("Letter"), Call: () => __("Call") };

const UNHAPPY = ["Has Complaints", "Thinks of Leaving"];

/** What there is to say, as [{key, label, value, small, css, href, title}]. */
rule24.card.fact_list = function (facts) {
	const { deals, sales, last_touch: touch, next_work: next } = facts;
	const list = [];
	if (facts.since) list.push({ key: "since", label: __("Client Since"), value: day(facts.since) });
	if (deals) {
		list.push({
			key: "deals",
			label: __("Won Deals"),
			value: String(deals.won),
			small: deals.won ? money(deals.won_amount, deals.currency) : "",
		});
		list.push({
			key: "open",
			label: __("Open Deals"),
			value: String(deals.open),
			small: deals.open ? money(deals.open_amount, deals.currency) : "",
		});
	}
	if (sales) {
		const title = sales.partial ? __("Without companies that keep their books in another currency") : "";
		list.push({
			key: "sales",
			label: __("Sales This Year"),
			value: money(sales.this_year, sales.currency),
			small: __("{0} in all", [money(sales.total, sales.currency)]),
			title,
		});
		list.push({
			key: "average",
			label: __("Average Check"),
			value: sales.count ? money(sales.average, sales.currency) : "–",
			small: sales.count ? __("Invoices: {0}", [sales.count]) : __("No invoices yet"),
			title,
		});
		list.push({
			key: "debt",
			label: __("Debt"),
			value: money(sales.debt, sales.currency),
			css: sales.debt > 0 ? "bad" : "",
			title,
		});
	}
	list.push({
		key: "touch",
		label: __("Last Touch"),
		value: touch ? ago(touch.on) : "–",
		small: touch ? TOUCH[touch.kind]() : __("Nobody has been in touch yet"),
		css: touch ? "" : "quiet",
	});
	if (facts.satisfaction) {
		list.push({
			key: "satisfaction",
			label: __("Opinion of Us"),
			value: __(facts.satisfaction),
			css: UNHAPPY.includes(facts.satisfaction) ? "bad" : "",
		});
	}
	if (next !== undefined) list.push(next_fact(next));
	return list;
};

function next_fact(next) {
	const label = __("Next Work");
	if (!next) {
		return { key: "next", label, value: "–", small: __("Plan it on the tab Works"), css: "bad" };
	}
	return {
		key: "next",
		label,
		value: rule24.works.day_words(next.planned_on),
		small: __(next.action),
		css: next.planned_on < frappe.datetime.get_today() ? "bad" : "",
		href: frappe.utils.get_form_link("Work", next.name),
		title: next.subject,
	};
}

function fact_html({ key, label, value, small, css, href, title }) {
	const esc = frappe.utils.escape_html;
	const shown = esc(value);
	return `<div class="rule24-client-fact ${css || ""}" data-fact="${key}" title="${esc(title || "")}">
		<dt>${esc(label)}</dt>
		<dd>${href ? `<a href="${href}">${shown}</a>` : shown}</dd>
		${small ? `<dd class="rule24-client-fact-small">${esc(small)}</dd>` : ""}
	</div>`;
}

rule24.card.mount_facts = async function (frm) {
	const field = frm.fields_dict.rule24_facts;
	if (!field || !field.$wrapper || frm.is_new()) return;
	const name = frm.doc.name;
	const facts = await frappe.xcall(API + "of_client", { party_type: frm.doctype, party: name });
	if (frm.doc.name !== name) return; // the user has gone on meanwhile
	const list = rule24.card.fact_list(facts);
	field.$wrapper.html(`<dl class="rule24-client-facts">${list.map(fact_html).join("")}</dl>`);
};

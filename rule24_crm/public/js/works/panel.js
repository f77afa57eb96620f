// The tab "Works" of a client, a contact or a deal: planned works on top, the past below.
frappe.provide("rule24.works");

const STEP = 20;
const PARTY_TYPES = ["Customer", "Lead", "Prospect"];

class WorksPanel {
	constructor(frm, field) {
		this.frm = frm;
		this.$wrapper = field.$wrapper;
		this.limit = STEP;
		this.$wrapper
			.off(".rule24")
			.on("click.rule24", "[data-do]", (event) => this.act(event.currentTarget.dataset));
	}

	async refresh() {
		const { doctype, doc } = this.frm;
		if (this.frm.is_new()) {
			this.$wrapper.html(
				`<div class="rule24-empty text-muted">${__("Save first, then plan works here.")}</div>`
			);
			this.count(0);
			return;
		}
		if (!frappe.model.can_read("Work")) {
			this.$wrapper.empty();
			return;
		}
		const [found, actions] = await Promise.all([
			frappe.xcall("rule24_crm.api.work.of_record", { doctype, name: doc.name, limit: this.limit }),
			rule24.works.actions(),
		]);
		if (this.frm.doc.name !== doc.name) return; // the user has gone on meanwhile
		this.found = found;
		Object.assign(frappe.boot.user_info, found.people);
		this.actions = actions;
		this.render();
	}

	render() {
		const { planned, past, past_total } = this.found;
		const can_create = frappe.model.can_create("Work");
		const add = can_create
			? `<button type="button" class="btn btn-primary btn-sm" data-do="add">+ ${__("Work")}</button>`
			: "";
		this.$wrapper.html(`<div class="rule24-panel">
			<div class="rule24-panel-head"><h4>${__("Planned Works")}</h4>${add}</div>
			${
				planned.length
					? `<div class="rule24-rows">${planned.map((row) => this.planned_row(row)).join("")}</div>`
					: `<div class="rule24-empty text-muted">${
							can_create
								? __("Nothing is planned. Press + Work, so that nobody is forgotten.")
								: __("Nothing is planned.")
						}</div>`
			}
			<div class="rule24-panel-head"><h4>${__("Past Works")}</h4></div>
			${
				past.length
					? `<div class="rule24-rows">${past.map((row) => this.past_row(row)).join("")}</div>`
					: `<div class="rule24-empty text-muted">${__("Nothing has happened here yet.")}</div>`
			}
			${
				past_total > past.length
					? `<button type="button" class="btn btn-default btn-xs" data-do="more">${__(
							"Show More"
						)}</button>`
					: ""
			}
		</div>`);
		this.count(planned.length, planned.some(rule24.works.is_overdue));
	}

	planned_row(row) {
		const state = rule24.works.is_overdue(row) ? "overdue" : rule24.works.is_today(row) ? "today" : "";
		const late =
			state === "overdue" ? `<small>${rule24.works.overdue_words(row.planned_on)}</small>` : "";
		return `<div class="rule24-row ${state}">
			<div class="rule24-when">${rule24.works.day_words(row.planned_on)}
				<small>${rule24.works.hours_words(row)}</small>${late}</div>
			<div class="rule24-what">${this.subject(row)}${this.under(row)}</div>
			<div class="rule24-who">${rule24.works.person_html(row.assigned_to)}</div>
			<div class="rule24-do">
				${this.button("close", row, __("Close"), "btn-default")}
			</div>
		</div>`;
	}

	past_row(row) {
		const closed = row.status === "Closed";
		const result = closed ? (row.result ? __(row.result) : "") : __("Cancelled");
		const note = row.result_note
			? `<div class="rule24-note">${frappe.utils.escape_html(row.result_note)}</div>`
			: "";
		const reason = row.stop_reason
			? `<span class="text-muted"> · ${frappe.utils.escape_html(__(row.stop_reason))}</span>`
			: "";
		const day = (row.closed_on || row.planned_on).slice(0, 10);
		return `<div class="rule24-row past">
			<div class="rule24-when">${rule24.works.day_words(day)}</div>
			<div class="rule24-what">${this.subject(row)}
				<div>${closed ? rule24.works.sign_html(row.sign) : ""}
				<span class="rule24-outcome">${frappe.utils.escape_html(result)}</span>${reason}</div>
				${note}</div>
			<div class="rule24-who">${rule24.works.person_html(row.closed_by || row.assigned_to)}</div>
			<div class="rule24-do">${
				frappe.model.can_create("Work")
					? this.button("basis", row, __("Repeat"), "btn-default", __("Create on the Basis"))
					: ""
			}</div>
		</div>`;
	}

	subject(row) {
		const color = rule24.works.color_of(this.actions, row.action);
		return `<a class="rule24-subject" href="${frappe.utils.get_form_link("Work", row.name)}">
			<span class="rule24-dot" style="background:${color}"></span>${frappe.utils.escape_html(row.subject)}</a>`;
	}

	/** Under which record of the client the work stands, when it is another one. */
	under(row) {
		const own = PARTY_TYPES.includes(this.frm.doctype);
		const parts = [];
		if (row.status === "In Progress") parts.push(__("In Progress"));
		if (own && row.party_type !== this.frm.doctype) parts.push(__(row.party_type));
		if (!own && row.party_name && !row.subject.includes(row.party_name)) parts.push(row.party_name);
		return parts.length
			? `<div class="text-muted small">${frappe.utils.escape_html(parts.join(" · "))}</div>`
			: "";
	}

	button(act, row, label, css, title) {
		return `<button type="button" class="btn ${css} btn-xs" data-do="${act}" data-work="${row.name}"
			title="${title || label}">${label}</button>`;
	}

	act({ do: what, work }) {
		const again = () => this.reload();
		if (what === "add") this.add();
		else if (what === "close") rule24.works.close(work, { on_done: again });
		else if (what === "basis") rule24.works.create_from(work);
		else if (what === "more") {
			this.limit += STEP;
			this.refresh();
		}
	}

	async add() {
		const client = await rule24.works.client_of(this.frm);
		rule24.works.plan({ ...client, on_done: () => this.reload() });
	}

	/** An effect may have changed the record itself. */
	reload() {
		return this.frm.is_dirty() ? this.refresh() : this.frm.reload_doc();
	}

	/** The number of planned works on the tab. */
	count(number, overdue) {
		const tabs = (this.frm.layout && this.frm.layout.tabs) || [];
		const tab = tabs.find((row) => row.df.fieldname === "rule24_works_tab");
		if (!tab) return;
		const $link = $(tab.tab_link || tab.$tab_link).find(".nav-link");
		$link.find(".rule24-count").remove();
		if (number) {
			$link.append(`<span class="rule24-count ${overdue ? "overdue" : ""}">${number}</span>`);
		}
	}
}

/** With whom a new work from this form is: field values and `party_name`. */
rule24.works.client_of = async function (frm) {
	const { doctype, doc } = frm;
	if (PARTY_TYPES.includes(doctype)) {
		const title = frappe.get_meta(doctype).title_field;
		return { party_type: doctype, party: doc.name, party_name: doc[title] || doc.name };
	}
	if (doctype === "Opportunity") {
		const owner = doc.opportunity_owner ? { assigned_to: doc.opportunity_owner } : {};
		return {
			party_type: doc.opportunity_from,
			party: doc.party_name,
			party_name: doc.customer_name || doc.party_name,
			contact: doc.contact_person,
			opportunity: doc.name,
			campaign: doc.rule24_work_campaign,
			...owner,
		};
	}
	const links = (doc.links || [])
		.filter((row) => PARTY_TYPES.includes(row.link_doctype))
		.sort((a, b) => PARTY_TYPES.indexOf(a.link_doctype) - PARTY_TYPES.indexOf(b.link_doctype));
	const client = links.length
		? {
				party_type: links[0].link_doctype,
				party: links[0].link_name,
				party_name: links[0].link_title || links[0].link_name,
			}
		: {};
	return { ...client, contact: doc.name };
};

/** A new, unsaved work on the basis of `work`, in the form. */
rule24.works.create_from = async function (work) {
	const values = await frappe.xcall("rule24_crm.api.work.create_from", { work });
	const skipped = /^(name|owner|creation|modified.*|docstatus|idx|doctype|__.*)$/;
	const given = Object.entries(values).filter(([key, value]) => !skipped.test(key) && value);
	frappe.model.with_doctype("Work", () => {
		const doc = frappe.model.get_new_doc("Work");
		Object.assign(doc, Object.fromEntries(given));
		frappe.set_route("Form", "Work", doc.name);
	});
};

/** Show the tab "Works" of a form. Call it on refresh. */
rule24.works.mount = function (frm) {
	const field = frm.fields_dict.rule24_works;
	if (!field || !field.$wrapper) return;
	if (!frm.rule24_works) frm.rule24_works = new WorksPanel(frm, field);
	return frm.rule24_works.refresh();
};

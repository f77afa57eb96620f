// The register of companies in forms: by INN, with a choice when the number has branches.
frappe.provide("rule24.parties");

const STATES = {
	Active: "green",
	Liquidating: "orange",
	Reorganizing: "orange",
	Liquidated: "red",
	Bankrupt: "red",
};

Object.assign(rule24.parties, {
	/** One party of the register as a line: name, INN, place, state if it is not simply active. */
	registered_html(party) {
		const escape = frappe.utils.escape_html;
		const state =
			party.status === "Active"
				? ""
				: `<span class="indicator-pill ${STATES[party.status]}">${__(party.status)}</span>`;
		const where = [party.inn, party.kpp, party.city || party.address].filter(Boolean).join(" · ");
		return `<span>${escape(party.name)}</span> ${state}<span class="text-muted">${escape(where)}</span>`;
	},

	/** A client who is no more, says the register: nobody works on this deal or document unawares. */
	show_client_warning(frm) {
		frm.rule24_client_warning?.remove();
		frm.rule24_client_warning = null;
		const words = frm.is_new() ? "" : frm.doc.__onload?.rule24_client_warning;
		if (!words) return;
		const banner = $(`<div class="form-message red" role="alert"></div>`).text(words);
		frm.rule24_client_warning = $(`<div class="rule24-notice"></div>`).append(banner);
		frm.layout.wrapper.prepend(frm.rule24_client_warning);
	},

	/** Fill a client's form by its INN: a saved one on the server, a new one here. */
	async fill_form(frm) {
		const inn = frm.doc[frm.doctype === "Customer" ? "tax_id" : "rule24_tax_id"];
		if (!inn) {
			frappe.show_alert({ message: __("There is no INN. Fill it first."), indicator: "orange" });
			return;
		}
		if (!frm.is_new()) {
			if (frm.is_dirty()) await frm.save();
			const told = await frappe.xcall("rule24_crm.api.parties.registry_update", {
				party_type: frm.doctype,
				party: frm.doc.name,
			});
			await frm.reload_doc();
			const message = told.changed.length
				? __("Filled from the register: {0}", [told.changed.join(", ")])
				: __("Everything is as in the register.");
			frappe.show_alert({ message, indicator: STATES[told.status] });
			return;
		}
		const found = await frappe.xcall("rule24_crm.api.parties.registry_party", { inn });
		if (!found.length) {
			frappe.msgprint(__("Nobody with the INN {0} is registered. Check the number.", [inn]));
			return;
		}
		const party = found[0];
		const title = frm.doctype === "Customer" ? "customer_name" : "company_name";
		await frm.set_value({
			...(frm.doc[title] ? {} : { [title]: party.name }),
			rule24_kind: party.kind,
			rule24_kpp: party.kpp,
			rule24_ogrn: party.ogrn,
			rule24_okved: party.okved,
			rule24_registry_status: party.status,
			rule24_registry_status_on: party.status_on,
			rule24_registry_checked_on: frappe.datetime.now_datetime(),
		});
	},
});

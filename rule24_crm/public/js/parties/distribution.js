// Under the responsible manager of a record: by which rule it was given, with a link to all that was considered.
frappe.provide("rule24.distribution");

const OWNER_FIELDS = {
	Customer: "account_manager",
	Lead: "lead_owner",
	Prospect: "prospect_owner",
	Opportunity: "opportunity_owner",
};

rule24.distribution.show = (frm) => {
	const field = OWNER_FIELDS[frm.doctype];
	const found = frm.is_new() ? null : frm.doc.__onload?.rule24_distribution;
	const mine = frappe.boot.rule24_keeps_new_clients && frm.doctype !== "Opportunity";
	const nobody = mine ? __("Empty: the client is yours") : __("Empty: as the distribution rules say");
	let words = frm.is_new() ? nobody : "";
	if (found) {
		const link = `<a href="${frappe.utils.get_form_link("Distribution Log", found.name)}">${__("Why?")}</a>`;
		const way = found.rule
			? __("By the rule «{0}»", [frappe.utils.escape_html(found.rule)])
			: frappe.utils.escape_html(found.explanation.replace(/^./u, (letter) => letter.toUpperCase()));
		words = `${way}. ${link}`;
	}
	frm.set_df_property(field, "description", words);
};

const KINDS = {
	for_lead: "Lead",
	for_prospect: "Prospect",
	for_customer: "Customer",
	for_opportunity: "Opportunity",
};

frappe.ui.form.on("Distribution Rule", {
	setup(frm) {
		frm.set_query("manager", () => ({ filters: { active: 1 } }));
		frm.set_query("manager", "managers", () => ({ filters: { active: 1 } }));
	},
	refresh(frm) {
		offer_fields(frm);
		if (frm.is_new() || !frm.perm[0]?.write) return;
		frm.add_custom_button(__("Try on Existing Records"), async () => {
			if (frm.is_dirty()) await frm.save();
			await frappe.require("/assets/rule24_crm/js/distribution_trial.js");
			rule24.distribution.try_rules({ rule: frm.doc.name, kinds: chosen_kinds(frm) });
		});
	},
	...Object.fromEntries(Object.keys(KINDS).map((field) => [field, offer_fields])),
});

function chosen_kinds(frm) {
	return Object.keys(KINDS)
		.filter((field) => frm.doc[field])
		.map((field) => KINDS[field]);
}

/** Conditions ask for fields that all the chosen kinds of record have. */
async function offer_fields(frm) {
	const kinds = chosen_kinds(frm);
	const options = kinds.length
		? await frappe.xcall("rule24_crm.api.distribution.fields", { kinds }, "GET")
		: [];
	const there = new Set(options.map((option) => option.value));
	for (const row of frm.doc.conditions || []) {
		// what a row asks stays readable even where a kind has been added that lacks the field
		if (row.field && !there.has(row.field)) options.push({ value: row.field, label: row.field });
	}
	const labels = Object.fromEntries(
		options.map(({ value, label }) => [value, frappe.utils.escape_html(label)])
	);
	frappe.meta.docfield_map["Distribution Condition"].field.formatter = (value) => labels[value] || value;
	frm.fields_dict.conditions.grid.update_docfield_property("field", "options", options);
	frm.refresh_field("conditions");
}

// What a row of an import has come to, as the register, its list and its form show it.
frappe.provide("rule24.party_import");

rule24.party_import.COLOURS = {
	Ready: "green",
	Warning: "orange",
	Error: "red",
	Duplicate: "purple",
	Created: "blue",
};

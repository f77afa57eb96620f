// The part "Relations" of a card: who is what to this record, adding, ending, and the way to the network.
import { button, esc, panel, rows_or } from "./markup";

frappe.provide("rule24.card");

const API = "rule24_crm.api.relations.";

class RelationsPanel {
	constructor(frm, field) {
		this.frm = frm;
		this.$wrapper = field.$wrapper;
		this.$wrapper
			.off(".rule24")
			.on("click.rule24", "[data-do]", (event) => this.act(event.currentTarget.dataset));
	}

	async refresh() {
		const { doctype, doc } = this.frm;
		if (this.frm.is_new() || !frappe.model.can_read("Partner Relation")) {
			this.$wrapper.empty();
			return;
		}
		const rows = await frappe.xcall(API + "of_record", { doctype, name: doc.name });
		if (this.frm.doc.name !== doc.name) return; // the user has gone on meanwhile
		this.rows = rows;
		this.render();
	}

	render() {
		const may = frappe.model.can_create("Partner Relation");
		const network = this.rows.length ? button("network", __("Network")) : "";
		const add = may ? button("add", `+ ${__("Relation")}`) : "";
		const empty = may
			? __("No relations yet. Press + Relation: parent company, supplier, competitor, director...")
			: __("No relations yet.");
		this.$wrapper.html(
			panel(
				network + add,
				rows_or(this.rows, (row) => this.row(row), empty)
			)
		);
	}

	row(row) {
		const title = row.other
			? `<a class="rule24-subject" href="${frappe.utils.get_form_link(
					row.other_type,
					row.other
				)}">${esc(row.other_title)}</a>`
			: `<span class="rule24-subject">${esc(row.other_title)}</span>`;
		const kind = row.other_type ? __(row.other_type) : __("By name only");
		const edit = `<a class="btn btn-default btn-xs" href="${frappe.utils.get_form_link(
			"Partner Relation",
			row.name
		)}">${__("Edit")}</a>`;
		const remove = frappe.model.can_delete("Partner Relation")
			? `<button type="button" class="btn btn-default btn-xs" data-do="remove" data-name="${row.name}"
				title="${__("Remove Relation")}" aria-label="${__("Remove Relation")}">${frappe.utils.icon("delete", "xs")}</button>`
			: "";
		return `<div class="rule24-row relation ${row.past ? "past-relation" : ""}">
			<div class="rule24-role">${esc(row.role)}</div>
			<div class="rule24-what">${title} <span class="text-muted small">${kind}</span>
				<div class="rule24-note">${esc(row.note)}</div></div>
			<div class="text-muted small">${this.period(row)}</div>
			<div class="rule24-do">${edit} ${remove}</div>
		</div>`;
	}

	period({ valid_from, valid_to, past }) {
		const day = frappe.datetime.str_to_user;
		const words = [];
		if (valid_from) words.push(__("since {0}", [day(valid_from)]));
		if (valid_to) words.push(__("until {0}", [day(valid_to)]));
		if (past) words.push(`<b>${__("over")}</b>`);
		return words.join(" ");
	}

	act({ do: what, name }) {
		if (what === "add") this.add();
		else if (what === "network") rule24.card.show_network(this.frm.doctype, this.frm.doc.name);
		else if (what === "remove") this.remove(name);
	}

	remove(name) {
		frappe.confirm(
			__("Remove this relation? If it only has ended, edit it and set the last day instead."),
			() => frappe.xcall(API + "remove", { relation: name }).then(() => this.refresh())
		);
	}

	async add() {
		const { doctype, doc } = this.frm;
		const roles = await frappe.xcall(API + "roles", { doctype });
		const by_value = new Map(roles.map((role) => [`${role.other_is}:${role.kind}`, role]));
		const dialog = new frappe.ui.Dialog({
			title: __("New Relation"),
			fields: this.fields(roles, (value) => by_value.get(value)),
			primary_action_label: __("Add"),
			primary_action: async (values) => {
				const role = by_value.get(values.role);
				const other = values.other_type
					? { doctype: values.other_type, name: values.other }
					: { title: values.other_title };
				if (!(other.name || other.title)) {
					frappe.show_alert({
						message: __("Choose a record or type a name."),
						indicator: "orange",
					});
					return;
				}
				await frappe.xcall(API + "add", {
					doctype,
					name: doc.name,
					kind: role.kind,
					other_is: role.other_is,
					other,
					valid_from: values.valid_from,
					valid_to: values.valid_to,
					note: values.note,
				});
				dialog.hide();
				this.refresh();
			},
		});
		dialog.show();
	}

	/** What the other is, then who it is: only kinds of record that fit. */
	fields(roles, role_of) {
		const kinds = (records) =>
			records.map((value) => ({ value, label: value ? __(value) : __("By name only") }));
		const dialog_of = (control) => control.layout;
		return [
			{
				fieldname: "role",
				fieldtype: "Select",
				label: __("The Other Is"),
				reqd: 1,
				options: [
					{ value: "", label: "" },
					...roles.map((role) => ({ value: `${role.other_is}:${role.kind}`, label: role.label })),
				],
				change() {
					const role = role_of(this.get_value());
					const field = dialog_of(this).get_field("other_type");
					field.df.options = kinds(role ? role.records : [""]);
					field.refresh();
					if (role && !role.records.includes(field.get_value())) field.set_value(role.records[0]);
				},
			},
			{
				fieldname: "other_type",
				fieldtype: "Select",
				label: __("Recorded As"),
				options: kinds(["Customer", "Lead", "Prospect", "Supplier", "Competitor", "Contact", ""]),
				default: "Customer",
				change() {
					const layout = dialog_of(this);
					layout.get_field("other").set_value("");
					layout.refresh_dependency();
				},
			},
			{
				fieldname: "other",
				fieldtype: "Dynamic Link",
				label: __("Who"),
				get_options: (control) => control.layout.get_value("other_type"),
				depends_on: "eval:doc.other_type",
			},
			{
				fieldname: "other_title",
				fieldtype: "Data",
				label: __("Name"),
				depends_on: "eval:!doc.other_type",
			},
			{ fieldtype: "Column Break" },
			{ fieldname: "valid_from", fieldtype: "Date", label: __("Since") },
			{ fieldname: "valid_to", fieldtype: "Date", label: __("Until") },
			{ fieldname: "note", fieldtype: "Small Text", label: __("Note") },
		];
	}
}

/** Show the relations of a record, if its form has a place for them. Call it on refresh. */
rule24.card.mount_relations = function (frm) {
	const field = frm.fields_dict.rule24_relations;
	if (!field || !field.$wrapper) return;
	if (!frm.rule24_relations) frm.rule24_relations = new RelationsPanel(frm, field);
	return frm.rule24_relations.refresh();
};

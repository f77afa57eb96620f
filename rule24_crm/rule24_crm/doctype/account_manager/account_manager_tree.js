frappe.treeview_settings["Account Manager"] = {
	get_tree_nodes: "rule24_crm.api.managers.tree",
	breadcrumb: "Rule24 CRM",
	title: __("Account Managers"),
	root_label: __("All Account Managers"),
	get_tree_root: false,
	disable_add_node: true,
	onload(treeview) {
		treeview.make_tree();
		open_heads(treeview);
	},
	onrender(node) {
		if (node.is_root || !node.data?.value) return;
		const note = node.data.active ? "" : `<span class="indicator-pill gray">${__("Not active")}</span>`;
		if (note) node.$tree_link.append(` ${note}`);
		(rule24_waiting[node.data.value] = rule24_waiting[node.data.value] || []).push(node);
		fetch_loads();
	},
	toolbar: [
		{ toggle_btn: true },
		{
			label: __("Edit"),
			condition: (node) => !node.is_root,
			click: (node) => frappe.set_route("Form", "Account Manager", node.data.value),
		},
		{
			label: __("Reports To..."),
			condition: (node) => !node.is_root && frappe.model.can_write("Account Manager"),
			click: (node) => move(node),
			btnClass: "hidden-xs",
		},
		{
			label: __("Add Below"),
			condition: () => frappe.model.can_create("Account Manager"),
			click: (node) =>
				frappe.new_doc("Account Manager", node.is_root ? {} : { reports_to: node.data.value }),
			btnClass: "hidden-xs",
		},
	],
	menu_items: [
		{
			label: __("New Account Manager"),
			action: () => frappe.new_doc("Account Manager", true),
			condition: "frappe.model.can_create('Account Manager')",
		},
	],
};

/** The heads stand open, so that the whole department is seen at once. */
async function open_heads(treeview) {
	const { tree } = treeview;
	await tree.load_children(tree.root_node, true);
}

const rule24_waiting = {};

/** What each manager shown has to do, asked once for all that have just appeared. */
const fetch_loads = frappe.utils.debounce(async () => {
	const nodes = { ...rule24_waiting };
	for (const user of Object.keys(rule24_waiting)) delete rule24_waiting[user];
	const loads = await frappe.xcall("rule24_crm.api.managers.loads", { users: Object.keys(nodes) }, "GET");
	for (const [user, load] of Object.entries(loads)) {
		for (const node of nodes[user]) {
			const words = __("{0} clients, {1} of {2} works today", [
				rule24.number(load.clients),
				load.today,
				load.capacity,
			]);
			node.$tree_link.append(`<span class="text-muted small ml-2">${words}</span>`);
		}
	}
}, 100);

function move(node) {
	const dialog = new frappe.ui.Dialog({
		title: __("{0} Reports To", [node.data.title || node.data.value]),
		fields: [
			{
				fieldname: "reports_to",
				fieldtype: "Link",
				options: "Account Manager",
				label: __("Head"),
				description: __("Empty: nobody. Whoever is below comes along"),
				get_query: () => ({ filters: { name: ["!=", node.data.value] } }),
			},
		],
		primary_action_label: __("Move"),
		primary_action: async ({ reports_to }) => {
			await frappe.xcall("rule24_crm.api.managers.move", {
				manager: node.data.value,
				reports_to: reports_to || null,
			});
			dialog.hide();
			frappe.views.trees["Account Manager"].make_tree();
		},
	});
	dialog.show();
}

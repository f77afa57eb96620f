// The window for a new client as an address of its own: for the workspace, the search bar and links.
frappe.pages["new-client"].on_page_load = function (wrapper) {
	const page = frappe.ui.make_app_page({ parent: wrapper, title: __("New Client"), single_column: true });
	$(`<div class="rule24-empty text-muted"></div>`)
		.text(__("Press New Client, or Shift+Alt+N anywhere."))
		.appendTo(page.main);
	page.set_primary_action(__("New Client"), () => rule24.parties.new_party(), "add");
};

frappe.pages["new-client"].on_page_show = function () {
	rule24.parties.new_party({
		on_hide: (done) => {
			if (!done && frappe.get_route()[0] === "new-client") frappe.set_route("rule24-crm");
		},
	});
};

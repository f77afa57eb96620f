frappe.listview_settings["Client Handover Item"] = { hide_name_column: true };

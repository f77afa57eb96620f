frappe.listview_settings["Distribution Log"] = { hide_name_column: true };

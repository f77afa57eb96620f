from frappe import _


def get_data():
	return {
		"fieldname": "sales_order",
		"non_standard_fieldnames": {"Auto Repeat": "reference_document"},
		"internal_links": {"Quotation": ["items", "prevdoc_docname"]},
		"transactions": [
			{"label": _("Fulfillment"), "items": ["Sales Invoice"]},
			{"label": _("Reference"), "items": ["Quotation", "Auto Repeat"]},
		],
	}

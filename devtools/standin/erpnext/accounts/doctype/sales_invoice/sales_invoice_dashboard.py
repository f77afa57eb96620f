from frappe import _


def get_data():
	return {
		"fieldname": "sales_invoice",
		"non_standard_fieldnames": {"Auto Repeat": "reference_document"},
		"internal_links": {"Sales Order": ["items", "sales_order"]},
		"transactions": [
			{"label": _("Reference"), "items": ["Sales Order"]},
			{"label": _("Subscription"), "items": ["Auto Repeat"]},
		],
	}

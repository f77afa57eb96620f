from frappe import _


def get_data():
	return {
		"fieldname": "customer",
		"non_standard_fieldnames": {
			"Quotation": "party_name",
			"Opportunity": "party_name",
			"Bank Account": "party",
		},
		"dynamic_links": {"party_name": ["Customer", "quotation_to"]},
		"transactions": [
			{"label": _("Pre Sales"), "items": ["Opportunity", "Quotation"]},
			{"label": _("Orders"), "items": ["Sales Order", "Sales Invoice"]},
			{"label": _("Payments"), "items": ["Bank Account"]},
		],
	}

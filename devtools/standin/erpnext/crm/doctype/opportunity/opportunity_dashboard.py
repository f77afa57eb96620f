def get_data():
	return {
		"fieldname": "opportunity",
		"transactions": [{"items": ["Quotation"]}],
	}

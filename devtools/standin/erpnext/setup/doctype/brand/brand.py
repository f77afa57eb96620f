import frappe
from frappe.model.document import Document


class Brand(Document):
	pass


def get_brand_defaults(item, company):
	"""The row of the item's brand for the company, as a dict."""
	brand = frappe.get_cached_value("Item", item, "brand")
	if brand:
		for row in frappe.get_cached_doc("Brand", brand).brand_defaults or []:
			if row.company == company:
				values = row.as_dict()
				values.pop("name")
				return values
	return frappe._dict()

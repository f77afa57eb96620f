import frappe
from frappe import _
from frappe.utils import has_common


def get_customers_suppliers(doctype, user):
	"""The parties whose documents of this kind the user may see; None where the kind has no such party."""
	meta = frappe.get_meta(doctype)
	customers, suppliers = [], []
	if has_common(["Supplier", "Customer"], frappe.get_roles(user)):
		customers, suppliers = get_parents_for_user("Customer"), get_parents_for_user("Supplier")
	elif frappe.has_permission(doctype, "read", user=user):
		customers = suppliers = [row.name for row in frappe.get_list("Customer")]
	return (
		customers if meta.has_field(get_customer_field_name(doctype)) else None,
		suppliers if meta.has_field("supplier") else None,
	)


def get_parents_for_user(parenttype: str) -> list[str]:
	mine = {"parenttype": parenttype, "user": frappe.session.user}
	return frappe.get_all("Portal User", filters=mine, pluck="parent")


def has_website_permission(doc, ptype, user, verbose=False):
	customers, _suppliers = get_customers_suppliers(doc.doctype, user)
	if not customers:
		return False
	return frappe.db.exists(doc.doctype, get_customer_filter(doc, customers))


def get_customer_filter(doc, customers):
	filters = frappe._dict(name=doc.name)
	filters[get_customer_field_name(doc.doctype)] = ["in", customers]
	if doc.doctype == "Quotation":
		filters.quotation_to = "Customer"
	return filters


def get_customer_field_name(doctype):
	return "party_name" if doctype == "Quotation" else "customer"


def add_role_for_portal_user(portal_user, role):
	"""A new portal user needs the role of the portal; only a System Manager may give it."""
	if not portal_user.is_new():
		return
	user = frappe.get_doc("User", portal_user.user)
	if role in {row.role for row in user.roles}:
		return
	if "System Manager" not in frappe.get_roles():
		frappe.msgprint(_("User {0} still needs the role {1}").format(user.name, role), alert=True)
		return
	user.add_roles(role)
	frappe.msgprint(_("User {0} now has the role {1}").format(frappe.bold(user.name), role), alert=True)

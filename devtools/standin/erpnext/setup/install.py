import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields
from frappe.desk.page.setup_wizard.setup_wizard import add_all_roles_to


def after_install():
	for role in ("Analytics", "Customer", "Supplier"):
		if not frappe.db.exists("Role", role):
			frappe.get_doc({"doctype": "Role", "role_name": role}).insert(ignore_permissions=True)
	set_single_defaults()
	create_custom_company_links()
	add_all_roles_to("Administrator")
	update_roles()
	frappe.db.commit()


def set_single_defaults():
	for doctype in ("Accounts Settings", "Print Settings", "Selling Settings", "Stock Settings"):
		doc = frappe.get_single(doctype)
		for field in doc.meta.fields:
			doc.set(field.fieldname, field.default)
		doc.flags.ignore_mandatory = True
		try:
			doc.save()
		except frappe.ValidationError:
			continue
	frappe.db.set_default("date_format", "dd-mm-yyyy")


def create_custom_company_links():
	link = {"label": "Company", "fieldname": "company", "fieldtype": "Link", "options": "Company"}
	create_custom_fields(
		{
			"Email Account": [{**link, "insert_after": "email_id"}],
			"Communication": [
				{
					**link,
					"insert_after": "email_account",
					"fetch_from": "email_account.company",
					"read_only": 1,
				}
			],
		}
	)


def update_roles():
	for role in ("Customer", "Supplier"):
		frappe.db.set_value("Role", role, "desk_access", 0)

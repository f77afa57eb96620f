"""The people of the demo: an administrator, a head, managers and an accountant."""

import frappe

#: demo sites only; `./dev up` prints it
PASSWORD = "rule24demo"

PEOPLE = (
	("crm.admin@example.com", "Анна", "Админова", ("CRM Administrator", "Sales User"), "CRM administrator"),
	("head@example.com", "Пётр", "Начальников", ("Sales Manager", "Sales User"), "Head of sales"),
	("ivan@example.com", "Иван", "Звонарёв", ("Sales User",), "Account manager"),
	("olga@example.com", "Ольга", "Письмова", ("Sales User",), "Account manager"),
	("denis@example.com", "Денис", "Встречин", ("Sales User",), "Account manager"),
	("accountant@example.com", "Вера", "Счётова", ("Accounts User", "Accounts Manager"), "Accountant"),
)
HEAD = "head@example.com"
MANAGERS = ("ivan@example.com", "olga@example.com", "denis@example.com")


def make() -> None:
	"""Create the users and let managers make drafts of invoices and contracts."""
	for email, first, last, roles, _who in PEOPLE:
		if frappe.db.exists("User", email):
			continue
		user = frappe.get_doc(
			{
				"doctype": "User",
				"email": email,
				"first_name": first,
				"last_name": last,
				"send_welcome_email": 0,
				"new_password": PASSWORD,
				"language": frappe.db.get_single_value("System Settings", "language") or "en",
			}
		)
		user.flags.ignore_password_policy = True
		user.flags.no_welcome_mail = True
		user.extend("roles", [{"role": role} for role in roles])
		user.insert()
	_let_managers_make_drafts()


def _let_managers_make_drafts() -> None:
	"""What an administrator does in the Role Permission Manager: ERPNext keeps invoices and contracts from Sales User."""
	from frappe.permissions import add_permission, update_permission_property

	for doctype in ("Sales Invoice", "Contract"):
		if frappe.db.exists("Custom DocPerm", {"parent": doctype, "role": "Sales User"}):
			continue
		add_permission(doctype, "Sales User", 0)
		for right in ("read", "write", "create", "print", "email"):
			update_permission_property(doctype, "Sales User", 0, right, 1)


def credentials() -> list[dict]:
	"""Who can log in with which password."""
	return [{"user": email, "password": PASSWORD, "who": who} for email, _f, _l, _roles, who in PEOPLE]

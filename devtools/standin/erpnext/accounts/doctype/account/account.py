import frappe
from frappe import _
from frappe.utils import cint
from frappe.utils.nestedset import NestedSet


class RootNotEditable(frappe.ValidationError):
	pass


class BalanceMismatchError(frappe.ValidationError):
	pass


class InvalidAccountMergeError(frappe.ValidationError):
	pass


BALANCE_SHEET = ("Asset", "Liability", "Equity")


class Account(NestedSet):
	nsm_parent_field = "parent_account"

	def autoname(self):
		from erpnext.accounts.utils import get_autoname_with_number

		self.name = get_autoname_with_number(self.account_number, self.account_name, self.company)

	def on_update(self):
		if not frappe.local.flags.ignore_update_nsm:
			super().on_update()

	def validate(self):
		self.validate_parent()
		self.validate_root_details()
		self.validate_account_number()
		self.set_root_and_report_type()
		self.validate_mandatory()
		self.validate_account_currency()

	def validate_parent(self):
		if not self.parent_account:
			return
		parent = frappe.get_cached_value(
			"Account", self.parent_account, ["name", "is_group", "company"], as_dict=True
		)
		if not parent:
			frappe.throw(_("There is no parent account {0}").format(self.parent_account))
		if parent.name == self.name:
			frappe.throw(_("Account {0} cannot be its own parent").format(self.name))
		if not parent.is_group:
			frappe.throw(_("The parent account {0} is not a group").format(parent.name))
		if parent.company != self.company:
			frappe.throw(
				_("The parent account {0} belongs to {1}, not to {2}").format(
					parent.name, parent.company, self.company
				)
			)

	def validate_root_details(self):
		before = self.get_doc_before_save()
		if before and not before.parent_account:
			frappe.throw(_("A root account cannot be changed"), RootNotEditable)
		if not self.parent_account and not cint(self.is_group):
			frappe.throw(_("The root account {0} must be a group").format(frappe.bold(self.name)))

	def validate_account_number(self, account_number=None):
		number = account_number or self.account_number
		if not number:
			return
		other = frappe.db.get_value(
			"Account", {"account_number": number, "company": self.company, "name": ("!=", self.name)}
		)
		if other:
			frappe.throw(_("Account {0} has the number {1} already").format(other, number))

	def set_root_and_report_type(self):
		if self.parent_account:
			parent = frappe.get_cached_value(
				"Account", self.parent_account, ["report_type", "root_type"], as_dict=True
			)
			self.report_type = parent.report_type or self.report_type
			self.root_type = parent.root_type or self.root_type
		if self.root_type and not self.report_type:
			self.report_type = "Balance Sheet" if self.root_type in BALANCE_SHEET else "Profit and Loss"

	def validate_mandatory(self):
		if not self.root_type:
			frappe.throw(_("An account needs a root type"))
		if not self.report_type:
			frappe.throw(_("An account needs a report type"))

	def validate_account_currency(self):
		self.currency_explicitly_specified = bool(self.account_currency)
		if not self.account_currency:
			self.account_currency = frappe.get_cached_value("Company", self.company, "default_currency")


def get_account_currency(account):
	"""The account's own currency, else the currency of its company."""
	if not account:
		return None
	currency, company = frappe.get_cached_value("Account", account, ["account_currency", "company"])
	return currency or frappe.get_cached_value("Company", company, "default_currency")


def on_doctype_update():
	frappe.db.add_index("Account", ["lft", "rgt"])

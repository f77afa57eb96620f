import frappe
from frappe import _
from frappe.contacts.address_and_contact import load_address_and_contact
from frappe.desk.page.setup_wizard.setup_wizard import make_records
from frappe.query_builder.functions import IfNull
from frappe.utils.nestedset import NestedSet, rebuild_tree

from erpnext.accounts.doctype.account.account import get_account_currency
from erpnext.setup.setup_wizard.operations.taxes_setup import setup_taxes_and_charges

DEFAULT_ACCOUNTS = (
	"default_bank_account",
	"default_cash_account",
	"default_receivable_account",
	"default_payable_account",
	"default_expense_account",
	"default_income_account",
	"write_off_account",
	"round_off_account",
)

# Which default takes the first account of which type.
ACCOUNT_OF_TYPE = {
	"default_cash_account": "Cash",
	"default_bank_account": "Bank",
	"round_off_account": "Round Off",
	"default_expense_account": "Cost of Goods Sold",
}


class Company(NestedSet):
	nsm_parent_field = "parent_company"

	def onload(self):
		load_address_and_contact(self, "company")

	def validate(self):
		self.update_default_account = self.is_new()
		self.validate_abbr()
		self.validate_default_accounts()
		self.validate_currency()
		self.validate_coa_input()
		self.check_country_change()
		self.check_parent_changed()
		self.validate_parent_company()

	def validate_abbr(self):
		if not self.abbr:
			self.abbr = "".join(word[0] for word in self.company_name.split()).upper()
		self.abbr = self.abbr.strip()
		if not self.abbr:
			frappe.throw(_("A company needs an abbreviation"))
		if frappe.db.exists("Company", {"abbr": self.abbr, "name": ("!=", self.name)}):
			frappe.throw(_("Another company has this abbreviation"))

	def validate_default_accounts(self):
		for field in DEFAULT_ACCOUNTS:
			if self.get(field):
				self._check_default_account(field, self.get(field))

	def _check_default_account(self, field, account):
		company, is_group, disabled = frappe.db.get_value(
			"Account", account, ["company", "is_group", "disabled"]
		)
		if disabled:
			frappe.throw(_("Account {0} is disabled").format(frappe.bold(account)))
		if is_group:
			frappe.throw(_("{0}: {1} is a group").format(_(self.meta.get_label(field)), frappe.bold(account)))
		if company != self.name:
			frappe.throw(_("Account {0} does not belong to company {1}").format(account, self.name))
		if get_account_currency(account) != self.default_currency:
			frappe.throw(
				_("{0} must be in the currency of the company").format(_(self.meta.get_label(field)))
			)

	def validate_currency(self):
		if self.is_new():
			return
		before = frappe.get_cached_value("Company", self.name, "default_currency")
		if before and before != self.default_currency and self.check_if_transactions_exist():
			frappe.throw(_("The currency of a company with submitted documents cannot be changed"))

	@frappe.whitelist()
	def check_if_transactions_exist(self):
		submitted = {"company": self.name, "docstatus": 1}
		return any(
			frappe.db.exists(doctype, submitted) for doctype in ("Sales Invoice", "Sales Order", "Quotation")
		)

	def validate_coa_input(self):
		if self.create_chart_of_accounts_based_on == "Existing Company":
			self.chart_of_accounts = None
			if not self.existing_company:
				frappe.throw(_("Choose the company whose chart of accounts is to be copied"))
			return
		self.existing_company = None
		self.create_chart_of_accounts_based_on = "Standard Template"
		if not self.chart_of_accounts:
			self.chart_of_accounts = "Standard"

	def check_country_change(self):
		frappe.flags.country_change = not self.is_new() and (
			self.country != frappe.get_cached_value("Company", self.name, "country")
		)

	def check_parent_changed(self):
		frappe.flags.parent_company_changed = not self.is_new() and (
			self.parent_company != frappe.db.get_value("Company", self.name, "parent_company")
		)

	def validate_parent_company(self):
		if self.parent_company and not frappe.db.get_value("Company", self.parent_company, "is_group"):
			frappe.throw(_("The parent company must be a group"))

	def on_update(self):
		super().on_update()
		if not frappe.db.exists("Account", {"company": self.name}):
			if not frappe.local.flags.ignore_chart_of_accounts:
				frappe.flags.country_change = True
				self.create_default_accounts()
				self.create_default_warehouses()
		if not frappe.db.exists("Cost Center", {"company": self.name, "is_group": 0}):
			self.create_default_cost_center()
		if frappe.flags.country_change:
			self.create_default_tax_template()
		if not frappe.db.exists("Department", {"company": self.name}):
			self.create_default_departments()
		if not frappe.local.flags.ignore_chart_of_accounts:
			self.set_default_accounts()
			if self.default_cash_account:
				self.set_mode_of_payment_account()
		if self.default_currency:
			frappe.db.set_value("Currency", self.default_currency, "enabled", 1)
		if frappe.flags.parent_company_changed:
			rebuild_tree("Company", "parent_company")
		frappe.clear_cache()

	def create_default_accounts(self):
		from erpnext.accounts.doctype.account.chart_of_accounts.chart_of_accounts import create_charts

		frappe.local.flags.ignore_root_company_validation = True
		create_charts(self.name, self.chart_of_accounts, self.existing_company)
		for field, kind in (
			("default_receivable_account", "Receivable"),
			("default_payable_account", "Payable"),
		):
			account = {"company": self.name, "account_type": kind, "is_group": 0}
			self.db_set(field, frappe.db.get_value("Account", account))

	def create_default_warehouses(self):
		root = None
		for name, is_group, kind in (
			(_("All Warehouses"), 1, None),
			(_("Stores"), 0, None),
			(_("Work In Progress"), 0, None),
			(_("Finished Goods"), 0, None),
			(_("Goods In Transit"), 0, "Transit"),
		):
			if frappe.db.exists("Warehouse", {"warehouse_name": name, "company": self.name}):
				continue
			warehouse = frappe.new_doc("Warehouse")
			warehouse.warehouse_name = name
			warehouse.is_group = is_group
			warehouse.company = self.name
			warehouse.parent_warehouse = root
			warehouse.warehouse_type = kind
			warehouse.flags.ignore_permissions = True
			warehouse.flags.ignore_mandatory = True
			warehouse.insert()
			if is_group:
				root = warehouse.name

	def create_default_cost_center(self):
		root = self._cost_center(self.name, 1, None)
		main = self._cost_center(_("Main"), 0, root)
		self.db_set("cost_center", main)
		self.db_set("round_off_cost_center", main)

	def _cost_center(self, name, is_group, parent):
		doc = frappe.new_doc("Cost Center")
		doc.cost_center_name = name
		doc.company = self.name
		doc.is_group = is_group
		doc.parent_cost_center = parent
		doc.flags.ignore_permissions = True
		doc.flags.ignore_mandatory = parent is None
		return doc.insert().name

	@frappe.whitelist()
	def create_default_tax_template(self):
		setup_taxes_and_charges(self.name, self.country)

	def create_default_departments(self):
		root = _("All Departments")
		if not frappe.db.exists("Department", root):
			make_records(
				[
					{
						"doctype": "Department",
						"department_name": root,
						"is_group": 1,
						"parent_department": "",
					}
				]
			)
		frappe.local.flags.ignore_update_nsm = True
		make_records(
			[
				{
					"doctype": "Department",
					"department_name": name,
					"parent_department": root,
					"company": self.name,
				}
				for name in (
					_("Accounts"),
					_("Marketing"),
					_("Sales"),
					_("Purchase"),
					_("Operations"),
					_("Production"),
					_("Dispatch"),
					_("Customer Service"),
					_("Human Resources"),
					_("Management"),
					_("Quality Management"),
					_("Research & Development"),
					_("Legal"),
				)
			]
		)
		frappe.local.flags.ignore_update_nsm = False
		rebuild_tree("Department", "parent_department")

	def set_default_accounts(self):
		if self.update_default_account:
			for field, kind in ACCOUNT_OF_TYPE.items():
				self._set_default_account(field, kind)
		if not self.default_income_account:
			income = frappe.get_all(
				"Account",
				filters={"company": self.name, "is_group": 0},
				or_filters={
					"account_name": ("in", [_("Sales"), _("Sales Account")]),
					"account_type": "Income Account",
				},
				pluck="name",
			)
			self.db_set("default_income_account", income[0] if income else None)
		if not self.write_off_account:
			account = {"account_name": _("Write Off"), "company": self.name, "is_group": 0}
			self.db_set("write_off_account", frappe.db.get_value("Account", account))

	def _set_default_account(self, fieldname, account_type):
		if self.get(fieldname):
			return
		account = {"account_type": account_type, "is_group": 0, "company": self.name}
		name = frappe.db.get_value("Account", account)
		if name:
			self.db_set(fieldname, name)

	def set_mode_of_payment_account(self):
		cash = frappe.db.get_value("Mode of Payment", {"type": "Cash"})
		if not cash or frappe.db.exists("Mode of Payment Account", {"company": self.name, "parent": cash}):
			return
		mode = frappe.get_doc("Mode of Payment", cash, for_update=True)
		mode.append("accounts", {"company": self.name, "default_account": self.default_cash_account})
		mode.save(ignore_permissions=True)

	def after_rename(self, olddn, newdn, merge=False):
		self.db_set("company_name", newdn)
		table = frappe.qb.DocType("DefaultValue")
		(
			frappe.qb.update(table)
			.set(table.defvalue, newdn)
			.where(table.defkey == "Company")
			.where(table.defvalue == olddn)
		).run()
		frappe.cache_manager.clear_defaults_cache()

	def abbreviate(self):
		self.abbr = "".join(word[0].upper() for word in self.company_name.split())


def get_name_with_abbr(name, company):
	abbr = frappe.get_cached_value("Company", company, "abbr")
	return name if name.split(" - ")[-1].lower() == abbr.lower() else f"{name} - {abbr}"


@frappe.whitelist()
def get_default_company_address(name, sort_key="is_primary_address", existing_address=None):
	"""The company's address that carries the mark `sort_key`, else any; `existing_address` if it is one."""
	if sort_key not in ("is_shipping_address", "is_primary_address"):
		return None
	address, link = frappe.qb.DocType("Address"), frappe.qb.DocType("Dynamic Link")
	rows = (
		frappe.qb.from_(address)
		.join(link)
		.on(link.parent == address.name)
		.select(address.name, address[sort_key])
		.where(link.link_doctype == "Company")
		.where(link.link_name == name)
		.where(IfNull(address.disabled, 0) == 0)
	).run()
	if existing_address and any(row[0] == existing_address for row in rows):
		return existing_address
	return max(rows, key=lambda row: row[1])[0] if rows else None

import frappe
from frappe import _
from frappe.contacts.address_and_contact import delete_contact_and_address, load_address_and_contact
from frappe.model.document import Document


class BankAccount(Document):
	def onload(self):
		load_address_and_contact(self)

	def autoname(self):
		self.name = f"{self.account_name} - {self.bank}"

	def validate(self):
		self.validate_is_company_account()
		self.update_default_bank_account()

	def on_trash(self):
		delete_contact_and_address("Bank Account", self.name)

	def validate_is_company_account(self):
		if not self.is_company_account:
			return
		if not self.company:
			frappe.throw(_("Name the company whose account this is"))
		if not self.account:
			frappe.throw(_("Name the account in the chart of the company"))
		self.validate_account()

	def validate_account(self):
		others = frappe.get_all(
			"Bank Account", {"account": self.account, "name": ("!=", self.name)}, pluck="name"
		)
		if others:
			frappe.throw(_("{0} already uses the account {1}").format(", ".join(others), self.account))

	def update_default_bank_account(self):
		"""One default account for a party, or for a company."""
		if self.is_default and not self.disabled:
			same_owner = {
				field: self.get(field) for field in ("party_type", "party", "is_company_account", "company")
			}
			frappe.db.set_value(
				"Bank Account", {**same_owner, "is_default": 1, "disabled": 0}, "is_default", 0
			)


@frappe.whitelist()
def make_bank_account(doctype, docname):
	account = frappe.new_doc("Bank Account")
	account.party_type = doctype
	account.party = docname
	return account


def get_party_bank_account(party_type, party):
	default = {"party_type": party_type, "party": party, "is_default": 1, "disabled": 0}
	return frappe.db.get_value("Bank Account", default)


def get_default_company_bank_account(company, party_type, party):
	"""The company's account that the party pays to, else the company's default one."""
	account = frappe.db.get_value(party_type, party, "default_bank_account")
	if account and frappe.get_cached_value("Bank Account", account, "company") == company:
		return account
	default = {"company": company, "is_company_account": 1, "is_default": 1}
	return frappe.db.get_value("Bank Account", default)


@frappe.whitelist()
def get_bank_account_details(bank_account):
	frappe.has_permission("Bank Account", doc=bank_account, ptype="read", throw=True)
	return frappe.get_cached_value(
		"Bank Account", bank_account, ["account", "bank", "bank_account_no"], as_dict=1
	)

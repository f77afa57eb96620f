import frappe
from frappe import _
from frappe.contacts.address_and_contact import delete_contact_and_address, load_address_and_contact
from frappe.model.mapper import get_mapped_doc
from frappe.model.naming import set_name_by_naming_series, set_name_from_naming_options
from frappe.model.utils.rename_doc import update_linked_doctypes
from frappe.utils import cint, flt

from erpnext.accounts.party import validate_party_accounts
from erpnext.controllers.website_list_for_contact import add_role_for_portal_user
from erpnext.utilities.transaction_base import TransactionBase


class Customer(TransactionBase):
	def onload(self):
		load_address_and_contact(self)

	def autoname(self):
		way = frappe.defaults.get_global_default("cust_master_name")
		if way == "Customer Name":
			self.name = self.get_customer_name()
		elif way == "Naming Series":
			set_name_by_naming_series(self)
		else:
			set_name_from_naming_options(frappe.get_meta(self.doctype).autoname, self)

	def get_customer_name(self):
		"""The customer's name; a namesake gets the next number."""
		self.customer_name = self.customer_name.strip()
		if frappe.flags.in_import or not frappe.db.exists("Customer", self.customer_name):
			return self.customer_name

		last = frappe.db.sql(
			"""select max(cast(substring_index(name, ' ', -1) as unsigned)) from `tabCustomer`
			where name like %s""",
			f"%{self.customer_name} - %",
		)[0][0]
		name = f"{self.customer_name} - {cint(last) + 1}"
		frappe.msgprint(
			_("There is a customer {0} already: this one is called {1}").format(self.customer_name, name),
			title=_("Note"),
			indicator="yellow",
		)
		return name

	def after_insert(self):
		self.update_lead_status()

	def validate(self):
		self.flags.is_new_doc = self.is_new()
		self.flags.old_lead = self.lead_name
		validate_party_accounts(self)
		self.check_customer_group_change()
		self.validate_default_bank_account()
		self.validate_internal_customer()
		self.add_role_for_user()
		if self.sales_team and sum(flt(row.allocated_percentage) for row in self.sales_team) != 100:
			frappe.throw(_("The shares of the sales team must make 100 %"))

	def on_update(self):
		self.validate_name_with_customer_group()
		for make in (self.create_primary_contact, self.create_primary_address):
			make()
		if self.lead_name != self.flags.old_lead:
			self.update_lead_status()
		if self.flags.is_new_doc:
			for carry in (self.link_address_and_contact, self.copy_communication):
				carry()
		self.update_customer_groups()

	def check_customer_group_change(self):
		frappe.flags.customer_group_changed = not self.get("__islocal") and (
			self.customer_group != frappe.db.get_value("Customer", self.name, "customer_group")
		)

	def update_customer_groups(self):
		if frappe.flags.customer_group_changed:
			ignore = ["Lead", "Opportunity", "POS Profile", "Tax Rule", "Pricing Rule"]
			update_linked_doctypes("Customer", self.name, "Customer Group", self.customer_group, ignore)

	def validate_default_bank_account(self):
		account = self.default_bank_account
		if account and not frappe.db.get_value("Bank Account", account, "is_company_account"):
			frappe.throw(_("{0} is not a bank account of the company").format(frappe.bold(account)))

	def validate_internal_customer(self):
		if not self.is_internal_customer:
			self.represents_company = ""
		other = frappe.db.get_value(
			"Customer",
			{
				"is_internal_customer": 1,
				"represents_company": self.represents_company,
				"name": ("!=", self.name),
			},
		)
		if other:
			frappe.throw(
				_("Company {0} already has an internal customer").format(frappe.bold(self.represents_company))
			)

	def add_role_for_user(self):
		for row in self.portal_users:
			add_role_for_portal_user(row, "Customer")

	def validate_name_with_customer_group(self):
		if frappe.db.exists("Customer Group", self.name):
			frappe.throw(_("There is a Customer Group of this name: rename one of them"), frappe.NameError)

	def create_primary_contact(self):
		"""A customer that has no contact yet gets one of what was typed about a person."""
		typed = [self.get(field) for field in ("mobile_no", "email_id", "first_name", "last_name")]
		if self.lead_name or self.customer_primary_contact or not any(typed):
			return
		values = {
			"customer_primary_contact": make_contact(self).name,
			"mobile_no": self.mobile_no,
			"email_id": self.email_id,
		}
		for field, value in values.items():
			self.db_set(field, value)

	def create_primary_address(self):
		from frappe.contacts.doctype.address import address as addresses

		if not (self.flags.is_new_doc and self.get("address_line1")):
			return
		name = make_address(self).name
		self.db_set("customer_primary_address", name)
		self.db_set("primary_address", addresses.get_address_display(name))

	def update_lead_status(self):
		if self.lead_name:
			frappe.db.set_value("Lead", self.lead_name, "status", "Converted")

	def link_address_and_contact(self):
		"""What was known of the lead, the deal and the prospect is now the customer's, too."""
		sources = (
			("Lead", self.lead_name),
			("Opportunity", self.opportunity_name),
			("Prospect", self.prospect_name),
		)
		for doctype, name in sources:
			if not name:
				continue
			for row in frappe.get_all(
				"Dynamic Link",
				filters={
					"parenttype": ("in", ["Contact", "Address"]),
					"link_doctype": doctype,
					"link_name": name,
				},
				fields=["parent", "parenttype"],
			):
				doc = frappe.get_doc(row.parenttype, row.parent)
				if not doc.has_link("Customer", self.name):
					doc.append("links", {"link_doctype": "Customer", "link_name": self.name})
					doc.save(ignore_permissions=self.flags.ignore_permissions)

	def copy_communication(self):
		from erpnext.crm.utils import copy_comments, link_communications

		if not self.lead_name:
			return
		if frappe.db.get_single_value("CRM Settings", "carry_forward_communication_and_comments"):
			copy_comments("Lead", self.lead_name, self)
			link_communications("Lead", self.lead_name, self)

	def on_trash(self):
		for field in ("customer_primary_contact", "customer_primary_address"):
			if self.get(field):
				self.db_set(field, None)
		delete_contact_and_address("Customer", self.name)
		if self.lead_name:
			frappe.db.set_value("Lead", self.lead_name, "status", "Interested", update_modified=False)

	def after_rename(self, olddn, newdn, merge=False):
		if frappe.defaults.get_global_default("cust_master_name") == "Customer Name":
			self.db_set("customer_name", newdn)


@frappe.whitelist()
def make_quotation(source_name, target_doc=None):
	table_map = {"Customer": {"doctype": "Quotation", "field_map": {"name": "party_name"}}}
	quotation = get_mapped_doc("Customer", source_name, table_map, target_doc, _set_missing_values)
	quotation.quotation_to = "Customer"
	for method in ("set_missing_values", "set_other_charges", "calculate_taxes_and_totals"):
		quotation.run_method(method)

	price_list, currency = frappe.db.get_value(
		"Customer", source_name, ["default_price_list", "default_currency"]
	)
	if price_list:
		quotation.selling_price_list = price_list
	if currency:
		quotation.currency = currency
	return quotation


@frappe.whitelist()
def make_opportunity(source_name, target_doc=None):
	field_map = {"name": "party_name", "doctype": "opportunity_from"}
	table_map = {"Customer": {"doctype": "Opportunity", "field_map": field_map}}
	return get_mapped_doc("Customer", source_name, table_map, target_doc, _set_missing_values)


def _set_missing_values(source, target):
	def first(parenttype):
		link = {"link_doctype": source.doctype, "link_name": source.name, "parenttype": parenttype}
		return frappe.db.get_value("Dynamic Link", link, "parent")

	address, contact = first("Address"), first("Contact")
	if address:
		target.customer_address = address
	if contact:
		target.contact_person = contact
		target.contact_display, target.contact_email, target.contact_mobile = frappe.db.get_value(
			"Contact", contact, ["full_name", "email_id", "mobile_no"]
		)


def make_contact(args, is_primary_contact=1):
	contact = frappe.new_doc("Contact")
	contact.is_primary_contact = is_primary_contact
	contact.append("links", {"link_doctype": args.get("doctype"), "link_name": args.get("name")})
	if args.customer_type == "Individual":
		contact.first_name, contact.middle_name, contact.last_name = parse_full_name(args.customer_name)
	else:
		contact.company_name = args.customer_name
	if args.get("email_id"):
		contact.add_email(args.get("email_id"), is_primary=True)
	if args.get("mobile_no"):
		contact.add_phone(args.get("mobile_no"), is_primary_mobile_no=True)
	for field in ("first_name", "last_name"):
		if args.get(field):
			contact.set(field, args.get(field))
	return contact.insert(ignore_permissions=(args.get("flags") or {}).get("ignore_permissions"))


def make_address(args, is_primary_address=1, is_shipping_address=1):
	missing = [field.title() for field in ("city", "country") if not args.get(field)]
	if missing:
		frappe.throw(
			_("An address needs: {0}").format(", ".join(missing)), title=_("Missing Values Required")
		)
	address = frappe.new_doc("Address")
	address.address_title = args.get("customer_name")
	address.is_primary_address = is_primary_address
	address.is_shipping_address = is_shipping_address
	for field in ("address_line1", "address_line2", "city", "state", "pincode", "country"):
		address.set(field, args.get(field))
	address.append("links", {"link_doctype": args.get("doctype"), "link_name": args.get("name")})
	return address.insert(ignore_permissions=(args.get("flags") or {}).get("ignore_permissions"))


def parse_full_name(full_name: str) -> tuple[str, str | None, str | None]:
	"""First, middle and last name; one word is a first name, the middle may be several."""
	first, *rest = full_name.split()
	last = rest.pop() if rest else None
	return first, " ".join(rest) or None, last

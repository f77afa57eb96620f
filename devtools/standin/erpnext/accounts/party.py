import frappe
from frappe import _
from frappe.contacts.doctype.address.address import get_company_address, get_default_address
from frappe.core.doctype.user_permission.user_permission import get_permitted_documents
from frappe.model.utils import get_fetch_values
from frappe.utils import add_days, add_months, cint, cstr, get_last_day, getdate

from erpnext import get_company_currency
from erpnext.exceptions import PartyDisabled, PartyFrozen

SALES_TRANSACTION_TYPES = {"Quotation", "Sales Order", "Sales Invoice"}
TRANSACTION_TYPES = SALES_TRANSACTION_TYPES

# A party of these kinds keeps its billing address in the field of a customer.
NOT_YET_CUSTOMERS = ("Lead", "Prospect")

CONTACT_FIELDS = {
	"contact_person": "name",
	"contact_display": "full_name",
	"contact_email": "email_id",
	"contact_mobile": "mobile_no",
	"contact_phone": "phone",
	"contact_designation": "designation",
	"contact_department": "department",
}


class DuplicatePartyAccountError(frappe.ValidationError):
	pass


@frappe.whitelist()
def get_party_details(
	party=None,
	account=None,
	party_type="Customer",
	company=None,
	posting_date=None,
	bill_date=None,
	price_list=None,
	currency=None,
	doctype=None,
	ignore_permissions=False,
	fetch_payment_terms_template=True,
	party_address=None,
	company_address=None,
	shipping_address=None,
	dispatch_address=None,
	pos_profile=None,
):
	"""What a selling document takes from its party: addresses, contact, price list, taxes, terms."""
	given = dict(locals())
	if not party:
		return frappe._dict()
	if not frappe.db.exists(party_type, party):
		frappe.throw(_("There is no {0} {1}").format(party_type, party))
	return _get_party_details(**given)


def _get_party_details(
	party=None,
	account=None,
	party_type="Customer",
	company=None,
	posting_date=None,
	bill_date=None,
	price_list=None,
	currency=None,
	doctype=None,
	ignore_permissions=False,
	fetch_payment_terms_template=True,
	party_address=None,
	company_address=None,
	shipping_address=None,
	dispatch_address=None,
	pos_profile=None,
):
	details = frappe._dict(
		set_account_and_due_date(party, account, party_type, company, posting_date, bill_date, doctype)
	)
	doc = frappe.get_doc(party_type, party)
	if not ignore_permissions:
		ptype = "select" if frappe.only_has_select_perm(party_type) else "read"
		frappe.has_permission(party_type, ptype, doc, throw=True)

	billing, shipping = set_address_details(
		details,
		doc,
		party_type,
		doctype,
		company,
		party_address,
		company_address,
		shipping_address,
		dispatch_address,
		ignore_permissions=ignore_permissions,
	)
	set_contact_details(details, doc, party_type)
	set_other_values(details, doc, party_type)
	set_price_list(details, doc, party_type, price_list, pos_profile)
	template = set_taxes(
		doc.name,
		party_type,
		posting_date,
		company,
		customer_group=details.customer_group,
		tax_category=details.tax_category,
		billing_address=billing,
		shipping_address=shipping,
	)
	if template:
		details["taxes_and_charges"] = template
	if cint(fetch_payment_terms_template):
		details["payment_terms_template"] = get_payment_terms_template(doc.name, party_type, company)
	if not details.get("currency"):
		details["currency"] = doc.get("default_currency") or currency or get_company_currency(company)
	if party_type == "Customer":
		details["sales_team"] = [
			{
				"sales_person": row.sales_person,
				"allocated_percentage": row.allocated_percentage or None,
				"commission_rate": row.commission_rate,
			}
			for row in doc.get("sales_team")
		]
	return details


def set_address_details(
	party_details,
	party,
	party_type,
	doctype=None,
	company=None,
	party_address=None,
	company_address=None,
	shipping_address=None,
	dispatch_address=None,
	*,
	ignore_permissions=False,
):
	checked = not ignore_permissions
	billing_field = "customer_address" if party_type in NOT_YET_CUSTOMERS else f"{party_type.lower()}_address"
	billing = party_details[billing_field] = party_address or get_default_address(party_type, party.name)
	if doctype:
		party_details.update(get_fetch_values(doctype, billing_field, billing))
	party_details.address_display = render_address(billing, check_permissions=checked)

	if party_type in ("Customer", "Lead"):
		shipping_field, display_field = "shipping_address_name", "shipping_address"
		given = shipping_address
	else:
		shipping_field, display_field = "dispatch_address", "dispatch_address_display"
		given = dispatch_address
	shipping = given or get_party_shipping_address(party_type, party.name)
	party_details[shipping_field] = shipping
	party_details[display_field] = render_address(shipping, check_permissions=checked)
	if doctype:
		party_details.update(get_fetch_values(doctype, shipping_field, shipping))

	if company_address:
		party_details.company_address = company_address
	else:
		party_details.update(get_company_address(company))
	if doctype in SALES_TRANSACTION_TYPES and party_details.company_address:
		party_details.update(get_fetch_values(doctype, "company_address", party_details.company_address))

	party_details["tax_category"] = get_address_tax_category(party.get("tax_category"), billing, shipping)
	return party_details.get(billing_field), party_details.get(shipping_field)


def set_contact_details(party_details, party, party_type):
	party_details.contact_person = get_default_contact(party_type, party.name)
	complete_contact_details(party_details)


def complete_contact_details(party_details):
	values = None
	if party_details.contact_person:
		fields = [f"{column} as {field}" for field, column in CONTACT_FIELDS.items()]
		values = frappe.db.get_value("Contact", party_details.contact_person, fields, as_dict=True)
	party_details.update(values or dict.fromkeys(CONTACT_FIELDS))


def set_other_values(party_details, party, party_type):
	for field in ("customer_name", "customer_group", "territory", "language"):
		party_details[field] = party.get(field)
	for field in ("currency", "sales_partner", "commission_rate"):
		if party.get(f"default_{field}"):
			party_details[field] = party.get(f"default_{field}")


def get_default_price_list(party):
	if party.get("default_price_list"):
		return party.default_price_list
	if party.doctype == "Customer":
		return frappe.get_cached_value("Customer Group", party.customer_group, "default_price_list")
	return None


def set_price_list(party_details, party, party_type, given_price_list, pos=None):
	permitted = get_permitted_documents("Price List")
	if permitted and len(permitted) == 1:
		price_list = permitted[0]
	else:
		price_list = get_default_price_list(party) or given_price_list
	if price_list:
		party_details.price_list_currency = frappe.db.get_value(
			"Price List", price_list, "currency", cache=True
		)
	party_details["selling_price_list"] = price_list


def set_account_and_due_date(party, account, party_type, company, posting_date, bill_date, doctype):
	if doctype != "Sales Invoice":
		return {party_type.lower(): party}
	return {
		party_type.lower(): party,
		"debit_to": get_party_account(party_type, party, company) if party else account,
		"due_date": get_due_date(posting_date, party_type, party, company, bill_date),
	}


@frappe.whitelist()
def get_party_account(party_type, party=None, company=None, include_advance=False):
	"""The account of the party, else of its group, else of the company."""
	if not party_type:
		frappe.throw(_("The kind of party is missing"))
	if not company:
		frappe.throw(_("The company is missing"))
	if party_type != "Customer":
		kind = frappe.get_cached_value("Party Type", party_type, "account_type")
		account = frappe.get_cached_value("Company", company, f"default_{kind.lower()}_account")
	elif not party:
		return frappe.get_cached_value("Company", company, "default_receivable_account")
	else:
		account = (
			_account_of("Customer", party, company)
			or _account_of(
				"Customer Group", frappe.get_cached_value("Customer", party, "customer_group"), company
			)
			or frappe.get_cached_value("Company", company, "default_receivable_account")
		)
	return [account] if include_advance else account


def _account_of(doctype, name, company):
	row = {"parenttype": doctype, "parent": name, "company": company}
	return frappe.db.get_value("Party Account", row, "account")


@frappe.whitelist()
def get_party_bank_account(party_type, party):
	return frappe.db.get_value("Bank Account", {"party_type": party_type, "party": party, "is_default": 1})


def get_party_account_currency(party_type, party, company):
	return frappe.get_cached_value(
		"Account", get_party_account(party_type, party, company), "account_currency"
	)


def validate_party_accounts(doc):
	from erpnext.controllers.accounts_controller import validate_account_head

	companies = set()
	for row in doc.get("accounts"):
		if row.company in companies:
			frappe.throw(
				_("{0} {1} may have one account in a company").format(doc.doctype, doc.name),
				DuplicatePartyAccountError,
			)
		companies.add(row.company)
		for account in (row.account, row.advance_account):
			if account:
				validate_account_head(row.idx, account, row.company)


@frappe.whitelist()
def get_due_date(posting_date, party_type, party, company=None, bill_date=None, template_name=None):
	start = bill_date or posting_date
	if not (start and party):
		due = None
	else:
		template = template_name or get_payment_terms_template(party, party_type, company)
		due = start
		if template:
			due = get_due_date_from_template(template, posting_date, bill_date).strftime("%Y-%m-%d")
	return posting_date if getdate(due) < getdate(posting_date) else due


def get_due_date_from_template(template_name, posting_date, bill_date):
	"""The last day any term of the template allows, each counted from the one before."""
	due = getdate(bill_date or posting_date)
	for term in frappe.get_doc("Payment Terms Template", template_name).terms:
		if term.due_date_based_on == "Day(s) after invoice date":
			candidate = add_days(due, term.credit_days)
		elif term.due_date_based_on == "Day(s) after the end of the invoice month":
			candidate = add_days(get_last_day(due), term.credit_days)
		else:
			candidate = get_last_day(add_months(due, term.credit_months))
		due = max(due, candidate)
	return due


def validate_due_date(posting_date, due_date, bill_date=None, template_name=None, doctype=None):
	if getdate(due_date) < getdate(posting_date):
		frappe.throw(_("A document cannot be due before its date"))
	if not template_name:
		return
	latest = get_due_date_from_template(template_name, posting_date, bill_date)
	if format(latest) == posting_date or getdate(due_date) <= latest:
		return
	if frappe.db.get_single_value("Accounts Settings", "credit_controller") in frappe.get_roles():
		frappe.msgprint(_("The due date is later than the payment terms allow"))
	else:
		frappe.throw(_("The payment terms do not allow a due date after {0}").format(latest))


@frappe.whitelist()
def get_address_tax_category(tax_category=None, billing_address=None, shipping_address=None):
	by = frappe.db.get_single_value("Accounts Settings", "determine_address_tax_category_from")
	address = shipping_address if by == "Shipping Address" else billing_address
	if address:
		tax_category = frappe.db.get_value("Address", address, "tax_category") or tax_category
	return cstr(tax_category)


@frappe.whitelist()
def set_taxes(
	party,
	party_type,
	posting_date,
	company,
	customer_group=None,
	supplier_group=None,
	tax_category=None,
	billing_address=None,
	shipping_address=None,
	use_for_shopping_cart=None,
):
	"""The template that a tax rule chooses for the party. The slice has no tax rules: none does."""
	return None


@frappe.whitelist()
def get_payment_terms_template(party_name, party_type, company=None):
	if party_type not in ("Customer", "Supplier"):
		return None
	template, group = frappe.get_cached_value(party_type, party_name, ["payment_terms", "customer_group"])
	if not template and group:
		template = frappe.get_cached_value("Customer Group", group, "payment_terms")
	if not template and company:
		template = frappe.get_cached_value("Company", company, "payment_terms")
	return template


def validate_party_frozen_disabled(party_type, party_name):
	if frappe.flags.ignore_party_validation or party_type != "Customer" or not party_name:
		return
	party = frappe.get_cached_value(party_type, party_name, ["is_frozen", "disabled"], as_dict=True)
	if party.disabled:
		frappe.throw(_("{0} {1} is disabled").format(party_type, party_name), PartyDisabled)
	if party.is_frozen:
		role = frappe.db.get_single_value("Accounts Settings", "frozen_accounts_modifier")
		if role not in frappe.get_roles():
			frappe.throw(_("{0} {1} is frozen").format(party_type, party_name), PartyFrozen)


def get_party_shipping_address(doctype: str, name: str) -> str | None:
	"""The address marked for shipping; one that is only of that type, if there is just one."""
	found = frappe.get_all(
		"Address",
		filters=[
			["Dynamic Link", "link_doctype", "=", doctype],
			["Dynamic Link", "link_name", "=", name],
			["disabled", "=", 0],
		],
		or_filters=[["is_shipping_address", "=", 1], ["address_type", "=", "Shipping"]],
		fields=["name", "is_shipping_address"],
		order_by="is_shipping_address DESC",
	)
	if found and (found[0].is_shipping_address == 1 or len(found) == 1):
		return found[0].name
	return None


def get_default_contact(doctype: str, name: str) -> str | None:
	"""The primary contact of the party, else the one for billing."""
	found = frappe.get_all(
		"Contact",
		filters=[
			["Dynamic Link", "link_doctype", "=", doctype],
			["Dynamic Link", "link_name", "=", name],
		],
		or_filters=[["is_primary_contact", "=", 1], ["is_billing_contact", "=", 1]],
		pluck="name",
		limit=1,
		order_by="is_primary_contact DESC, is_billing_contact DESC",
	)
	return found[0] if found else None


def render_address(address, check_permissions=True):
	from frappe.contacts.doctype.address import address as frappe_address

	render = getattr(frappe_address, "render_address", None)
	if render:
		return frappe.call(render, address, check_permissions=check_permissions)
	if not address:  # Frappe before that function
		return None
	if check_permissions:
		frappe.get_doc("Address", address).check_permission()
	return frappe_address.get_address_display(frappe.get_cached_doc("Address", address).as_dict())

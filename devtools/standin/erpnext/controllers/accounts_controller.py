import frappe
from frappe import _
from frappe.utils import add_days, add_months, cint, flt, get_last_day, getdate, today

import erpnext
from erpnext.accounts.party import (
	get_party_account_currency,
	validate_due_date,
	validate_party_frozen_disabled,
)
from erpnext.exceptions import InvalidCurrency
from erpnext.setup.utils import get_exchange_rate
from erpnext.stock.get_item_details import get_item_details
from erpnext.utilities.transaction_base import TransactionBase

force_item_fields = ("item_group", "brand", "stock_uom", "is_fixed_asset")

TERM_FIELDS = (
	"description",
	"invoice_portion",
	"discount_type",
	"discount",
	"mode_of_payment",
	"due_date_based_on",
	"credit_days",
	"credit_months",
	"discount_validity_based_on",
	"discount_validity",
)


class AccountMissingError(frappe.ValidationError):
	pass


class InvalidQtyError(frappe.ValidationError):
	pass


class AccountsController(TransactionBase):
	@property
	def company_currency(self):
		return erpnext.get_company_currency(self.company)

	def onload(self):
		if self.is_new() and self.meta.get_field("payment_schedule"):
			self.set_payment_schedule()

	def validate(self):
		if not self.get("is_return") and not self.get("is_debit_note"):
			self.validate_qty_is_not_zero()
		if self.get("_action") and self._action != "update_after_submit":
			self.set_missing_values(for_validate=True)
		self.init_internal_values()
		if self.meta.get_field("taxes_and_charges"):
			self.validate_enabled_taxes_and_charges()
			self.validate_tax_account_company()
		self.set_taxes_and_charges()
		if self.meta.get_field("currency"):
			self.calculate_taxes_and_totals()
			if not self.get("is_return"):
				self.validate_value("base_grand_total", ">=", 0)
		self.validate_all_documents_schedule()
		self.validate_party()
		self.validate_currency()
		self.validate_party_account_currency()
		self.set_total_in_words()
		self.set_default_letter_head()
		self.validate_party_address_and_contact()
		self.validate_company_linked_addresses()

	def set_missing_values(self, for_validate=False):
		if not frappe.flags.in_test:
			return
		for field in ("posting_date", "transaction_date"):
			if self.meta.get_field(field) and not self.get(field):
				self.set(field, today())
				break

	def calculate_taxes_and_totals(self):
		from erpnext.controllers.taxes_and_totals import calculate_taxes_and_totals

		calculate_taxes_and_totals(self)
		if self.doctype in ("Sales Order", "Sales Invoice"):
			self.calculate_commission()
			self.calculate_contribution()

	def init_internal_values(self):
		if not self.docstatus.is_draft():
			return
		for item in self.get("items"):
			for field in ("billed_amt", "delivered_qty"):
				if hasattr(item, field):
					item.set(field, 0)

	def validate_qty_is_not_zero(self):
		if self.flags.allow_zero_qty:
			return
		for item in self.items:
			if not flt(item.qty):
				frappe.throw(
					_("Row {0}: the quantity of {1} is zero").format(item.idx, frappe.bold(item.item_code)),
					title=_("Invalid Quantity"),
					exc=InvalidQtyError,
				)

	def set_default_letter_head(self):
		if hasattr(self, "letter_head") and not self.letter_head:
			self.letter_head = frappe.db.get_value("Company", self.company, "default_letter_head")

	def validate_company_linked_addresses(self):
		for field in ("dispatch_address_name", "company_address"):
			address = self.get(field)
			link = {"parent": address, "parenttype": "Address", "link_doctype": "Company"}
			if address and not frappe.db.exists("Dynamic Link", {**link, "link_name": self.company}):
				frappe.throw(
					_("{0} is not an address of {1}").format(
						_(self.meta.get_label(field)), frappe.bold(self.company)
					)
				)

	def validate_party_address_and_contact(self):
		party_type, party = self.get_party()
		if not (party_type and party):
			return
		self.validate_party_address(
			party, party_type, self.get("customer_address"), self.get("shipping_address_name")
		)
		self.validate_party_contact(party, party_type)

	def validate_party_address(self, party, party_type, billing_address, shipping_address=None):
		if not (billing_address or shipping_address):
			return
		theirs = _linked(party_type, party, "Address")
		if billing_address and billing_address not in theirs:
			frappe.throw(_("The billing address is not one of {0}").format(party))
		if shipping_address and shipping_address not in theirs:
			frappe.throw(_("The shipping address is not one of {0}").format(party))

	def validate_party_contact(self, party, party_type):
		contact = self.get("contact_person")
		if contact and contact not in _linked(party_type, party, "Contact"):
			frappe.throw(_("The contact person is not one of {0}").format(party))

	def get_party(self):
		return "Customer", self.get("customer")

	def validate_party(self):
		validate_party_frozen_disabled(*self.get_party())

	def validate_currency(self):
		party_type, party = self.get_party()
		if not (self.get("currency") and party):
			return
		theirs = get_party_account_currency(party_type, party, self.company)
		if theirs and theirs != self.company_currency and self.currency != theirs:
			frappe.throw(
				_("The account of {0} {1} is in {2}").format(party_type, party, theirs), InvalidCurrency
			)

	def validate_party_account_currency(self):
		from erpnext.accounts.doctype.account.account import get_account_currency

		if self.doctype != "Sales Invoice" or self.is_opening == "Yes":
			return
		currency = get_account_currency(self.debit_to)
		if currency != self.currency:
			frappe.throw(
				_("The account {0} is in {1}, the document in {2}").format(
					frappe.bold(self.debit_to), currency, self.currency
				)
			)

	def set_price_list_currency(self, buying_or_selling):
		if not self.meta.get_field("currency"):
			return
		if self.get("selling_price_list"):
			self.price_list_currency = frappe.db.get_value("Price List", self.selling_price_list, "currency")
			if self.price_list_currency == self.company_currency:
				self.plc_conversion_rate = 1.0
			elif not self.plc_conversion_rate:
				self.plc_conversion_rate = self._rate_of(self.price_list_currency)

		if not self.currency:
			self.currency, self.conversion_rate = self.price_list_currency, self.plc_conversion_rate
		elif self.currency == self.company_currency:
			self.conversion_rate = 1.0
		else:
			self.conversion_rate = self.conversion_rate or self._rate_of(self.currency)

	def _rate_of(self, currency):
		date = self.get("posting_date") or self.get("transaction_date")
		return get_exchange_rate(currency, self.company_currency, date, "for_selling")

	def set_missing_item_details(self, for_validate=False):
		if not hasattr(self, "items"):
			return
		common = {field: self.get(field) for field in self.meta.get_valid_columns()}
		common["document_type"] = f"{self.doctype} Item"
		if self.doctype == "Quotation" and self.quotation_to == "Customer" and self.party_name:
			common["customer"] = self.party_name

		for item in self.get("items"):
			if item.get("item_code"):
				self._set_item_details(item, common, for_validate)
			else:
				if bool(item.get("uom")) != bool(item.get("stock_uom")):
					item.stock_uom = item.uom = item.get("uom") or item.get("stock_uom")
				item.conversion_factor = item.get("conversion_factor") or 1

	def _set_item_details(self, item, common, for_validate):
		args = {**common, **item.as_dict()}
		args.update(doctype=self.doctype, name=self.name, child_doctype=item.doctype, child_docname=item.name)
		if not args.get("transaction_date"):
			args["transaction_date"] = args.get("posting_date")
		found = get_item_details(args, self, for_validate=for_validate, overwrite_warehouse=False)
		for field, value in found.items():
			if value is None or not item.meta.get_field(field):
				continue
			if item.get(field) is None or field in force_item_fields or field == "item_tax_rate":
				item.set(field, value)
			elif field in ("cost_center", "conversion_factor") and not item.get(field):
				item.set(field, value)
		if hasattr(item, "cost_center") and not item.get("cost_center"):
			item.cost_center = self.get("cost_center") or erpnext.get_default_cost_center(self.company)

	def set_taxes(self):
		if not self.meta.get_field("taxes"):
			return
		master = self.meta.get_field("taxes_and_charges").options
		if self.is_new() and not self.get("taxes"):
			if self.company and not self.get("taxes_and_charges"):
				default = {"is_default": 1, "company": self.company}
				self.taxes_and_charges = frappe.db.get_value(master, default)
			self.append_taxes_from_master(master)

	def set_taxes_and_charges(self):
		if not self.get("taxes") and frappe.db.get_single_value(
			"Accounts Settings", "add_taxes_from_item_tax_template"
		):
			self.append_taxes_from_item_tax_template()

	def append_taxes_from_master(self, tax_master_doctype=None):
		if self.get("taxes_and_charges"):
			master = tax_master_doctype or self.meta.get_field("taxes_and_charges").options
			self.extend("taxes", get_taxes_and_charges(master, self.get("taxes_and_charges")))

	def append_taxes_from_item_tax_template(self):
		"""A tax row for each account that the items' own tax templates name."""
		if not frappe.db.get_single_value("Accounts Settings", "add_taxes_from_item_tax_template"):
			return
		for item in self.items:
			for account in frappe.parse_json(item.get("item_tax_rate") or "{}"):
				if not self.get_tax_row(account):
					row = {"charge_type": "On Net Total", "account_head": account, "rate": 0}
					self.append("taxes", {**row, "description": account})

	def get_tax_row(self, account_head):
		return next((row for row in self.taxes if row.account_head == account_head), None)

	def set_other_charges(self):
		self.set("taxes", [])
		self.set_taxes()

	def validate_enabled_taxes_and_charges(self):
		master = self.meta.get_options("taxes_and_charges")
		if self.taxes_and_charges and frappe.get_cached_value(master, self.taxes_and_charges, "disabled"):
			frappe.throw(_("{0} {1} is disabled").format(_(master), self.taxes_and_charges))

	def validate_tax_account_company(self):
		for row in self.get("taxes"):
			if (
				row.account_head
				and frappe.get_cached_value("Account", row.account_head, "company") != self.company
			):
				frappe.throw(
					_("Row {0}: account {1} does not belong to {2}").format(
						row.idx, row.account_head, self.company
					)
				)

	def is_inclusive_tax(self):
		return any(
			cint(row.included_in_print_rate) for row in self.get("taxes")
		) and frappe.db.get_single_value("Accounts Settings", "show_inclusive_tax_in_print")

	def validate_all_documents_schedule(self):
		if self.doctype == "Sales Invoice":
			self.validate_invoice_documents_schedule()
		elif self.doctype in ("Quotation", "Sales Order"):
			self.validate_non_invoice_documents_schedule()

	def validate_invoice_documents_schedule(self):
		unscheduled = self.is_return or self.get("is_opening") == "Yes"
		if unscheduled:
			self.payment_schedule, self.payment_terms_template = [], ""
		if self.is_return:
			return
		for step in (self.validate_payment_schedule_dates, self.set_due_date, self.set_payment_schedule):
			step()
		if not self.get("ignore_default_payment_terms_template"):
			for check in (self.validate_payment_schedule_amount, self.validate_due_date):
				check()

	def validate_non_invoice_documents_schedule(self):
		self.set_payment_schedule()
		self.validate_payment_schedule_dates()
		self.validate_payment_schedule_amount()

	def validate_due_date(self):
		if self.doctype != "Sales Invoice":
			return
		if frappe.flags.in_import and getdate(self.due_date) < getdate(self.posting_date):
			self.due_date = self.posting_date
			return
		if not self.due_date:
			frappe.throw(_("The due date is missing"))
		validate_due_date(self.posting_date, self.due_date, None, self.payment_terms_template, self.doctype)

	def set_payment_schedule(self):
		"""Rows by the template of payment terms, else one row for all; their amounts follow the total."""
		if self.get("is_opening") == "Yes":
			self.payment_terms_template = ""
			return
		date = self.get("posting_date") or self.get("transaction_date")
		total = self.get("rounded_total") or self.grand_total
		base_total = self.get("base_rounded_total") or self.base_grand_total
		if not self.get("payment_schedule"):
			if self.get("payment_terms_template"):
				rows = get_payment_terms(self.payment_terms_template, date, total, base_total)
			else:
				rows = [
					{
						"due_date": self.get("due_date") or date,
						"invoice_portion": 100,
						"payment_amount": total,
						"base_payment_amount": base_total,
					}
				]
			self.extend("payment_schedule", rows)

		for row in self.get("payment_schedule"):
			if row.invoice_portion:
				share = flt(row.invoice_portion) / 100
				places = row.precision("base_payment_amount")
				row.payment_amount = flt(flt(total) * share, row.precision("payment_amount"))
				row.base_payment_amount = flt(flt(base_total) * share, places)
				row.outstanding = row.payment_amount
			else:
				row.base_payment_amount = flt(
					row.payment_amount * self.get("conversion_rate"), row.precision("base_payment_amount")
				)
			row.base_outstanding = row.base_payment_amount

	def set_due_date(self):
		dates = [row.due_date for row in self.get("payment_schedule") if row.due_date]
		if dates:
			self.due_date = max(dates)

	def validate_payment_schedule_dates(self):
		seen = set()
		for row in self.get("payment_schedule"):
			row.validate_from_to_dates("discount_date", "due_date")
			if self.doctype in ("Sales Order", "Quotation") and getdate(row.due_date) < getdate(
				self.transaction_date
			):
				frappe.throw(_("Row {0}: the payment is due before the document").format(row.idx))
			if row.due_date in seen:
				frappe.throw(_("Row {0}: another payment is due on {1}").format(row.idx, row.due_date))
			seen.add(row.due_date)

	def validate_payment_schedule_amount(self):
		if self.get("is_opening") == "Yes" or not self.get("payment_schedule"):
			return
		for field, prefix in (("payment_amount", ""), ("base_payment_amount", "base_")):
			planned = sum(flt(row.get(field), row.precision(field)) for row in self.payment_schedule)
			total = self.get(f"{prefix}rounded_total") or self.get(f"{prefix}grand_total")
			places = self.precision(f"{prefix}grand_total")
			if abs(flt(planned, places) - flt(total, places)) > 0.1:
				frappe.throw(_("The payment schedule does not make the total of the document"))

	def is_rounded_total_disabled(self):
		if self.meta.get_field("disable_rounded_total"):
			return self.disable_rounded_total
		return frappe.db.get_single_value("Global Defaults", "disable_rounded_total")

	def get_company_default(self, fieldname, ignore_validation=False):
		value = frappe.get_cached_value("Company", self.company, fieldname)
		if not value and not ignore_validation:
			frappe.throw(_("Set {0} in Company {1}").format(fieldname, self.company))
		return value

	def raise_missing_debit_credit_account_error(self, party_type, party):
		frappe.throw(
			_("There is no account for {0} {1}: set the default one of {2}").format(
				party_type, party, self.company
			),
			AccountMissingError,
		)


def _linked(party_type, party, parenttype):
	link = {"link_doctype": party_type, "link_name": party, "parenttype": parenttype}
	return frappe.get_all("Dynamic Link", link, pluck="parent")


@frappe.whitelist()
def get_tax_rate(account_head):
	return frappe.get_cached_value("Account", account_head, ["tax_rate", "account_name"], as_dict=True)


@frappe.whitelist()
def get_default_taxes_and_charges(master_doctype, tax_template=None, company=None):
	if not company:
		return {}
	if tax_template and frappe.get_cached_value(master_doctype, tax_template, "company") == company:
		return None
	default = frappe.db.get_value(master_doctype, {"is_default": 1, "company": company})
	return {"taxes_and_charges": default, "taxes": get_taxes_and_charges(master_doctype, default)}


@frappe.whitelist()
def get_taxes_and_charges(master_doctype, master_name):
	"""The rows of the template, without what belongs to the rows themselves."""
	from frappe.model import child_table_fields, default_fields

	if not master_name:
		return None
	own = {*default_fields, *child_table_fields}
	return [
		{key: value for key, value in row.as_dict().items() if key not in own}
		for row in frappe.get_doc(master_doctype, master_name).get("taxes")
	]


def validate_conversion_rate(currency, conversion_rate, conversion_rate_label, company):
	if not conversion_rate:
		frappe.throw(
			_("{0} is missing: is there a Currency Exchange from {1} to {2}?").format(
				conversion_rate_label,
				currency,
				frappe.get_cached_value("Company", company, "default_currency"),
			)
		)


def validate_taxes_and_charges(tax):
	by_row = tax.charge_type in ("On Previous Row Amount", "On Previous Row Total")
	if tax.row_id and tax.charge_type in ("Actual", "On Net Total", "On Paid Amount"):
		frappe.throw(_("Only a charge on another row may name a row"))
	if by_row and cint(tax.idx) == 1:
		frappe.throw(_("The first row has no row above it"))
	if by_row and not tax.row_id:
		frappe.throw(_("Row {0} does not say which row it is on").format(tax.idx))
	if by_row and cint(tax.row_id) >= cint(tax.idx):
		frappe.throw(_("Row {0} may be only on a row above it").format(tax.idx))
	if tax.charge_type == "Actual":
		tax.rate = None


def validate_account_head(idx, account, company, context=""):
	account_company, is_group = frappe.get_cached_value("Account", account, ["company", "is_group"])
	if account_company != company:
		frappe.throw(
			_("Row {0}: {1} account {2} does not belong to {3}").format(
				idx, context, frappe.bold(account), frappe.bold(company)
			),
			title=_("Invalid Account"),
		)
	if is_group:
		frappe.throw(
			_("Row {0}: account {1} is a group").format(idx, frappe.bold(account)),
			title=_("Invalid Account"),
		)


def validate_cost_center(tax, doc):
	if not tax.cost_center:
		return
	if frappe.get_cached_value("Cost Center", tax.cost_center, "company") != doc.company:
		frappe.throw(
			_("Row {0}: cost center {1} does not belong to {2}").format(
				tax.idx, frappe.bold(tax.cost_center), frappe.bold(doc.company)
			),
			title=_("Invalid Cost Center"),
		)


def validate_inclusive_tax(tax, doc):
	"""A tax in the rate cannot be a fixed sum, and the rows it is on must be in the rate as well."""
	if not cint(tax.get("included_in_print_rate")):
		return
	if tax.charge_type == "Actual":
		frappe.throw(_("Row {0}: a fixed sum cannot be in the rate").format(tax.idx))
	above = []
	if tax.charge_type == "On Previous Row Amount":
		above = [doc.get("taxes")[cint(tax.row_id) - 1]]
	elif tax.charge_type == "On Previous Row Total":
		above = doc.get("taxes")[: cint(tax.row_id) - 1]
	if not all(cint(row.included_in_print_rate) for row in above):
		frappe.throw(_("Row {0} is in the rate: the rows it is on must be, too").format(tax.idx))


@frappe.whitelist()
def get_payment_terms(
	terms_template, posting_date=None, grand_total=None, base_grand_total=None, bill_date=None
):
	if not terms_template:
		return None
	return [
		get_payment_term_details(term, posting_date, grand_total, base_grand_total, bill_date)
		for term in frappe.get_doc("Payment Terms Template", terms_template).get("terms")
	]


@frappe.whitelist()
def get_payment_term_details(
	term, posting_date=None, grand_total=None, base_grand_total=None, bill_date=None
):
	details = frappe._dict()
	if isinstance(term, str):
		term = frappe.get_doc("Payment Term", term)
	else:
		details.payment_term = term.payment_term
	for field in TERM_FIELDS:
		details[field] = term.get(field)
	share = flt(term.invoice_portion) / 100
	details.payment_amount = details.outstanding = flt(grand_total) * share
	details.base_payment_amount = details.base_outstanding = flt(base_grand_total) * share
	start = bill_date or posting_date
	if start:
		details.due_date = get_due_date(term, start)
		details.discount_date = get_discount_date(term, start)
	if getdate(details.due_date) < getdate(posting_date):
		details.due_date = posting_date
	return details


def get_due_date(term, posting_date=None, bill_date=None):
	return _after(
		term.due_date_based_on, bill_date or posting_date, cint(term.credit_days), cint(term.credit_months)
	)


def get_discount_date(term, posting_date=None, bill_date=None):
	count = cint(term.discount_validity)
	return _after(term.discount_validity_based_on, bill_date or posting_date, count, count)


def _after(rule, date, days, months):
	if rule == "Day(s) after invoice date":
		return add_days(date, days)
	if rule == "Day(s) after the end of the invoice month":
		return add_days(get_last_day(date), days)
	if rule == "Month(s) after the end of the invoice month":
		return get_last_day(add_months(date, months))
	return None

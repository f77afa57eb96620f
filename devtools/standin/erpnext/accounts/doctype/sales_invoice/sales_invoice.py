import frappe
from frappe import _
from frappe.utils import cint, flt, formatdate, getdate

from erpnext.accounts.doctype.account.account import get_account_currency
from erpnext.accounts.party import get_due_date, get_party_account
from erpnext.controllers.accounts_controller import validate_account_head
from erpnext.controllers.selling_controller import SellingController


class SalesInvoice(SellingController):
	def validate(self):
		self.validate_auto_set_posting_time()
		super().validate()
		self.validate_uom_is_integer("stock_uom", "stock_qty")
		self.validate_uom_is_integer("uom", "qty")
		self.validate_debit_to_acc()
		self.validate_item_cost_centers()
		self.validate_accounts()
		if not self.is_opening:
			self.is_opening = "No"
		self.set_against_income_account()
		self.set_status()

	def before_submit(self):
		self.add_remarks()

	def on_submit(self):
		"""The stand-in keeps no ledger: a submitted invoice changes its own status only."""
		self.check_prev_docstatus()

	def on_cancel(self):
		self.db_set("status", "Cancelled")

	@frappe.whitelist()
	def set_missing_values(self, for_validate=False):
		customer, company = self.customer, self.company
		if not self.debit_to:
			self.debit_to = get_party_account("Customer", customer, company)
			self.party_account_currency = get_account_currency(self.debit_to)
		if customer and not self.due_date:
			terms = self.payment_terms_template
			self.due_date = get_due_date(
				self.posting_date, "Customer", customer, company, template_name=terms
			)
		super().set_missing_values(for_validate)

	def validate_auto_set_posting_time(self):
		if self.is_new() and self.amended_from:
			self.set_posting_time = 1
		self.validate_posting_time()

	def validate_debit_to_acc(self):
		"""What the customer owes stands on an account of receivables."""
		self.debit_to = self.debit_to or get_party_account("Customer", self.customer, self.company)
		if not self.debit_to:
			self.raise_missing_debit_credit_account_error("Customer", self.customer)
		kind, report, currency = frappe.get_cached_value(
			"Account", self.debit_to, ["account_type", "report_type", "account_currency"]
		)
		if report != "Balance Sheet":
			frappe.throw(_("{0} is not an account of the balance sheet").format(frappe.bold(self.debit_to)))
		if self.customer and kind != "Receivable":
			frappe.throw(_("{0} is not an account of receivables").format(frappe.bold(self.debit_to)))
		self.party_account_currency = currency

	def validate_item_cost_centers(self):
		for row in self.items:
			if frappe.get_cached_value("Cost Center", row.cost_center, "company") != self.company:
				frappe.throw(
					_("Row {0}: cost center {1} does not belong to {2}").format(
						row.idx, row.cost_center, self.company
					)
				)

	def validate_accounts(self):
		self.validate_income_account()

	def validate_income_account(self):
		for row in self.get("items"):
			validate_account_head(row.idx, row.income_account, self.company, "Income")

	def set_against_income_account(self):
		accounts = dict.fromkeys(row.income_account for row in self.get("items") if row.income_account)
		self.against_income_account = ",".join(accounts)

	def add_remarks(self):
		if self.remarks:
			return
		if not self.po_no:
			self.remarks = _("No Remarks")
			return
		self.remarks = _("Against Customer Order {0}").format(self.po_no)
		if self.po_date:
			self.remarks += " " + _("dated {0}").format(formatdate(self.po_date))

	def check_prev_docstatus(self):
		for row in self.get("items"):
			order = row.get("sales_order")
			if order and frappe.db.get_value("Sales Order", order, "docstatus", cache=True) != 1:
				frappe.throw(_("Sales Order {0} is not submitted").format(order))

	def set_status(self, update=False, status=None, update_modified=True):
		if self.is_new():
			if self.get("amended_from"):
				self.status = "Draft"
			return
		if not status:
			self.status = self._status()
		if update:
			self.db_set("status", self.status, update_modified=update_modified)

	def _status(self):
		if self.docstatus.is_cancelled():
			return self.status
		if self.docstatus.is_draft():
			return "Draft"
		outstanding = flt(self.outstanding_amount, self.precision("outstanding_amount"))
		total = get_total_in_party_account_currency(self)
		if is_overdue(self, total):
			return "Overdue"
		if 0 < outstanding < total:
			return "Partly Paid"
		if outstanding > 0 and getdate(self.due_date) >= getdate():
			return "Unpaid"
		if cint(self.is_return):
			return "Return"
		return "Paid" if outstanding <= 0 else "Submitted"


def get_total_in_party_account_currency(doc):
	field = "grand_total" if doc.disable_rounded_total else "rounded_total"
	if doc.party_account_currency != doc.currency:
		field = f"base_{field}"
	return flt(doc.get(field), doc.precision(field))


def is_overdue(doc, total):
	"""Whether less was paid than the schedule asks for up to yesterday."""
	places = doc.precision("outstanding_amount")
	outstanding = flt(doc.outstanding_amount, places)
	if outstanding <= 0:
		return None
	if not doc.get("payment_schedule"):
		return getdate(doc.due_date) < getdate()
	field = "base_payment_amount" if doc.party_account_currency != doc.currency else "payment_amount"
	asked = sum(row.get(field) for row in doc.payment_schedule if getdate(row.due_date) < getdate())
	return flt(total - outstanding, places) < flt(asked, places)

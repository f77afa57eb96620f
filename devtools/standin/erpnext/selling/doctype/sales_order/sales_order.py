import frappe
from frappe import _
from frappe.utils import flt, getdate

from erpnext.controllers.selling_controller import SellingController


class SalesOrder(SellingController):
	def validate(self):
		super().validate()
		self.validate_delivery_date()
		self.validate_uom_is_integer("stock_uom", "stock_qty")
		self.validate_uom_is_integer("uom", "qty")
		self.validate_for_items()
		self.validate_warehouse()
		self.set_status()
		if not self.billing_status:
			self.billing_status = "Not Billed"
		if not self.delivery_status:
			self.delivery_status = "Not Delivered"

	def validate_delivery_date(self):
		"""The order is delivered on the last day of its rows; rows without a day take the order's."""
		if self.order_type != "Sales" or self.skip_delivery_note:
			return
		days = [row.delivery_date for row in self.get("items") if row.delivery_date]
		if days and (not self.delivery_date or getdate(self.delivery_date) != getdate(max(days))):
			self.delivery_date = max(days)
		if not self.delivery_date:
			frappe.throw(_("The delivery date is missing"))
		for row in self.get("items"):
			if not row.delivery_date:
				row.delivery_date = self.delivery_date
			if getdate(self.transaction_date) > getdate(row.delivery_date):
				frappe.throw(
					_("Row {0} is delivered before it is ordered").format(row.idx),
					title=_("Invalid Delivery Date"),
				)

	def validate_for_items(self):
		for row in self.get("items"):
			row.transaction_date = self.transaction_date

	def validate_warehouse(self):
		for row in self.get("items"):
			if not row.warehouse and frappe.get_cached_value("Item", row.item_code, "is_stock_item"):
				frappe.throw(_("{0} is kept in stock: name its warehouse").format(row.item_code))

	def on_submit(self):
		self.update_prevdoc_status("submit")

	def on_cancel(self):
		if self.status == "Closed":
			frappe.throw(_("Open the order again before it is cancelled"))
		self.update_prevdoc_status("cancel")
		self.db_set("status", "Cancelled")

	def update_prevdoc_status(self, flag=None):
		"""Count what was ordered of the quotation's rows, and move the quotation and its deal."""
		for row in self.get("items"):
			if row.quotation_item:
				rows = {"quotation_item": row.quotation_item, "docstatus": 1}
				ordered = sum(frappe.get_all("Sales Order Item", rows, pluck="stock_qty"))
				factor = frappe.db.get_value("Quotation Item", row.quotation_item, "conversion_factor")
				frappe.db.set_value(
					"Quotation Item", row.quotation_item, "ordered_qty", flt(ordered) / (factor or 1)
				)
		for name in {row.prevdoc_docname for row in self.get("items")} - {None, ""}:
			quotation = frappe.get_doc("Quotation", name)
			if quotation.docstatus.is_cancelled():
				frappe.throw(_("Quotation {0} is cancelled").format(name))
			quotation.set_status(update=True)
			quotation.update_opportunity("Converted" if flag == "submit" else "Quotation")

import frappe
from frappe import _
from frappe.utils import cint, flt, get_time, now_datetime

from erpnext.controllers.status_updater import StatusUpdater


class UOMMustBeIntegerError(frappe.ValidationError):
	pass


class TransactionBase(StatusUpdater):
	def validate_posting_time(self):
		"""Now, unless the user (or an import) has said when."""
		if self.posting_date and frappe.flags.in_import:
			self.set_posting_time = 1
		if not self.get("set_posting_time"):
			self.posting_date, self.posting_time = now_datetime().strftime("%Y-%m-%d %H:%M:%S.%f").split()
			return
		try:
			get_time(self.posting_time or "0:00")
		except ValueError:
			frappe.throw(_("Invalid Posting Time"))

	def validate_uom_is_integer(self, uom_field, qty_fields, child_dt=None):
		validate_uom_is_integer(self, uom_field, qty_fields, child_dt)


def validate_uom_is_integer(doc, uom_field, qty_fields, child_dt=None):
	"""Refuse a fraction of a unit that is only counted whole."""
	rows = doc.get_all_children(parenttype=child_dt)
	used = {row.get(uom_field) for row in rows} - {None, ""}
	if not used:
		return
	whole = set(
		frappe.get_all("UOM", filters={"name": ("in", list(used)), "must_be_whole_number": 1}, pluck="name")
	)
	fields = [qty_fields] if isinstance(qty_fields, str) else qty_fields
	for row in rows:
		if row.get(uom_field) not in whole:
			continue
		for field in fields:
			qty = flt(row.get(field), row.precision(field))
			if qty and abs(cint(row.get(field)) - qty) > 1e-7:
				frappe.throw(
					_("Row {0}: {1} is not a whole number of {2}").format(row.idx, qty, row.get(uom_field)),
					UOMMustBeIntegerError,
				)

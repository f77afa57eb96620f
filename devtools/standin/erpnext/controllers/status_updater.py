import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import comma_or, getdate, nowdate

# For each DocType the ladder of statuses, lowest first: the highest whose rule holds is the status.
# A rule is an expression over the document ("eval:"), a method of it, or None (always).
status_map = {
	"Lead": [
		["Lost Quotation", "has_lost_quotation"],
		["Opportunity", "has_opportunity"],
		["Quotation", "has_quotation"],
		["Converted", "has_customer"],
	],
	"Opportunity": [
		["Lost", "eval:self.status=='Lost'"],
		["Lost", "has_lost_quotation"],
		["Quotation", "has_active_quotation"],
		["Converted", "has_ordered_quotation"],
		["Closed", "eval:self.status=='Closed'"],
	],
	"Quotation": [
		["Draft", None],
		["Open", "eval:self.docstatus==1"],
		["Lost", "eval:self.status=='Lost'"],
		["Partially Ordered", "is_partially_ordered"],
		["Ordered", "is_fully_ordered"],
		["Cancelled", "eval:self.docstatus==2"],
	],
	"Sales Order": [
		["Draft", None],
		[
			"To Deliver and Bill",
			"eval:self.per_delivered < 100 and self.per_billed < 100 and self.docstatus == 1",
		],
		[
			"To Bill",
			"eval:(self.per_delivered >= 100 or self.skip_delivery_note) and self.per_billed < 100 and self.docstatus == 1",
		],
		[
			"To Deliver",
			"eval:self.per_delivered < 100 and self.per_billed >= 100 and self.docstatus == 1 and not self.skip_delivery_note",
		],
		[
			"Completed",
			"eval:(self.per_delivered >= 100 or self.skip_delivery_note) and self.per_billed >= 100 and self.docstatus == 1",
		],
		["Cancelled", "eval:self.docstatus==2"],
		["Closed", "eval:self.status=='Closed' and self.docstatus != 2"],
		["On Hold", "eval:self.status=='On Hold'"],
	],
}

# Moves that leave no line in the timeline.
SILENT = ("Cancelled", "Partially Ordered", "Ordered", "Issued", "Transferred")


class OverAllowanceError(frappe.ValidationError):
	pass


def validate_status(status, options):
	if status not in options:
		frappe.throw(_("Status must be one of {0}").format(comma_or(options)))


class StatusUpdater(Document):
	def set_status(self, update=False, status=None, update_modified=True):
		if self.is_new():
			if self.get("amended_from"):
				self.status = "Draft"
			return
		if self.doctype not in status_map:
			return

		before = self.status
		if status and update:
			self.db_set("status", status)
		self.status = self._highest_status()

		if self.status != before and self.status not in SILENT:
			self.add_comment("Label", _(self.status))
		if update:
			self.db_set("status", self.status, update_modified=update_modified)

	def _highest_status(self):
		for status, rule in reversed(status_map[self.doctype]):
			if self._rule_holds(rule):
				return status
		return self.status

	def _rule_holds(self, rule):
		if not rule:
			return True
		if not rule.startswith("eval:"):
			return bool(getattr(self, rule)())
		names = {"getdate": getdate, "nowdate": nowdate, "get_value": frappe.db.get_value}
		return frappe.safe_eval(rule[len("eval:") :], None, {"self": self.as_dict(), **names})

import frappe
from frappe import _
from frappe.utils.nestedset import NestedSet


class CostCenter(NestedSet):
	nsm_parent_field = "parent_cost_center"

	def autoname(self):
		from erpnext.accounts.utils import get_autoname_with_number

		self.name = get_autoname_with_number(self.cost_center_number, self.cost_center_name, self.company)

	def validate(self):
		self.validate_mandatory()
		self.validate_parent_cost_center()

	def validate_mandatory(self):
		is_root = self.cost_center_name == self.company
		if not is_root and not self.parent_cost_center:
			frappe.throw(_("A cost center needs a parent"))
		if is_root and self.parent_cost_center:
			frappe.throw(_("The root cost center has no parent"))

	def validate_parent_cost_center(self):
		parent = self.parent_cost_center
		if parent and not frappe.db.get_value("Cost Center", parent, "is_group"):
			frappe.throw(_("{0} is not a group").format(frappe.bold(parent)))


def on_doctype_update():
	frappe.db.add_index("Cost Center", ["lft", "rgt"])

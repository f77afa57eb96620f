import frappe
from frappe.utils.nestedset import NestedSet, get_root_of


class Department(NestedSet):
	nsm_parent_field = "parent_department"

	def autoname(self):
		self.name = self.department_name
		if self.company:
			self.name = get_abbreviated_name(self.department_name, self.company)

	def validate(self):
		if not self.parent_department:
			root = get_root_of("Department")
			if root:
				self.parent_department = root

	def before_rename(self, old, new, merge=False):
		if frappe.get_cached_value("Company", self.company, "abbr") not in new:
			new = get_abbreviated_name(new, self.company)
		return new

	def on_update(self):
		if not (frappe.local.flags.ignore_update_nsm or frappe.flags.in_setup_wizard):
			super().on_update()


def get_abbreviated_name(name, company):
	return f"{name} - {frappe.get_cached_value('Company', company, 'abbr')}"


def on_doctype_update():
	frappe.db.add_index("Department", ["lft", "rgt"])

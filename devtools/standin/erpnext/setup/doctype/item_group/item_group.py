import frappe
from frappe import _
from frappe.utils.nestedset import NestedSet


class ItemGroup(NestedSet):
	def validate(self):
		root = _("All Item Groups")
		if not self.parent_item_group and not frappe.flags.in_test and frappe.db.exists("Item Group", root):
			self.parent_item_group = root

	def on_update(self):
		super().on_update()
		self.validate_one_root()

	def on_trash(self):
		super().on_trash(allow_root_deletion=True)


def get_item_group_defaults(item, company):
	"""The row of the item's group for the company, as a dict."""
	group = frappe.get_cached_doc("Item Group", frappe.get_cached_value("Item", item, "item_group"))
	for row in group.item_group_defaults or []:
		if row.company == company:
			values = row.as_dict()
			values.pop("name")
			return values
	return frappe._dict()

from frappe.utils.nestedset import NestedSet

from rule24_crm.parties import managers


class AccountManager(NestedSet):
	"""A person who works with clients. Named by the user, so that it can be joined to any owner field."""

	nsm_parent_field = "reports_to"

	def validate(self):
		managers.validate(self)

	def on_update(self):
		super().on_update()
		managers.mark_groups(self)

	def on_trash(self):
		super().on_trash(allow_root_deletion=True)

	def after_delete(self):
		if self.reports_to:
			managers.mark_groups(self)

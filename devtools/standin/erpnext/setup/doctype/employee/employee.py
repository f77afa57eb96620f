import frappe
from frappe import _
from frappe.model.naming import set_name_by_naming_series
from frappe.utils import getdate, today
from frappe.utils.nestedset import NestedSet, update_nsm


class Employee(NestedSet):
	nsm_parent_field = "reports_to"

	def autoname(self):
		set_name_by_naming_series(self)
		self.employee = self.name

	def validate(self):
		self.employee = self.name
		self.set_employee_name()
		self.validate_date()
		self.validate_reports_to()
		self.set_preferred_email()
		if self.user_id:
			self.validate_duplicate_user_id()

	def on_update(self):
		self.update_nsm_model()
		frappe.clear_cache()
		if self.user_id:
			self.update_user()
		self.reset_employee_emails_cache()

	def update_nsm_model(self):
		update_nsm(self)

	def after_rename(self, old, new, merge):
		self.db_set("employee", new)

	def set_employee_name(self):
		parts = (self.first_name, self.middle_name, self.last_name)
		self.employee_name = " ".join(part for part in parts if part)

	def validate_date(self):
		if self.date_of_birth and getdate(self.date_of_birth) > getdate(today()):
			frappe.throw(_("The date of birth is in the future"))
		self.validate_from_to_dates("date_of_birth", "date_of_joining")
		self.validate_from_to_dates("date_of_joining", "relieving_date")

	def validate_reports_to(self):
		if self.reports_to == self.name:
			frappe.throw(_("An employee cannot report to himself"))

	def set_preferred_email(self):
		field = frappe.scrub(self.prefered_contact_email or "")
		if field:
			self.prefered_email = self.get(field)

	def validate_duplicate_user_id(self):
		other = frappe.db.get_value(
			"Employee", {"user_id": self.user_id, "status": "Active", "name": ("!=", self.name)}
		)
		if other:
			frappe.throw(
				_("User {0} is already that of employee {1}").format(self.user_id, other),
				frappe.DuplicateEntryError,
			)

	def update_user(self):
		user = frappe.get_doc("User", self.user_id)
		if "Employee" not in [row.role for row in user.roles]:
			user.flags.ignore_permissions = True
			user.append_roles("Employee")
			user.save()

	def reset_employee_emails_cache(self):
		before = self.get_doc_before_save() or frappe._dict()
		if self.get("cell_number") != before.get("cell_number"):
			for number in (self.get("cell_number"), before.get("cell_number")):
				frappe.cache().hdel("employees_with_number", number)

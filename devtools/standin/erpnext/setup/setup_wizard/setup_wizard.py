import frappe
from frappe import _

from erpnext.setup.setup_wizard.operations import install_fixtures as fixtures


def get_setup_stages(args=None):
	if frappe.db.count("Company"):
		return [_stage(_("Wrapping up"), _("Failed to login"), fin, args)]
	return [
		_stage(_("Installing presets"), _("Failed to install presets"), stage_fixtures, args),
		_stage(_("Setting up company"), _("Failed to setup company"), setup_company, args),
		_stage(_("Setting defaults"), _("Failed to set defaults"), setup_defaults, args),
		_stage(_("Wrapping up"), _("Failed to login"), fin, args),
	]


def _stage(status, failure, fn, args):
	task = {"fn": fn, "args": args, "fail_msg": failure}
	return {"status": status, "fail_msg": failure, "tasks": [task]}


def stage_fixtures(args):
	fixtures.install(args.get("country"))


def setup_company(args):
	fixtures.install_company(args)


def setup_defaults(args):
	fixtures.install_defaults(frappe._dict(args))


def fin(args):
	frappe.local.message_log = []
	login_as_first_user(args)


def login_as_first_user(args):
	if args.get("email") and hasattr(frappe.local, "login_manager"):
		frappe.local.login_manager.login_as(args.get("email"))


def setup_complete(args=None):
	"""All the stages at once, for programs: `args` as the wizard's page sends them."""
	stage_fixtures(args)
	setup_company(args)
	setup_defaults(args)
	fin(args)

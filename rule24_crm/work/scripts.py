"""What to say in a conversation: the Call Script of a work, with the client's names filled in."""

import frappe
from frappe import _
from jinja2 import TemplateError
from jinja2.sandbox import SandboxedEnvironment


def text_for(work) -> str:
	"""The script of `work` as HTML.

	:param work: a Work document; the text may name `party_name`, `contact`, `campaign` and `manager`.
	:return: an empty string when the work has no script. A text with an error in it is shown as it stands, with a remark.
	"""
	if not work.script:
		return ""
	text = frappe.get_cached_value("Call Script", work.script, "text") or ""
	try:
		# not Frappe's templates, which read the whole database: only system managers may write those
		return (
			SandboxedEnvironment()
			.from_string(text)
			.render(
				{
					"party_name": frappe.utils.escape_html(work.party_name or ""),
					"contact": frappe.utils.escape_html(_contact(work)),
					"campaign": frappe.utils.escape_html(work.campaign or ""),
					"manager": frappe.utils.escape_html(frappe.utils.get_fullname(work.assigned_to)),
				},
			)
		)
	except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError):
		remark = _("This script has an error in its placeholders. Tell the administrator.")
		return f'<p class="text-danger">{remark}</p>{text}'


def _contact(work) -> str:
	if not work.contact:
		return ""
	names = frappe.db.get_value("Contact", work.contact, ["first_name", "last_name"]) or ()
	return " ".join(name for name in names if name)

"""Endpoints of works. Typed, permission first, one call into `rule24_crm.work`."""

import frappe
from frappe import _
from frappe.utils import get_datetime

from rule24_crm.api.arguments import parsed
from rule24_crm.compat import require_permission
from rule24_crm.exceptions import WorkTimeError
from rule24_crm.parties import access, managers
from rule24_crm.parties.kinds import check_kind
from rule24_crm.work import (
	basis,
	closing,
	next_action,
	options,
	scripts,
	selection,
	timeline,
	tree,
	without_next,
)
from rule24_crm.work import calendar as works_calendar
from rule24_crm.work import today as day


@frappe.whitelist(methods=["POST"])
def close(
	work: str,
	result: str,
	note: str | None = None,
	next_work: dict | str | None = None,
	stop_reason: str | None = None,
) -> dict:
	"""Close a work; see `rule24_crm.work.closing.close`."""
	frappe.get_doc("Work", work).check_permission("write")
	return closing.close(work, result, note=note, next_work=_next_work(next_work), stop_reason=stop_reason)


@frappe.whitelist(methods=["POST"])
def cancel(work: str, stop_reason: str | None = None) -> dict:
	"""Cancel a work; see `rule24_crm.work.closing.cancel`."""
	frappe.get_doc("Work", work).check_permission("write")
	return closing.cancel(work, stop_reason=stop_reason)


def _next_work(next_work: dict | str | None) -> dict | str | None:
	"""A form sends the values of a new work as JSON text; a name stays a name."""
	if isinstance(next_work, str) and next_work.lstrip().startswith("{"):
		return parsed(next_work, dict, label=_("Next Work"))
	return next_work


@frappe.whitelist()
def propose_next(work: str, result: str) -> dict | None:
	"""The next work that the matrix proposes for this Result; see `rule24_crm.work.next_action.propose`."""
	doc = frappe.get_doc("Work", work)
	doc.check_permission("read")
	return next_action.propose(doc, result)


@frappe.whitelist()
def closing_options(work: str) -> dict:
	"""All a form needs to close a work: Results, what each proposes, and whether something is planned already."""
	doc = frappe.get_doc("Work", work)
	doc.check_permission("read")
	return options.options(doc)


@frappe.whitelist(methods=["POST"])
def create_from(work: str) -> dict:
	"""A new, unsaved Work on the basis of this one, as field values for a form."""
	doc = frappe.get_doc("Work", work)
	doc.check_permission("read")
	require_permission("Work", "create")
	return basis.create_from(doc).as_dict()


@frappe.whitelist(methods=["POST"])
def create_bulk(
	doctype: str,
	values: dict | str,
	names: list | str | None = None,
	filters: dict | list | str | None = None,
) -> dict:
	"""Create one work for each selected record; see `rule24_crm.work.selection.create_works`."""
	require_permission("Work", "create")
	return selection.create_works(
		doctype,
		parsed(values, dict, label=_("Values")) or {},
		names=parsed(names, list, label=_("Selection")),
		filters=parsed(filters, dict, list, label=_("Filters")),
	)


@frappe.whitelist()
def of_party(party_type: str, party: str, limit: int = 20) -> dict:
	"""Planned and past works of a client, for the tab of its form; see `rule24_crm.work.timeline.of_party`."""
	frappe.get_doc(check_kind(party_type), party).check_permission("read")
	return timeline.of_party(party_type, party, limit=limit)


@frappe.whitelist()
def of_record(doctype: str, name: str, limit: int = 20) -> dict:
	"""Planned and past works of a Contact, a deal or a client; see `rule24_crm.work.timeline.of_record`."""
	timeline.check_doctype(doctype)
	frappe.get_doc(doctype, name).check_permission("read")
	return timeline.of_record(doctype, name, limit=limit)


@frappe.whitelist()
def rollup(work: str) -> dict:
	"""Sums over the parts of a work; see `rule24_crm.work.tree.rollup`."""
	frappe.get_doc("Work", work).check_permission("read")
	return tree.rollup(work)


@frappe.whitelist()
def clients_without_next(mine: bool = True, party_type: str | None = None, limit: int = 200) -> list[dict]:
	"""Live clients without a next work; see `rule24_crm.work.without_next.clients`. Heads may see everybody's."""
	return without_next.clients(
		user=_whose(mine), party_type=party_type and check_kind(party_type), limit=limit
	)


@frappe.whitelist()
def count_without_next(filters: dict | list | str | None = None) -> dict:
	"""The number card: a manager's own clients, a head's all."""
	require_permission("Work", "read")
	return {
		"value": without_next.count(user=_whose(False)),
		"fieldtype": "Int",
		"route": ["query-report", "Clients Without Next Work"],
	}


def _whose(mine: bool) -> str | None:
	require_permission("Work", "read")
	return frappe.session.user if mine else managers.whose()


@frappe.whitelist()
def today(user: str | None = None) -> list[dict]:
	"""Overdue works and those of today; see `rule24_crm.work.today.mine`. Heads may look at somebody else's day."""
	require_permission("Work", "read")
	if user and user != frappe.session.user:
		if not managers.is_head():
			frappe.throw(_("Only heads see the day of somebody else."), frappe.PermissionError)
		if not access.sees_user(user):
			frappe.throw(_("{0} is not in your team.").format(frappe.bold(user)), frappe.PermissionError)
	return day.mine(user)


@frappe.whitelist()
def script_text(work: str) -> str:
	"""What to say, for the form of a work; see `rule24_crm.work.scripts.text_for`."""
	doc = frappe.get_doc("Work", work)
	doc.check_permission("read")
	return scripts.text_for(doc)


@frappe.whitelist()
def get_events(
	start: str,
	end: str,
	filters: list | dict | str | None = None,
	doctype: str | None = None,
	fields: list | str | None = None,
	field_map: dict | str | None = None,
) -> list[dict]:
	"""Works for the calendar; see `rule24_crm.work.calendar.events`. The last three are what Frappe's calendar sends along."""
	require_permission("Work", "read")
	return works_calendar.events(
		_moment(start, _("Start")), _moment(end, _("End")), parsed(filters, list, dict, label=_("Filters"))
	)


@frappe.whitelist(methods=["POST"])
def reschedule(work: str, start: str, end: str | None = None, all_day: bool = False) -> dict:
	"""Move a work in the calendar; see `rule24_crm.work.calendar.reschedule`."""
	doc = frappe.get_doc("Work", work)
	doc.check_permission("write")
	return works_calendar.reschedule(
		doc, _moment(start, _("Start")), end and _moment(end, _("End")), all_day=all_day
	)


def _moment(value: str, label: str):
	""":raises WorkTimeError: the text is neither a day nor a moment."""
	try:
		moment = get_datetime(value)
	except (ValueError, TypeError, OverflowError):
		moment = None
	if moment is None:
		frappe.throw(_("{0}: {1} is not a date.").format(label, frappe.bold(str(value)[:40])), WorkTimeError)
	return moment.replace(tzinfo=None)

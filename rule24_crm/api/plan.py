"""Endpoints of the work plan. A plan hands works over from one manager to another, so it is the head's."""

import frappe

from rule24_crm.api.arguments import parsed
from rule24_crm.parties.managers import is_head
from rule24_crm.work.planning import service


def _check(campaign: str | None):
	# frappe.only_for does nothing under test on 15, so the roles are looked at here
	if not is_head():
		frappe.throw(
			frappe._("Only a head of sales or a CRM administrator plans works."), frappe.PermissionError
		)
	frappe.has_permission("Work", "write", throw=True)
	if campaign:
		frappe.get_doc("Work Campaign", campaign).check_permission("write")


def _request(campaign, names, filters, managers, start, end, keep_managers):
	return service.request_from(
		campaign,
		parsed(names, list),
		parsed(filters),
		parsed(managers, list),
		start,
		end,
		keep_managers,
	)


@frappe.whitelist(methods=["POST"])
def preview(
	campaign: str | None = None,
	names: list | str | None = None,
	filters: dict | list | str | None = None,
	managers: list | str | None = None,
	start: str | None = None,
	end: str | None = None,
	keep_managers: bool = False,
) -> dict:
	"""The plan as it would be; writes nothing. See `service.preview`."""
	_check(campaign)
	return service.preview(_request(campaign, names, filters, managers, start, end, keep_managers))


@frappe.whitelist(methods=["POST"])
def commit(
	token: str,
	campaign: str | None = None,
	names: list | str | None = None,
	filters: dict | list | str | None = None,
	managers: list | str | None = None,
	start: str | None = None,
	end: str | None = None,
	keep_managers: bool = False,
) -> dict:
	"""Write the plan that `preview` has shown. See `service.commit`."""
	_check(campaign)
	return service.commit(_request(campaign, names, filters, managers, start, end, keep_managers), token)


@frappe.whitelist(methods=["POST"])
def replan(
	campaign: str | None = None,
	names: list | str | None = None,
	filters: dict | list | str | None = None,
	managers: list | str | None = None,
	start: str | None = None,
	end: str | None = None,
	keep_managers: bool = False,
) -> dict:
	"""Plan anew and write in one step. See `service.replan`."""
	_check(campaign)
	return service.replan(_request(campaign, names, filters, managers, start, end, keep_managers))

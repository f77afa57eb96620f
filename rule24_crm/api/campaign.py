"""Endpoints of campaigns. Typed, permission first, one call into `rule24_crm.work.campaigns`."""

import frappe

from rule24_crm.api.arguments import parsed
from rule24_crm.work.campaigns import jobs, letters, members, works
from rule24_crm.work.campaigns import ladder as ladders


def _campaign(campaign: str, permission: str = "write"):
	doc = frappe.get_doc("Work Campaign", campaign)
	doc.check_permission(permission)
	return doc


@frappe.whitelist(methods=["POST"])
def add_members(
	campaign: str, party_type: str, names: list | str | None = None, filters: dict | list | str | None = None
) -> dict:
	"""Put clients on the list, by name or by a filter of their list; see `members.add_selected`."""
	_campaign(campaign).check_open()
	return members.add_selected(campaign, party_type, names=parsed(names, list), filters=parsed(filters))


@frappe.whitelist(methods=["POST"])
def remove_members(campaign: str, names: list | str) -> dict:
	"""Take members off the list; see `members.remove`."""
	_campaign(campaign).check_open()
	return {"removed": members.remove(campaign, parsed(names, list) or [])}


@frappe.whitelist(methods=["POST"])
def import_members(campaign: str, file_url: str) -> dict:
	"""Make members of a CSV file that has been uploaded; see `jobs.import_members`."""
	_campaign(campaign).check_open()
	return jobs.import_members(campaign, file_url)


@frappe.whitelist(methods=["POST"])
def send_letters(campaign: str) -> dict:
	"""Send the campaign's letter to whoever has not had it; see `jobs.send_letters`."""
	_campaign(campaign)
	return jobs.send_letters(campaign)


@frappe.whitelist()
def preview_letter(campaign: str, member: str | None = None) -> dict:
	"""The letter as one member will get it; see `letters.preview`."""
	_campaign(campaign)
	return letters.preview(campaign, member)


@frappe.whitelist(methods=["POST"])
def create_works(campaign: str) -> dict:
	"""Make the first work for every member who has had none; see `works.create_works`."""
	_campaign(campaign)
	frappe.has_permission("Work", "create", throw=True)
	return works.create_works(campaign)


@frappe.whitelist()
def ladder(campaign: str) -> dict:
	"""Steps of the campaign with planned, plus, minus and conversion; see `ladder.ladder`."""
	_campaign(campaign, "read")
	return ladders.ladder(campaign)

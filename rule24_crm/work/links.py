"""Works follow their client: through conversion, merge and a change of name."""

import frappe

from rule24_crm.parties import next_work
from rule24_crm.parties.kinds import check_kind, titles
from rule24_crm.work.campaigns import members

#: up to so many works are forgotten one by one
FEW = 200


def move(
	from_type: str, from_name: str, to_type: str, to_name: str, *, opportunity: str | None = None
) -> int:
	"""Re-point every work, closed or open, from one record of a client to another.

	:param opportunity: also give it to the open works that have no deal yet. A Customer may have several deals side by
		side: one that is opened with it is not that of another campaign's works.
	:return: how many works now belong to the new record because of this call.
	"""
	works = frappe.get_all(  # the works follow their client, whoever may see them
		"Work", filters={"party_type": check_kind(from_type), "party": from_name}, pluck="name", order_by=None
	)
	campaign = None
	if opportunity and from_type == "Customer" and (from_type, from_name) == (to_type, to_name):
		campaign = frappe.db.get_value("Opportunity", opportunity, "rule24_work_campaign") or ""
	if works:
		_move_works(from_type, from_name, to_type, to_name, opportunity, campaign)
	members.move(from_type, from_name, to_type, to_name, opportunity, campaign)
	if works:
		_clear_works_cache(works)
		next_work.refresh([(from_type, from_name), (to_type, to_name)])
	return len(works)


def _move_works(
	from_type: str, from_name: str, to_type: str, to_name: str, opportunity: str | None, campaign: str | None
) -> None:
	work = frappe.qb.DocType("Work")
	if opportunity:
		query = (
			frappe.qb.update(work)
			.set(work.opportunity, opportunity)
			.where(
				(work.party_type == from_type)
				& (work.party == from_name)
				& work.status.isin(next_work.OPEN)
				& ((work.opportunity.isnull()) | (work.opportunity == ""))
			)
		)
		if campaign is not None:
			query = query.where(work.campaign.isnull() | work.campaign.isin(("", campaign)))
		query.run()
	if (from_type, from_name) != (check_kind(to_type), to_name):
		title = titles(to_type, [to_name]).get(to_name, to_name)
		frappe.qb.update(work).set(work.party_type, to_type).set(work.party, to_name).set(
			work.party_name, title
		).where((work.party_type == from_type) & (work.party == from_name)).run()


def rename_party(party_type: str, party: str) -> None:
	"""Bring the client's title in its works up to date, after it was renamed, merged or corrected."""
	title = titles(party_type, [party]).get(party)
	if not title:
		return
	work = frappe.qb.DocType("Work")
	frappe.qb.update(work).set(work.party_name, title).where(
		(work.party_type == party_type) & (work.party == party) & (work.party_name != title)
	).run()
	members.rename_party(party_type, party)
	_clear_works_cache()


def _clear_works_cache(works: list[str] | None = None) -> None:
	"""Forget cached works: these few, or all. Forgetting all drops what is cached of the DocType as well: some 20 ms."""
	if works is None or len(works) > FEW:
		frappe.clear_cache(doctype="Work")
		return
	for name in works:
		frappe.clear_document_cache("Work", name)

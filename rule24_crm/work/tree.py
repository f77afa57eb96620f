"""A Work made of works: the head's "organise the seminar" sums up the calls, letters and meetings below it."""

import frappe
from frappe.query_builder.functions import Count, Sum
from frappe.utils import nowdate
from pypika.terms import Case

from rule24_crm.parties.next_work import OPEN
from rule24_crm.work.rules import LONGEST_CHAIN


def rollup(work: str) -> dict[str, int]:
	"""Sums over all works below `work`, at any depth.

	:return: `{"total", "open", "overdue", "closed", "plus", "minus", "cancelled"}`.
	"""
	sums = dict.fromkeys(("total", "open", "overdue", "closed", "plus", "minus", "cancelled"), 0)
	parents = [work]
	for _level in range(LONGEST_CHAIN):
		row = _sums(parents)
		if not row["total"]:
			break
		for key in sums:
			sums[key] += int(row[key] or 0)
		parents = _parents_below(parents)
		if not parents:
			break
	return sums


def _sums(parents: list[str]) -> dict:
	child = frappe.qb.DocType("Work")

	def count(condition):
		return Sum(Case().when(condition, 1).else_(0))

	return (
		frappe.qb.from_(child)
		.select(
			Count("*").as_("total"),
			count(child.status.isin(OPEN)).as_("open"),
			count(child.status.isin(OPEN) & (child.planned_on < nowdate())).as_("overdue"),
			count(child.status == "Closed").as_("closed"),
			count((child.status == "Closed") & (child.sign == "Plus")).as_("plus"),
			count((child.status == "Closed") & (child.sign == "Minus")).as_("minus"),
			count(child.status == "Cancelled").as_("cancelled"),
		)
		.where(child.parent_work.isin(parents))
		.run(as_dict=True)[0]
	)


def _parents_below(parents: list[str]) -> list[str]:
	"""Those children that have children themselves."""
	child, grandchild = frappe.qb.DocType("Work"), frappe.qb.DocType("Work").as_("grandchild")
	return (
		frappe.qb.from_(child)
		.join(grandchild)
		.on(grandchild.parent_work == child.name)
		.select(child.name)
		.distinct()
		.where(child.parent_work.isin(parents))
		.run(pluck=True)
	)

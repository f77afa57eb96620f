"""Closing a Work with successor and effect, against the stock calls it stands for.

Stock is Frappe's `Document` itself on the same table, without our controller: `save()` of the closed work and `insert()` of
the next one. The effect (a Lead is marked as interested) is paid by our side alone.
"""

import frappe
from frappe.model.document import Document
from frappe.utils import now_datetime, nowdate

from benchmarks.harness import Ratio, Side, paired
from rule24_crm.tests import factories as make
from rule24_crm.work import closing

COUNT = 40


def measure() -> list[Ratio]:
	"""See the module."""
	make.make_result("Interested")
	action = make.make_action(
		[
			{
				"result": "Interested",
				"sign": "Plus",
				"next_action": "Call",
				"next_in_days": 2,
				"effect": "Create Lead",
			}
		]
	).name
	leads = [make.make_lead() for _number in range(COUNT)]
	works = [make.make_work(lead, action=action).name for lead in leads]
	frappe.db.savepoint("bench")

	def undo():
		frappe.db.rollback(save_point="bench")
		frappe.clear_cache(doctype="Work")

	def ours():
		for name in works:
			closing.close(name, "Interested", note="Wants to come")

	def stock():
		for name in works:
			work = Document("Work", name)
			work.update(
				{
					"status": "Closed",
					"result": "Interested",
					"sign": "Plus",
					"result_note": "Wants to come",
					"closed_on": now_datetime(),
					"closed_by": "Administrator",
				}
			)
			work.save()
			following = {
				f: work.get(f) for f in ("party_type", "party", "party_name", "assigned_to", "priority")
			}
			Document(
				{
					"doctype": "Work",
					"action": "Call",
					"subject": "Call",
					"planned_on": nowdate(),
					"based_on": name,
					"all_day": 1,
				}
				| {"status": "Planned"}
				| following
			).insert()

	taken = paired(Side(ours, undo=undo, units=COUNT), Side(stock, undo=undo, units=COUNT))
	return [
		Ratio(
			"close a work with successor and effect: against stock save() + insert()",
			taken.ratio,
			1.6,
			False,
			"x",
			f"ours {taken.ours * 1000:.1f} ms, stock {taken.other * 1000:.1f} ms, processor time {taken.processor_ratio:.2f} x",
		)
	]

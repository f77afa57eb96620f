"""A manager's "today and overdue" over 200,000 works of 50 managers, against the bare SQL with its index."""

import frappe
from frappe.utils import add_days, nowdate

from benchmarks.harness import Ratio, Side, interleaved
from rule24_crm.tests import factories as make
from rule24_crm.work import bulk, today

COUNT, MANAGERS, TURNS = 200_000, 50, 20


def measure() -> list[Ratio]:
	"""See the module."""
	users = [make.make_user().name for _number in range(MANAGERS)]
	prospects = [make.make_prospect().name for _number in range(500)]
	for start in range(0, COUNT, 20_000):
		bulk.create_works(
			[
				{
					"action": "Call",
					"party_type": "Prospect",
					"party": prospects[number % len(prospects)],
					"assigned_to": users[number % MANAGERS],
					# one in forty is overdue or for today; the rest lies ahead, as in a planned campaign
					"planned_on": add_days(nowdate(), (number // MANAGERS) % 120 - 3),
				}
				for number in range(start, start + 20_000)
			]
		)
	frappe.db.sql("analyze table `tabWork`")
	user = users[0]
	frappe.set_user(user)
	columns = ",".join(f"`{column}`" for column in ("name", *today.FIELDS))
	statement = (
		f"select {columns} from `tabWork` where assigned_to=%s and status in ('Planned','In Progress') and planned_on<=%s "
		"order by planned_on, starts_at limit 200"
	)

	def ours():
		for _turn in range(TURNS):
			today.mine()

	def bare():
		for _turn in range(TURNS):
			frappe.db.sql(statement, (user, nowdate()), as_dict=True)

	found = len(today.mine())
	times = interleaved({"ours": Side(ours, units=TURNS), "bare SQL": Side(bare, units=TURNS)}, rounds=9)
	frappe.set_user("Administrator")
	detail = (
		", ".join(f"{name} {seconds * 1000:.2f} ms" for name, seconds in times.items()) + f", {found} rows"
	)
	return [
		Ratio(
			"today and overdue over 200,000 works: against bare SQL",
			times["ours"] / times["bare SQL"],
			1.5,
			False,
			"x",
			detail,
		)
	]

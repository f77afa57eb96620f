"""Creating 10,000 works at once, against `insert()` of the same rows and against `executemany` of the same columns.

`insert()` takes minutes for 10,000 rows, so each of its turns inserts 300 of the same rows and is compared per row.
"""

import frappe
from frappe.utils import add_days, nowdate

from benchmarks.harness import Ratio, Side, interleaved
from rule24_crm.tests import factories as make
from rule24_crm.work import bulk

COUNT, SAMPLE, CLIENTS = 10_000, 300, 500


def rows() -> list[dict]:
	"""Calls with 500 prospects over 60 days."""
	prospects = [make.make_prospect().name for _number in range(CLIENTS)]
	return [
		{
			"action": "Call",
			"party_type": "Prospect",
			"party": prospects[number % CLIENTS],
			"planned_on": add_days(nowdate(), number % 60),
			"assigned_to": "Administrator",
		}
		for number in range(COUNT)
	]


def measure() -> list[Ratio]:
	"""See the module."""
	given = rows()
	frappe.db.savepoint("bench")

	def undo():
		frappe.db.rollback(save_point="bench")
		frappe.cache.delete_value("global_search_queue")

	def stock():
		for row in given[:SAMPLE]:
			frappe.get_doc({"doctype": "Work", **row}).insert()

	bulk.create_works(given)
	columns = frappe.db.get_table_columns("Work")
	block = frappe.db.sql(
		f"select {','.join(f'`{c}`' for c in columns)} from `tabWork` order by name desc limit {COUNT}"
	)
	undo()
	statement = f"insert into `tabWork` ({','.join(f'`{c}`' for c in columns)}) values ({','.join(['%s'] * len(columns))})"
	cursor = frappe.db._conn.cursor()
	times = interleaved(
		{
			"ours": Side(lambda: bulk.create_works(given), undo=undo, units=COUNT),
			"stock": Side(stock, undo=undo, units=SAMPLE),
			"raw": Side(lambda: cursor.executemany(statement, block), undo=undo, units=COUNT),
		},
		rounds=5,
	)
	rate = {name: 1 / seconds for name, seconds in times.items()}
	detail = ", ".join(f"{name} {value:,.0f}/s" for name, value in rate.items())
	return [
		Ratio(
			"create 10,000 works: against stock insert()", rate["ours"] / rate["stock"], 50, True, "x", detail
		),
		Ratio(
			"create 10,000 works: against raw executemany",
			100 * rate["ours"] / rate["raw"],
			55,
			True,
			"%",
			detail,
		),
	]

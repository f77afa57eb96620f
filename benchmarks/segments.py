"""A market segment for 20,000 customers, against Frappe's own bulk edit and against one bare UPDATE of the same column.

Ours writes rows of segments, primary segment, Version rows and the book of changes, forgets cached documents and tells live
lists and forms, committing after every chunk as its job does. Bulk edit saves each document; it takes minutes for 20,000,
so each of its turns edits 100 and is compared per record.
"""

import itertools

import frappe
from frappe.desk.doctype.bulk_update.bulk_update import _bulk_action
from frappe.utils import now

from benchmarks.harness import Ratio, Side, interleaved
from rule24_crm.parties.segments import assigning, changes
from rule24_crm.tests import factories as make

COUNT, SAMPLE = 20_000, 100


def customers() -> list[str]:
	"""Clients without segments: copies of one that was saved, which would take a quarter of an hour."""
	first = make.make_customer()
	columns = [column for column in frappe.db.get_table_columns("Customer") if column != "name"]
	quoted = ",".join(f"`{column}`" for column in columns)
	names = [f"{first.name}-{number:06d}" for number in range(COUNT)]
	for start in range(0, COUNT, 2000):
		chunk = names[start : start + 2000]
		frappe.db.sql(
			f"insert into `tabCustomer` (`name`,{quoted}) select n.name,{quoted} from `tabCustomer` c join ("
			+ " union all ".join(["select %s as name"] * len(chunk))
			+ ") n where c.name = %s",
			[*chunk, first.name],
		)
	frappe.db.commit()
	return names


def measure() -> list[Ratio]:
	"""See the module."""
	names = customers()
	segments = itertools.cycle([make.make_segment() for _number in range(3)])
	frappe.db.commit()
	last: dict = {}

	def ours():
		last.update(assigning.assign("Customer", [next(segments)], names=names, commit=frappe.db.commit))
		frappe.db.commit()

	def undo():
		assert last["changed"] == COUNT, last
		changes.undo(last["change"], commit=frappe.db.commit)
		frappe.db.commit()

	def stock():
		failed = _bulk_action("Customer", names[:SAMPLE], "update", {"market_segment": next(segments)})
		assert not failed, failed

	def clean():
		for name in names[:SAMPLE]:
			frappe.db.delete("Party Segment", {"parenttype": "Customer", "parent": name})
			frappe.db.set_value("Customer", name, "market_segment", None)
		frappe.db.commit()

	def raw():
		table = frappe.qb.DocType("Customer")
		frappe.qb.update(table).set(table.market_segment, next(segments)).set(table.modified, now()).where(
			table.name.isin(names)
		).run()

	times = interleaved(
		{
			"ours": Side(ours, undo=undo, units=COUNT),
			"bulk edit": Side(stock, undo=clean, units=SAMPLE),
			"one UPDATE": Side(raw, undo=frappe.db.rollback, units=COUNT),
		},
		rounds=3,
	)
	rate = {name: 1 / seconds for name, seconds in times.items()}
	detail = ", ".join(f"{name} {value:,.0f}/s" for name, value in rate.items())
	return [
		Ratio(
			"a segment for 20,000 customers: against stock bulk edit",
			rate["ours"] / rate["bulk edit"],
			150,
			True,
			"x",
			detail,
		),
		Ratio(
			"a segment for 20,000 customers, with history and the rest: against one bare UPDATE",
			100 * rate["ours"] / rate["one UPDATE"],
			5,
			True,
			"%",
			detail,
		),
	]

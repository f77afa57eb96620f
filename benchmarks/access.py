"""Lists of twenty under the predicate of who sees what, against the same lists without it.

200,000 works and 50,000 clients of 50 managers in 20 segments; a manager owns one client in fifty and works two segments.
"""

import frappe
from frappe.utils import add_days, add_to_date, now_datetime, nowdate

from benchmarks.harness import Ratio, Side, interleaved
from rule24_crm.tests import factories as make
from rule24_crm.work import bulk

WORKS, CLIENTS, MANAGERS, SEGMENTS, TURNS = 200_000, 50_000, 50, 20, 10
SETTINGS = "Rule24 CRM Settings"
COLUMNS = (
	"name", "subject", "status", "sign", "result", "planned_on", "party_type", "party", "party_name", "assigned_to",
	"starts_at", "ends_at", "all_day", "action",
)  # fmt: skip


def measure() -> list[Ratio]:
	"""See the module."""
	frappe.flags.in_import = True  # Frappe lets nobody make so many users in a minute
	users = [make.make_user().name for _number in range(MANAGERS)]
	frappe.flags.in_import = False
	segments = [make.make_segment() for _number in range(SEGMENTS)]
	for number, user in enumerate(users):
		make.make_account_manager(user, [segments[number % SEGMENTS], segments[(number + 7) % SEGMENTS]])
	clients = _clients(users, segments)
	_works(users, clients)
	for table in ("Work", "Customer", "Party Segment"):
		frappe.db.sql_ddl(f"analyze table `tab{table}`")  # commits; the site is thrown away
	mine = {"assigned_to": users[0], "status": ("in", ("Planned", "In Progress"))}
	lists = {
		"own open works, as the list opens": ("Work", dict(filters=mine, order_by="planned_on asc")),
		"all works by last change": ("Work", dict(order_by="`tabWork`.modified desc")),
		"clients by last change": (
			"Customer",
			dict(fields=["name", "customer_name"], order_by="`tabCustomer`.modified desc"),
		),
	}
	frappe.set_user(users[0])
	ratios = [ratio for title, given in lists.items() for ratio in _compare(title, *given)]
	frappe.set_user("Administrator")
	_set("Off")
	return ratios


def _compare(title: str, doctype: str, arguments: dict) -> list[Ratio]:
	def ask():
		for _turn in range(TURNS):
			frappe.get_list(doctype, **{"fields": list(COLUMNS), "limit": 20, **arguments})

	sides = {
		mode: Side(ask, prepare=lambda mode=mode: _set(mode), units=TURNS)
		for mode in ("Off", "By Responsible", "By Segment")
	}
	times = interleaved(sides, rounds=9)
	detail = ", ".join(f"{name} {seconds * 1000:.2f} ms" for name, seconds in times.items())
	return [
		Ratio(f"20 of {title}, {mode}: against Off", times[mode] / times["Off"], 1.5, False, "x", detail)
		for mode in ("By Responsible", "By Segment")
	]


def _set(mode: str) -> None:
	frappe.db.set_single_value(SETTINGS, "access", mode)
	frappe.clear_document_cache(SETTINGS, SETTINGS)


def _clients(users: list[str], segments: list[str]) -> list[str]:
	names = [f"Bench {number}" for number in range(CLIENTS)]
	now = now_datetime()
	frappe.db.bulk_insert(
		"Customer",
		["name", "customer_name", "account_manager", "owner", "creation", "modified"],
		[
			(name, name, users[number * 31 % MANAGERS], "Administrator", now, _moment(now, number))
			for number, name in enumerate(names)
		],
	)
	frappe.db.bulk_insert(
		"Party Segment",
		["name", "parent", "parenttype", "parentfield", "segment"],
		[
			(f"bench{number}", name, "Customer", "segments", segments[number * 17 // MANAGERS % SEGMENTS])
			for number, name in enumerate(names)
		],
	)
	return names


def _works(users: list[str], clients: list[str]) -> None:
	now = now_datetime()
	for start in range(0, WORKS, 20_000):
		created = bulk.create_works(
			[
				{
					"action": "Call",
					"party_type": "Customer",
					"party": clients[number * 13 % CLIENTS],
					"assigned_to": users[number * 11 % MANAGERS],
					"planned_on": add_days(nowdate(), number % 120 - 3),
				}
				for number in range(start, start + 20_000)
			]
		)
		work = frappe.qb.DocType("Work")
		for number in range(0, len(created), 1000):  # changed in another order than they were made
			frappe.qb.update(work).set(work.modified, _moment(now, start + number)).where(
				work.name.isin(created[number : number + 1000])
			).run()


def _moment(now, number: int):
	return add_to_date(now, seconds=-(number * 7919 % 1_000_003))

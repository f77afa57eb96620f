"""Lists of twenty under the predicate of who sees what, against the same lists without it, as the Desk asks for them.

200,000 works and 50,000 clients of 50 managers in 20 segments; a manager owns one client in fifty and works two segments.
Every client has a contact and an address, every fifth of them belongs to a second client too, every thousandth to none.
"""

import json
import random
from concurrent.futures import ThreadPoolExecutor

import frappe
from frappe.utils import add_days, add_to_date, now_datetime, nowdate

from benchmarks.harness import Ratio, Side, interleaved
from rule24_crm.tests import factories as make
from rule24_crm.work import bulk

WORKS, CLIENTS, MANAGERS, SEGMENTS, TURNS = 200_000, 50_000, 50, 20, 10
SETTINGS = "Rule24 CRM Settings"
MODES = ("Off", "By Responsible", "By Segment")
COLUMNS = (
	"name", "subject", "status", "sign", "result", "planned_on", "party_type", "party", "party_name", "assigned_to",
	"starts_at", "ends_at", "all_day", "action",
)  # fmt: skip
#: as the list of works asks, see `work_list.js`
BY_THE_CLOCK = ", ".join(f"`tabWork`.`{field}` asc" for field in ("planned_on", "starts_at", "name"))
#: what the Desk's lists of contacts and addresses show
CONTACT_COLUMNS = (
	"name", "owner", "creation", "modified", "docstatus", "full_name", "status", "email_id", "phone", "mobile_no",
	"company_name", "image", "user",
)  # fmt: skip
ADDRESS_COLUMNS = (
	"name", "owner", "creation", "modified", "docstatus", "address_title", "address_type", "address_line1", "city",
	"country",
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
	_contacts(clients)
	_addresses(clients)
	for table in ("Work", "Customer", "Party Segment", "Contact", "Address", "Dynamic Link"):
		# as after months: no traces of how the rows came, and statistics. Commits; the site is thrown away
		frappe.db.sql_ddl(f"alter table `tab{table}` force")
		frappe.db.sql_ddl(f"analyze table `tab{table}`")
	mine = {"assigned_to": users[0], "status": ("in", ("Planned", "In Progress"))}
	lists = {
		"own open works, as the list opens": ("Work", dict(filters=mine, order_by=BY_THE_CLOCK)),
		"all works by last change": ("Work", dict(order_by="`tabWork`.modified desc")),
		"clients by last change": (
			"Customer",
			dict(fields=["name", "customer_name"], order_by="`tabCustomer`.modified desc"),
		),
		"contacts by last change": (
			"Contact",
			dict(fields=list(CONTACT_COLUMNS), order_by="`tabContact`.modified desc"),
		),
		"addresses by last change": (
			"Address",
			dict(fields=list(ADDRESS_COLUMNS), order_by="`tabAddress`.modified desc"),
		),
	}
	frappe.set_user(users[0])
	bare = {title: _times(lambda given=given: _get_list(*given)) for title, given in lists.items()}
	with _Desk(users[0]) as desk:
		asked = {title: _times(lambda given=given: desk.get_list(*given)) for title, given in lists.items()}
	frappe.set_user("Administrator")
	_set("Off")
	return [
		Ratio(
			f"20 of {title}, as the Desk asks for them, {mode}: against Off",
			asked[title][mode] / asked[title]["Off"],
			1.5,
			False,
			"x",
			f"request {_told(asked[title])}; get_list() alone {_told(bare[title])}",
		)
		for title in lists
		for mode in MODES[1:]
	]


def _times(ask) -> dict[str, float]:
	"""Seconds for one list in each mode."""

	def some():
		for _turn in range(TURNS):
			ask()

	sides = {mode: Side(some, prepare=lambda mode=mode: _set(mode), units=TURNS) for mode in MODES}
	return interleaved(sides, rounds=9)


def _told(times: dict[str, float]) -> str:
	return ", ".join(f"{mode} {seconds * 1000:.2f} ms" for mode, seconds in times.items())


def _get_list(doctype: str, arguments: dict) -> None:
	frappe.get_list(doctype, **{"fields": list(COLUMNS), "limit": 20, **arguments})


class _Desk:
	"""Requests of a logged-in user to the list's endpoint, through the whole of Frappe's WSGI application.

	They run in a thread of their own: a request takes Frappe's connection with it when it ends.
	"""

	ENDPOINT = "/api/method/frappe.desk.reportview.get"

	def __init__(self, user: str):
		from frappe.utils.password import update_password

		self.site, self.user, self.password = frappe.local.site, user, frappe.generate_hash()
		update_password(user, self.password)
		frappe.db.commit()  # the requests have connections of their own; the site is thrown away

	def __enter__(self) -> "_Desk":
		from frappe.app import application
		from werkzeug.test import Client

		self.thread = ThreadPoolExecutor(1)
		self.client = Client(application)
		self._send("POST", "/api/method/login", {"usr": self.user, "pwd": self.password})
		return self

	def __exit__(self, *_error) -> None:
		self.thread.shutdown()

	def get_list(self, doctype: str, arguments: dict) -> None:
		filters = arguments.get("filters") or {}
		given = {
			"doctype": doctype,
			"fields": json.dumps([f"`tab{doctype}`.`{field}`" for field in arguments.get("fields", COLUMNS)]),
			"filters": json.dumps(
				[
					[doctype, field, *(value if isinstance(value, tuple) else ("=", value))]
					for field, value in filters.items()
				]
			),
			"order_by": arguments["order_by"],
			"start": 0,
			"page_length": 20,
			"view": "List",
			"with_comment_count": 1,
		}
		rows = self._send("GET", self.ENDPOINT, given)["message"]["values"]
		assert len(rows) == 20, f"{len(rows)} rows"

	def _send(self, method: str, path: str, arguments: dict) -> dict:
		place = "data" if method == "POST" else "query_string"
		answer = self.thread.submit(
			self.client.open,
			path,
			method=method,
			headers={"X-Frappe-Site-Name": self.site, "Accept": "application/json"},
			**{place: arguments},
		).result()
		assert answer.status_code == 200, answer.get_data(as_text=True)[-2000:]
		return answer.json


def _set(mode: str) -> None:
	frappe.db.set_single_value(SETTINGS, "access", mode)
	frappe.clear_document_cache(SETTINGS, SETTINGS)
	frappe.db.commit()


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


def _contacts(clients: list[str]) -> None:
	now = now_datetime()
	frappe.db.bulk_insert(
		"Contact",
		["name", "first_name", "full_name", "email_id", "owner", "creation", "modified"],
		[
			(
				f"Person {number}-{name}",
				name,
				name,
				f"bench{number}@example.com",
				"Administrator",
				now,
				_moment(now, number * 7),
			)
			for number, name in enumerate(clients)
		],
	)
	_links("Contact", [f"Person {number}-{name}" for number, name in enumerate(clients)], clients)


def _addresses(clients: list[str]) -> None:
	now = now_datetime()
	frappe.db.bulk_insert(
		"Address",
		["name", "address_title", "address_type", "address_line1", "city", "owner", "creation", "modified"],
		[
			(
				f"{name}-Billing",
				name,
				"Billing",
				"Street 1",
				"Town",
				"Administrator",
				now,
				_moment(now, number * 11),
			)
			for number, name in enumerate(clients)
		],
	)
	_links("Address", [f"{name}-Billing" for name in clients], clients)


def _links(doctype: str, records: list[str], clients: list[str]) -> None:
	"""To the client, from every fifth to another one too; from every thousandth to our own company."""
	company, chance, links = frappe.db.get_value("Company", {}), random.Random(24), []
	for number, (record, client) in enumerate(zip(records, clients, strict=True)):
		if number % 1000 == 999:
			links.append((record, "Company", company))
			continue
		links.append((record, "Customer", client))
		if number % 5 == 0:
			links.append((record, "Customer", chance.choice(clients)))
	frappe.db.bulk_insert(
		"Dynamic Link",
		["name", "parent", "parenttype", "parentfield", "link_doctype", "link_name"],
		[(frappe.generate_hash(length=10), parent, doctype, "links", *target) for parent, *target in links],
	)


def _moment(now, number: int):
	return add_to_date(now, seconds=-(number * 7919 % 1_000_003))

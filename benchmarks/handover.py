"""A manager leaves: 20,000 records go to two others in one handover, against bare UPDATEs of the same rows.

The handover finds the records, deals the clients out, and leaves histories, a log to undo by and clean caches; the UPDATEs
only set the owner where the handover has set it.
"""

import time

import frappe

from benchmarks.harness import Ratio
from rule24_crm.compat import new_names
from rule24_crm.parties.handover import service
from rule24_crm.tests import factories as make
from rule24_crm.work import bulk

CLIENTS, DEALS, WORKS, TODOS = 5_000, 1_000, 12_000, 2_000
ROUNDS = 3
OWNERS = {
	"Prospect": "prospect_owner",
	"Opportunity": "opportunity_owner",
	"Work": "assigned_to",
	"ToDo": "allocated_to",
}


def measure() -> list[Ratio]:
	"""See the module."""
	leaver, *receivers = (make.make_account_manager().name for _n in range(3))
	_fill(leaver)
	frappe.db.savepoint("handover")
	times: dict[str, list[float]] = {"handover": [], "undo": [], "updates": [], "busy": []}
	for number in range(ROUNDS + 1):
		draft = make.make_handover(leaver, receivers)
		started = time.process_time()
		_time(times["handover"], lambda name=draft.name: service.execute(name))
		times["busy"].append(time.process_time() - started)
		owners = {doctype: _owners(doctype, field, receivers) for doctype, field in OWNERS.items()}
		_time(times["undo"], lambda name=draft.name: service.undo(name))
		_time(times["updates"], lambda owners=owners: _update(owners))
		frappe.db.rollback(save_point="handover")
		if not number:
			moved = sum(len(names) for users in owners.values() for names in users.values())
			for each in times.values():
				each.clear()  # the first round warms up
	busy = sorted(times.pop("busy"))[ROUNDS // 2]
	middle = {name: sorted(each)[len(each) // 2] for name, each in times.items()}
	detail = f"{middle['handover']:.2f} s against {middle['updates']:.2f} s of UPDATEs"
	return [
		Ratio(
			f"hand over {moved:,} records",
			middle["handover"],
			10.0,
			False,
			"s",
			f"wall clock, histories and log included; {busy:.1f} s of it are Python",
		),
		Ratio("the same in UPDATEs alone", middle["handover"] / middle["updates"], 15.0, False, "x", detail),
		Ratio(f"undo {moved:,} records", middle["undo"], 10.0, False, "s", "wall clock"),
	]


def _time(into: list[float], job) -> None:
	start = time.perf_counter()
	job()
	into.append(time.perf_counter() - start)


def _fill(leaver: str) -> None:
	clients = _insert("Prospect", CLIENTS, lambda n: {"company_name": f"Bench {n}", "prospect_owner": leaver})
	deals = _insert(
		"Opportunity",
		DEALS,
		lambda n: {
			"opportunity_from": "Prospect",
			"party_name": clients[n],
			"status": "Open",
			"opportunity_owner": leaver,
			"title": f"Deal {n}",
		},
	)
	_insert(
		"ToDo",
		TODOS,
		lambda n: {
			"description": f"Bench {n}",
			"status": "Open",
			"allocated_to": leaver,
			"reference_type": "Opportunity",
			"reference_name": deals[n % DEALS],
		},
	)
	bulk.create_works(
		[
			{"action": "Call", "party_type": "Prospect", "party": clients[n % CLIENTS], "assigned_to": leaver}
			for n in range(WORKS)
		]
	)


def _insert(doctype: str, count: int, values) -> list[str]:
	"""Bare rows: what is measured is handing them over."""
	rows = [values(number) for number in range(count)]
	if doctype == "ToDo":
		names = new_names(doctype, count)
	else:
		names = [f"BENCH-{doctype}-{number:06d}" for number in range(count)]
	stamp = frappe.utils.now()
	frappe.db.bulk_insert(
		doctype,
		("name", "creation", "modified", "owner", "modified_by", *rows[0]),
		[
			(name, stamp, stamp, "Administrator", "Administrator", *row.values())
			for name, row in zip(names, rows, strict=True)
		],
	)
	return names


def _owners(doctype: str, field: str, receivers: list[str]) -> dict[str, list[str]]:
	return {user: frappe.get_all(doctype, {field: user}, pluck="name", limit=0) for user in receivers}


def _update(owners: dict) -> None:
	for doctype, users in owners.items():
		table = frappe.qb.DocType(doctype)
		for user, names in users.items():
			for start in range(0, len(names), 2_000):
				frappe.qb.update(table).set(table[OWNERS[doctype]], user).where(
					table.name.isin(names[start : start + 2_000])
				).run()

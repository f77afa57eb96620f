"""The work plan: 10,000 calls over 50 managers and 60 working days, loading included, in seconds of processor time."""

import time

import frappe
from frappe.utils import add_days, getdate, nowdate

from benchmarks.harness import Ratio, Side, interleaved
from rule24_crm.tests import factories as make
from rule24_crm.work import bulk
from rule24_crm.work.planning import service

COUNT, MANAGERS, CLIENTS, ROUNDS = 10_000, 50, 500, 5
ZONES = ("", "", "", "Asia/Yekaterinburg", "Asia/Novosibirsk", "Asia/Vladivostok", "Europe/Kaliningrad")


def measure() -> list[Ratio]:
	"""See the module. Clients live in five time zones, and a third of them have hours of their own."""
	users = [make.make_user().name for _number in range(MANAGERS)]
	clients = []
	for number in range(CLIENTS):
		values = {"rule24_timezone": ZONES[number % len(ZONES)]}
		if number % 3 == 0:
			values.update(rule24_call_from="10:00:00", rule24_call_to="17:00:00")
		clients.append(make.make_prospect(**values).name)
	names = bulk.create_works(
		[
			{
				"action": "Call",
				"party_type": "Prospect",
				"party": clients[number % CLIENTS],
				"assigned_to": users[number * number % MANAGERS],
			}
			for number in range(COUNT)
		]
	)
	start = add_days(nowdate(), 7 - getdate().weekday())
	request = service.request_from(
		names=names,
		managers=[{"user": user, "capacity_per_day": 10} for user in users],
		start=start,
		end=add_days(start, 83),  # twelve weeks: sixty working days
	)
	shown = {}

	def preview():
		shown.update(service.preview(request))

	def commit():
		shown["written"] = service.commit(request, shown["token"])

	frappe.db.savepoint("planning")
	times = interleaved(
		{
			"preview": Side(preview),
			"commit": Side(commit, undo=lambda: frappe.db.rollback(save_point="planning")),
		},
		rounds=ROUNDS,
		clock=time.process_time,
	)
	shares = [manager["planned"] for manager in shown["managers"]]
	return [
		Ratio(
			f"{title} {COUNT:,} works over {MANAGERS} managers and 60 days",
			times[side],
			3.0,
			False,
			"s",
			f"{detail}, processor time",
		)
		for side, title, detail in (
			("preview", "plan", f"{shown['planned']:,} fit, {min(shares)} to {max(shares)} each"),
			("commit", "check again and write", f"{shown['written']['moved']:,} moved, history included"),
		)
	]

"""Market segments: rows and primary in step, many at once exactly as one by one, and back again."""

import json
import threading
import time
from contextlib import contextmanager
from unittest.mock import patch

import frappe

from rule24_crm.exceptions import SegmentError
from rule24_crm.parties import segments
from rule24_crm.parties.importing import locks
from rule24_crm.parties.segments import changes as book
from rule24_crm.parties.segments import jobs
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.tests.concurrency import at_once

TRACKED = ("Customer", "Lead", "Prospect", "Contact")
MAKE = {
	"Customer": make.make_customer,
	"Lead": make.make_lead,
	"Prospect": make.make_prospect,
	"Contact": make.make_contact,
}


class SegmentCase(CRMTestCase):
	def setUp(self):
		super().setUp()
		self.a, self.b, self.c, self.d = (make.make_segment() for _n in range(4))

	def rows(self, doc) -> list[str]:
		return frappe.get_all(
			"Party Segment",
			{"parenttype": doc.doctype, "parent": doc.name},
			pluck="segment",
			order_by="idx",
		)

	def state(self, doc) -> tuple:
		return frappe.db.get_value(doc.doctype, doc.name, "market_segment"), self.rows(doc)


class TestInStep(SegmentCase):
	def test_the_stock_field_becomes_the_first_row(self):
		for kind in ("Customer", "Lead", "Prospect"):
			doc = MAKE[kind](market_segment=self.a)
			self.assertEqual(self.state(doc), (self.a, [self.a]), kind)
			doc.reload()
			doc.market_segment = self.b
			doc.save()
			self.assertEqual(self.state(doc), (self.b, [self.b, self.a]))
			doc.reload()
			doc.market_segment = None
			doc.save()
			self.assertEqual(self.state(doc), (self.a, [self.a]))

	def test_the_first_row_becomes_the_primary_one(self):
		doc = make.make_lead(segments=[{"segment": self.a}, {"segment": self.b}, {"segment": self.a}])
		self.assertEqual(self.state(doc), (self.a, [self.a, self.b]))
		doc.reload()
		doc.set("segments", [{"segment": self.c}])
		doc.save()
		self.assertEqual(self.state(doc), (self.c, [self.c]))
		doc.reload()
		doc.set("segments", [])
		doc.save()
		self.assertEqual(self.state(doc), (None, []))

	def test_a_client_from_before_keeps_its_segment(self):
		doc = make.make_customer()
		doc.db_set("market_segment", self.a)
		doc.reload()
		doc.append("segments", {"segment": self.b})
		doc.save()
		self.assertEqual(self.state(doc), (self.a, [self.a, self.b]))

	def test_clients_from_before_get_their_row(self):
		doc, other = make.make_customer(), make.make_lead(market_segment=self.b)
		doc.db_set("market_segment", self.a)
		segments.rows.adopt()
		segments.rows.adopt()
		self.assertEqual(self.state(doc), (self.a, [self.a]))
		self.assertEqual(self.state(other), (self.b, [self.b]))

	def test_a_contact_has_rows_only(self):
		doc = make.make_contact(segments=[{"segment": self.a}, {"segment": self.a}])
		self.assertEqual(self.rows(doc), [self.a])

	def test_segments_go_along(self):
		prospect = make.make_prospect(segments=[{"segment": self.a}, {"segment": self.b}])
		lead = frappe.new_doc("Lead")
		segments.carry(prospect, lead)
		self.assertEqual(segments.of(lead), [self.a, self.b])
		lead.market_segment = self.c
		segments.carry(prospect, lead)
		self.assertEqual(set(segments.of(lead)), {self.a, self.b, self.c})
		deal = frappe.new_doc("Opportunity")
		segments.carry(prospect, deal)
		self.assertEqual(deal.market_segment, self.a)
		self.assertEqual(make.make_work(prospect).segment, self.a)


class TestManyAtOnce(SegmentCase):
	"""Twins: one is changed by `save()`, the other one by `assign`; all that is stored must be the same."""

	def twins(self, kind: str) -> list[tuple]:
		"""Records in every state a base can have, two of each."""
		states = (
			lambda: MAKE[kind](),
			lambda: MAKE[kind](segments=[{"segment": self.a}]),
			lambda: MAKE[kind](segments=[{"segment": self.b}, {"segment": self.a}, {"segment": self.c}]),
			lambda: MAKE[kind](segments=[{"segment": self.a}, {"segment": self.b}, {"segment": self.d}]),
			self.older(kind, self.a),
			self.older(kind, self.d),
			self.older(kind, self.d, self.a),
		)
		twins = [(state(), state()) for state in states]
		for pair in twins[1::2]:  # somebody else's: new rows are, too
			for doc in pair:
				doc.db_set("owner", "Guest", update_modified=False)
		return twins

	def older(self, kind: str, primary: str, *rows: str):
		"""A record whose primary segment is not among its rows."""

		def make_one():
			doc = MAKE[kind](segments=[{"segment": each} for each in rows])
			if doc.meta.has_field("market_segment"):
				doc.db_set("market_segment", primary)
			return doc

		return make_one

	def stored(self, doc, with_row_names: dict) -> dict:
		"""All columns of the record and its rows, without what differs between any two records."""
		own = frappe.db.get_value(
			doc.doctype,
			doc.name,
			["market_segment"] if doc.meta.has_field("market_segment") else ["name"],
			as_dict=True,
		)
		if "name" in own:
			own = {}
		full = frappe.get_all(doc.doctype, {"name": doc.name}, ["modified_by", "idx", "docstatus", "owner"])[
			0
		]
		rows = frappe.get_all(
			"Party Segment", {"parent": doc.name, "parenttype": doc.doctype}, ["*"], order_by="idx"
		)
		modified = frappe.db.get_value(doc.doctype, doc.name, "modified")
		for row in rows:
			row.kept = with_row_names.get(row.name)  # rows that stay are the same ones
			row.at_the_same_moment = row.modified == modified
			row.is_as_old = row.creation == frappe.db.get_value(doc.doctype, doc.name, "creation")
			for key in ("name", "parent", "creation", "modified"):
				del row[key]
		return {**own, **full, "rows": rows}

	def versions(self, doc, row_names: dict) -> list:
		found = []
		for data in frappe.get_all(
			"Version", {"docname": doc.name, "ref_doctype": doc.doctype}, pluck="data"
		):
			data = json.loads(data)
			for key in ("added", "removed"):
				for _field, row in data[key]:
					for name in ("creation", "modified"):
						self.assertRegex(str(row.pop(name)), r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$")
					self.assertEqual(row.pop("parent"), doc.name)
					name = row.pop("name")
					self.assertTrue(name)
					row["kept"] = row_names.get(name)
			# ERPNext's own first save may fill other fields, too
			data["changed"] = [change for change in data["changed"] if change[0] == "market_segment"]
			found.append(data)
		return found

	def row_names(self, doc) -> dict:
		return {
			row.name: row.idx
			for row in frappe.get_all("Party Segment", {"parent": doc.name}, ["name", "idx"])
		}

	def compare(self, kind: str, given: list[str], remove: bool):
		frappe.db.delete("Version", {"ref_doctype": kind})
		twins = self.twins(kind)
		names = [(self.row_names(slow), self.row_names(fast)) for slow, fast in twins]
		before = [frappe.db.get_value(kind, fast.name, "modified") for _slow, fast in twins]
		had = [{*self.rows(fast), self.state_of(fast)[0]} for _slow, fast in twins]
		for slow, _fast in twins:
			doc = frappe.get_doc(kind, slow.name)
			segments.change_one(doc, given, remove)
			doc.save(ignore_version=False)
		result = segments.assign(kind, given, names=[fast.name for _slow, fast in twins], remove=remove)
		touched = 0
		for (slow, fast), (slow_names, fast_names), modified, its in zip(
			twins, names, before, had, strict=True
		):
			if frappe.db.get_value(kind, fast.name, "modified") == modified:
				# nothing to change: a save would only have moved `modified`, or put the primary one among the rows
				self.assertFalse(set(given) & its if remove else set(given) - its)
				continue
			touched += 1
			self.assertEqual(self.state_of(slow), self.state_of(fast))
			self.assertEqual(self.stored(slow, slow_names), self.stored(fast, fast_names))
			self.assertEqual(self.versions(slow, slow_names), self.versions(fast, fast_names))
		self.assertEqual(result["changed"], touched)
		self.assertGreater(touched, 2)
		if frappe.get_meta(kind).track_changes:
			self.assertEqual(
				frappe.db.count("Version", {"docname": ("in", [fast.name for _s, fast in twins])}), touched
			)
		again = segments.assign(kind, given, names=[fast.name for _slow, fast in twins], remove=remove)
		self.assertEqual((again["changed"], again["unchanged"]), (0, len(twins)))

	def state_of(self, doc) -> tuple:
		primary = doc.meta.has_field("market_segment") and frappe.db.get_value(
			doc.doctype, doc.name, "market_segment"
		)
		return primary or None, self.rows(doc)

	def test_assigning_as_saving(self):
		for kind in TRACKED:
			self.compare(kind, [self.a], False)
			self.compare(kind, [self.c, self.d], False)

	def test_removing_as_saving(self):
		for kind in TRACKED:
			self.compare(kind, [self.a], True)
			self.compare(kind, [self.a, self.b], True)

	def test_versions_of_a_doctype_that_is_tracked_by_choice(self):
		from frappe.custom.doctype.property_setter.property_setter import make_property_setter

		make_property_setter("Lead", None, "track_changes", "1", "Check", for_doctype=True)
		frappe.clear_cache(doctype="Lead")
		self.addCleanup(frappe.clear_cache, doctype="Lead")
		self.compare("Lead", [self.a], False)

	def test_cached_documents_are_forgotten(self):
		doc = make.make_customer()
		frappe.get_cached_doc("Customer", doc.name)
		segments.assign("Customer", [self.a], names=[doc.name])
		self.assertEqual(segments.of(frappe.get_cached_doc("Customer", doc.name)), [self.a])

	def test_by_filter(self):
		docs = [make.make_lead(job_title="By Filter") for _n in range(3)]
		result = segments.assign("Lead", [self.a], filters=[["Lead", "job_title", "=", "By Filter"]])
		self.assertEqual((result["changed"], result["refused"]), (3, 0))
		self.assertEqual([self.state(doc) for doc in docs], [(self.a, [self.a])] * 3)

	def test_bad_input_is_refused_in_words(self):
		lead = make.make_lead()
		for words, kind, given, selection in (
			("no market segments", "Item", [self.a], {"names": []}),
			("at least one", "Lead", [], {"names": [lead.name]}),
			("There is no market segment", "Lead", [self.a, "Nowhere"], {"names": [lead.name]}),
		):
			with self.assertRaisesWith(SegmentError, words):
				segments.assign(kind, given, **selection)
		with self.assertRaisesWith(frappe.ValidationError, "Select records"):
			segments.assign("Lead", [self.a])
		self.assertEqual(self.state(lead), (None, []))

	def test_only_what_the_user_may_write(self):
		lead, shared = make.make_lead(), make.make_lead()
		reader = make.make_user(["Accounts User"]).name
		with self.as_user(reader), self.assertRaises(frappe.PermissionError):
			segments.assign("Lead", [self.a], names=[lead.name])
		writer = make.make_user(["Sales User"]).name
		frappe.get_doc(
			{"doctype": "User Permission", "user": writer, "allow": "Company", "for_value": lead.company}
		).insert(ignore_permissions=True)
		with self.as_user(writer):
			result = segments.assign("Lead", [self.a], names=[lead.name, "no such lead", shared.name])
		self.assertEqual(result["refused"] + result["changed"], 3)
		self.assertGreaterEqual(result["refused"], 1)


class TestFilters(SegmentCase):
	def test_by_size_capital_industry_and_territory(self):
		"""What the list's own filter asks, for each kind of client."""
		industry = (
			frappe.get_doc({"doctype": "Industry Type", "industry": frappe.generate_hash()}).insert().name
		)
		territory = frappe.db.get_value("Territory", {"is_group": 0})
		for kind, headcount in (
			("Customer", "rule24_no_of_employees"),
			("Lead", "no_of_employees"),
			("Prospect", "no_of_employees"),
		):
			values = {
				headcount: "51-200",
				"industry": industry,
				"rule24_charter_capital": 10_000_000,
				"territory": territory,
			}
			doc = MAKE[kind](**values)
			MAKE[kind](**{**values, "rule24_charter_capital": 10_000})
			found = frappe.get_list(
				kind,
				filters=[
					[kind, headcount, "in", ["51-200", "201-500"]],
					[kind, "industry", "=", industry],
					[kind, "rule24_charter_capital", ">=", 1_000_000],
					[kind, "territory", "=", territory],
				],
				pluck="name",
			)
			self.assertEqual(found, [doc.name], kind)

	def test_by_any_of_the_segments(self):
		doc = make.make_customer(segments=[{"segment": self.a}, {"segment": self.b}])
		make.make_customer(segments=[{"segment": self.c}])
		found = frappe.get_list("Customer", filters=[["Party Segment", "segment", "=", self.b]], pluck="name")
		self.assertEqual(found, [doc.name])


class TestUndo(SegmentCase):
	def everything(self, doc) -> tuple:
		rows = frappe.get_all(
			"Party Segment",
			{"parent": doc.name},
			["name", "idx", "segment", "owner", "creation", "parentfield", "parenttype", "docstatus"],
			order_by="idx",
		)
		return frappe.db.get_value(doc.doctype, doc.name, "market_segment"), rows

	def test_everything_is_as_it_was(self):
		docs = [
			make.make_customer(),
			make.make_customer(segments=[{"segment": self.b}, {"segment": self.a}, {"segment": self.c}]),
			make.make_customer(segments=[{"segment": self.a}]),
		]
		older = make.make_customer()
		older.db_set("market_segment", self.d)
		docs.append(older)
		before = [self.everything(doc) for doc in docs]
		for remove in (False, True):
			result = segments.assign(
				"Customer", [self.a, self.c], names=[doc.name for doc in docs], remove=remove
			)
			self.assertNotEqual([self.everything(doc) for doc in docs], before)
			outcome = book.undo(result["change"])
			self.assertEqual((outcome["restored"], outcome["left"]), (result["changed"], []))
			self.assertEqual([self.everything(doc) for doc in docs], before)

	def test_what_somebody_has_changed_since_is_left(self):
		first, second, gone = (make.make_lead() for _n in range(3))
		result = segments.assign("Lead", [self.a], names=[first.name, second.name, gone.name])
		first.reload()
		first.append("segments", {"segment": self.b})
		first.save()
		frappe.delete_doc("Lead", gone.name)
		outcome = book.undo(result["change"])
		self.assertEqual(outcome["restored"], 1)
		self.assertEqual({row["name"] for row in outcome["left"]}, {first.name, gone.name})
		self.assertEqual(self.state(first), (self.a, [self.a, self.b]))
		self.assertEqual(self.state(second), (None, []))
		entry = frappe.get_doc("Segment Change", result["change"])
		self.assertEqual(entry.status, "Partly Undone")
		self.assertIn("changed its segments since", entry.not_undone)

	def test_once_and_by_whom(self):
		lead = make.make_lead()
		result = segments.assign("Lead", [self.a], names=[lead.name])
		stranger = make.make_user().name
		with self.as_user(stranger), self.assertRaisesWith(SegmentError, "Only they or a head"):
			book.undo(result["change"])
		self.assertEqual(book.last("Lead")["name"], result["change"])
		book.undo(result["change"])
		self.assertIsNone(book.last("Lead"))
		with self.assertRaisesWith(SegmentError, "undone by"):
			book.undo(result["change"])
		frappe.get_doc("Segment Change", result["change"]).delete()
		self.assertFalse(frappe.db.exists("Segment Change Part", {"change": result["change"]}))


@contextmanager
def worker_on(change: str):
	"""Another worker, with a connection of its own, is at the change for the block."""
	site, sites_path = frappe.local.site, frappe.local.sites_path
	there, done = threading.Event(), threading.Event()

	def work():
		frappe.init(site=site, sites_path=sites_path)
		frappe.connect()
		with locks.held(change):
			there.set()
			done.wait(timeout=60)
		frappe.destroy()

	thread = threading.Thread(target=work)
	thread.start()
	assert there.wait(timeout=60)
	try:
		yield
	finally:
		done.set()
		thread.join(timeout=60)


class TestWorkers(SegmentCase):
	"""Jobs: their commits and rollbacks are left out, the test takes everything back itself."""

	def setUp(self):
		super().setUp()
		for name in ("commit", "rollback"):
			patcher = patch.object(frappe.db, name)
			patcher.start()
			self.addCleanup(patcher.stop)
		self.lead = make.make_lead()
		self.change = segments.assign("Lead", [self.a], names=[self.lead.name])["change"]

	def status(self, *told) -> str:
		if told:
			frappe.db.set_value("Segment Change", self.change, "status", told[0])
		return frappe.db.get_value("Segment Change", self.change, "status")

	def test_what_a_killed_worker_has_left_can_be_undone(self):
		self.status("Running")
		with worker_on(self.change):
			self.assertIsNone(book.last("Lead"))
			with self.assertRaisesWith(SegmentError, "still running"):
				book.undo(self.change)
		self.assertEqual(book.last("Lead")["name"], self.change)
		book.undo(self.change)
		self.assertEqual((self.status(), self.state(self.lead)), ("Undone", (None, [])))

	def test_what_waits_in_the_queue_is_still_to_come(self):
		waiting = book.open_change("Lead", [self.a], False)
		with self.assertRaisesWith(SegmentError, "still running"):
			book.undo(waiting)

	def test_a_job_that_is_refused_leaves_the_entry_alone(self):
		self.status("Running")
		with worker_on(self.change):
			jobs._undo_job(self.change)
			self.assertEqual(self.status(), "Running")
		jobs._undo_job(self.change)
		self.assertEqual(self.status(), "Undone")
		jobs._undo_job(self.change)
		self.assertEqual(self.status(), "Undone")

	def test_a_job_that_breaks_off_is_marked(self):
		self.status("Running")
		with patch.object(book, "_undo_part", side_effect=ZeroDivisionError):
			jobs._undo_job(self.change)
		self.assertEqual(self.status(), "Interrupted")


class TestLiveLists(SegmentCase):
	"""These commit, because Frappe tells others only then."""

	def test_lists_and_forms_hear_of_it(self):
		from frappe.utils.background_jobs import get_redis_connection_without_auth

		leads = [make.make_lead().name for _n in range(2)]
		frappe.db.commit()
		self.addCleanup(self.tidy, leads)
		listener = get_redis_connection_without_auth().pubsub()
		listener.subscribe("events")
		heard = []
		for name in leads[:1]:  # as a save tells it
			doc = frappe.get_doc("Lead", name)
			segments.change_one(doc, [self.a])
			doc.save()
		frappe.db.commit()
		heard.append(self.events(listener, leads[0]))
		segments.assign("Lead", [self.a], names=leads[1:])
		frappe.db.commit()
		heard.append(self.events(listener, leads[1]))
		listener.close()
		self.assertTrue(heard[0])
		self.assertEqual(heard[0], heard[1])

	def events(self, listener, name: str) -> set[str]:
		found, until = set(), time.monotonic() + 5
		while time.monotonic() < until and len(found) < 2:
			message = listener.get_message(ignore_subscribe_messages=True, timeout=0.5)
			if message and name in str(message["data"]):
				event = json.loads(message["data"])
				event["message"].pop("modified", None)
				found.add(json.dumps(event, sort_keys=True).replace(name, "NAME"))
		return found

	def test_two_at_once_do_not_double_a_row(self):
		lead = make.make_lead().name
		frappe.db.commit()
		self.addCleanup(self.tidy, [lead])

		def assign():
			return segments.assign("Lead", [self.a], names=[lead])["changed"]

		outcomes = at_once(assign, assign)
		self.assertEqual(sorted(outcomes, key=str), [0, 1])
		self.assertEqual(frappe.get_all("Party Segment", {"parent": lead}, pluck="segment"), [self.a])

	def tidy(self, leads):
		frappe.db.rollback()
		for name in leads:
			frappe.delete_doc("Lead", name, force=True)
		changes = frappe.get_all("Segment Change", {"segments": ("like", f"%{self.a}%")}, pluck="name")
		frappe.db.delete("Segment Change Part", {"change": ("in", [*changes, ""])})
		frappe.db.delete("Segment Change", {"name": ("in", [*changes, ""])})
		for segment in (self.a, self.b, self.c, self.d):
			frappe.delete_doc("Market Segment", segment, force=True)
		frappe.db.commit()

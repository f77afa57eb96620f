"""Many works at once: the same rows that `insert()` would write, in one statement for each chunk.

A differential test compares the two column by column. Names come from the same series: a block is reserved under the
lock that a single insert takes, so both may run side by side.
"""

import frappe
from frappe import _
from frappe.query_builder.functions import Min
from frappe.utils import escape_html, get_datetime, getdate, strip_html_tags
from pypika.functions import Coalesce
from pypika.terms import CustomFunction

from rule24_crm import bulk_insert
from rule24_crm.exceptions import PartyNotFoundError, WorkError, WorkTimeError
from rule24_crm.parties import distribution, managers, segments
from rule24_crm.parties.kinds import PARTY_TYPES, responsibles, titles
from rule24_crm.parties.next_work import OPEN
from rule24_crm.work import deal, links
from rule24_crm.work.rules import derive_times, minutes_before, reminder_for, subject_for

SERIES = "WORK-"
DIGITS = 7
#: what a caller may give; the rest follows or belongs to closing
GIVEN = frozenset(
	(
		"subject", "action", "priority", "status", "assigned_to", "segment", "party_type", "party", "contact", "opportunity",
		"campaign", "planned_on", "all_day", "starts_at", "ends_at", "remind_at", "script", "call_log", "based_on",
		"parent_work", "description",
	)
)  # fmt: skip
#: what people write, and the longest subject
TEXTS = ("subject", "party_name", "description")
MAX_SUBJECT = 140
PRIORITIES = ("Low", "Medium", "High")
#: days and moments, and what reads them
READERS = {
	"planned_on": getdate, "starts_at": get_datetime, "ends_at": get_datetime, "remind_at": get_datetime,
}  # fmt: skip
Least = CustomFunction("LEAST", ["a", "b"])


def create_works(rows: list[dict]) -> list[str]:
	"""Create planned works; all or none of them.

	:param rows: field values of a Work, `action` at least; only the fields in `GIVEN`. Statuses Planned or In Progress.
	:return: names in the order of `rows`.
	:raises WorkError: a row breaks a rule; the message gives its number, starting from 1. Nothing is written.
	"""
	if not rows:
		return []
	prepared = _prepare(rows)
	first = bulk_insert.reserve(SERIES, len(prepared))
	names = [f"{SERIES}{first + offset:0{DIGITS}d}" for offset in range(len(prepared))]
	decided, called = [], {}
	for name, row in zip(names, prepared, strict=True):
		row["name"] = name
		if decision := row.pop("_decision", None):
			decided.append((name, decision))
			called[name] = row["subject"]
	bulk_insert.insert("Work", prepared)
	distribution.note("Work", decided, called)
	_bring_next_day_forward(prepared)
	links.take_managers({row["party_type"] for row in prepared if row["party"]}, names[0], names[-1])
	bulk_insert.index("Work", prepared)
	bulk_insert.announce("Work", names[-1])
	return names


def _prepare(rows: list[dict]) -> list[dict]:
	"""Complete and check the rows, with one query for each kind of thing they point at."""
	template = _template()
	actions = _actions({row.get("action") for row in rows})
	parties = _parties(rows)
	party_names = _of_each(parties, titles)
	party_managers = _of_each(parties, responsibles)
	party_segments = _of_each(parties, segments.primaries)
	_check_links(rows)
	_check_deals(rows)
	before = minutes_before()
	today = template["planned_on"]
	prepared, seen = [], {}
	for number, given in enumerate(rows, 1):
		unknown = given.keys() - GIVEN
		if unknown:
			_refuse(number, _("unknown or protected fields: {0}").format(", ".join(sorted(unknown))))
		row = {**template, **given}
		action = actions.get(row.get("action"))
		if not action:
			_refuse(
				number,
				_("the Action {0} does not exist or is disabled").format(
					frappe.bold(row.get("action") or "-")
				),
			)
		if row["status"] not in OPEN:
			_refuse(number, _("only open works can be created in bulk"))
		row["planned_on"] = row["planned_on"] or today
		_check_times(number, row, seen)
		row["script"] = row["script"] or action.default_script
		row.update(
			derive_times(
				starts_at=row["starts_at"],
				ends_at=row["ends_at"],
				all_day=row["all_day"],
				planned_on=row["planned_on"],
				minutes=action.default_duration,
				is_new=True,
			)
		)
		if row["ends_at"]:
			_check_end(number, row)
		if not row["remind_at"]:
			row["remind_at"] = reminder_for(row["starts_at"], row["all_day"], before)
		row["party_name"] = _party_name(number, row, party_names)
		row["party_manager"] = party_managers.get((row["party_type"], row["party"]))
		row["segment"] = row["segment"] or party_segments.get((row["party_type"], row["party"]))
		row["subject"] = row["subject"] or subject_for(row["action"], row["party_name"])
		_as_saved(number, row, seen)
		prepared.append(row)
	_pass_over_those_who_left(prepared)
	return prepared


def _pass_over_those_who_left(rows: list[dict]) -> None:
	"""As `ownership.settle`: works for users who are not active go to somebody who is."""
	gone = {user for user in {row["assigned_to"] for row in rows} if not managers.is_active(user)}
	orphans = [row for row in rows if row["assigned_to"] in gone]
	for row, decision in zip(orphans, distribution.decide_many("Work", orphans), strict=True):
		row["assigned_to"] = decision.manager
		row["_decision"] = decision


def _template() -> dict:
	"""The values of a new Work before anything is filled in, for every column a row can have."""
	values = bulk_insert.template("Work")
	values["assigned_to"] = values["assigned_to"] or frappe.session.user
	values["sign"] = ""
	return values


def _actions(names: set) -> dict:
	found = frappe.get_all(  # the dictionary; the caller has answered for the right to create works
		"Work Action",
		filters={"name": ("in", [name for name in names if name] or [""]), "disabled": 0},
		fields=["name", "default_script", "default_duration"],
		order_by=None,
	)
	return {row.name: row for row in found}


def _parties(rows: list[dict]) -> dict[str, list[str]]:
	wanted: dict[str, set[str]] = {}
	for row in rows:
		if row.get("party_type") in PARTY_TYPES and row.get("party"):
			wanted.setdefault(row["party_type"], set()).add(row["party"])
	return {kind: sorted(names) for kind, names in wanted.items()}


def _of_each(parties: dict[str, list[str]], ask) -> dict[tuple[str, str], str]:
	"""What `ask(kind, names)` knows about the clients, by kind and name."""
	return {
		(kind, name): answer for kind, names in parties.items() for name, answer in ask(kind, names).items()
	}


def _party_name(number: int, row: dict, party_names: dict) -> str | None:
	if not row["party_type"] and not row["party"]:
		return None
	title = party_names.get((row["party_type"], row["party"]))
	if title is None:
		_refuse(
			number,
			_("the client {0} {1} does not exist").format(
				_(row["party_type"] or "-"), frappe.bold(row["party"] or "-")
			),
			PartyNotFoundError,
		)
	return title


def _check_times(number: int, row: dict, seen: dict) -> None:
	"""Days are days and moments are moments. `seen` holds what has been looked at already."""
	for field, read in READERS.items():
		value = row[field]
		if not value:
			continue
		try:
			if (field, value) not in seen:
				seen[field, value] = read(value)
		except (ValueError, TypeError, OverflowError, frappe.ValidationError):
			_refuse(
				number,
				_("{0} is not a date").format(frappe.bold(escape_html(str(value)[:40]))),
				WorkTimeError,
			)


def _as_saved(number: int, row: dict, seen: dict) -> None:
	"""Texts without scripts, choices from the list, nothing longer than its column: by Frappe's own checks of a document.

	Works of one call are alike: what is said once for all is looked at once.
	"""
	texts = tuple(row[field] for field in TEXTS)
	if not all(isinstance(value, str | None) for value in (*texts, row["priority"])):
		_refuse(number, _("subject, priority and description are texts"))
	plain = len(texts[0]) <= MAX_SUBJECT and row["priority"] in PRIORITIES
	if plain and not any("<" in text or ">" in text for text in texts if text):
		return
	key = (*texts, row["priority"])
	if key not in seen:
		doc = frappe.get_doc(
			{"doctype": "Work", "priority": row["priority"], **dict(zip(TEXTS, texts, strict=True))}
		)
		try:
			doc._sanitize_content()
			doc._validate_length()
			doc._validate_selects()
		except frappe.ValidationError as error:
			frappe.clear_last_message()
			_refuse(number, strip_html_tags(str(error)))
		seen[key] = {field: doc.get(field) for field in TEXTS}
	row.update(seen[key])


def _check_end(number: int, row: dict) -> None:
	if not row["starts_at"]:
		_refuse(number, _("an end without a start"), WorkTimeError)
	if get_datetime(row["ends_at"]) < get_datetime(row["starts_at"]):
		_refuse(number, _("the work ends before it starts"), WorkTimeError)


def _check_links(rows: list[dict]) -> None:
	"""Every record the rows link to must exist: one query for each field."""
	for field in frappe.get_meta("Work").get_link_fields():
		if field.fieldname not in GIVEN or field.fieldname == "action":
			continue
		wanted = {row.get(field.fieldname) for row in rows} - {None, ""}
		if not wanted:
			continue
		there = set(
			frappe.get_all(field.options, filters={"name": ("in", list(wanted))}, pluck="name", order_by=None)
		)
		if missing := wanted - there:
			number = next(n for n, row in enumerate(rows, 1) if row.get(field.fieldname) in missing)
			_refuse(
				number,
				_("{0} {1} does not exist").format(
					_(field.label), frappe.bold(rows[number - 1][field.fieldname])
				),
			)


def _check_deals(rows: list[dict]) -> None:
	"""As `deal.check`: one query for all deals that are with the client as he is named; the others are looked at closely."""
	named = {row["opportunity"] for row in rows if row.get("opportunity")}
	if not named:
		return
	table = frappe.qb.DocType("Opportunity")
	query = frappe.qb.from_(table).select(table.name, table.opportunity_from, table.party_name)
	# whose deals they are, whoever may see them; locked, as for a single work
	found = query.where(table.name.isin(sorted(named))).orderby(table.name).for_update().run()
	clients = {name: tuple(client) for name, *client in found}
	seen = {}
	for number, row in enumerate(rows, 1):
		key = row.get("opportunity"), row.get("party_type"), row.get("party")
		if not key[0] or clients.get(key[0]) == key[1:]:
			continue
		if key not in seen:
			seen[key] = deal.fits(*key, for_update=True)
		if not seen[key]:
			_refuse(number, strip_html_tags(deal.reason(key[0])).rstrip("."))


def _refuse(number: int, reason: str, exception: type[WorkError] = WorkError) -> None:
	frappe.throw(_("Row {0}: {1}. No work has been created.").format(number, reason), exception)


def _bring_next_day_forward(rows: list[dict]) -> None:
	"""The clients' next day can only come nearer: compare it with the block just written."""
	work = frappe.qb.DocType("Work")
	for kind in sorted({row["party_type"] for row in rows if row["party"]}):
		nearest = (
			frappe.qb.from_(work)
			.select(work.party, Min(work.planned_on).as_("day"))
			.where(
				(work.name >= rows[0]["name"]) & (work.name <= rows[-1]["name"]) & (work.party_type == kind)
			)
			.groupby(work.party)
		)
		party = frappe.qb.DocType(kind)
		(
			frappe.qb.update(party)
			.join(nearest)
			.on(nearest.party == party.name)
			.set(
				party.rule24_next_work_on,
				Least(Coalesce(party.rule24_next_work_on, nearest.day), nearest.day),
			)
			.run()
		)
		frappe.clear_cache(doctype=kind)

"""Where the manager stands on a list beside others: campaigns, assignment and distribution rules, the register itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import frappe
from frappe.model import no_value_fields
from frappe.utils import add_days, cint, nowdate

from rule24_crm.parties import managers
from rule24_crm.parties.handover.moves import Move, Step
from rule24_crm.parties.handover.terms import Terms

DISTRIBUTION, CAMPAIGN, RULE = "Distribution Rule", "Work Campaign", "Assignment Rule"


def steps(terms: Terms, lock: bool = False) -> list[Step]:
	"""Moves of everything that names the manager as one of several. Only for a handover of everything.

	:param lock: lock what is read, and read what others have written a moment ago.
	"""
	return [
		*_campaigns(terms, lock),
		*_assignment_rules(terms, lock),
		*_distribution_rules(terms, lock),
		*_subordinates(terms, lock),
		*_deactivation(terms, lock),
		*_absence(terms, lock),
		*_segments(terms, lock),
	]


def _rows(query, lock: bool) -> list[dict]:
	return (query.for_update() if lock else query).run(as_dict=True)


def element(values: Iterable) -> str:
	"""A row of a list as it stands in the log: one value as it is, several as JSON."""
	values = ["" if value is None else value for value in values]
	return str(values[0]) if len(values) == 1 else json.dumps(values, ensure_ascii=False, default=str)


def _replacing(
	doctype: str, name: str, title: str, table: str, own: list, theirs: dict[str, list], to: dict[str, list]
):
	"""Steps that put several rows in the place of one.

	:param own: the manager's row.
	:param theirs: rows that receivers have already, by user.
	:param to: rows that they shall have.
	"""
	first = True
	for user, row in to.items():
		if user in theirs:
			if element(theirs[user]) != element(row):
				yield Step(
					doctype, title, user, Move(doctype, name, table, element(theirs[user]), element(row))
				)
			continue
		old = element(own) if first else ""
		first = False
		yield Step(doctype, title, user, Move(doctype, name, table, old, element(row)))
	if first:
		yield Step(doctype, title, next(iter(to)), Move(doctype, name, table, element(own), ""))


def _campaigns(terms: Terms, lock: bool) -> Iterator[Step]:
	"""Managers of campaigns that are not over; the works a day are divided like the clients."""
	row, campaign = frappe.qb.DocType("Work Campaign Manager"), frappe.qb.DocType(CAMPAIGN)
	query = (
		frappe.qb.from_(row)
		.join(campaign)
		.on((campaign.name == row.parent) & (row.parenttype == CAMPAIGN))
		.select(row.parent, row.user, row.capacity_per_day)
		.where((campaign.status != "Finished") & row.user.isin([terms.from_user, *terms.receivers]))
		.orderby(row.parent)
	)
	lists: dict[str, dict[str, int]] = {}
	for each in _rows(query, lock):
		lists.setdefault(each.parent, {})[each.user] = cint(each.capacity_per_day)
	for name, capacity in lists.items():
		if terms.from_user not in capacity:
			continue
		parts = _divide(capacity[terms.from_user], terms.portions)
		# nothing stands for the usual capacity: whoever has that keeps it
		wanted = {
			user: [user, capacity[user] + part if capacity.get(user) else part if user not in capacity else 0]
			for user, part in parts.items()
		}
		theirs = {user: [user, value] for user, value in capacity.items() if user != terms.from_user}
		own = [terms.from_user, capacity[terms.from_user]]
		yield from _replacing(CAMPAIGN, name, name, "managers", own, theirs, wanted)


def _divide(number: int, portions: dict[str, float]) -> dict[str, int]:
	"""A whole number in parts that sum up to it, at least 1 each where there is something to divide."""
	left, parts = number, {}
	users = sorted(portions, key=lambda user: portions[user])
	total = sum(portions.values())
	for user in users[:-1]:
		parts[user] = max(1, round(number * portions[user] / total)) if number else 0
		left -= parts[user]
	parts[users[-1]] = max(left, 1) if number else 0
	return {user: parts[user] for user in portions}


def _assignment_rules(terms: Terms, lock: bool) -> Iterator[Step]:
	row = frappe.qb.DocType("Assignment Rule User")
	query = (
		frappe.qb.from_(row)
		.select(row.parent, row.user)
		.where((row.parenttype == RULE) & row.user.isin([terms.from_user, *terms.receivers]))
		.orderby(row.parent)
		.orderby(row.idx)
	)
	lists: dict[str, set[str]] = {}
	for each in _rows(query, lock):
		lists.setdefault(each.parent, set()).add(each.user)
	for name, users in lists.items():
		if terms.from_user in users:
			theirs = {user: [user] for user in users - {terms.from_user}}
			wanted = {user: [user] for user in terms.portions}
			yield from _replacing(RULE, name, name, "users", [terms.from_user], theirs, wanted)


def _distribution_rules(terms: Terms, lock: bool) -> Iterator[Step]:
	"""Rules that name the manager, whatever fields and tables they keep him in."""
	if not frappe.db.exists("DocType", DISTRIBUTION):
		return
	for field, options in _people_fields(DISTRIBUTION).items():
		rule = frappe.qb.DocType(DISTRIBUTION)
		receiver = next(iter(_known(terms, options, first=terms.main)), None)
		query = (
			frappe.qb.from_(rule).select(rule.name).where(rule[field] == terms.from_user).orderby(rule.name)
		)
		for row in _rows(query, lock) if receiver else ():
			move = Move(DISTRIBUTION, row.name, field, terms.from_user, receiver)
			yield Step(DISTRIBUTION, row.name, receiver, move)
	for table in frappe.get_meta(DISTRIBUTION).get_table_fields():
		for person, options in _people_fields(table.options).items():
			yield from _distribution_table(terms, table, person, _known(terms, options), lock)
			break


def _known(terms: Terms, options: str, first: str | None = None) -> list[str]:
	"""Receivers whom such a field can hold, those with a part of the clients; `first` before the others."""
	users = list(dict.fromkeys([*([first] if first else []), *terms.portions]))
	if options == "User":
		return users
	return [user for user in users if frappe.db.exists(managers.DOCTYPE, user)]


def _distribution_table(terms: Terms, table, person: str, receivers: list[str], lock: bool) -> Iterator[Step]:
	columns = columns_of(table.options)
	child = frappe.qb.DocType(table.options)
	query = (
		frappe.qb.from_(child)
		.select(child.parent, *(child[column] for column in columns))
		.where((child.parenttype == DISTRIBUTION) & (child.parentfield == table.fieldname))
		.where(child[person].isin([terms.from_user, *terms.receivers]))
		.orderby(child.parent)
		.orderby(child.idx)
	)
	lists: dict[str, dict[str, dict]] = {}
	for row in _rows(query, lock) if receivers else ():
		lists.setdefault(row.parent, {})[row[person]] = row
	for name, rows in lists.items():
		if terms.from_user not in rows:
			continue
		own = rows.pop(terms.from_user)
		theirs = {user: [row[column] for column in columns] for user, row in rows.items()}
		wanted = {
			user: theirs.get(user) or [user if column == person else own[column] for column in columns]
			for user in receivers
		}
		own_row = [own[column] for column in columns]
		yield from _replacing(DISTRIBUTION, name, name, table.fieldname, own_row, theirs, wanted)


def _people_fields(doctype: str) -> dict[str, str]:
	"""Fields that hold a user or an account manager (who is named by the user) -> which of the two."""
	return {
		field.fieldname: field.options
		for field in frappe.get_meta(doctype).get_link_fields()
		if field.options in ("User", managers.DOCTYPE) and not field.read_only
	}


def columns_of(doctype: str) -> list[str]:
	"""Columns of a table that people fill in."""
	return [
		field.fieldname
		for field in frappe.get_meta(doctype).fields
		if field.fieldtype not in no_value_fields and not (field.read_only or field.fetch_from)
	]


def _subordinates(terms: Terms, lock: bool) -> Iterator[Step]:
	"""People below a leaving head report to the main receiver; he and his heads up to the leaving one move up."""
	if not terms.subordinates:
		return
	own_head = frappe.db.get_value(managers.DOCTYPE, terms.from_user, "reports_to") or ""
	receiver = terms.main if frappe.db.exists(managers.DOCTYPE, terms.main) else own_head
	above = managers.heads_of(receiver)
	person = frappe.qb.DocType(managers.DOCTYPE)
	query = (
		frappe.qb.from_(person)
		.select(person.name, person.full_name)
		.where(person.reports_to == terms.from_user)
		.orderby(person.name)
	)
	# whoever moves up goes first: nobody may report in a circle in between
	for each in sorted(_rows(query, lock), key=lambda each: each.name not in above):
		head = own_head if each.name in above else receiver
		move = Move(managers.DOCTYPE, each.name, "reports_to", terms.from_user, head)
		yield Step(managers.DOCTYPE, each.full_name or each.name, terms.main, move)


def _deactivation(terms: Terms, lock: bool) -> Iterator[Step]:
	if not terms.deactivate:
		return
	person = frappe.qb.DocType(managers.DOCTYPE)
	query = (
		frappe.qb.from_(person)
		.select(person.name, person.full_name)
		.where((person.name == terms.from_user) & (person.active == 1))
	)
	for each in _rows(query, lock):
		move = Move(managers.DOCTYPE, each.name, "active", "1", "0")
		yield Step(managers.DOCTYPE, each.full_name or each.name, terms.main, move)


def _absence(terms: Terms, lock: bool) -> Iterator[Step]:
	"""Whoever is away gets nothing new until he is back. An absence that is known already stays as it is."""
	if terms.for_good:
		return
	person = frappe.qb.DocType(managers.DOCTYPE)
	query = (
		frappe.qb.from_(person)
		.select(person.name, person.full_name, person.absent_from, person.absent_until)
		.where(person.name == terms.from_user)
		.where(person.absent_until.isnull() | (person.absent_until < nowdate()))
	)
	for each in _rows(query, lock):
		# the end first: a beginning without an end is refused
		wanted = {"absent_until": str(add_days(terms.until, -1)), "absent_from": nowdate()}
		for field, value in wanted.items():
			move = Move(managers.DOCTYPE, each.name, field, str(each[field] or ""), value)
			yield Step(managers.DOCTYPE, each.full_name or each.name, terms.main, move)


def _segments(terms: Terms, lock: bool) -> Iterator[Step]:
	"""Segments of the manager in the register: to whom the table gives the segment, else to everybody who gets clients."""
	if not terms.hand_segments:
		return
	row = frappe.qb.DocType("Account Manager Segment")
	query = (
		frappe.qb.from_(row)
		.select(row.parent, row.segment)
		.where((row.parenttype == managers.DOCTYPE) & row.parent.isin([terms.from_user, *terms.receivers]))
		.orderby(row.segment)
	)
	have = {(each.parent, each.segment) for each in _rows(query, lock)}
	for segment in sorted(segment for user, segment in have if user == terms.from_user):
		for user in [terms.by_segment[segment]] if segment in terms.by_segment else list(terms.portions):
			if (user, segment) not in have and frappe.db.exists(managers.DOCTYPE, user):
				yield Step(
					managers.DOCTYPE, segment, user, Move(managers.DOCTYPE, user, "segments", "", segment)
				)
		if terms.for_good:
			move = Move(managers.DOCTYPE, terms.from_user, "segments", segment, "")
			yield Step(managers.DOCTYPE, segment, terms.main, move)

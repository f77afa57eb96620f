"""The log of a handover: one row of `Client Handover Item` for each move, written in bulk, read to take moves back."""

from __future__ import annotations

from collections.abc import Iterable

import frappe
from frappe.utils import now, strip_html

from rule24_crm.bulk_insert import insert_rows
from rule24_crm.compat import new_names
from rule24_crm.parties.handover.clients import chunks
from rule24_crm.parties.handover.moves import Move, Step
from rule24_crm.titles import titles

DOCTYPE = "Client Handover Item"
MOVED, GIVEN_BACK, LEFT = "Moved", "Given Back", "Left"


def write(handover: str, steps: list[Step], state: str = MOVED) -> None:
	"""Add moves to the log, each with what people call the record and who got it."""
	if not steps:
		return
	stamp, user = now(), frappe.session.user
	people = titles("User", {step.receiver for step in steps})
	insert_rows(
		DOCTYPE,
		(
			"name", "creation", "modified", "owner", "modified_by", "docstatus", "idx", "handover", "title",
			"given_to", "ref_doctype", "ref_name", "fieldname", "row_name", "value_from", "value_to", "state",
		),
		[
			(name, stamp, stamp, user, user, 0, number, handover, str(step.title or "")[:140],
				people.get(step.receiver, ""), move.doctype, move.name, move.field, move.row, move.old, move.new, state)
			for number, (name, step) in enumerate(zip(new_names(DOCTYPE, len(steps)), steps, strict=True), 1)
			for move in (step.move,)
		],
	)  # fmt: skip


def read(handover: str) -> dict[Move, str]:
	"""Moves that have not been taken back yet, in the order they were made -> name of their row in the log."""
	item = frappe.qb.DocType(DOCTYPE)
	rows = (
		frappe.qb.from_(item)
		.select(
			item.name,
			item.ref_doctype,
			item.ref_name,
			item.fieldname,
			item.value_from,
			item.value_to,
			item.row_name,
		)
		.where((item.handover == handover) & (item.state == MOVED))
		.orderby(item.idx)
		.run()
	)
	return {Move(*(value or "" for value in values)): name for name, *values in rows}


def follow(moves: Iterable[Move], handover: str) -> None:
	"""A stand-in has left, or is back: what he had for a while is with somebody else now, from whom it will come back.

	Handovers with an end that are still on take note of who has each record; they give back what is with whom they know.

	:param moves: what has just changed hands.
	:param handover: the handover of these moves, whose own log says what it did.
	"""
	parent, item = frappe.qb.DocType("Client Handover"), frappe.qb.DocType(DOCTYPE)
	changed = {(move.doctype, move.name, move.field, move.row, move.old): move.new for move in moves}
	rows = (
		frappe.qb.from_(item)
		.join(parent)
		.on(parent.name == item.handover)
		.select(item.name, item.ref_doctype, item.ref_name, item.fieldname, item.row_name, item.value_to)
		.where((parent.status == "Handed Over") & parent.until.isnotnull() & (parent.name != handover))
		.where(item.state == MOVED)
		.run()
	)
	by_value: dict[str, list[str]] = {}
	for name, *key in rows:
		if new := changed.get(tuple(value or "" for value in key)):
			by_value.setdefault(new, []).append(name)
	for new, names in by_value.items():
		for chunk in chunks(names):
			frappe.qb.update(item).set(item.value_to, new).where(item.name.isin(chunk)).run()


def close(handover: str, left: Iterable[str]) -> None:
	"""Note that the moves of a handover have been taken back, all but those `left`, which are names of their rows."""
	item = frappe.qb.DocType(DOCTYPE)
	mark = frappe.qb.update(item).set(item.modified, now())
	for chunk in chunks(left):
		mark.set(item.state, LEFT).where(item.name.isin(chunk)).run()
	mark.set(item.state, GIVEN_BACK).where((item.handover == handover) & (item.state == MOVED)).run()


def describe(moves: Iterable[Move]) -> list[str]:
	"""Moves in words: the kind of record and its title."""
	by_doctype: dict[str, list[str]] = {}
	for move in moves:
		by_doctype.setdefault(move.doctype, []).append(move.name)
	lines = []
	for doctype, names in by_doctype.items():
		shown = told(doctype, names)
		for name in dict.fromkeys(names):
			words = [frappe._(doctype), str(name)]
			if shown.get(name) and shown[name] != name:
				words.insert(1, shown[name])
			lines.append(": ".join((words[0], " · ".join(words[1:]))))
	return lines


def told(doctype: str, names: Iterable[str]) -> dict[str, str]:
	"""Record -> what people call it, as text of at most 140 characters; for those of the records that are there."""
	return {name: strip_html(str(title))[:140] for name, title in titles(doctype, names).items()}

"""Writing moves, forwards and backwards, thousands at once: what saving each record would leave, in a few statements.

That is the value, `modified` and `modified_by`, a Version for the history, what ERPNext and Frappe keep in step (owners in
the tables of a Prospect, `_assign` of an assigned record), a clean cache and word to the open lists. Differential tests hold
this against `Document.save`, column by column. Lists that a person keeps by hand are few: those are saved the usual way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

import frappe
from frappe.utils import now

from rule24_crm.parties import managers
from rule24_crm.parties.handover.field_writers import FieldWriter, ToDoWriter, WorkWriter
from rule24_crm.parties.handover.moves import WHOLE_ROW, Move
from rule24_crm.parties.handover.row_writers import DocumentWriter, ListWriter, RowWriter, WholeRowWriter
from rule24_crm.parties.handover.writing import Writer
from rule24_crm.parties.kinds import PARTY_TYPES
from rule24_crm.work import links


def writer_for(move: Move) -> Writer:
	"""The writer that knows this kind of move."""
	return _kind_of_writer(move)(move.doctype, move.field)


def _kind_of_writer(move: Move) -> Callable[[str, str], Writer]:
	if move.field == WHOLE_ROW:
		return WholeRowWriter
	if move.row:
		return RowWriter
	if move.doctype in ("Work", "ToDo"):
		return {"Work": WorkWriter, "ToDo": ToDoWriter}[move.doctype]
	field = frappe.get_meta(move.doctype).get_field(move.field)
	if field and field.fieldtype in frappe.model.table_fields:
		return ListWriter
	return DocumentWriter if move.doctype in (managers.DOCTYPE, "Distribution Rule") else FieldWriter


def by_writer(moves: list[Move]) -> Iterator[tuple[Writer, list[Move]]]:
	"""The moves in packets for one writer each, in the order of their first move."""
	packets: dict[tuple[str, str, bool], list[Move]] = defaultdict(list)
	for move in moves:
		packets[move.doctype, move.field, bool(move.row)].append(move)
	for packet in packets.values():
		yield writer_for(packet[0]), packet


def write(moves: list[Move], *, past_rules: bool = False) -> None:
	"""Write all moves.

	:param past_rules: of lists that people keep by hand: nobody is there to mend one that breaks a rule of its own.
	:raises HandoverError: such a list cannot be saved.
	"""
	stamp, user = now(), frappe.session.user
	for writer, packet in by_writer(moves):
		writer.past_rules = past_rules
		writer.write(packet, stamp, user)


def standing(moves: list[Move]) -> set[Move]:
	"""Those that nobody has changed since; locked."""
	found: set[Move] = set()
	# in the order in which a work is saved: deal, work, client
	packets = sorted(by_writer(moves), key=lambda packet: packet[0].doctype not in ("Opportunity", "Work"))
	for writer, packet in packets:
		if writer.doctype in PARTY_TYPES and isinstance(writer, FieldWriter):
			links.lock_works(writer.doctype, [move.name for move in packet])
		found |= writer.standing(packet)
	return found

"""Writing moves, forwards and backwards, thousands at once: what saving each record would leave, in a few statements.

That is the value, `modified` and `modified_by`, a Version for the history, what ERPNext and Frappe keep in step (owners in
the tables of a Prospect, `_assign` of an assigned record), a clean cache and word to the open lists. Differential tests hold
this against `Document.save`, column by column. Lists that a person keeps by hand are few: those are saved the usual way.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator

import frappe
from frappe.utils import cint, now
from pypika.terms import Term

from rule24_crm import history
from rule24_crm.compat import cache
from rule24_crm.history import History
from rule24_crm.parties import managers, participants
from rule24_crm.parties.handover import access
from rule24_crm.parties.handover.belongings import EVENT_PARTICIPANT, PARTICIPANT
from rule24_crm.parties.handover.clients import chunks
from rule24_crm.parties.handover.moves import WHOLE_ROW, Move
from rule24_crm.parties.handover.register import columns_of, element
from rule24_crm.parties.next_work import OPEN
from rule24_crm.rows import insert_rows
from rule24_crm.work.campaigns import members
from rule24_crm.work.planning import writing

#: up to so many documents are forgotten one by one
FEW = 200
#: DocType -> table of rows that follow its owner -> (field of the row that names the record, field of the owner)
FOLLOWING = {
	"Lead": ("Prospect Lead", "lead", "lead_owner"),
	"Opportunity": ("Prospect Opportunity", "opportunity", "deal_owner"),
}


class Writer:
	"""Writes all moves of one kind. A writer that is asked to take back gets moves turned round."""

	def __init__(self, doctype: str, field: str):
		self.doctype, self.field = doctype, field

	def standing(self, moves: list[Move]) -> set[Move]:
		"""Those whose record still is as the move has left it; the records are locked."""
		raise NotImplementedError

	def write(self, moves: list[Move], stamp: str, user: str) -> None:
		"""Write them. The records are locked, and as the moves expect them."""
		raise NotImplementedError


class FieldWriter(Writer):
	"""A field of the record itself."""

	def standing(self, moves):
		table = frappe.qb.DocType(self.doctype)
		value = {}
		for chunk in chunks(move.name for move in moves):
			rows = (
				frappe.qb.from_(table)
				.select(table.name, table[self.field])
				.where(table.name.isin(chunk) & self.still_open(table))
				.for_update()
				.run()
			)
			value.update({str(name): str(value or "") for name, value in rows})
		return {move for move in moves if value.get(move.name) == move.new}

	def still_open(self, table) -> Term:
		"""Whether the record may change hands at all."""
		return table.name.isnotnull()

	def write(self, moves, stamp, user):
		versions = History(self.doctype)
		table = frappe.qb.DocType(self.doctype)
		for new, names in _by_value(moves).items():
			for chunk in chunks(names):
				query = _stamped(self.doctype, stamp, user).set(table[self.field], new or None)
				query.where(table.name.isin(chunk)).run()
				self.follow(new, chunk)
		if self.doctype in FOLLOWING:
			frappe.clear_cache(doctype="Prospect")
		for move in moves:
			versions.change(move.name, self.field, move.old, move.new)
		versions.write(stamp, user)
		forget(self.doctype, [move.name for move in moves])

	def follow(self, new: str, names: list[str]) -> None:
		"""Bring along what repeats the value elsewhere."""
		if self.doctype not in FOLLOWING:
			return
		child, link, field = FOLLOWING[self.doctype]
		row = frappe.qb.DocType(child)
		frappe.qb.update(row).set(row[field], new or None).where(row[link].isin(names)).run()


class WorkWriter(FieldWriter):
	"""`Work.assigned_to`, through the one place that rewrites works in bulk. Closed works are history."""

	def still_open(self, table):
		return table.status.isin(OPEN)

	def write(self, moves, stamp, user):
		changes = {move.name: {"assigned_to": move.new} for move in moves}
		rows = []
		for chunk in chunks(changes):
			rows += frappe.get_all(  # locked and checked by the caller
				"Work", filters={"name": ("in", chunk)}, fields=["name", *writing.WRITTEN], order_by=None
			)
		writing.write(rows, changes)
		members.follow_works(list(changes))


class ToDoWriter(FieldWriter):
	"""`ToDo.allocated_to`, and `_assign` of what is assigned."""

	def still_open(self, table):
		return table.status == "Open"

	def write(self, moves, stamp, user):
		super().write(moves, stamp, user)
		records = defaultdict(set)
		for chunk in chunks(move.name for move in moves):
			for doctype, name in frappe.get_all(  # the to-dos just moved
				"ToDo",
				filters={"name": ("in", chunk), "reference_name": ("is", "set")},
				fields=["reference_type", "reference_name"],
				order_by=None,
				as_list=True,
			):
				records[doctype].add(name)
		for doctype, names in records.items():
			if frappe.db.table_exists(doctype) and frappe.db.has_column(doctype, "_assign"):
				_write_assign(doctype, sorted(names))


def _write_assign(doctype: str, names: list[str]) -> None:
	"""As `ToDo.update_in_reference` does for one record."""
	table = frappe.qb.DocType(doctype)
	for chunk in chunks(names):
		assigned = {name: [] for name in chunk}
		for name, user in frappe.get_all(  # as above
			"ToDo",
			filters={
				"reference_type": doctype,
				"reference_name": ("in", chunk),
				"status": ("not in", ("Cancelled", "Closed")),
				"allocated_to": ("is", "set"),
			},
			fields=["reference_name", "allocated_to"],
			order_by="modified asc, name asc",
			as_list=True,
		):
			assigned[name].append(user)
		by_value = defaultdict(list)
		for name, users in assigned.items():
			by_value[json.dumps(users) if users else ""].append(name)
		for value, same in by_value.items():
			frappe.qb.update(table).set(table._assign, value).where(table.name.isin(same)).run()
	forget(doctype, names)


class RowWriter(Writer):
	"""A user's row in a table of records: replaced, taken off, or put back."""

	#: child DocType -> (columns that hold the user, values of a new row)
	ROWS = {
		PARTICIPANT: (("user",), {}),
		EVENT_PARTICIPANT: (("reference_docname", "email"), {"reference_doctype": "User"}),
	}

	def __init__(self, doctype: str, field: str):
		super().__init__(doctype, field)
		self.child = PARTICIPANT if field == participants.FIELD else EVENT_PARTICIPANT
		self.columns, self.fixed = self.ROWS[self.child]

	def standing(self, moves):
		table = frappe.qb.DocType(self.child)
		value, parents = {}, set()
		for chunk in chunks(move.row for move in moves):
			rows = (
				frappe.qb.from_(table)
				.select(table.name, table[self.columns[0]])
				.where(table.name.isin(chunk))
				.for_update()
			)
			value.update((str(name), value) for name, value in rows.run())
		for chunk in chunks({move.name for move in moves}):
			parents.update(
				frappe.get_all(self.doctype, filters={"name": ("in", chunk)}, pluck="name", order_by=None)
			)
		return {move for move in moves if move.name in parents and (value.get(move.row) or "") == move.new}

	def write(self, moves, stamp, user):
		versions = History(self.doctype)
		stored = self._rows([move.row for move in moves])
		self._replace([move for move in moves if move.old and move.new], stored, versions, stamp, user)
		self._take_off([move for move in moves if not move.new], stored, versions)
		self._put_back([move for move in moves if not move.old], versions, stamp, user)
		table = frappe.qb.DocType(self.doctype)
		for chunk in chunks({move.name for move in moves}):
			_stamped(self.doctype, stamp, user).where(table.name.isin(chunk)).run()
		versions.write(stamp, user)
		forget(self.doctype, [move.name for move in moves])

	def _rows(self, names: list[str]) -> dict[str, dict]:
		found = {}
		for chunk in chunks(names):
			rows = frappe.get_all(self.child, filters={"name": ("in", chunk)}, fields=["*"], order_by=None)
			found.update({str(row.name): row for row in rows})
		return found

	def _replace(self, moves, stored, versions, stamp, user):
		table = frappe.qb.DocType(self.child)
		for new, names in _by_value(moves, row=True).items():
			for chunk in chunks(names):
				query = frappe.qb.update(table).set(table.modified, stamp).set(table.modified_by, user)
				for column in self.columns:
					query = query.set(table[column], new)
				query.where(table.name.isin(chunk)).run()
		for move in moves:
			changed = [
				[column, move.old, move.new]
				for column in self.columns
				if stored[move.row][column] == move.old
			]
			entry = [self.field, stored[move.row].idx - 1, move.row, changed]
			versions.row(move.name, history.ROW_CHANGED, entry)

	def _take_off(self, moves, stored, versions):
		for chunk in chunks(move.row for move in moves):
			frappe.db.delete(self.child, {"name": ("in", chunk)})
		for move in moves:
			versions.row(
				move.name, history.REMOVED, [self.field, {**stored[move.row], "doctype": self.child}]
			)

	def _put_back(self, moves, versions, stamp, user):
		if not moves:
			return
		last = defaultdict(int)
		for chunk in chunks({move.name for move in moves}):
			for parent, idx in frappe.get_all(  # where the new rows go
				self.child,
				filters={"parenttype": self.doctype, "parentfield": self.field, "parent": ("in", chunk)},
				fields=["parent", "idx"],
				order_by=None,
				as_list=True,
			):
				last[parent] = max(last[parent], idx)
		rows = []
		for move in moves:
			last[move.name] += 1
			row = {
				"name": move.row, "creation": stamp, "modified": stamp, "owner": user, "modified_by": user, "docstatus": 0,
				"idx": last[move.name], "parent": move.name, "parenttype": self.doctype, "parentfield": self.field,
				**self.fixed, **dict.fromkeys(self.columns, move.new),
			}  # fmt: skip
			rows.append(row)
			versions.row(move.name, history.ADDED, [self.field, {**row, "doctype": self.child}])
		insert_rows(self.child, tuple(rows[0]), [tuple(row.values()) for row in rows])


class WholeRowWriter(Writer):
	"""Shares and User Permissions that are made or deleted."""

	def standing(self, moves):
		found = {}
		for chunk in chunks(move.name for move in moves):
			rows = frappe.get_all(
				self.doctype,
				filters={"name": ("in", chunk)},
				fields=["name", *access.COLUMNS[self.doctype]],
				order_by=None,
			)
			found.update({str(row.name): access.as_json(self.doctype, row) for row in rows})
		return {move for move in moves if found.get(move.name, "") == move.new}

	def write(self, moves, stamp, user):
		for chunk in chunks(move.name for move in moves if not move.new):
			frappe.db.delete(self.doctype, {"name": ("in", chunk)})
		made = [(move.name, json.loads(move.new)) for move in moves if move.new]
		if made:
			columns = access.COLUMNS[self.doctype]
			insert_rows(
				self.doctype,
				("name", "creation", "modified", "owner", "modified_by", "docstatus", "idx", *columns),
				[
					(name, stamp, stamp, user, user, 0, 0, *(row[column] for column in columns))
					for name, row in made
				],
			)
		if self.doctype == access.PERMISSION:
			self._tell({json.loads(move.new or move.old)["user"] for move in moves})

	@staticmethod
	def _tell(users: set[str]) -> None:
		"""As `UserPermission.on_update`: the users' permissions are read anew, on the server and in open browsers."""
		for each in sorted(users):
			cache().hdel("user_permissions", each)
			frappe.publish_realtime("update_user_permissions", user=each, after_commit=True)


class ListWriter(Writer):
	"""A row of a list that people keep by hand (managers of a campaign, users of a rule): the document is saved."""

	def __init__(self, doctype: str, field: str):
		super().__init__(doctype, field)
		self.columns = columns_of(frappe.get_meta(doctype).get_field(field).options)

	def standing(self, moves):
		there = {name: self._elements(name) for name in {move.name for move in moves}}
		return {
			move
			for move in moves
			if there[move.name] is not None
			and (not move.new or move.new in there[move.name])
			and (not move.old or move.old not in there[move.name])
		}

	def _elements(self, name: str) -> list[str] | None:
		if not frappe.db.exists(self.doctype, name):
			return None
		return [self._element(row) for row in frappe.get_doc(self.doctype, name).get(self.field)]

	def _element(self, row) -> str:
		return element(row.get(column) for column in self.columns)

	def write(self, moves, stamp, user):
		by_name = defaultdict(list)
		for move in moves:
			by_name[move.name].append(move)
		for name, mine in by_name.items():
			doc = frappe.get_doc(self.doctype, name)
			for move in mine:
				self._put(doc, move)
			doc.save(ignore_permissions=True)  # whoever may hand over may put somebody in the manager's place

	def _put(self, doc, move: Move) -> None:
		row = next((row for row in doc.get(self.field) if move.old and self._element(row) == move.old), None)
		if not move.new:
			doc.set(self.field, [each for each in doc.get(self.field) if each is not row])
			return
		values = [move.new] if len(self.columns) == 1 else json.loads(move.new)
		values = dict(zip(self.columns, values, strict=True))
		if row:
			row.update(values)
		else:
			doc.append(self.field, values)


class DocumentWriter(Writer):
	"""A field of a document with rules of its own: the register, which is a tree, and rules of distribution."""

	def standing(self, moves):
		found = set()
		for move in moves:
			value = frappe.db.get_value(self.doctype, move.name, self.field, for_update=True)
			if str("" if value is None else value) == move.new and self._allowed(move):
				found.add(move)
		return found

	def _allowed(self, move: Move) -> bool:
		"""A manager whose user has been disabled since does not become active again."""
		if self.field != "active" or not cint(move.old):
			return True
		return bool(frappe.db.get_value("User", move.name, "enabled"))

	def write(self, moves, stamp, user):
		for move in moves:
			doc = frappe.get_doc(self.doctype, move.name)
			doc.set(self.field, cint(move.new) if self.field == "active" else move.new)
			doc.save(ignore_permissions=True)  # as above


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


def write(moves: list[Move]) -> None:
	"""Write all moves."""
	stamp, user = now(), frappe.session.user
	for writer, packet in by_writer(moves):
		writer.write(packet, stamp, user)


def standing(moves: list[Move]) -> set[Move]:
	"""Those that nobody has changed since; locked."""
	found: set[Move] = set()
	for writer, packet in by_writer(moves):
		found |= writer.standing(packet)
	return found


def forget(doctype: str, names: list[str]) -> None:
	"""Drop what is cached of these documents, and tell open lists once."""
	if not names:
		return
	if len(names) > FEW:
		frappe.clear_cache(doctype=doctype)
	else:
		for name in names:
			frappe.clear_document_cache(doctype, name)
	frappe.publish_realtime(
		"list_update", {"doctype": doctype, "name": names[-1], "user": frappe.session.user}, after_commit=True
	)


def _stamped(doctype: str, stamp: str, user: str):
	"""An UPDATE that notes who has changed the rows and when, as saving does."""
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.update(table).set(table.modified, stamp).set(table.modified_by, user)
	if getattr(frappe.get_meta(doctype), "track_seen", 0):
		query = query.set(table._seen, json.dumps([user]))  # news to everybody else
	return query


def _by_value(moves: list[Move], row: bool = False) -> dict[str, list[str]]:
	found = defaultdict(list)
	for move in moves:
		found[move.new].append(move.row if row else move.name)
	return found

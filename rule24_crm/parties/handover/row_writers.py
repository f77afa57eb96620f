"""Moves of rows: somebody's place in a table, a share, a User Permission, a line of a list that people keep by hand."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable

import frappe
from frappe import _
from frappe.utils import cint, escape_html, get_link_to_form, strip_html

from rule24_crm import history
from rule24_crm.bulk_insert import insert_rows
from rule24_crm.compat import cache
from rule24_crm.exceptions import HandoverError
from rule24_crm.history import History
from rule24_crm.parties import managers, participants
from rule24_crm.parties.handover import access
from rule24_crm.parties.handover.belongings import EVENT_PARTICIPANT, PARTICIPANT
from rule24_crm.parties.handover.clients import chunks
from rule24_crm.parties.handover.moves import Move
from rule24_crm.parties.handover.register import columns_of, element
from rule24_crm.parties.handover.writing import Writer, by_value, forget, stamped
from rule24_crm.titles import titles
from rule24_crm.whole import all_or_nothing


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
			stamped(self.doctype, stamp, user).where(table.name.isin(chunk)).run()
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
		for new, names in by_value(moves, row=True).items():
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


def save_list(doctype: str, name: str, change: Callable, *, past_rules: bool) -> None:
	"""Save a list with one of its people changed.

	:param change: puts the change into the document.
	:param past_rules: what else is wrong with the list was so before, and stays for whoever keeps it: an Assignment Rule
		without days must not hold back the clients of somebody who leaves.
	:raises HandoverError: the list breaks a rule, and whoever hands over can mend it.
	"""
	messages = len(frappe.local.message_log)
	try:
		with all_or_nothing("rule24_list"):
			_save_changed(doctype, name, change)
	except frappe.ValidationError as error:
		said = _words(frappe.local.message_log[messages:])
		del frappe.local.message_log[messages:]
		if not past_rules:
			_refuse(doctype, name, said or str(error) or type(error).__name__, error)
		_save_changed(doctype, name, change, ignore_validate=True, ignore_mandatory=True, ignore_links=True)


def _words(messages: list) -> str:
	"""What has been said to the user, without marks. A message may be a list of them."""
	said = []
	for each in messages:
		message = frappe.parse_json(each).get("message") or ""
		said += message if isinstance(message, list | tuple) else [message]
	return " ".join(filter(None, (strip_html(str(each)) for each in said)))


def _refuse(doctype: str, name: str, reason: str, error: Exception) -> None:
	title = titles(doctype, [name]).get(name) or name
	try:
		frappe.throw(
			_("{0} {1} cannot be changed: {2} Nothing was moved. Correct it there, then try again.").format(
				_(doctype),
				get_link_to_form(doctype, name, escape_html(strip_html(title))),
				escape_html(reason if reason.endswith((".", "!", "?")) else f"{reason}."),
			),
			HandoverError,
			title=_("A List Does Not Allow It"),
		)
	except HandoverError as refusal:
		raise refusal from error


def _save_changed(doctype: str, name: str, change: Callable, **flags) -> None:
	doc = frappe.get_doc(doctype, name)
	change(doc)
	doc.flags.update(flags)
	doc.save(ignore_permissions=True)  # whoever may hand over may put somebody in the manager's place


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
			save_list(
				self.doctype,
				name,
				lambda doc, mine=mine: [self._put(doc, move) for move in mine],
				past_rules=self.past_rules,
			)

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
		"""A manager who does not work here any more does not become active again."""
		if self.field != "active" or not cint(move.old):
			return True
		return managers.works_here(
			frappe.db.get_value("User", move.name, ["enabled", "user_type"], as_dict=True)
		)

	def write(self, moves, stamp, user):
		for move in moves:
			if self.doctype != managers.DOCTYPE:
				save_list(
					self.doctype,
					move.name,
					lambda doc, move=move: doc.set(self.field, move.new),
					past_rules=self.past_rules,
				)
				continue
			doc = frappe.get_doc(self.doctype, move.name)
			doc.set(self.field, cint(move.new) if self.field == "active" else move.new)
			doc.save(ignore_permissions=True)  # as above; the rules of the tree hold in a handover, too

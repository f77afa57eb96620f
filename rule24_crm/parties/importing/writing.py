"""Make clients of rows of the register: many at once where that is possible, one by one where it is not.

A row is written whole, together with the note that it is created, or not at all.
"""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils import cint, strip_html_tags

from rule24_crm.parties.company import default_company
from rule24_crm.parties.importing import bulk, creating, fast_path, register
from rule24_crm.parties.importing.checking import Client
from rule24_crm.parties.importing.records import Choices, Plan, plan

_SAVEPOINT, _ROW_SAVEPOINT = "rule24_import_chunk", "rule24_import_row"


def choices_of(doc) -> Choices:
	"""What the import says about all of its clients."""
	return Choices(
		register.party_types(doc),
		company=doc.company or default_company(),
		customer_group=doc.customer_group,
		territory=doc.territory,
		owner=doc.manager if doc.responsible == "This Manager" else None,
		named_managers=doc.responsible == "As in the File",
		segments=[row.segment for row in doc.segments],
	)


class Writer:
	"""Makes clients of rows of one import. `slow_reasons` says why it does so one by one, if it does."""

	def __init__(self, doc):
		self.doc = doc
		self.choices = choices_of(doc)
		# names were compared when the register was filled; numbers tell whom somebody else has created since then
		self.checker = register.Checker(doc, by_name=False)
		wanted = set(self.choices.party_types.values())
		#: party type -> why its clients are created one by one
		self.obstacles = {party_type: fast_path.obstacles({party_type}) for party_type in sorted(wanted)}

	@property
	def slow_reasons(self) -> list[str]:
		return list(dict.fromkeys(reason for found in self.obstacles.values() for reason in found))

	def write(self, rows: list) -> None:
		"""Make clients of these rows and note in each what became of it.

		:param rows: Party Import Rows as dicts, in the order of the file. They are checked once more: the base may have
			changed since the register was filled.
		"""
		width = len(self.doc.columns)
		checked = self.checker.check(
			[(register.record_of(row, width), bool(cint(row.not_duplicate))) for row in rows]
		)
		outcome, plans = {}, {}
		for row, (client, state) in zip(rows, checked, strict=True):
			outcome[row.name] = {"name": row.name, **state, "party_type": None, "party": None, "queued": 0}
			if state["state"] in register.CREATABLE:
				try:
					plans[row.name] = plan(client, self.choices, self.checker.lookups)
				except frappe.ValidationError as error:
					self._refuse(outcome[row.name], client, error)
		self._write(plans, outcome)
		register.mark(outcome.values())

	def _write(self, plans: dict[str, Plan], outcome: dict[str, dict]) -> None:
		names = creating.free_names(list(plans.values()))
		for each in plans.values():
			creating.give_name(each, names)
		slow = set(plans)
		for party_type, reasons in self.obstacles.items():
			if not reasons:
				mine = {row: each for row, each in plans.items() if each.party_type == party_type}
				slow -= self._at_once(mine, outcome)
		for row, each in plans.items():
			if row in slow:
				self._alone(each, outcome[row])

	def _at_once(self, plans: dict[str, Plan], outcome: dict[str, dict]) -> set[str]:
		"""Write the usual ones of these. :return: rows that are done."""
		usual, _unusual = bulk.split(list(plans.values()))
		before = [(each, each.party_name, dict(each.party)) for each in usual]
		frappe.db.savepoint(_SAVEPOINT)
		try:
			bulk.create_many(usual, self.checker.lookups)
		except Exception:
			# one of them is refused by the database: each by itself tells which, and why
			frappe.db.rollback(save_point=_SAVEPOINT)
			self.checker.lookups.reload_banks()
			for each, name, values in before:
				# neither a number of the series, which is free again, nor a manager of whom nothing is noted now
				each.party_name, each.party = name, values
			return set()
		frappe.db.release_savepoint(_SAVEPOINT)
		done = {id(each) for each in usual}
		rows = {row for row, each in plans.items() if id(each) in done}
		for row in rows:
			self._created(outcome[row], plans[row])
		return rows

	def _alone(self, each: Plan, row: dict) -> None:
		messages = len(frappe.local.message_log)
		frappe.db.savepoint(_ROW_SAVEPOINT)
		try:
			creating.create(each, self.checker.lookups)
		except Exception as error:
			frappe.db.rollback(save_point=_ROW_SAVEPOINT)
			self.checker.lookups.reload_banks()
			self._refuse(row, each.client, error)
		else:
			frappe.db.release_savepoint(_ROW_SAVEPOINT)
			self._created(row, each)
		finally:
			del frappe.local.message_log[messages:]

	def _created(self, row: dict, each: Plan) -> None:
		row.update(state=register.CREATED, party_type=each.party_type, party=each.party_name)

	def _refuse(self, row: dict, client: Client, error: Exception) -> None:
		if not isinstance(error, frappe.ValidationError | frappe.PermissionError):
			frappe.log_error(title=f"Party Import {self.doc.name}, row {client.line}")
		reason = strip_html_tags(str(error)).strip() or type(error).__name__
		if isinstance(error, frappe.DuplicateEntryError):
			reason = _("somebody else has just made a record of this name. Check the row again")
		row.update(state=register.ERROR, reason=_("It could not be created: {0}").format(reason))

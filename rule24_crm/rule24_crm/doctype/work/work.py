import frappe
from frappe.model.document import Document

from rule24_crm.parties import next_work, ownership
from rule24_crm.work import closing, gate, links, rules


class Work(Document):
	"""A planned or finished piece of work with a client. The rules are in `rule24_crm.work`."""

	def onload(self):
		self.set_onload("has_parts", bool(frappe.db.exists("Work", {"parent_work": self.name})))

	def check_if_latest(self):
		# before Frappe's own "modified after you have opened it": whoever comes second learns who closed the work
		if self.status == rules.CLOSED and not self.is_new() and not self.flags.stored:
			stored = frappe.db.get_value(
				"Work",
				self.name,
				["subject", "status", "result", "closed_by", "closed_on", "modified"],
				as_dict=True,
				for_update=True,
			)
			if (
				stored
				and stored.status == rules.CLOSED
				and str(stored.modified) != str(self._original_modified)
			):
				closing.refuse_finished(stored)
		super().check_if_latest()

	def load_doc_before_save(self, **kwargs):
		if stored := self.flags.pop("stored", None):  # read under lock a moment ago
			self._doc_before_save = stored
			return
		super().load_doc_before_save(**kwargs)

	def before_validate(self):
		rules.set_defaults(self)

	def validate(self):
		rules.validate(self)
		closing.check_ending(self)
		if closing.is_closing(self):
			closing.prepare(self)
		elif self.status != rules.CLOSED:
			self.clear_outcome()

	def clear_outcome(self):
		"""An open work has no outcome, whatever a copy or an import brought along; a cancelled one may say why."""
		self.update({"sign": "", "closed_on": None, "closed_by": None})
		if self.status == rules.CANCELLED or self.is_new():
			self.result = None
		if self.status != rules.CANCELLED:
			self.stop_reason = None

	def on_update(self):
		parties = self.parties_with_another_next_day()
		if closing.is_closing(self):
			closing.finish(self)
			parties.add((self.party_type, self.party))
		elif closing.is_cancelling(self):
			closing.finish_cancelling(self)
		if not self.flags.from_closing:  # the work that is being closed answers for its successor
			next_work.refresh(parties)
		if self.party and any(self.has_value_changed(field) for field in ("party_type", "party")):
			links.take_manager(self)

	def parties_with_another_next_day(self) -> set[tuple[str | None, str | None]]:
		"""Clients whose nearest open work may be another one after this save, as pairs (party_type, party)."""
		before = self.get_doc_before_save()
		if not before:
			return {(self.party_type, self.party)}
		if not any(
			self.has_value_changed(field) for field in ("status", "planned_on", "party_type", "party")
		):
			return set()
		return {(doc.party_type, doc.party) for doc in (before, self)}

	def after_insert(self):
		ownership.note(self)

	def on_trash(self):
		# the row is locked first: of two people who delete the last two works, neither relies on the other's
		stored = frappe.db.get_value(
			"Work",
			self.name,
			["name", "status", "party_type", "party", "party_name"],
			as_dict=True,
			for_update=True,
		)
		if stored:
			gate.check_leaving(stored)
		ownership.forget(self)

	def after_delete(self):
		next_work.refresh([(self.party_type, self.party)])

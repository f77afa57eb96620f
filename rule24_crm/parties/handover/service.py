"""Preview, hand over, undo, and the return after a vacation. Each is one transaction: all of it or nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import frappe
from frappe import _
from frappe.utils import format_datetime, get_fullname, now, nowdate

from rule24_crm.exceptions import HandoverError
from rule24_crm.parties import managers
from rule24_crm.parties.handover import coming_along, log, notices, planning, terms, writers
from rule24_crm.parties.handover.moves import Move, Step
from rule24_crm.parties.handover.planning import Plan
from rule24_crm.parties.handover.rights import DOCTYPE
from rule24_crm.parties.kinds import PARTY_TYPES

_STATE = ["name", "status", "executed_by", "executed_on", "from_user"]
#: so many names of each kind in a preview
SHOWN = 100
#: so many conflicts are listed by name; the log has all
LISTED = 500


def preview(handover: str) -> dict:
	"""What a draft would move; nothing is written.

	:return: `total`, `clients`, `kinds` (`kind`, `label`, `count`), `receivers` (`user`, `full_name`, `clients`, `deals`,
		`works`, `records`), `lists` (kind -> the first titles with their receiver) and the `token` that `execute` may be
		given.
	:raises HandoverError: the draft contradicts itself, or has been carried out.
	"""
	doc = frappe.get_doc(DOCTYPE, handover)
	_check_draft(doc)
	terms.validate(doc)
	return _shown(planning.make(terms.of(doc)))


def execute(handover: str, token: str | None = None, *, by_system: bool = False, bare: bool = False) -> dict:
	"""Hand over.

	:param by_system: nobody has chosen the receiver: see `next_in_line`; lists are saved past rules of their own.
	:param bare: clients, deals and works only.
	:param token: of a preview: what is written is then exactly what was seen.
	:return: `total`, `clients`, `kinds`, `receivers` as in `preview`.
	:raises HandoverError: somebody was faster, something has changed since the preview, there is nothing to move, or a list
		that the manager stands on cannot be saved.
	"""
	_take_turns(frappe.db.get_value(DOCTYPE, handover, "from_user"))
	_check_draft(frappe.db.get_value(DOCTYPE, handover, _STATE, as_dict=True, for_update=True))
	doc = frappe.get_doc(DOCTYPE, handover)
	doc.flags.by_system = by_system
	terms.validate(doc, lock=by_system)
	plan = planning.make(replace(terms.of(doc), bare=bare), lock=True)
	if not plan.steps:
		_refuse_nothing(doc)
	if token and token != plan.token():
		frappe.throw(
			_("Something has changed since the preview. Nothing was moved: look at the new preview."),
			HandoverError,
		)
	writers.write(plan.moves, past_rules=by_system)
	log.write(doc.name, plan.steps)
	shown = _shown(plan)
	_note(doc, shown)
	notices.handed_over(doc, {row["user"]: row for row in shown["receivers"]})
	return shown


def undo(handover: str) -> dict:
	"""Take back exactly what was moved and has not been changed since.

	:return: `given_back` and `left`, numbers of records, and `conflicts`: those left alone, by name.
	:raises HandoverError: it has not been carried out, or was taken back already, or the manager is not active and would
		not become so with it: what he got back would be nobody's.
	"""
	doc = _locked(handover)
	_check_giver(doc)
	done, left = _give_back(doc, terms.UNDONE)
	log.follow([move.back() for move in done], doc.name)
	for user in {row.user for row in doc.receivers}:
		mine = [move for move in done if move.new == user]
		if mine:
			notices.came_back(doc, user, _numbers(mine), doc.from_user)
	return {"given_back": len(done), "left": len(left), "conflicts": log.describe(left)[:LISTED]}


def return_due() -> int:
	"""Give back what was handed over until today or earlier. Runs daily; one that fails does not hold up the others.

	:return: how many handovers came back.
	"""
	handover = frappe.qb.DocType(DOCTYPE)
	# no filter of `get_all`: to those of Frappe a handover for good, without a day, is older than any
	due = (
		frappe.qb.from_(handover)
		.select(handover.name)
		.where((handover.status == terms.DONE) & (handover.until <= nowdate()))
		.orderby(handover.until)
		.orderby(handover.name)
	)
	returned = 0
	for name in due.run(pluck=True):
		try:
			returned += give_back_after_absence(name)
			frappe.db.commit()  # each is a whole: the next one that fails takes nothing back of it
		except Exception:
			frappe.db.rollback()
			frappe.log_error(title=f"Rule24 CRM: {name} does not come back")
	return returned


def give_back_after_absence(handover: str) -> bool:
	"""The manager is back: what is still with the receivers is his again, with the works that have followed since.

	:return: False when he has left meanwhile: then everything stays where it is, for good.
	"""
	doc = _locked(handover)
	if not managers.is_active(doc.from_user):
		doc.db_set("until", None)
		notices.stayed(doc, doc.executed_by)
		return False
	followed = coming_along.works_since(doc)
	done, _left = _give_back(doc, terms.RETURNED)
	writers.write(followed)
	shown = log.told("Work", (move.name for move in followed))
	log.write(
		doc.name,
		[Step("Work", shown.get(move.name, ""), move.new, move) for move in followed],
		state=log.GIVEN_BACK,
	)
	numbers = _numbers([*done, *followed])
	if any(numbers.values()):
		for user in (doc.from_user, *dict.fromkeys(row.user for row in doc.receivers)):
			notices.came_back(doc, user, numbers, doc.from_user)
	return True


def cover(user: str) -> dict[str, list[dict]]:
	"""Who stands in for whom at the moment: `{"covered_by", "covers_for"}`, rows with handover, user, full_name, until."""
	handover, receiver = frappe.qb.DocType(DOCTYPE), frappe.qb.DocType("Client Handover Receiver")
	rows = (
		frappe.qb.from_(handover)
		.join(receiver)
		.on(receiver.parent == handover.name)
		.select(handover.name, handover.from_user, receiver.user, handover.until)
		.distinct()
		.where((handover.status == terms.DONE) & (handover.until > nowdate()))
		.where((handover.from_user == user) | (receiver.user == user))
		.orderby(handover.until)
		.orderby(handover.name)
		.run(as_dict=True)
	)
	found: dict[str, list[dict]] = {"covered_by": [], "covers_for": []}
	for row in rows:
		side, other = ("covered_by", row.user) if row.from_user == user else ("covers_for", row.from_user)
		found[side].append(
			{"handover": row.name, "user": other, "full_name": get_fullname(other), "until": row.until}
		)
	return found


def _take_turns(from_user: str) -> None:
	"""Two handovers of one manager wait for one another; the second sees what the first has left."""
	frappe.db.get_value("User", from_user, "name", for_update=True)


def _check_draft(doc) -> None:
	if doc.status == terms.DRAFT:
		return
	frappe.throw(
		_("{0} was carried out by {1} on {2}. Make a new handover for what is left.").format(
			frappe.bold(doc.name), get_fullname(doc.executed_by), format_datetime(doc.executed_on)
		),
		HandoverError,
		title=_("Handed Over Already"),
	)


def _refuse_nothing(doc) -> None:
	"""Say so, and name whoever was faster."""
	faster = frappe.db.get_value(
		DOCTYPE,
		{"from_user": doc.from_user, "status": terms.DONE, "name": ("!=", doc.name)},
		["name", "executed_by", "executed_on"],
		as_dict=True,
		order_by="executed_on desc",
		for_update=True,  # reads what was written a moment ago by somebody else
	)
	manager = frappe.bold(get_fullname(doc.from_user))
	if not faster:
		frappe.throw(_("{0} has nothing of this kind to hand over.").format(manager), HandoverError)
	frappe.throw(
		_("Nothing is left to hand over: {0} handed over the clients of {1} on {2} ({3}).").format(
			get_fullname(faster.executed_by), manager, format_datetime(faster.executed_on), faster.name
		),
		HandoverError,
	)


def _locked(handover: str):
	"""A handover that has been carried out, locked.

	:raises HandoverError: it is a draft, or has been taken back.
	"""
	doc = frappe.get_doc(DOCTYPE, handover)
	_take_turns(doc.from_user)
	status = frappe.db.get_value(DOCTYPE, handover, "status", for_update=True)
	if status == terms.DONE and doc.status != status:
		# what this transaction reads is older than the handover: it would take back nothing and call that done
		frappe.throw(
			_("{0} has been carried out this very moment. Try again.").format(frappe.bold(handover)),
			HandoverError,
		)
	if status != terms.DONE:
		words = {
			terms.DRAFT: _("It has not been carried out yet."),
			terms.RETURNED: _("Everything has come back already."),
			terms.UNDONE: _("It has been undone already."),
		}
		frappe.throw(
			_("{0} cannot be undone. {1}").format(frappe.bold(handover), words[status]), HandoverError
		)
	return doc


def _check_giver(doc) -> None:
	"""
	:raises HandoverError: whoever everything would go back to is not active, nor made so by the undoing itself.
	"""
	user = doc.from_user
	if managers.is_active(user, lock=True):
		return
	works_here = managers.works_here(
		frappe.db.get_value("User", user, ["enabled", "user_type"], as_dict=True, for_update=True)
	)
	if works_here and Move(managers.DOCTYPE, user, "active", "1", "0") in log.read(doc.name):
		return
	frappe.throw(
		_(
			"{0} is not active any more, and what came back would be nobody's. {1} Or leave {2} as it is, and hand over "
			"from whoever has the clients now."
		).format(
			frappe.bold(get_fullname(user)),
			_("Mark the manager as active first, then undo.")
			if works_here
			else _("Enable the user first, then undo: the manager becomes active with it."),
			frappe.bold(doc.name),
		),
		HandoverError,
		title=_("Manager Is Not Active"),
	)


def _give_back(doc, status: str) -> tuple[list[Move], list[Move]]:
	""":return: moves taken back, and those whose records somebody has changed since."""
	items = log.read(doc.name)
	standing = writers.standing(list(items))
	done = [move for move in items if move in standing]
	left = [move for move in items if move not in standing]
	# the last one goes first: a list or the tree of managers is taken apart as it was built. What a list has against it stood
	# against it before, and at night nobody is there to mend it
	writers.write([move.back() for move in reversed(done)], past_rules=True)
	log.close(doc.name, [items[move] for move in left])
	lines = log.describe(left)
	doc.db_set(
		{
			"status": status,
			"ended_on": now(),
			"left_alone": "\n".join(lines[:LISTED]) + ("\n…" if len(lines) > LISTED else ""),
		},
		notify=True,
	)
	return done, left


def _note(doc, shown: dict) -> None:
	"""The result on the document. `db_set`: the form is frozen for everybody but us."""
	doc.db_set(
		{
			"status": terms.DONE,
			"executed_by": frappe.session.user,
			"executed_on": now(),
			"clients_moved": shown["clients"],
			"deals_moved": sum(row["deals"] for row in shown["receivers"]),
			"works_moved": sum(row["works"] for row in shown["receivers"]),
			"records_moved": shown["total"],
		},
		notify=True,
	)


def _shown(plan: Plan) -> dict:
	lists = defaultdict(list)
	for step in plan.steps:
		if len(lists[step.kind]) < SHOWN:
			lists[step.kind].append({"name": step.move.name, "title": step.title, "to": step.receiver})
	receivers = []
	for user in plan.terms.receivers:
		counts = plan.counts_of(user)
		receivers.append(
			{
				"user": user,
				"full_name": get_fullname(user),
				"clients": plan.clients.get(user, 0),
				"deals": counts.get("Opportunity", 0),
				"works": counts.get("Work", 0),
				"records": sum(counts.values()),
			}
		)
	return {
		"total": len(plan.steps),
		"clients": sum(plan.clients.values()),
		"kinds": [
			{"kind": kind, "label": _label(kind), "count": count} for kind, count in plan.counts().items()
		],
		"receivers": receivers,
		"lists": lists,
		"token": plan.token(),
	}


def _label(kind: str) -> str:
	"""What people call records of a kind; the rest by the name of the DocType."""
	names = {
		"Opportunity": _("Deals"),
		"DocShare": _("Shared Records"),
		"Party Participant": _("Participants"),
	}
	return names.get(kind) or _(kind)


def _numbers(moves: list[Move]) -> dict[str, int]:
	counts = Counter(move.doctype for move in moves)
	return {
		"clients": sum(counts[kind] for kind in PARTY_TYPES),
		"deals": counts["Opportunity"],
		"works": counts["Work"],
		"records": len(moves),
	}

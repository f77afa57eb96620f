"""Somebody stops working: the user is disabled, or becomes a mere user of the website. What he is responsible for passes on.

He must not sign in any more, at once; nobody has had time to think who shall have his clients. So everything goes to the
nearest active manager above him, by an ordinary `Client Handover`, in the transaction that stops him: a head hands it on in
peace, or undoes it when the user is back. A user who works here and is responsible for something is not deleted.

Locking somebody out never waits for his clients: what cannot be handed over now is told, and tried again in the background.
"""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils import get_link_to_form

from rule24_crm.exceptions import AccountManagerError, HandoverError
from rule24_crm.parties import managers, ownerless
from rule24_crm.parties.handover import log, next_in_line, notices, rights, service, terms
from rule24_crm.whole import all_or_nothing

SWEEP = "rule24_crm.parties.leaving.try_again"
REPORT = "Clients Without an Active Manager"
_SAVEPOINT, _BARE_SAVEPOINT = "rule24_leaving", "rule24_leaving_bare"


def on_update(doc, method: str | None = None) -> None:
	"""A user has been saved, in whatever way: form, list, import, API, LDAP."""
	before = doc.get_doc_before_save()
	if not before or doc.flags.in_insert:
		return
	was, is_now = managers.works_here(before), managers.works_here(doc)
	if was and not is_now:
		stop(doc)
	elif is_now and not was:
		_tell_way_back(doc)
	elif is_now:
		_warn_about_roles(doc, before)


def stop(doc) -> None:
	"""Hand over what somebody has who does not work here any more, and say who has got how much.

	:param doc: the `User`.
	:raises QueryDeadlockError: the database has taken back everything, the user's new state as well: save him again.
	"""
	done, whole = _as_much_as_possible(doc.name)
	if whole:
		_tell_done(doc, done)
	else:
		_tell_rest(doc, done)
	# what somebody else was giving him at this very moment is not seen by this transaction
	frappe.enqueue(SWEEP, user=doc.name, rest=not whole, enqueue_after_commit=True)


def _as_much_as_possible(user: str) -> tuple[dict | None, bool]:
	"""Everything; else clients, deals and works, without the lists he stands on; else nothing, and the Error Log says why.

	:return: as `pass_on`, and whether that was everything.
	"""
	done, error = _tried(user, _SAVEPOINT)
	if not error:
		return done, True
	if isinstance(error, frappe.QueryTimeoutError):
		return None, False  # somebody holds the rows: whoever locks a user out does not wait once more
	done, _error = _tried(user, _BARE_SAVEPOINT, bare=True)
	return done, False


def _tried(user: str, savepoint: str, bare: bool = False) -> tuple[dict | None, Exception | None]:
	""":return: what `pass_on` has done, and why it has not: then nothing of it is left but a line in the Error Log."""
	messages = len(frappe.local.message_log)
	try:
		with all_or_nothing(savepoint):
			return pass_on(user, bare=bare), None
	except frappe.QueryDeadlockError:
		raise  # nothing is left of the whole save: whoever saves tries again
	except Exception as error:
		del frappe.local.message_log[messages:]  # it is no reason to think that the user has not been saved
		frappe.clear_document_cache(managers.DOCTYPE, user)  # read anew: what has been cached is taken back
		log_failure(user)
		return None, error


def log_failure(user: str) -> None:
	"""Put the error that is being handled in the Error Log: why this user could not be relieved."""
	frappe.log_error(
		title=f"Rule24 CRM: {user} is not handed over"[:140],
		reference_doctype="User",
		reference_name=user,
	)


def _tell_done(doc, done: dict | None) -> None:
	if not done:
		return
	frappe.msgprint(
		_(
			"{0} does not work any more. {1} has taken over: {2} ({3}). A head can hand that on to others; when {0} is enabled "
			"again, undoing it gives everything back."
		).format(*_in_words(doc, done)),
		title=_("Handed Over"),
		indicator="blue",
	)


def _tell_rest(doc, done: dict | None) -> None:
	"""Something stays with a user who does not work here: what, and where it is found."""
	if done:
		text = _(
			"{0} does not work any more. {1} has taken over: {2} ({3}). Lists that {0} stands on, shared records and to-dos "
			"could not be handed over; the system tries again now. Why it failed is in the Error Log."
		).format(*_in_words(doc, done))
	else:
		text = _(
			"{0} does not work any more, but could not be relieved of: {1}. The system tries again now; what stays is in the "
			"report {2}. Why it failed is in the Error Log."
		).format(
			frappe.bold(doc.full_name or doc.name),
			ownerless.told(ownerless.left_behind(doc.name)),
			frappe.bold(_(REPORT)),
		)
	frappe.msgprint(text, title=_("Not Everything Is Handed Over"), indicator="orange")


def _in_words(doc, done: dict) -> tuple[str, ...]:
	return (
		frappe.bold(doc.full_name or doc.name),
		frappe.bold(frappe.utils.get_fullname(done["receiver"])),
		notices.in_words(done["numbers"]),
		get_link_to_form(rights.DOCTYPE, done["handover"]),
	)


def try_again(user: str, rest: bool = False) -> None:
	"""The job that follows: what the transaction of the user did not see, or could not hand over.

	:param rest: hand over even where no client, deal or work is left: lists that the user stands on.
	"""
	try:
		with all_or_nothing(_SAVEPOINT):
			pass_on(user, rest=rest)
	except HandoverError:
		if not rest or ownerless.left_behind(user):
			raise
		frappe.clear_last_message()  # he has been handed over meanwhile, or stands on no list


def pass_on(user: str, *, bare: bool = False, rest: bool = False) -> dict | None:
	"""Hand over everything of a user who does not work here; nothing where he does, or responsible for nothing live.

	:param bare: clients, deals and works only.
	:param rest: as in `try_again`.
	:return: `handover`, `receiver`, and `numbers` for `notices.in_words`; None where nothing had to be done.
	:raises HandoverError: there is nothing to hand over at all, or something does not allow it.
	"""
	person = frappe.db.get_value("User", user, ["enabled", "user_type"], as_dict=True)
	if managers.works_here(person) or not (rest or ownerless.left_behind(user)):
		return None
	receiver = next_in_line.choose(user)
	doc = frappe.new_doc(rights.DOCTYPE)  # with its defaults, which an import of users would not fill in
	doc.update({"from_user": user, "scope": terms.EVERYTHING, "deactivate": 1})
	doc.append("receivers", {"user": receiver})
	doc.flags.by_system = True
	# whoever may disable users need not have any right on clients: it is the system that hands them over
	doc.insert(ignore_permissions=True)
	shown = service.execute(doc.name, by_system=True, bare=bare)
	log.follow(log.read(doc.name), doc.name)
	return {"handover": doc.name, "receiver": receiver, "numbers": shown["receivers"][0]}


def _tell_way_back(doc) -> None:
	"""The user works again: say where his clients are, and how they come back."""
	if frappe.db.get_value(managers.DOCTYPE, doc.name, "active"):
		return
	last = frappe.db.get_value(
		rights.DOCTYPE,
		{"from_user": doc.name, "status": terms.DONE, "scope": terms.EVERYTHING, "until": ("is", "not set")},
		"name",
		order_by="executed_on desc",
	)
	if last:
		frappe.msgprint(
			_(
				"What {0} was responsible for has been handed over. Undo {1}, and what nobody has changed since comes back."
			).format(frappe.bold(doc.full_name or doc.name), get_link_to_form(rights.DOCTYPE, last)),
			title=_("Back at Work"),
			indicator="blue",
		)


def _warn_about_roles(doc, before) -> None:
	"""A role has been taken away: whoever may not work with clients any more still is responsible for his."""
	if {row.role for row in before.roles} <= {row.role for row in doc.roles}:
		return
	if frappe.has_permission("Work", "write", user=doc.name):
		return
	if left := ownerless.left_behind(doc.name):
		frappe.msgprint(
			_(
				"{0} may not work with clients any more and is still responsible for: {1}. Give that to others with a {2}."
			).format(
				frappe.bold(doc.full_name or doc.name),
				ownerless.told(left),
				frappe.bold(_("Client Handover")),
			),
			title=_("Role Taken Away"),
			indicator="orange",
		)


def on_trash(doc, method: str | None = None) -> None:
	"""Whoever does not work here any more is relieved first: he may have been disabled before there was this rule.

	:raises AccountManagerError: the user works here and is responsible for something live, whoever deletes him and however.
	"""
	left = ownerless.left_behind(doc.name)
	if left and not pass_on(doc.name):
		frappe.throw(
			_(
				"{0} is responsible for: {1}. Disable the user instead of deleting: everything passes to the nearest active manager."
			).format(frappe.bold(doc.full_name or doc.name), ownerless.told(left)),
			AccountManagerError,
			title=_("Clients Would Be Nobody's"),
		)

"""What a person is told about clients that are in the base already: quietly in the form, once more when it is saved.

A client the person may not see is not shown: only that there is one, by what, and whom to ask.
"""

from __future__ import annotations

from urllib.parse import unquote

import frappe
from frappe import _
from frappe.utils import escape_html, get_link_to_form

from rule24_crm.compat import single_value
from rule24_crm.exceptions import DuplicateError
from rule24_crm.parties import entry
from rule24_crm.parties.duplicates import store
from rule24_crm.parties.duplicates.finding import INN_KPP, SAME_INN, Candidate, Match, find
from rule24_crm.parties.identity.numbers import clean
from rule24_crm.parties.kinds import responsible
from rule24_crm.parties.live import is_live

OFF, WARN, REFUSE = "Off", "Warn", "Refuse"
#: matches less sure than this are shown in the form, and not said aloud when it is saved
SAID = 70
#: how a person saves one record; a program that saves thousands asks `find_many` itself
BY_HAND = (
	"frappe.desk.form.save.savedocs",
	"frappe.client.save",
	"frappe.client.insert",
	"frappe.client.set_value",
)


def candidate_of(party_type: str, values, name: str | None = None) -> Candidate:
	"""What a record, or what a form has of it so far, is recognised by.

	:param name: name of the record if it is saved already.
	"""
	names, inn, numbers, addresses = store.FIELDS[party_type]
	exclude = name and (party_type, name)
	if party_type == "Customer" and not exclude:
		for kind, origin in (("Lead", values.get("lead_name")), ("Prospect", values.get("prospect_name"))):
			exclude = exclude or (origin and (kind, origin))
	return Candidate(
		kind=entry.kind_of(party_type, values) or "",
		name=next((values.get(field) for field in names if values.get(field)), ""),
		inn=values.get(inn) or "",
		kpp=values.get("rule24_kpp") or "",
		phones=[values.get(field) for field in numbers if values.get(field)],
		emails=[values.get(field) for field in addresses if values.get(field)],
		exclude=exclude or None,
	)


def matches_of_contact(values, limit: int = 5) -> list[Match]:
	"""Clients with the phones and e-mails of a Contact, except those it belongs to already."""
	linked = [
		(link.get("link_doctype"), link.get("link_name"))
		for link in values.get("links") or []
		if link.get("link_doctype") in store.FIELDS
	]
	candidate = Candidate(
		phones=[row.get("phone") for row in values.get("phone_nos") or [] if row.get("phone")],
		emails=[row.get("email_id") for row in values.get("email_ids") or [] if row.get("email_id")],
		exclude=linked[0] if linked else None,
	)
	found = find(candidate, limit=limit + len(linked))
	return [match for match in found if (match.party_type, match.party) not in linked][:limit]


def shown(matches: list[Match]) -> list[dict]:
	"""Matches as the user may see them.

	:return: `{"party_type", "party", "title", "score", "reasons", "mergeable"}` of those he may read; of the others only
		`{"hidden": True, "reasons", "responsible"}`.
	"""
	found = []
	for match in matches:
		reasons = [{"code": reason.code, "words": reason.words} for reason in match.reasons]
		if frappe.has_permission(match.party_type, "read", doc=match.party):
			found.append(
				{
					"party_type": match.party_type,
					"party": match.party,
					"title": match.title,
					"score": match.score,
					"reasons": reasons,
				}
			)
		else:
			user = responsible(match.party_type, match.party)
			name = user and frappe.get_cached_value("User", user, "full_name")
			found.append({"hidden": True, "reasons": reasons, "responsible": name or ""})
	return found


def words(match: dict) -> str:
	"""One of `shown` as a line of a message."""
	reasons = escape_html(", ".join(reason["words"] for reason in match["reasons"]))
	if match.get("hidden"):
		if match["responsible"]:
			return _("There is a client with {0}. Ask {1}.").format(
				reasons, frappe.bold(escape_html(match["responsible"]))
			)
		return _("There is a client with {0}. Ask your administrator.").format(reasons)
	link = get_link_to_form(match["party_type"], match["party"], escape_html(match["title"]))
	return f"{_(match['party_type'])} {link}: {reasons}"


def check(doc) -> None:
	"""Say that a client being saved is in the base already; never stops anybody, but for a second live client with the same
	INN and KPP where the settings refuse it.

	:raises DuplicateError: so it is; the message names the first one.
	"""
	if not (doc.is_new() or any(map(doc.has_value_changed, store.watched(doc.doctype)))):
		return
	candidate = candidate_of(doc.doctype, doc, None if doc.is_new() else doc.name)
	candidate.exclude = doc.flags.rule24_continues or candidate.exclude
	rule = single_value("Rule24 CRM Settings", "duplicate_inn") or WARN
	if rule == REFUSE and clean(candidate.inn):
		_refuse(Candidate(inn=candidate.inn, kpp=candidate.kpp, exclude=candidate.exclude))
	if rule != OFF and by_hand(doc.doctype):
		_say(shown([match for match in find(candidate) if match.score >= SAID]))


def check_contact(doc) -> None:
	"""Say that a person being saved is known under another client; of one that a lead brings along, the lead has said it."""
	changed = doc.is_new() or any(
		map(doc.has_value_changed, ("phone_nos", "email_ids", "mobile_no", "email_id"))
	)
	if changed and by_hand("Contact") and single_value("Rule24 CRM Settings", "duplicate_inn") != OFF:
		_say(shown([match for match in matches_of_contact(doc) if match.score >= SAID]))


def _refuse(candidate: Candidate) -> None:
	same = [
		match
		for match in find(candidate)
		if any(reason.code in (INN_KPP, SAME_INN) for reason in match.reasons)
		and is_live(match.party_type, match.party)
	]
	if same:
		frappe.throw(
			_(
				"This client is in the base already. Work with the first record instead of making a second one."
			)
			+ "<br>"
			+ "<br>".join(map(words, shown(same))),
			DuplicateError,
			title=_("Already a Client"),
		)


def _say(matches: list[dict]) -> None:
	if matches:
		frappe.msgprint(
			"<br>".join(map(words, matches)),
			title=_("Perhaps Already a Client"),
			indicator="orange",
			alert=True,
		)


def by_hand(doctype: str) -> bool:
	"""Whether a person is saving one record of this kind, in the Desk or over the API."""
	if frappe.flags.in_import or not getattr(frappe.local, "request", None):
		return False
	path = unquote(frappe.request.path)
	for resource in ("/api/resource/", "/api/v2/document/"):
		if path.startswith(resource):
			return path.removeprefix(resource).split("/")[0] == doctype
	if frappe.form_dict.get("cmd") not in BY_HAND:
		return False
	given = frappe.form_dict.get("doc")
	given = frappe.parse_json(given) if isinstance(given, str) else given
	return (given or frappe.form_dict).get("doctype") == doctype

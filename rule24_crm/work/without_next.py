"""Live clients with no next work: the list, the count and the morning notice."""

import frappe
from frappe import _
from frappe.query_builder.functions import Count

from rule24_crm.compat import single_value
from rule24_crm.parties import access, managers
from rule24_crm.parties.kinds import OWNER_FIELD, PARTY_TYPES, TITLE_FIELD
from rule24_crm.parties.live import live_criterion


def _visible(party_type: str, user: str | None):
	"""As `_query`, of the clients that whoever asks may see."""
	party, query = _query(party_type, user)
	seen = access.criterion(party_type)
	return party, query if seen is None else query.where(seen)


def _query(party_type: str, user: str | None):
	party = frappe.qb.DocType(party_type)
	query = frappe.qb.from_(party).where(party.rule24_next_work_on.isnull()).where(live_criterion(party_type))
	if user:
		query = query.where(party[OWNER_FIELD[party_type]] == user)
	return party, query


def clients(*, user: str | None = None, party_type: str | None = None, limit: int = 200) -> list[dict]:
	"""Live clients for which no work is planned, longest untouched first.

	:param user: only those this user is responsible for; `None` for all that whoever asks may see.
	:param party_type: only this kind.
	:param limit: at most so many of each kind.
	:return: dicts of `party_type, party, party_name, responsible, modified`.
	"""
	found = []
	for kind in [party_type] if party_type else PARTY_TYPES:
		if not frappe.has_permission(kind, "read"):
			continue
		party, query = _visible(kind, user)
		rows = (
			query.select(
				party.name.as_("party"),
				party[TITLE_FIELD[kind]].as_("party_name"),
				party[OWNER_FIELD[kind]].as_("responsible"),
				party.modified,
			)
			.orderby(party.modified)
			.limit(limit)
			.run(as_dict=True)
		)
		found.extend({"party_type": kind, **row} for row in rows)
	return sorted(found, key=lambda row: row["modified"])


def count(*, user: str | None = None) -> int:
	"""How many live clients have no next work.

	:param user: only those this user is responsible for; `None` for all.
	"""
	total = 0
	for kind in PARTY_TYPES:
		party, query = _visible(kind, user)
		total += query.select(Count(party.name)).run()[0][0]
	return total


def count_by_responsible() -> dict[str, int]:
	"""Live clients without a next work by responsible user; those of nobody under the empty string."""
	counts: dict[str, int] = {}
	for kind in PARTY_TYPES:
		party, query = _query(kind, None)
		owner = party[OWNER_FIELD[kind]]
		for user, number in query.select(owner, Count(party.name)).groupby(owner).run():
			counts[user or ""] = counts.get(user or "", 0) + number
	return counts


def send_daily_notice() -> int:
	"""Tell each manager, and the heads for those of nobody, how many clients wait. Runs daily.

	:return: how many notices were written.
	"""
	if not single_value("Rule24 CRM Settings", "daily_notice"):
		return 0
	counts = count_by_responsible()
	nobody = counts.pop("", 0)
	enabled = set(frappe.get_all("User", filters={"enabled": 1, "name": ("in", [*counts, ""])}, pluck="name"))
	for user in sorted(enabled):
		_notify(
			user, _("{0} of your live clients have no next work", lang=_language(user)).format(counts[user])
		)
	orphans = nobody + sum(number for user, number in counts.items() if user not in enabled)
	heads = managers.heads() if orphans else []
	for user in heads:
		_notify(
			user,
			_("{0} live clients have neither a manager nor a next work", lang=_language(user)).format(
				orphans
			),
		)
	return len(enabled) + len(heads)


def _language(user: str) -> str | None:
	return frappe.db.get_value("User", user, "language")


def _notify(user: str, subject: str) -> None:
	frappe.get_doc(
		{
			"doctype": "Notification Log",
			"for_user": user,
			"type": "Alert",
			"document_type": "Report",
			"document_name": "Clients Without Next Work",
			"subject": subject,
		}
	).insert(ignore_permissions=True)  # a notice of the system to the responsible person
